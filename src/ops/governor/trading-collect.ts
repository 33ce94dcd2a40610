/** The trading state as `status` shows it: what holds, since when and why, what is disarmed, what may still be taken. */
import { parseDecimal } from '../../contract/decimal.ts';
import { decodeDisarmed } from '../../contract/governor-records.ts';
import { decodeKeptPermit, KEPT_PREFIX, type KeptPermit } from '../../contract/kept-permit.ts';
import { keyOf, ownKeyOf } from '../../contract/keys.ts';
import { fieldsOf } from './verdicts.ts';
import { situation } from './operation.ts';
import { newestEntries } from '../stream-tail.ts';
import type { TradingState } from '../../core/event.ts';
import type { HashAnswer, Store } from '../../store/store.ts';

/** Times are Unix seconds; null: not known. */
export interface TradingReading {
  readonly state: TradingState;
  /** The store's clock. */
  readonly now: number;
  /** What `quantum:kill` holds; null: there is none, or it cannot be read. */
  readonly flag: string | null;
  /** Why it cannot be read; null: it can. */
  readonly flag_error: string | null;
  /** What was switched on and not re-armed since. */
  readonly latched: TradingState;
  /** The newest change among the newest events: since when the state holds, who wanted it and why. */
  readonly since: number | null;
  readonly by: string | null;
  readonly why: string | null;
  readonly disarmed: readonly DisarmedSymbol[];
  /** Permits that may still be taken; null: what the governor keeps cannot be read. */
  readonly outstanding: { readonly openings: number; readonly exits: number } | null;
}

export interface DisarmedSymbol {
  readonly symbol: string;
  readonly reason: string | null;
  readonly since: number | null;
}

/** Events looked through for the newest change of the trading state. */
const EVENTS = 1000;

export async function collectTrading(store: Store, namespace: string): Promise<TradingReading> {
  const records = { key: ownKeyOf(namespace, 'records', 'governor'), fields: null };
  const [{ trading, state, nowMs, hashes }, change] = await Promise.all([
    situation({ store, namespace }, [records]),
    newestChange(store, namespace),
  ]);
  const { flag } = trading;
  return {
    state,
    now: nowMs / 1000,
    flag: flag.kind === 'text' ? flag.text : null,
    flag_error: flag.kind === 'text' ? null : flag.error,
    latched: trading.latched,
    // Set by hand, and not noted by a governor yet: the change before it is not the reason.
    ...(change?.get('state') === state
      ? {
          since: parseDecimal(change.get('timestamp')),
          by: change.get('by') ?? null,
          why: change.get('reason') ?? null,
        }
      : { since: null, by: null, why: null }),
    disarmed: [...trading.disarmed].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(disarmedSymbol),
    outstanding: await outstanding(store, hashes[0] ?? null, nowMs / 1000),
  };
}

async function newestChange(
  store: Store,
  namespace: string,
): Promise<ReadonlyMap<string, string> | undefined> {
  const { entries } = await newestEntries(store, keyOf(namespace, 'governorEvents'), EVENTS);
  return entries
    .map(({ fields }) => fieldsOf(fields))
    .findLast((fields) => fields.get('event') === 'KILL_SWITCH' && fields.get('how') !== 'void');
}

function disarmedSymbol([symbol, text]: readonly [string, string]): DisarmedSymbol {
  const disarmed = decodeDisarmed(text);
  return { symbol, reason: disarmed?.reason ?? null, since: disarmed?.timestamp ?? null };
}

/** Of the permits the governor keeps those whose key is still there: a take may not be known to it yet. */
async function outstanding(
  store: Store,
  records: HashAnswer,
  nowSec: number,
): Promise<TradingReading['outstanding']> {
  const alive: (readonly [planId: string, kept: KeptPermit])[] = [];
  for (const [field, text] of records ?? []) {
    if (!field.startsWith(KEPT_PREFIX.permit)) continue;
    try {
      const kept = decodeKeptPermit(text);
      if (kept.expiresAt >= nowSec && !kept.voided && kept.takenAt === null)
        alive.push([field.slice(KEPT_PREFIX.permit.length), kept]);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      return null;
    }
  }
  const found = await store.permits.find(alive.map(([planId]) => planId));
  const there = alive.filter((_, i) => found[i]?.permit !== null);
  const exits = there.filter(([, { reducing }]) => reducing).length;
  return { openings: there.length - exits, exits };
}
