/** What an operator does on the page, done to the store as the commands do it. The stricter never gives way here but by re-arming. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Problem } from './problem.ts';
import { cleanBy, cleanReason } from '../../components/control/clean-text.ts';
import { OperatorError, situation, type Deployment } from '../../ops/governor/operation.ts';
import { rearm, switchTrading } from '../../ops/governor/trading.ts';
import { keyOf } from '../../contract/keys.ts';
import { valueIn } from '../../store/fields.ts';
import { StoreError, type EntryId, type StreamAnswer } from '../../store/store.ts';
import type { Feed } from '../feed-port.ts';
import type { ActionResult } from '../wire.ts';

export interface Wanted {
  readonly by: string;
  readonly reason: string;
}

/** So long an answer waits for the page to see what was done. */
const SEEN_MS = 300;
/** Of the few milliseconds that stopping entries takes. */
const MAX_EVENTS_BETWEEN = 1000;

export class Actions {
  readonly #deployment: Deployment;
  readonly #feed: Pick<Feed, 'refresh'>;
  readonly #onError: (error: unknown) => void;

  constructor(deployment: Deployment, feed: Pick<Feed, 'refresh'>, onError: (error: unknown) => void) {
    this.#deployment = deployment;
    this.#feed = feed;
    this.#onError = onError;
  }

  async stopEntries(wanted: Wanted): Promise<ActionResult> {
    return await this.#done(async () => {
      const eventsBefore = await this.#lastEvent();
      // Where everything is halted, letting exits pass is to re-arm.
      if ((await situation(this.#deployment)).state === 'HALTED')
        throw new Problem(
          'conflict',
          'trading is HALTED, which stops entries too; less than that is to re-arm',
        );
      const report = await switchTrading(this.#deployment, { state: 'REDUCING', ...wanted });
      // Someone halted in the meantime, before it was looked or after: that has to hold.
      if (report.before === 'HALTED' || (await this.#wasHaltedAfter(eventsBefore)))
        return await switchTrading(this.#deployment, { state: 'HALTED', ...wanted });
      return report;
    });
  }

  async halt(wanted: Wanted): Promise<ActionResult> {
    return await this.#done(() => switchTrading(this.#deployment, { state: 'HALTED', ...wanted }));
  }

  /** `symbol` null: everything, and the trading state is ACTIVE. */
  async rearm(symbol: string | null, wanted: Wanted): Promise<ActionResult> {
    return await this.#done(async () =>
      symbol === null
        ? await switchTrading(this.#deployment, { state: 'ACTIVE', ...wanted })
        : { voided: 0, ...(await rearm(this.#deployment, { symbol, ...wanted })) },
    );
  }

  /** Null: the stream of events cannot be read. */
  async #lastEvent(): Promise<EntryId | null> {
    const { facts, error } = await this.#events('0-0', 1);
    return error === null ? (facts?.lastId ?? '0-0') : null;
  }

  async #wasHaltedAfter(id: EntryId | null): Promise<boolean> {
    if (id === null) return false;
    const { entries } = await this.#events(id, MAX_EVENTS_BETWEEN);
    return entries.some(
      ({ fields }) =>
        valueIn(fields, 'event') === 'KILL_SWITCH' &&
        valueIn(fields, 'state') === 'HALTED' &&
        valueIn(fields, 'how') !== 'void',
    );
  }

  async #events(after: EntryId, count: number): Promise<StreamAnswer> {
    const { store, namespace } = this.#deployment;
    const stream = keyOf(namespace, 'governorEvents');
    return (await store.read([{ stream, after, count }])).streams[0]!;
  }

  async #done(
    act: () => Promise<Omit<ActionResult, 'rearmed'> & { rearmed: readonly string[] }>,
  ): Promise<ActionResult> {
    const { state, rearmed, voided, took_ms } = await orProblem(act);
    const seen = this.#feed.refresh().catch(this.#onError);
    await Promise.race([seen, sleep(SEEN_MS, undefined, { ref: false })]);
    return { state, rearmed: [...rearmed], voided, took_ms };
  }
}

/** One line each, without what steers a terminal. Throws where nothing is left. */
export function cleaned({ by, reason }: Wanted): Wanted {
  const clean = { by: cleanBy(by), reason: cleanReason(reason) };
  for (const name of ['by', 'reason'] as const)
    if (clean[name] === '') throw new Problem('invalid', `${name} says nothing`);
  return clean;
}

async function orProblem<Done>(act: () => Promise<Done>): Promise<Done> {
  try {
    return await act();
  } catch (error) {
    // Its message is in words for people.
    if (error instanceof OperatorError)
      throw new Problem(error.cause instanceof StoreError ? 'store' : 'conflict', error.message);
    if (error instanceof StoreError) throw new Problem('store', error.message);
    throw error;
  }
}
