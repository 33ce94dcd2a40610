/** The allocation target of a symbol, as long as it may be acted on. */
import { keyOf } from '../contract/keys.ts';
import { decodeRecord, type RecordCodec } from '../contract/record-codec.ts';
import { TARGET } from '../contract/records.ts';
import { SYMBOL_GRAMMAR } from '../contract/symbol.ts';
import type { Store } from '../store/store.ts';
import { checkName } from './fields.ts';

type TargetRow = typeof TARGET extends RecordCodec<infer Row> ? Row : never;

/** The hash `allocation:target:{symbol}` with the contract's names: another program may have left out what is optional. */
export type Target = Pick<TargetRow, 'target_usd' | 'timestamp'> &
  Partial<TargetRow> & {
    /** Seconds since it was computed, by the store's clock. */
    readonly ageSec: number;
  };

/** As the governor's own gate. */
const MAX_AGE_SEC = 300;

/** Null where there is none that is enforced and at most 300 s old. */
export async function readTarget(store: Store, namespace: string, symbol: string): Promise<Target | null> {
  checkName('symbol', symbol, SYMBOL_GRAMMAR);
  const [{ nowMs }, [fields = null]] = await Promise.all([
    store.read([]),
    store.hashes([{ key: keyOf(namespace, 'target', symbol), fields: null }]),
  ]);
  if (fields === null) return null;
  const { record } = decodeRecord(TARGET, fields, ['target_usd', 'timestamp', 'mode']);
  if (record === null || record.mode !== 'enforce') return null;
  const ageSec = Math.max(0, nowMs / 1000 - record.timestamp);
  return ageSec > MAX_AGE_SEC ? null : { ...record, ageSec };
}
