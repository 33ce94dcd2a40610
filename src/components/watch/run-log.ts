/** Lines about the process: its store, its inputs, who holds what. What repeats is counted, not said again and again. */
import { gapSentence, stateSentence } from './incidents.ts';
import { Throttled } from './throttled.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { Gap } from '../../runtime/positions.ts';
import type { InputState } from '../../runtime/machine.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { StoreError } from '../../store/store.ts';
import type { Holding } from './holding.ts';

/** Two parts of a process, those that tick and the governor, then say a line a second. */
const STORE_EVERY_MS = 2000;
const INPUT_EVERY_MS = 10_000;

export class RunLog {
  /** For what is about no component in particular. */
  readonly #log: Log;
  readonly #store = new Throttled(STORE_EVERY_MS);
  readonly #inputs = new Throttled(INPUT_EVERY_MS);

  constructor(log: Log) {
    this.#log = log;
  }

  /** Lines that are due. */
  flush(nowMs: number): void {
    this.#inputs.flush(nowMs);
  }

  storeFailed(operation: string, { kind, code, message }: StoreError, nowMs: number): void {
    this.#store.say('store', nowMs, (count) => {
      const times = count > 1 ? `, ${count} failures since the last line` : '';
      this.#log.error({ op: operation, kind, code }, `the store failed at ${operation}: ${message}${times}`);
    });
  }

  storeWorks({ sec, failures }: { readonly sec: number; readonly failures: number }): void {
    this.#store.clear();
    const times = failures === 1 ? 'one failure' : `${failures} failures`;
    this.#log.info(`the store works again after ${sec.toFixed(1)} s and ${times}`);
  }

  gap(log: Log, input: string, gap: Gap): void {
    log.warn({ input }, gapSentence(input, gap));
  }

  inputState(log: Log, input: string, state: InputState, why: string | null): void {
    const line = stateSentence(input, state, why);
    if (state === 'readable') log.info({ input }, line);
    else log.warn({ input }, line);
  }

  /** `label` is of few values; `what` names the entry or key. */
  rejected(
    log: Log,
    label: string,
    reason: RejectReason,
    about: { readonly what: string; readonly detail: string },
    nowMs: number,
  ): void {
    this.#inputs.say(`rejected ${label} ${reason}`, nowMs, (count) => {
      const line =
        count === 1
          ? `${label}: ${about.what} is not used (${reason}): ${about.detail}`
          : `${label}: ${count} more are not used (${reason}), the last was ${about.what}: ${about.detail}`;
      log.warn({ input: label, reason }, line);
    });
  }

  outputRefused(key: string, error: string, nowMs: number): void {
    this.#inputs.say('refused', nowMs, (count) => {
      const line =
        count === 1
          ? `the store refused ${key}: ${error}`
          : `the store refused ${count} more outputs, the last was ${key}: ${error}`;
      this.#log.warn(line);
    });
  }

  entryAhead(log: Log, input: string, nowMs: number): void {
    this.#inputs.say(`ahead ${input}`, nowMs, () =>
      log.warn(
        { input },
        `${input} has entries with ids ahead of the store's clock: they wait, or were chosen`,
      ),
    );
  }

  clockSetBack(byMs: number, nowMs: number): void {
    this.#inputs.say('clock', nowMs, (count) =>
      this.#log.warn(
        `the store's clock was set back by ${byMs} ms${count > 1 ? `, the last of ${count} times` : ''}: ticks wait for it`,
      ),
    );
  }

  resynced(nowSec: number): void {
    this.#log.warn(`the store's clock was set back far: ticks go on from ${isoTime(nowSec)}`);
  }

  violation(log: Log, symbol: string, nowMs: number): void {
    this.#inputs.say('violation', nowMs, (count) =>
      log.warn(`${symbol}: its position is over its budget${count > 1 ? `, and ${count - 1} others` : ''}`),
    );
  }

  holding(log: Log, before: Holding, now: Holding): void {
    if (now.kind === 'stopped') log.info('stopped');
    else if (now.kind === 'held') log.info({ epoch: now.epoch }, `runs here, epoch ${now.epoch}`);
    else if (now.kind === 'other' && before.kind === 'held')
      log.warn({ owner: now.owner }, `was taken over: ${now.owner} holds it now, this copy stands by`);
    else if (now.kind === 'other') log.info({ owner: now.owner }, `stands by: ${now.owner} holds it`);
  }

  caughtUp(entries: number, sec: number): void {
    this.#log.info(`caught up: ${entries} entries in ${sec.toFixed(1)} s`);
  }
}

function isoTime(sec: number): string {
  return new Date(sec * 1000).toISOString();
}
