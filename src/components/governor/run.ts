/** The governor of a process: claims the component, stands by while another holds it, and begins anew from the store whenever it has to. */
import { GovernorDesk } from './desk.ts';
import { GovernorLoop } from './loop.ts';
import type { LoopOutcome } from './loop-options.ts';
import { Backoff } from '../../runtime/backoff.ts';
import { readCommitted } from '../../runtime/committed.ts';
import { hold } from '../../runtime/supervisor.ts';
import type { DeskOptions } from './desk.ts';
import type { Sign } from './steps.ts';
import type { Clock } from '../../runtime/clock.ts';
import { StoreError, type Ownership, type Store } from '../../store/store.ts';

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
      await govern(options, held!, signal);
    },
  );
}

/** Until someone else owns it, or `signal` aborts. */
async function govern(options: GovernorOptions, held: Ownership, signal: AbortSignal): Promise<void> {
  const { store, clock, listener, sign } = options;
  const backoff = new Backoff(clock);
  while (!signal.aborted) {
    let outcome: LoopOutcome;
    try {
      const saved = await store.load(GOVERNOR);
      const loop = readCommitted(
        GOVERNOR,
        () =>
          new GovernorLoop({
            ...options,
            held,
            saved,
            desk: new GovernorDesk(options),
            sign: sign ?? ((permit) => permit),
          }),
      );
      outcome = await loop.run(signal);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind === 'unusable') throw error;
      listener.storeFailed('govern', error);
      await backoff.wait(signal);
      // Who owned it meanwhile is found out by asking.
      return;
    }
    if (outcome !== 'lost') return;
    listener.phase({ state: 'running', held: [held], owners: new Map() });
  }
}
