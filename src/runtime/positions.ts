/**
 * How far a component has read its streams, and whether what it has not read is still there: Redis says nothing when a
 * stream is trimmed past a reader, or deleted and made anew.
 */
import { compareIds, type EntryId, type StreamFacts } from '../store/store.ts';

export interface Position {
  /** The newest entry applied; `0-0`: none yet. */
  readonly after: EntryId;
  /** Entries the stream had ever been given up to that one; null before the stream was seen first. */
  readonly count: number | null;
}

export const START: Position = { after: '0-0', count: null };

export type Gap =
  /** `lost` entries were removed before they were read. */
  | { readonly kind: 'trimmed'; readonly lost: number }
  /** The stream is another one now; it is read from its beginning. */
  | { readonly kind: 'recreated' };

export interface Inspection {
  readonly position: Position;
  readonly gap: Gap | null;
}

/**
 * Holds a position against what the stream says about itself. Returns where to go on and what is missing. A stream that
 * is not there leaves the position as it is: it may come back.
 */
export function inspect(position: Position, facts: StreamFacts | null): Inspection {
  if (facts === null) return { position, gap: null };
  const removed = facts.added - facts.length;
  if (position.count === null) return { position: { after: position.after, count: removed }, gap: null };
  const isOther =
    facts.added < position.count ||
    compareIds(facts.lastId, position.after) < 0 ||
    isYounger(position, facts);
  if (isOther) return { position: { after: '0-0', count: removed }, gap: { kind: 'recreated' } };
  // Everything was read, and yet fewer than were added: some went between being counted and being read.
  if (facts.lastId === position.after && facts.added > position.count)
    return {
      position: { after: position.after, count: facts.added },
      gap: { kind: 'trimmed', lost: facts.added - position.count },
    };
  const isWhole = facts.firstId !== null && compareIds(facts.firstId, position.after) <= 0;
  if (isWhole || removed <= position.count) return { position, gap: null };
  return {
    position: { after: position.after, count: removed },
    gap: { kind: 'trimmed', lost: removed - position.count },
  };
}

/** Everything it holds came after the position, and yet fewer entries were removed than had been read. */
function isYounger(position: Position, facts: StreamFacts): boolean {
  const isAllNew = facts.firstId === null ? false : compareIds(facts.firstId, position.after) > 0;
  return isAllNew && facts.added - facts.length < position.count!;
}

/** `{"execution.result":["1-0",1]}`, as it is committed with the state. */
export function encodePositions(positions: ReadonlyMap<string, Position>): string {
  return JSON.stringify(
    Object.fromEntries([...positions].map(([name, { after, count }]) => [name, [after, count]])),
  );
}

/** Throws `RangeError` where the text is none of `encodePositions`. */
export function decodePositions(text: string): Map<string, Position> {
  const positions = new Map<string, Position>();
  for (const [name, value] of Object.entries(parseObject(text))) {
    const [after, count] = Array.isArray(value) ? (value as unknown[]) : [];
    if (typeof after !== 'string' || (count !== null && typeof count !== 'number'))
      throw new RangeError(`the committed positions are unreadable at ${name}`);
    compareIds(after, '0-0');
    positions.set(name, { after, count });
  }
  return positions;
}

function parseObject(text: string): object {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null)
    throw new RangeError('the committed positions are no object');
  return value;
}
