/**
 * What the governor keeps over a restart besides its permits, as texts: positions, the profits of the last 24 hours, the
 * account. Its records lie under `p:{plan_id}`, `s:{symbol}`, `l:{five minutes}` (src/contract/kept-permit.ts).
 */
import { encode } from '../../contract/encode.ts';
import { KEPT_PREFIX } from '../../contract/kept-permit.ts';
import type { Position } from '../../core/governor/read-plan.ts';
import type { LastEnforced } from './plan-view.ts';

/** Counts up with every change of what is kept. */
export const GOVERNOR_KEPT_VERSION = 1;

/**
 * When something was written, Unix seconds; 0, as if long ago, where that lies ahead: the store's clock was set back since, and
 * nothing written from now on would ever be newer.
 */
export function sinceSetBack(ts: number, nowSec: number): number {
  return ts > nowSec + AHEAD_SEC ? 0 : ts;
}

/** Clocks of two programs lie this far apart at the most. */
const AHEAD_SEC = 60;

export interface KeptSymbol extends LastEnforced {
  readonly position: Position | null;
}

export function encodeSymbol({ position, budgetTs, targetTs }: KeptSymbol): string {
  const { amount, markUsd, notionalUsd, ts } = position ?? {
    amount: null,
    markUsd: null,
    notionalUsd: null,
    ts: null,
  };
  return encode([amount, markUsd, notionalUsd, ts, budgetTs, targetTs]);
}

/** Throws `RangeError` where the text is none. */
export function decodeSymbol(text: string): KeptSymbol {
  const values: unknown = JSON.parse(text);
  if (!Array.isArray(values) || !values.every((value) => value === null || typeof value === 'number'))
    throw new RangeError(`${text.slice(0, 80)} is no kept position`);
  const [amount, markUsd, notionalUsd, ts, budgetTs, targetTs] = values as (number | null)[];
  const position =
    amount === null || ts === null
      ? null
      : { amount: amount!, markUsd: markUsd!, notionalUsd: notionalUsd!, ts: ts! };
  return { position, budgetTs: budgetTs ?? 0, targetTs: targetTs ?? 0 };
}

const CHUNK_SEC = 300;
const DAY_SEC = 86_400;

/** Profits by arrival, in chunks of five minutes: only those that changed are written again, and old ones go. */
export class KeptProfits {
  readonly #chunks = new Map<number, number[]>();
  readonly #changed = new Set<number>();

  /** Texts of chunks, in any order; returns all (arrival, USD), oldest first. Throws `RangeError` where one is unreadable. */
  restore(texts: Iterable<readonly [field: string, text: string]>): (readonly [number, number])[] {
    const chunks = [...texts]
      .map(([field, text]): [number, number[]] => {
        const values: unknown = JSON.parse(text);
        if (!Array.isArray(values) || !values.every((value) => typeof value === 'number'))
          throw new RangeError(`the profits ${field} are unreadable`);
        return [Number(field.slice(KEPT_PREFIX.profits.length)), values];
      })
      .toSorted(([a], [b]) => a - b);
    const pairs: (readonly [number, number])[] = [];
    for (const [chunk, values] of chunks) {
      this.#chunks.set(chunk, values);
      for (let i = 0; i < values.length; i += 2) pairs.push([values[i]!, values[i + 1]!]);
    }
    return pairs;
  }

  add(arrivalSec: number, pnlUsd: number): void {
    const chunk = Math.floor(arrivalSec / CHUNK_SEC);
    const values = this.#chunks.get(chunk);
    if (values === undefined) this.#chunks.set(chunk, [arrivalSec, pnlUsd]);
    else values.push(arrivalSec, pnlUsd);
    this.#changed.add(chunk);
  }

  /** Fields and texts that changed, in turns; an empty text: the field goes. Old ones go where `forgets`. */
  changes(nowSec: number, forgets: boolean): string[] {
    const records: string[] = [];
    for (const chunk of this.#chunks.keys()) {
      if (!forgets || (chunk + 1) * CHUNK_SEC > nowSec - DAY_SEC) continue;
      this.#chunks.delete(chunk);
      this.#changed.delete(chunk);
      records.push(`${KEPT_PREFIX.profits}${chunk}`, '');
    }
    for (const chunk of this.#changed)
      records.push(`${KEPT_PREFIX.profits}${chunk}`, encode(this.#chunks.get(chunk)!));
    this.#changed.clear();
    return records;
  }
}
