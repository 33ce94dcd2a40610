/** What the memory store reads of the governor's own record of a permit (src/contract/kept-permit.ts). */
import { parseJsonObject } from '../../contract/json-object.ts';
import { KEPT_PREFIX, type KeptPermit } from '../../contract/kept-permit.ts';
import type { KeySpace } from './key-space.ts';

export type KeptFields = Pick<
  KeptPermit,
  'symbol' | 'issuedAt' | 'expiresAt' | 'reducing' | 'takeable' | 'epoch' | 'digest'
>;

/** Null where there is none, or it does not say all of it. */
export function keptPermit(
  keys: KeySpace,
  recordsKey: string,
  planId: string,
  nowMs: number,
): KeptFields | null {
  const text = keys.find(recordsKey, 'hash', nowMs)?.fields.get(KEPT_PREFIX.permit + planId);
  const json = text === undefined ? null : parseJsonObject(text);
  const isSound =
    json !== null &&
    ['issuedAt', 'expiresAt', 'epoch'].every((field) => Number.isFinite(json.get(field))) &&
    ['reducing', 'takeable'].every((field) => typeof json.get(field) === 'boolean') &&
    ['symbol', 'digest'].every((field) => typeof json.get(field) === 'string');
  return isSound ? (Object.fromEntries(json) as unknown as KeptFields) : null;
}

/** When it may be taken last, in Unix milliseconds; null: not known. */
export function expiryMsOf(keys: KeySpace, recordsKey: string, planId: string, nowMs: number): number | null {
  const kept = keptPermit(keys, recordsKey, planId, nowMs);
  return kept === null ? null : kept.expiresAt * 1000;
}
