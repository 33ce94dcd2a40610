/**
 * The equity curve and the drawdown below it as geometry, on one time axis. Across, places are shares of the width (it is
 * not known here); down, pixels. Texts keep their size on a phone and on paper that way.
 */
import { dayText, percent, shortUsd, signedUsd, usd } from './numbers.ts';
import { decimalsOf, fractionIn, rangeOf, ticksOf, type Range } from './scale.ts';
import { timeTicks } from './time-ticks.ts';
import type { CurvePoint, Drawdown } from '../report/curve.ts';

/** Across, paths are drawn in a box this wide and stretched. */
export const BOX_WIDTH = 1000;
const EQUITY_TOP = 6;
const EQUITY_HEIGHT = 214;
const GAP = 34;
const DRAWDOWN_TOP = EQUITY_TOP + EQUITY_HEIGHT + GAP;
const DRAWDOWN_HEIGHT = 96;
export const PLOT_BOTTOM = DRAWDOWN_TOP + DRAWDOWN_HEIGHT;
export const CHART_HEIGHT = PLOT_BOTTOM + 26;
const MOST_TIME_TICKS = 8;

export interface Mark {
  /** Percent of the width. */
  readonly x: number;
  readonly y: number;
  readonly text: string;
  readonly when: string;
  readonly anchor: 'start' | 'middle' | 'end';
}

export interface AxisTick {
  readonly at: number;
  readonly label: string;
}

export interface CurveView {
  readonly equityPath: string;
  readonly equityArea: string;
  readonly equityTicks: readonly AxisTick[];
  /** Where the equity began. */
  readonly startY: number;
  readonly end: Mark;
  /** Null where equity never moved. */
  readonly highest: Mark | null;
  readonly lowest: Mark | null;
  readonly drawdownTop: number;
  readonly drawdownUnit: 'percent of the peak' | 'USD';
  readonly drawdownArea: string;
  readonly drawdownPath: string;
  readonly drawdownTicks: readonly AxisTick[];
  /** Null where equity never fell. */
  readonly deepest: Mark | null;
  /** `at` is percent of the width. */
  readonly timeTicks: readonly AxisTick[];
}

interface Sample {
  readonly tsSec: number;
  readonly value: number;
}

/** Null where there are not two points to be joined. */
export function curveView(points: readonly CurvePoint[], drawdown: Drawdown): CurveView | null {
  const [first] = points;
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return null;
  const equity = points.map(({ tsSec, equityUsd }) => ({ tsSec, value: equityUsd }));
  const time = timeRange(equity);
  const range = rangeOf(
    equity.map(({ value }) => value),
    0.13,
  );
  const place = (sample: Sample): [number, number] => [
    fractionIn(time, sample.tsSec) * BOX_WIDTH,
    EQUITY_TOP + (1 - fractionIn(range, sample.value)) * EQUITY_HEIGHT,
  ];
  const mark = (sample: Sample, text: string): Mark => markAt(place(sample), sample.tsSec, text);
  const high = extreme(equity, (a, b) => a > b);
  const low = extreme(equity, (a, b) => a < b);
  const isFlat = high.value === low.value;
  const line = pathOf(equity.map(place));
  const ticks = ticksOf(range, 5);
  return {
    equityPath: line,
    equityArea: closed(line, place(equity[0]!)[0], place(equity.at(-1)!)[0], EQUITY_TOP + EQUITY_HEIGHT),
    equityTicks: ticks.map((value) => ({
      at: place({ tsSec: 0, value })[1],
      label: equityLabel(value, range, ticks),
    })),
    startY: place(equity[0]!)[1],
    end: mark(equity.at(-1)!, usd(last.equityUsd)),
    highest: isFlat ? null : mark(high, `highest ${usd(high.value)}`),
    lowest: isFlat ? null : mark(low, `lowest ${usd(low.value)}`),
    ...drawdownView(equity, drawdown, time),
    timeTicks: timeTicks(time.low, time.high, MOST_TIME_TICKS).map(({ tsSec, label }) => ({
      at: rounded(fractionIn(time, tsSec) * 100),
      label,
    })),
  };
}

type DrawdownView = Pick<
  CurveView,
  'drawdownTop' | 'drawdownUnit' | 'drawdownArea' | 'drawdownPath' | 'drawdownTicks' | 'deepest'
>;

