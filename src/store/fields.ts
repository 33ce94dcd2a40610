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
