import { describe, expect, it } from 'vitest';
import { decodePositions, encodePositions, inspect, START, type Position } from './positions.ts';
import type { StreamFacts } from '../store/store.ts';

/** A stream whose entries were given the ids `from`-0 to `to`-0; those `removed` are gone. */
function stream(from: number, to: number, removed: readonly number[] = []): StreamFacts {
  const held: number[] = [];
  for (let id = from; id <= to; id++) if (!removed.includes(id)) held.push(id);
  return {
    length: held.length,
    added: to - from + 1,
    firstId: held.length === 0 ? null : `${held[0]!}-0`,
    lastId: `${to}-0`,
  };
}

const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);
/** Everything up to this id was read, one by one. */
const readUpTo = (id: number): Position => ({ after: `${id}-0`, count: id });

describe('inspect', () => {
  it('finds nothing missing where nothing was removed, whatever was read', () => {
    for (const read of [1, 5, 10]) {
      const position = readUpTo(read);
      expect(inspect(position, stream(1, 10))).toEqual({ position, gap: null });
    }
  });

  it('leaves a position where the stream is not there: it may come back', () => {
    expect(inspect(readUpTo(4), null)).toEqual({ position: readUpTo(4), gap: null });
  });

  it('takes what a new reader never could read for no gap', () => {
    expect(inspect(START, stream(1, 10, range(1, 6)))).toEqual({
      position: { after: '0-0', count: 6 },
      gap: null,
    });
  });

  it('counts what was trimmed before it was read, once', () => {
    const found = inspect(readUpTo(3), stream(1, 10, range(1, 6)));
    expect(found).toEqual({ position: { after: '3-0', count: 6 }, gap: { kind: 'trimmed', lost: 3 } });
    expect(inspect(found.position, stream(1, 10, range(1, 6))).gap).toBeNull();
    expect(inspect(found.position, stream(1, 12, range(1, 8))).gap).toEqual({ kind: 'trimmed', lost: 2 });
  });

  it('counts what was trimmed where nothing is left', () => {
    expect(inspect(readUpTo(3), stream(1, 10, range(1, 10))).gap).toEqual({ kind: 'trimmed', lost: 7 });
  });

  it('does not mind that what was read is trimmed, to the last entry', () => {
    for (const gone of [range(1, 3), range(1, 5), [2], [1, 4]])
      expect(inspect(readUpTo(5), stream(1, 10, gone)).gap).toBeNull();
  });

  it('finds an entry removed from the middle when all the others have been read', () => {
    const facts = stream(1, 10, [7]);
    expect(inspect(readUpTo(5), facts).gap).toBeNull();
    // 6, 8, 9 and 10 were read after the fifth.
    const found = inspect({ after: '10-0', count: 9 }, facts);
    expect(found).toEqual({ position: { after: '10-0', count: 10 }, gap: { kind: 'trimmed', lost: 1 } });
    expect(inspect(found.position, facts).gap).toBeNull();
  });

  it('finds what was trimmed between being counted and being read', () => {
    // Five of ten were read when all was still there; then 6 to 8 went, and 9 and 10 were read.
    const found = inspect({ after: '10-0', count: 7 }, stream(1, 10, range(1, 8)));
    expect(found).toEqual({ position: { after: '10-0', count: 10 }, gap: { kind: 'trimmed', lost: 3 } });
  });

  it('finds a stream made anew, with lower ids and with higher ones, with fewer entries and with more', () => {
    const anew = (facts: StreamFacts): unknown => inspect(readUpTo(50), facts);
    const again = (count: number): unknown => ({
      position: { after: '0-0', count },
      gap: { kind: 'recreated' },
    });
    expect(anew(stream(1, 20))).toEqual(again(0));
    expect(anew(stream(100, 102))).toEqual(again(0));
    expect(anew(stream(100, 300))).toEqual(again(0));
    expect(anew(stream(100, 300, range(100, 109)))).toEqual(again(10));
    expect(anew(stream(40, 60))).toEqual(again(0));
    // Deleted, made anew and emptied.
    expect(anew(stream(100, 102, range(100, 102)))).toEqual(again(3));
  });
});

describe('committed positions', () => {
  it('come back as they were', () => {
    const positions = new Map([
      ['execution.result', readUpTo(7)],
      ['cashflow', START],
      ['__proto__', { after: '5-18446744073709551615', count: 1 }],
    ]);
    expect(decodePositions(encodePositions(new Map([...positions].slice(0, 2))))).toEqual(
      new Map([...positions].slice(0, 2)),
    );
    expect(decodePositions('{"__proto__":["5-18446744073709551615",1]}')).toEqual(
      new Map([...positions].slice(2)),
    );
  });

  it('that are none are refused, with the name of the input', () => {
    for (const text of [
      '{"cashflow":[1,2]}',
      '{"cashflow":["1-0","2"]}',
      '{"cashflow":["x",2]}',
      '{"cashflow":7}',
    ])
      expect(() => decodePositions(text)).toThrow(RangeError);
    expect(() => decodePositions('null')).toThrow('no object');
    expect(() => decodePositions('{"cashflow":["1-0","2"]}')).toThrow('cashflow');
  });
});
