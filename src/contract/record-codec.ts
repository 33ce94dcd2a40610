/**
 * Records as fields of text, both ways: a record is an ordered table of fields, each with the codec of its value. What
 * is written reads back; what other programs wrote is read strictly, field by field.
 */
import { formatDecimal, parseDecimal } from './decimal.ts';
import { encode } from './encode.ts';

/** A value as text and back; undefined where the text is no such value. */
export interface FieldCodec<Value> {
  readonly format: (value: Value) => string;
  readonly parse: (text: string) => Value | undefined;
}

/** The fields of a record in the order they are written. */
export type RecordCodec<Row> = { readonly [Field in keyof Row]-?: FieldCodec<Row[Field]> };

/** What is written to a hash or a stream entry: names and texts in order. */
export type FieldList = [field: string, text: string][];

/** What the caller needs, and whatever else could be read; or the first needed field that could not. */
export type ReadRecord<Row, Needed extends keyof Row> =
  | { readonly record: Pick<Row, Needed> & Partial<Row>; readonly problem: null }
  | { readonly record: null; readonly problem: string };

/** Throws `RangeError` on a number that is not finite: the engine may never make one. */
export function encodeRecord<Row extends object>(codec: RecordCodec<Row>, row: Row): FieldList {
  return fieldsOf(codec).map((field) => [field, codec[field].format(row[field])]);
}

/**
 * Reads a hash or a stream entry. A field that is missing or malformed is left out; if it is among the needed ones there
 * is no record, and `problem` says which field and what it held. Unknown fields are ignored.
 */
export function decodeRecord<Row extends object, Needed extends keyof Row & string>(
  codec: RecordCodec<Row>,
  fields: ReadonlyMap<string, string>,
  needed: readonly Needed[],
): ReadRecord<Row, Needed> {
  const row: Partial<Row> = {};
  for (const field of fieldsOf(codec)) {
    const text = fields.get(field);
    const value = text === undefined ? undefined : codec[field].parse(text);
    if (value !== undefined) row[field] = value;
    else if ((needed as readonly string[]).includes(field))
      return {
        record: null,
        problem: text === undefined ? `${field} is missing` : `${field} holds ${text.slice(0, 60)}`,
      };
  }
  return { record: row as Pick<Row, Needed> & Partial<Row>, problem: null };
}

export function fieldsOf<Row extends object>(codec: RecordCodec<Row>): (keyof Row & string)[] {
  return Object.keys(codec) as (keyof Row & string)[];
}

/** A number as the shortest decimal that reads back to the same double. */
export const decimal: FieldCodec<number> = {
  format: (value) => formatDecimal(finite(value)),
  parse: (text) => parseDecimal(text) ?? undefined,
};

/** A number with so many decimals. */
export function fixed(decimals: number): FieldCodec<number> {
  return { format: (value) => finite(value).toFixed(decimals), parse: decimal.parse };
}

/** Any text. */
export const text: FieldCodec<string> = { format: (value) => value, parse: (value) => value };

/** Empty where unknown. */
export function orEmpty<Value>(codec: FieldCodec<Value>): FieldCodec<Value | null> {
  return {
    format: (value) => (value === null ? '' : codec.format(value)),
    parse: (given) => (given === '' ? null : codec.parse(given)),
  };
}

/** One of a few values, told apart by their text. */
export function oneOf<Value extends string | number>(...values: readonly Value[]): FieldCodec<Value> {
  return { format: String, parse: (given) => values.find((value) => String(value) === given) };
}

/** Name → USD as a JSON object, any names, in their own order. */
export const contributions: FieldCodec<ReadonlyMap<string, number>> = {
  format: encode,
  parse: parseContributions,
};

/**
 * `JSON.parse` alone would move names like `7` to the front: each pair is read on its own. Strict about what the
 * encoding writes (an object of numbers), tolerant about white space.
 */
function parseContributions(given: string): ReadonlyMap<string, number> | undefined {
  const map = new Map<string, number>();
  const body = /^\s*\{([\s\S]*)\}\s*$/.exec(given)?.[1];
  if (body === undefined) return undefined;
  if (body.trim() === '') return map;
  const pair = /\s*("(?:[^"\\\u0000-\u001f]|\\.)*")\s*:\s*([-+.\deE]+)\s*(,|$)/y;
  for (let at = 0; ;) {
    pair.lastIndex = at;
    const match = pair.exec(body);
    const name = match === null ? undefined : parseName(match[1]!);
    const value = match === null ? null : parseDecimal(match[2]);
    if (match === null || name === undefined || value === null || map.has(name)) return undefined;
    map.set(name, value);
    at = pair.lastIndex;
    if (match[3] === '') return map;
  }
}

/** A JSON string; undefined where its escapes are none. */
function parseName(quoted: string): string | undefined {
  return /^"(?:[^"\\]|\\(?:["\\/bfnrt]|u[0-9A-Fa-f]{4}))*"$/.test(quoted)
    ? (JSON.parse(quoted) as string)
    : undefined;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`a decision holds ${value}`);
  return value + 0;
}
