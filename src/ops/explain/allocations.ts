/** The newest recorded allocation of a symbol at a moment, as its waterfall. */
import { waterfallOf, type AllocationRow } from './waterfall.ts';
import { lookThrough } from './source.ts';
import { keyOf } from '../../contract/keys.ts';
import { decodeRecord, fieldsOf as namesOf } from '../../contract/record-codec.ts';
import { ALLOCATION_ENTRY } from '../../contract/records.ts';
import { fieldsOf } from '../governor/verdicts.ts';
import type { Store } from '../../store/store.ts';
import type { Waterfall } from './explanation.ts';

export interface FoundWaterfall {
  readonly waterfall: Waterfall | null;
  /** Why there is none; null: there is one. */
  readonly missing: string | null;
}

/** `at`: none later counts, Unix seconds; null: the newest. One in enforce acts, so it goes before one in shadow. */
export async function readWaterfall(
  store: Store,
  namespace: string,
  symbol: string,
  at: number | null,
): Promise<FoundWaterfall> {
  const newest = new Map<AllocationRow['mode'], AllocationRow>();
  let later = 0;
  await lookThrough(store, keyOf(namespace, 'allocations'), 0, (entry) => {
    if (!entry.fields.includes(symbol)) return false;
    const { record } = decodeRecord(ALLOCATION_ENTRY, fieldsOf(entry.fields), namesOf(ALLOCATION_ENTRY));
    if (record?.symbol !== symbol) return false;
    if (at !== null && record.ts > at) later++;
    else newest.set(record.mode, record);
    return false;
  });
  const row = newest.get('enforce') ?? newest.get('shadow');
  if (row === undefined) return { waterfall: null, missing: later > 0 ? ONLY_LATER(symbol) : NEVER(symbol) };
  const waterfall = waterfallOf(row);
  return { waterfall, missing: waterfall === null ? NOT_OURS(symbol) : null };
}

const NEVER = (symbol: string): string =>
  `No allocation of ${symbol} is recorded: its stream keeps about 1,000 decisions of all symbols.`;
const ONLY_LATER = (symbol: string): string =>
  `The allocation of ${symbol} that held then is not recorded any more; only later ones are.`;
const NOT_OURS = (symbol: string): string =>
  `The newest allocation of ${symbol} cannot be taken apart: no factors lead from its budget to its target.`;
