/** What a program that places orders tells, as fields of the contract: checked here, so that none of it ends as a dead letter. */
import { formatDecimal } from '../contract/decimal.ts';
import { decodeEntry } from '../contract/decode.ts';
import type { EventType } from '../core/event.ts';

/** A value of a field; null and undefined: it is left out. */
export type FieldValue = string | number | boolean | null | undefined;

/** Names and texts in turns. Throws `RangeError` on a number that is not finite and on an empty text. */
export function writeFields(values: Readonly<Record<string, FieldValue>>): string[] {
  const fields: string[] = [];
  for (const [name, value] of Object.entries(values))
    if (value !== null && value !== undefined) fields.push(name, textOf(name, value));
  return fields;
}

/** Throws `RangeError` where a reader would refuse these fields as an event of this type; it says why. */
export function checkReadable(type: EventType, fields: readonly string[], nowSec: number): void {
  const named = new Map<string, string>();
  for (let i = 0; i < fields.length; i += 2) named.set(fields[i]!, fields[i + 1]!);
  const decoded = decodeEntry(type, Object.fromEntries(named), nowSec, { aliases: NO_ALIASES });
  if (decoded.event === null)
    throw new RangeError(`no usable ${type}: ${decoded.rejection.detail} (${decoded.rejection.reason})`);
}

/** Throws `RangeError` where a name is outside its grammar. */
export function checkName(what: 'plan id' | 'symbol', name: string, grammar: RegExp): void {
  if (!grammar.test(name))
    throw new RangeError(
      `${what} ${JSON.stringify(name.slice(0, 80))} is outside the grammar ${grammar.source}`,
    );
}

const NO_ALIASES: ReadonlyMap<string, string> = new Map();

function textOf(name: string, value: string | number | boolean): string {
  if (typeof value === 'number' && !Number.isFinite(value))
    throw new RangeError(`${name} is ${value}; leave it out where it is not known`);
  if (value === '') throw new RangeError(`${name} is empty; leave it out where it is not known`);
  return typeof value === 'number' ? formatDecimal(value) : String(value);
}
