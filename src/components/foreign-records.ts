/**
 * Records of components as another program may have written them: only what a reader needs, checked strictly. A record
 * that cannot be used counts as missing, with the reason.
 */
import { parseDecimal } from '../contract/decimal.ts';
import { parseMoment } from '../contract/moment.ts';
import { clamp, clamp01 } from '../core/num.ts';
import { EFFICIENCY_REASONS } from '../core/proposer/proposer.ts';
import type { RejectReason } from '../contract/reject.ts';
import type { Ticking } from '../core/pipeline/ticking.ts';
import type { Mode } from '../core/settings.ts';
import type { HashAnswer } from '../store/store.ts';

export type ForeignRecord =
  | { readonly ts: number; readonly values: readonly number[]; readonly mode: Mode | null }
  | { readonly ts: null; readonly reason: RejectReason; readonly detail: string };

/** The fields read of each component's hash. */
export const FOREIGN_FIELDS: { readonly [Name in Ticking]: readonly string[] } = {
  budget: ['budget_usd', 'timestamp', 'mode'],
  attribution: ['performance_factor', 'confidence', 'pf_range', 'ts', 'ts_utc', 'timestamp'],
  allocation: ['base_target_usd', 'target_usd', 'confidence', 'ts', 'timestamp'],
  efficiency: ['efficiency_score', 'confidence', 'ts', 'timestamp'],
  proposal: ['multiplier', 'reason', 'last_update_ts_epoch', 'ts_epoch'],
};

/** When a record says it was written; whichever comes first. */
const TIMES = ['ts', 'ts_utc', 'timestamp', 'last_update_ts_epoch', 'ts_epoch'];
/** A record that claims to be of later than this is of a broken clock: it would stay fresh for ever. */
const MAX_FUTURE_SEC = 60;

/** Reads a record at `nowSec`. `hash` is not null: it is there. */
export function readForeign(
  component: Ticking,
  hash: NonNullable<HashAnswer>,
  nowSec: number,
): ForeignRecord {
  const time = TIMES.find((name) => hash.has(name));
  if (time === undefined) return refuse('missing_time', 'no field says when it was written');
  const ts = parseMoment(hash.get(time));
  if (ts === null || ts > nowSec + MAX_FUTURE_SEC)
    return refuse('bad_time', `${time} ${show(hash.get(time))} is no time up to now`);
  const values = VALUES[component].map((read) => read(hash));
  const bad = values.find((value) => typeof value === 'string');
  if (bad !== undefined) return refuse('bad_number', `${bad} ${show(hash.get(bad))} cannot be used`);
  const mode = hash.get('mode');
  return {
    ts,
    values: values as number[],
    mode: mode === 'enforce' || mode === 'shadow' ? mode : null,
  };
}

/** A value, or the name of the field that holds none. */
type Reader = (hash: NonNullable<HashAnswer>) => number | string;

function number(name: string, use: (value: number) => number = (value) => value): Reader {
  return (hash) => {
    const value = parseDecimal(hash.get(name));
    return value === null ? name : use(value);
  };
}

const amount = (name: string): Reader => number(name, (usd) => Math.max(usd, 0));
const share = (name: string): Reader => number(name, clamp01);

const VALUES: { readonly [Name in Ticking]: readonly Reader[] } = {
  budget: [amount('budget_usd')],
  attribution: [
    (hash) => {
      const least = hash.get('pf_range') === '0_1' ? 0 : -1;
      return number('performance_factor', (factor) => clamp(factor, least, 1))(hash);
    },
    share('confidence'),
    (hash) => (hash.get('pf_range') === '0_1' ? 1 : 0),
  ],
  allocation: [
    (hash) => amount(hash.has('base_target_usd') ? 'base_target_usd' : 'target_usd')(hash),
    share('confidence'),
  ],
  efficiency: [share('efficiency_score'), share('confidence')],
  proposal: [
    amount('multiplier'),
    (hash) => {
      const reason = EFFICIENCY_REASONS.findIndex((name) => name === hash.get('reason'));
      return reason < 0 ? 'reason' : reason;
    },
  ],
};

function refuse(reason: RejectReason, detail: string): ForeignRecord {
  return { ts: null, reason, detail };
}

function show(value: string | undefined): string {
  return value === undefined ? '(absent)' : JSON.stringify(value.slice(0, 60));
}
