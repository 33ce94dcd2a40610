import { describe, expect, it } from 'vitest';
import { symbolRow } from '../../../test/support/symbol-row.ts';
import { applyPatch, EQUITY_POINTS, SHOWN_EVENTS, SHOWN_VERDICTS, thinned } from './apply-patch.ts';
import type { EquityPoint, EventRow, Overview, Snapshot } from '../wire.ts';

const overview = { version: '1', namespace: 'quantum', read_at: 10 } as Overview;
const empty: Snapshot = { overview, symbols: [], verdicts: [], events: [], equity: [] };
const event = (i: number): EventRow => ({ id: `${i}-0`, ts: i, event: 'REARM', symbol: null, fields: {} });
const names = ({ symbols }: Snapshot): string[] => symbols.map(({ symbol }) => symbol);

describe('a patch on a snapshot', () => {
  it('changes only what it names, and neither of the two', () => {
    const before = { ...empty, symbols: [symbolRow('A'), symbolRow('C')] };
    const copy = structuredClone(before);
    const after = applyPatch(before, {
      overview: { read_at: 11 },
      symbols: [symbolRow('C', { profit_usd: 5 }), symbolRow('B')],
    });
    expect(after.overview).toEqual({ ...overview, read_at: 11 });
    expect(names(after)).toEqual(['A', 'B', 'C']);
    expect(after.symbols[0]).toBe(before.symbols[0]);
    expect(after.symbols[2]!.profit_usd).toBe(5);
    expect(before).toEqual(copy);
  });

  it('that holds nothing gives the same parts', () => {
    const after = applyPatch(empty, {});
    for (const part of ['overview', 'symbols', 'verdicts', 'events', 'equity'] as const)
      expect(after[part]).toBe(empty[part]);
  });

  it('removes rows, and keeps the order of code units', () => {
    const before = { ...empty, symbols: [symbolRow('A'), symbolRow('B'), symbolRow('C')] };
    const after = applyPatch(before, {
      removed: ['B', 'gone before'],
      symbols: [symbolRow('0'), symbolRow('Z')],
    });
    expect(names(after)).toEqual(['0', 'A', 'C', 'Z']);
  });

  it('a row called __proto__ is a row like any other', () => {
    const after = applyPatch(empty, { symbols: [symbolRow('__proto__'), symbolRow('constructor')] });
    expect(names(after)).toEqual(['__proto__', 'constructor']);
    expect(names(applyPatch(after, { removed: ['__proto__'] }))).toEqual(['constructor']);
  });

  it('keeps the newest verdicts and events', () => {
    const many = Array.from({ length: SHOWN_EVENTS + 50 }, (_, i) => event(i));
    const after = applyPatch(
      { ...empty, events: many.slice(0, SHOWN_EVENTS) },
      { events: many.slice(SHOWN_EVENTS) },
    );
    expect(after.events).toEqual(many.slice(50));
    expect(SHOWN_VERDICTS).toBe(200);
  });
});

describe('equity', () => {
  const point = (i: number): EquityPoint => [i, Math.sin(i / 40) * 100, 0];

  it('is left as it is while there is room', () => {
    const points = Array.from({ length: EQUITY_POINTS }, (_, i) => point(i));
    expect(thinned(points)).toEqual(points);
  });

  it('is halved past its length: both ends, the lowest and the highest stay, and time rises', () => {
    const points = Array.from({ length: EQUITY_POINTS + 1 }, (_, i) => point(i));
    points[777] = [777, -5000, 1];
    points[1234] = [1234, 9000, 0];
    const kept = thinned(points);
    expect(kept.length).toBeLessThan(EQUITY_POINTS);
    expect(kept.length).toBeGreaterThan(EQUITY_POINTS / 3);
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
    expect(kept).toContainEqual([777, -5000, 1]);
    expect(kept).toContainEqual([1234, 9000, 0]);
    expect(kept.map(([ts]) => ts)).toEqual(kept.map(([ts]) => ts).toSorted((a, b) => a - b));
  });

  it('of a straight line is halved too', () => {
    const flat = Array.from({ length: 50_000 }, (_, i): EquityPoint => [i, 1, 0]);
    expect(thinned(flat).length).toBeLessThanOrEqual(EQUITY_POINTS);
  });

  it('stays bounded, and ends with the newest, point by point', () => {
    const points = Array.from({ length: 5000 }, (_, i) => point(i));
    const one = points.reduce((snapshot, next) => applyPatch(snapshot, { equity: [next] }), empty);
    expect(one.equity.length).toBeLessThanOrEqual(EQUITY_POINTS);
    expect(one.equity.at(-1)).toEqual(points.at(-1));
  });
});
