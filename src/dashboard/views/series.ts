/** Series as a chart takes them: one row of times for all, and a column of values each. */
import type { SymbolDetail } from '../wire.ts';

export type Point = readonly [ts: number, value: number];
export type Column = readonly (number | null)[];

export interface ChartData {
  /** Unix seconds, rising. */
  readonly times: readonly number[];
  /** One for each series given, in their order. */
  readonly columns: readonly Column[];
}

/**
 * Series with times of their own on one row of times. A value holds until the next one (`isHeld`), or is told only where it was
 * counted. Before its first point a series has none. Of several points of one time the last counts.
 */
export function alignSeries(series: readonly (readonly Point[])[], isHeld: boolean): ChartData {
  const times = [...new Set(series.flatMap((points) => points.map(([ts]) => ts)))].toSorted((a, b) => a - b);
  const columns = series.map((points) => {
    const values = new Map(points.map(([ts, value]) => [ts, value]));
    let held: number | null = null;
    return times.map((ts) => {
      const value = values.get(ts) ?? null;
      if (value !== null) held = value;
      return isHeld ? held : value;
    });
  });
  return { times, columns };
}

/** Points from a time on; what held then stands at that time. */
export function clipped(points: readonly Point[], from: number): readonly Point[] {
  const first = points.findIndex(([ts]) => ts >= from);
  const rest = first < 0 ? [] : points.slice(first);
  const held = first < 0 ? points.at(-1) : points[first - 1];
  return held === undefined || rest[0]?.[0] === from ? rest : [[from, held[1]], ...rest];
}

/** The value of a column at a place, or the newest known before it; null: none is. */
export function knownAt(column: Column, index: number): number | null {
  for (let at = Math.min(index, column.length - 1); at >= 0; at--) {
    const value = column[at] ?? null;
    if (value !== null) return value;
  }
  return null;
}

export interface EfficiencySeries {
  readonly score: ChartData;
  readonly penalties: ChartData;
  readonly bands: readonly PressureBand[];
}

export interface PressureBand {
  readonly from: number;
  /** Where the next one begins; the last one's is the newest time. */
  readonly to: number;
  readonly pressure: string;
}

/** Score, EWMA and confidence; the three penalties' ratios; and how long which pressure held. */
export function efficiencySeries(points: SymbolDetail['series']['efficiency']): EfficiencySeries {
  const times = points.map(({ ts }) => ts);
  const column = (read: (point: (typeof points)[number]) => number | null): Column => points.map(read);
  return {
    score: {
      times,
      columns: [
        column(({ score }) => score),
        column(({ ewma }) => ewma),
        column(({ confidence }) => confidence),
      ],
    },
    penalties: {
      times,
      columns: [
        column(({ volatility_ratio }) => volatility_ratio),
        column(({ dd_ratio }) => dd_ratio),
        column(({ hold_time_penalty }) => hold_time_penalty),
      ],
    },
    bands: pressureBands(points),
  };
}

/** A sentence that says what a chart shows, for those who do not see it. */
export function describeSeries(
  name: string,
  points: readonly Point[],
  tell: (value: number) => string,
): string {
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined) return `${name}: nothing recorded.`;
  const values = points.map(([, value]) => value);
  const low = values.reduce((a, b) => Math.min(a, b));
  const high = values.reduce((a, b) => Math.max(a, b));
  return `${name}: ${points.length} points from ${tell(first[1])} to ${tell(last[1])}, lowest ${tell(low)}, highest ${tell(high)}.`;
}

function pressureBands(points: SymbolDetail['series']['efficiency']): readonly PressureBand[] {
  const bands: PressureBand[] = [];
  for (const { ts, pressure } of points) {
    const last = bands.at(-1);
    if (last !== undefined) bands[bands.length - 1] = { ...last, to: ts };
    if (last?.pressure !== pressure) bands.push({ from: ts, to: ts, pressure });
  }
  return bands;
}
