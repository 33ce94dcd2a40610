/** Equity and drawdown over time as a chart draws them, and the same in words. */
import type { EquityPoint } from '../wire.ts';
import { dateTimeText, percentText, usdText, type Zone } from './format.ts';

export interface EquitySeries {
  readonly ts: number[];
  readonly equity: number[];
  /** Zero or less, so that it hangs down. */
  readonly drawdown: number[];
}

export function equitySeries(points: readonly EquityPoint[]): EquitySeries {
  return {
    ts: points.map(([ts]) => ts),
    equity: points.map(([, equity]) => equity),
    drawdown: points.map(([, , drawdown]) => (drawdown === 0 ? 0 : -drawdown)),
  };
}

/** For whoever cannot see the chart; null: there is nothing to draw a line through. */
export function equityWords(points: readonly EquityPoint[], zone: Zone): string | null {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return null;
  const lowest = points.reduce((a, b) => (b[1] < a[1] ? b : a));
  const highest = points.reduce((a, b) => (b[1] > a[1] ? b : a));
  const deepest = points.reduce((a, b) => (b[2] > a[2] ? b : a));
  const at = ([ts, equity]: EquityPoint): string => `${usdText(equity)} USD at ${dateTimeText(ts, zone)}`;
  return (
    `Equity from ${at(first)} to ${at(last)}; lowest ${at(lowest)}, highest ${at(highest)}; ` +
    `largest drawdown ${percentText(deepest[2], 2)} at ${dateTimeText(deepest[0], zone)}.`
  );
}

/** How much of the chart's height equity takes, above; drawdown hangs in the rest. */
const EQUITY_SHARE = 0.68;
const PADDING = 0.06;

export type Range = readonly [low: number, high: number];

/** The scale that puts equity into the upper part. */
export function equityRange(least: number, most: number): Range {
  // A line without movement lies in the middle of its part.
  const span = most > least ? most - least : Math.max(Math.abs(most) * 0.001, 1);
  const low = most > least ? least - span * PADDING : least - span / 2;
  const shown = span * (1 + 2 * PADDING);
  return [low - (shown / EQUITY_SHARE) * (1 - EQUITY_SHARE), low + shown];
}

/** The scale that hangs drawdown into the lower part, zero at its top; at least a percent deep, so that noise looks like noise. */
export function drawdownRange(deepest: number): Range {
  const depth = Math.max(0.01, -deepest) * (1 + PADDING);
  return [-depth, (depth / (1 - EQUITY_SHARE - PADDING)) * (EQUITY_SHARE + PADDING)];
}
