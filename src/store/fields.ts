/** The plain values that every part of the port speaks of. */

/** Names and values in turns: `[name, value, name, value]`. */
export type FlatFields = readonly string[];

export interface HashRequest {
  readonly key: string;
  /** The fields wanted; null: all. */
  readonly fields: readonly string[] | null;
}

/** Field → value; null where there is no such key, or none of the wanted fields, or it is no hash. */
export type HashAnswer = ReadonlyMap<string, string> | null;

/** The value of a field, the first of that name; null where there is none. */
export function valueIn(fields: FlatFields, name: string): string | null {
  for (let i = 0; i + 1 < fields.length; i += 2) if (fields[i] === name) return fields[i + 1]!;
  return null;
}
