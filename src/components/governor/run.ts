/** The governor of a process: claims the component, stands by while another holds it, and begins anew from the store whenever it has to. */
import { GovernorDesk } from './desk.ts';
import { GovernorLoop } from './loop.ts';
import { ClockGuard, TOLERANCE_MS } from './clock-guard.ts';
import { fatesOf, outstandingIn, permitsIn, type KeptPermits } from './fates.ts';
import { READ_COUNT, type LoopOptions, type LoopOutcome } from './loop-options.ts';
import { recordSettings } from './recorded-settings.ts';
import { formatDecimal } from '../../contract/decimal.ts';
import { ownKeyOf } from '../../contract/keys.ts';
import { Backoff } from '../../runtime/backoff.ts';
import { readCommitted } from '../../runtime/committed.ts';
import { hold } from '../../runtime/supervisor.ts';
import type { DeskOptions } from './desk.ts';
import type { Sign } from './steps.ts';
import type { Clock } from '../../runtime/clock.ts';
import { StoreError, type Ownership, type SavedComponent, type Store } from '../../store/store.ts';

export const GOVERNOR = 'governor';

export interface GovernorOptions extends DeskOptions {
  readonly store: Store;
  /** Names this process among all. */
  readonly owner: string;
  readonly clock: Clock;
  /** Null: permits are not signed. */
  readonly sign: Sign | null;
}

/** Runs until `signal` aborts. Rejects where what was committed cannot be used. */
export async function runGovernor(options: GovernorOptions, signal: AbortSignal): Promise<void> {
  const { listener } = options;
  const lasting: Lasting = {
    guard: new ClockGuard(),
    givenUp: new Set(),
    pace: { readCount: READ_COUNT, backoff: new Backoff(options.clock) },
  };
  await hold(
    {
      ...options,
      components: [GOVERNOR],
      events: {
        phase: (phase) => listener.phase(phase),
        storeFailed: (operation, error) => listener.storeFailed(operation, error),
      },
    },
    signal,
    async ([held]) => {
      await govern(options, lasting, held!, signal);
    },
  );
}

/** What outlives a loop. */
type Lasting = Pick<LoopOptions, 'guard' | 'givenUp' | 'pace'>;

/** Until someone else owns it, or `signal` aborts. */
async function govern(
  options: GovernorOptions,
  lasting: Lasting,
  held: Ownership,
  signal: AbortSignal,
): Promise<void> {
  const { store, listener, sign } = options;
  while (!signal.aborted) {
    let outcome: LoopOutcome;
    try {
      const saved = await store.load(GOVERNOR);
      const look = await store.permits.look([]);
      const kept: KeptPermits = saved === null ? new Map() : readCommitted(GOVERNOR, () => permitsIn(saved));
      const fates = await fatesOf(saved === null ? [] : outstandingIn(kept, saved), store);
      // All that took its time: whoever stands by is to know that someone is here.
      await store.claim(options.owner, [GOVERNOR]);
      const gone = [...fates].filter(([, fate]) => fate.kind === 'taken' && fate.how === 'getdel');
      const ended = gone.map(([planId]) => ({ planId, outcome: 'used' as const }));
      if (ended.length > 0) await store.permits.settle(ended, formatDecimal(look.nowMs / 1000));
      noteSetBack(saved, look.nowMs / 1000, lasting.guard, options);
      await keepSettings(options, look.nowMs / 1000);
      const loop = readCommitted(
        GOVERNOR,
        () =>
          new GovernorLoop({
            ...options,
            ...lasting,
            held,
            saved,
            kept,
            fates,
            look,
            desk: new GovernorDesk(options),
            sign: sign ?? ((permit) => permit),
          }),
      );
      outcome = await loop.run(signal);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind === 'unusable') throw error;
      listener.storeFailed('govern', error);
      // What is asked for may be that large.
      if (error.code === 'TIMEOUT') lasting.pace.readCount = Math.max(1, lasting.pace.readCount >> 1);
      await lasting.pace.backoff.wait(signal);
      // Who owned it meanwhile is found out by asking.
      return;
    }
    if (outcome !== 'lost') return;
    listener.phase({ state: 'running', held: [held], owners: new Map() });
  }
}

/** Verdicts name the settings they were made under: without a place for these, plans are judged all the same. */
async function keepSettings(
  { store, namespace, settings, listener }: GovernorOptions,
  nowSec: number,
): Promise<void> {
  const refused = await recordSettings(store, namespace, settings, nowSec);
  if (refused !== null) listener.outputRefused(ownKeyOf(namespace, 'settings'), refused);
}

/** What was committed says how late it was: before that, the store's clock was set back while nobody held it against another. */
function noteSetBack(
  saved: SavedComponent | null,
  nowSec: number,
  guard: ClockGuard,
  { clock, listener }: GovernorOptions,
): void {
  const aheadMs = (Number(saved?.meta.get('now') ?? 0) - nowSec) * 1000;
  if (aheadMs <= TOLERANCE_MS || guard.isTripped(clock.monotonicMs())) return;
  guard.trip(-aheadMs, clock.monotonicMs());
  listener.clockStepped(-aheadMs);
}
