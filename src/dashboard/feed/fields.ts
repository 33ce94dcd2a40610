/** Fields of entries and hashes as they may have been written by anyone. */
import { parseDecimal } from '../../contract/decimal.ts';
import { parseMoment } from '../../contract/moment.ts';
import { MAX_TEXT_LENGTH } from './bounds.ts';
import type { Fields } from '../../contract/decode.ts';
import type { FlatFields } from '../../store/store.ts';

export type FieldMap = ReadonlyMap<string, string>;

/** Without a prototype: any names are harmless. Of a repeated name the last counts. */
export function fieldRecord(flat: FlatFields): Fields {
  const record = Object.create(null) as Record<string, string>;
  for (let i = 0; i + 1 < flat.length; i += 2) record[flat[i]!] = flat[i + 1]!;
  return record;
}

export function numberIn(fields: FieldMap, name: string): number | null {
  return parseDecimal(fields.get(name));
}

/** Null where it is absent or empty; the beginning of what is too long. */
export function textIn(fields: FieldMap, name: string): string | null {
  const text = fields.get(name);
  return text === undefined || text === '' ? null : text.slice(0, MAX_TEXT_LENGTH);
}

/** The first of these fields that is there, as a time; null where it is none. */
export function timeIn(fields: FieldMap, ...names: readonly string[]): number | null {
  const name = names.find((candidate) => fields.has(candidate));
  return name === undefined ? null : parseMoment(fields.get(name));
}

export function modeIn(fields: FieldMap, otherwise: 'shadow' | 'enforce'): 'shadow' | 'enforce' {
  const mode = fields.get('mode');
  return mode === 'shadow' || mode === 'enforce' ? mode : otherwise;
}