function drawdownView(equity: readonly Sample[], drawdown: Drawdown, time: Range): DrawdownView {
  // Peaks only rise, so a first one above zero means that all are.
  const isShare = (equity[0]?.value ?? 0) > 0;
  const [depth, depthSec] = isShare
    ? [drawdown.maxFraction ?? 0, drawdown.maxFractionSec]
    : [drawdown.maxUsd, drawdown.maxUsdSec];
  const worst = depthSec === null ? null : { tsSec: depthSec, value: -depth };
  const falls = withSample(fallsOf(equity, isShare), worst);
  const range = { low: Math.min(...falls.map(({ value }) => value)) * 1.28, high: 0 };
  if (range.low === 0 || !Number.isFinite(range.low)) range.low = -Math.max(depth, 1e-6);
  const place = (sample: Sample): [number, number] => [
    fractionIn(time, sample.tsSec) * BOX_WIDTH,
    DRAWDOWN_TOP + (1 - fractionIn(range, sample.value)) * DRAWDOWN_HEIGHT,
  ];
  const line = pathOf(falls.map(place));
  const ticks = worst === null ? [0] : ticksOf(range, 4);
  const digits = decimalsOf(ticks.map((value) => value * 100));
  return {
    drawdownTop: DRAWDOWN_TOP,
    drawdownUnit: isShare ? 'percent of the peak' : 'USD',
    drawdownPath: line,
    drawdownArea: closed(line, place(falls[0]!)[0], place(falls.at(-1)!)[0], DRAWDOWN_TOP),
    drawdownTicks: ticks.map((value) => ({
      at: place({ tsSec: 0, value })[1],
      label: isShare ? percent(value, digits) : shortUsd(value),
    })),
    deepest:
      worst === null
        ? null
        : markAt(place(worst), worst.tsSec, `deepest ${isShare ? percent(-depth, 2) : signedUsd(-depth)}`),
  };
}

/** How far each sample lies below the highest before it: zero or negative. */
function fallsOf(equity: readonly Sample[], isShare: boolean): Sample[] {
  let peak = -Infinity;
  return equity.map(({ tsSec, value }) => {
    peak = Math.max(peak, value);
    const fall = Math.max(-Number.MAX_VALUE, isShare ? value / peak - 1 : value - peak);
    return { tsSec, value: Math.min(0, fall) };
  });
}

/** The curve is thinned: its deepest point may have gone, and is put back in its place. */
function withSample(samples: readonly Sample[], added: Sample | null): Sample[] {
  if (added === null) return [...samples];
  const at = samples.findIndex(({ tsSec }) => tsSec > added.tsSec);
  const place = at < 0 ? samples.length : at;
  return [...samples.slice(0, place), added, ...samples.slice(place)];
}

function timeRange(samples: readonly Sample[]): Range {
  const times = samples.map(({ tsSec }) => tsSec);
  const low = Math.min(...times);
  const high = Math.max(...times);
  return low === high ? { low: low - 60, high: high + 60 } : { low, high };
}

function markAt([x, y]: readonly [number, number], tsSec: number, text: string): Mark {
  const share = rounded((x / BOX_WIDTH) * 100);
  const anchor = share < 27 ? 'start' : share > 73 ? 'end' : 'middle';
  return { x: share, y: rounded(y), text, when: dayText(tsSec), anchor };
}

function extreme(samples: readonly Sample[], isBetter: (a: number, b: number) => boolean): Sample {
  return samples.reduce((best, sample) => (isBetter(sample.value, best.value) ? sample : best));
}

/** Wide numbers get a letter or an exponent, so that they fit beside the axis. */
function equityLabel(value: number, { low, high }: Range, ticks: readonly number[]): string {
  const largest = Math.max(Math.abs(low), Math.abs(high));
  if (largest < 0.001) return shortUsd(value).replace('+', '');
  if (largest < 1e7)
    return usd(value).replace(/\.\d+$/, (decimals) => decimals.slice(0, decimalsWanted(ticks)));
  const digits = Math.max(0, decimalsOf(ticks.map((tick) => tick / 1e6)));
  const millions = value / 1e6;
  return Math.abs(millions) >= 1e5 ? shortUsd(value).replace('+', '') : `${minus(millions.toFixed(digits))}M`;
}

/** Characters of the decimals, the point included. */
function decimalsWanted(ticks: readonly number[]): number {
  const decimals = decimalsOf(ticks);
  return decimals === 0 ? 0 : decimals + 1;
}

function minus(text: string): string {
  return text.replace('-', '\u2212');
}

function pathOf(places: readonly (readonly [number, number])[]): string {
  return places.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${rounded(x)} ${rounded(y)}`).join('');
}

function closed(line: string, fromX: number, toX: number, y: number): string {
  return `${line}L${rounded(toX)} ${y}L${rounded(fromX)} ${y}Z`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
