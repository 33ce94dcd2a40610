/**
 * Entries of the input streams as events, or as dead letters: what cannot be used is copied whole with the reason, counted,
 * and never stops what comes after it.
 */
import { deadLetterKeyOf, DEAD_LETTER_MAX_LENGTH, KEYS, type InputStream } from '../contract/keys.ts';
import { decodeEntry, type Fields } from '../contract/decode.ts';
import type { EventType, InputEvent } from '../core/event.ts';
import type { RejectReason } from '../contract/reject.ts';
import type { FlatFields, Output, StreamEntry } from '../store/store.ts';

/** What the entries of a stream are. */
const TYPE_OF: { readonly [Name in InputStream]: EventType } = {
  executions: 'execution',
  plans: 'plan',
  results: 'result',
  cashflows: 'cashflow',
  regimes: 'regime',
};

/** A dead letter is for people to look at: of what is larger than this, the beginning is kept. */
const MAX_VALUE_LENGTH = 16_384;
const MAX_FIELDS = 64;

export type Taken =
  | { readonly event: InputEvent; readonly futureTime: boolean }
  | { readonly event: null; readonly reason: RejectReason; readonly detail: string };

/** `apply.plan`, as people know the stream. */
export function inputName(input: InputStream): string {
  return KEYS[input].pattern.replace('stream:', '');
}

/** Decodes an entry of a stream; `arrivalSec` is when the store got it. */
export function takeEntry(
  input: InputStream,
  entry: StreamEntry,
  arrivalSec: number,
  aliases: ReadonlyMap<string, string>,
): Taken {
  const decoded = decodeEntry(TYPE_OF[input], asRecord(entry.fields), arrivalSec, { aliases });
  return decoded.event === null ? { event: null, ...decoded.rejection } : decoded;
}

/** An unusable entry for the dead letters of its stream. */
export function deadLetter(
  namespace: string,
  input: InputStream,
  stream: string,
  entry: StreamEntry,
  reason: RejectReason,
  detail: string,
): Output {
  const kept = entry.fields.slice(0, 2 * MAX_FIELDS).map((text) => text.slice(0, MAX_VALUE_LENGTH));
  return {
    kind: 'deadLetter',
    stream,
    sourceId: entry.id,
    key: deadLetterKeyOf(namespace, input),
    fields: [...kept, 'reason', reason, 'detail', detail, 'source_id', entry.id],
    maxLength: DEAD_LETTER_MAX_LENGTH,
  };
}

/**
 * Names and values as a record without a prototype; of a name given twice the last value counts, as for any reader of Redis.
 * A producer sends the same names in the same order again and again: those of the entry before are used again where they
 * are the same, since a name just read would first have to be looked up among all strings.
 */
function asRecord(fields: FlatFields): Fields {
  const record = new Bare();
  for (let i = 0, slot = 0; i + 1 < fields.length; i += 2, slot++) {
    const name = fields[i]!;
    if (namesBefore[slot] !== name && slot < MAX_FIELDS) namesBefore[slot] = name;
    record[slot < MAX_FIELDS ? namesBefore[slot]! : name] = fields[i + 1]!;
  }
  return record;
}

const namesBefore: string[] = [];

/** Like `Object.create(null)`, but kept by the engine as a plain record, which is faster to fill and read. */
const Bare = function () {} as unknown as new () => Record<string, string>;
Bare.prototype = Object.create(null) as object;
