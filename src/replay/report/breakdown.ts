/** Profit of the whole period by one dimension or two crossed, from a ledger. Cells add up to the total exactly. */
import type { Names } from '../../core/names.ts';
import {
  emptyTally,
  LABEL_DIMENSIONS,
  saturatingAdd,
  type LabelDimension,
  type PeriodLedger,
  type Tally,
} from './ledger.ts';

export const TIME_DIMENSIONS = ['hour', 'hour_bucket', 'weekday'] as const;
export type TimeDimension = (typeof TIME_DIMENSIONS)[number];
export type Dimension = LabelDimension | TimeDimension;
export const DIMENSIONS: readonly Dimension[] = [
  'symbol',
  'bot',
  'signal',
  'regime',
  'cluster',
  'hour',
  'hour_bucket',
  'weekday',
  'exit_reason',
  'side',
];

/** One dimension, or two different ones to be crossed. */
export type By = readonly [Dimension] | readonly [Dimension, Dimension];

/** The two name tables whose numbers a ledger holds. */
export interface LedgerNames {
  readonly symbols: Names;
  readonly labels: Names;
}

export interface BreakdownRow {
  /** One name for each dimension asked; empty in the total. */
  readonly names: readonly string[];
  readonly count: number;
  readonly wins: number;
  readonly losses: number;
  readonly profitUsd: number;
  /** The integer that `profitUsd` was divided from; adds up over rows to the total's without rounding. */
  readonly profitMicroUsd: number;
  /** 0 to 1, of all executions; one with no profit is neither win nor loss. */
  readonly winRate: number;
  /** Null without a win. */
  readonly averageWinUsd: number | null;
  /** Zero or negative; null without a loss. */
  readonly averageLossUsd: number | null;
  /** Gross win over gross loss; null when nothing was lost. */
  readonly profitFactor: number | null;
  readonly expectancyUsd: number;
  /** Profit over the total's profit, below 0 or above 1 where cells have different signs; null when the total is 0. */
  readonly shareOfTotal: number | null;
}

export interface Breakdown {
  readonly by: By;
  readonly rows: readonly BreakdownRow[];
  readonly total: BreakdownRow;
  /** False past 9e9 USD of wins or losses, where integers no longer suffice and cells add up only nearly. */
  readonly exact: boolean;
}

/** Rows by profit, highest first, then by name; by hours and weekdays alone in their natural order. */
export function breakdown(ledger: PeriodLedger, by: By, names: LedgerNames): Breakdown {
  const cells = new Map<number, Map<number, Tally>>();
  const total = emptyTally();
  eachCell(ledger, by, (first, second, tally) => {
    let row = cells.get(first);
    if (row === undefined) cells.set(first, (row = new Map<number, Tally>()));
    let cell = row.get(second);
    if (cell === undefined) row.set(second, (cell = emptyTally()));
    addTally(cell, tally);
    addTally(total, tally);
  });
  const totalMicroUsd = profitOf(total);
  const entries: Entry[] = [];
  for (const [first, row] of cells) {
    for (const [second, cell] of row) {
      const ids = by.length === 1 ? [first] : [first, second];
      const labels = ids.map((id, index) => nameOf(by[index] ?? by[0], id, names));
      entries.push({ ids, row: toRow(labels, cell, totalMicroUsd) });
    }
  }
  const natural = by.map(isTime);
  entries.sort((a, b) => (natural.every(Boolean) ? 0 : byProfit(a, b)) || byName(a, b, natural));
  return {
    by,
    rows: entries.map((entry) => entry.row),
    total: toRow([], total, totalMicroUsd),
    exact: ledger.exact,
  };
}

/** What `--by` says: `signal`, `signal,symbol`. Throws `RangeError` naming what is allowed. */
export function parseBy(text: string): By {
  const [first, second, ...rest] = text.split(',').map((part) => parseDimension(part, text));
  if (first === undefined || rest.length > 0) {
    throw new RangeError(
      `--by ${JSON.stringify(text)}: one dimension or two, not ${rest.length + 2}; ${allowed()}`,
    );
  }
  if (second === undefined) return [first];
  if (second === first) throw new RangeError(`--by ${JSON.stringify(text)}: names ${first} twice`);
  return [first, second];
}

function parseDimension(part: string, text: string): Dimension {
  const name = part.trim().toLowerCase().replaceAll('-', '_');
  const found = DIMENSIONS.find((dimension) => dimension === name);
  if (found !== undefined) return found;
  const wrong = name === '' ? 'names nothing' : `${JSON.stringify(part.trim())} is no dimension`;
  throw new RangeError(`--by ${JSON.stringify(text)}: ${wrong}; ${allowed()}`);
}

function allowed(): string {
  return `allowed are ${DIMENSIONS.join(', ')}, one or two of them joined by a comma`;
}

interface Entry {
  readonly ids: readonly number[];
  readonly row: BreakdownRow;
}

function eachCell(
  ledger: PeriodLedger,
  by: By,
  visit: (first: number, second: number, tally: Readonly<Tally>) => void,
): void {
  const [first, second = first] = by;
  const times = [first, second].filter(isTime);
  if (isTime(first) && isTime(second)) {
    ledger.eachHourOfWeek((weekday, hour, tally) => {
      visit(timeSlot(first, weekday, hour), timeSlot(second, weekday, hour), tally);
    });
    return;
  }
  const idOf = (dimension: Dimension, combination: number, slot: number): number =>
    isTime(dimension) ? timeSlot(dimension, slot, slot) : ledger.label(combination, dimension);
  const take = (combination: number, slot: number, tally: Readonly<Tally>): void =>
    visit(idOf(first, combination, slot), idOf(second, combination, slot), tally);
  if (times.includes('hour') || times.includes('hour_bucket')) ledger.eachHour(take);
  else ledger.eachWeekday(take);
}

function timeSlot(dimension: TimeDimension, weekday: number, hour: number): number {
  if (dimension === 'weekday') return weekday;
  return dimension === 'hour' ? hour : Math.floor(hour / 6);
}

const WEEKDAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];
const BUCKET_NAMES = ['00-06', '06-12', '12-18', '18-24'];

function nameOf(dimension: Dimension, id: number, names: LedgerNames): string {
  if (dimension === 'symbol') return names.symbols.name(id);
  if (dimension === 'hour') return String(id).padStart(2, '0');
  if (dimension === 'hour_bucket') return BUCKET_NAMES[id] ?? '';
  if (dimension === 'weekday') return WEEKDAY_NAMES[id] ?? '';
  return names.labels.name(id);
}

function isTime(dimension: Dimension): dimension is TimeDimension {
  return !LABEL_DIMENSIONS.some((label) => label === dimension);
}

function addTally(into: Tally, tally: Readonly<Tally>): void {
  into.count += tally.count;
  into.wins += tally.wins;
  into.losses += tally.losses;
  into.winMicroUsd = saturatingAdd(into.winMicroUsd, tally.winMicroUsd);
  into.lossMicroUsd = saturatingAdd(into.lossMicroUsd, tally.lossMicroUsd);
}

function profitOf(tally: Readonly<Tally>): number {
  return tally.winMicroUsd + tally.lossMicroUsd;
}

function toRow(names: readonly string[], tally: Readonly<Tally>, totalMicroUsd: number): BreakdownRow {
  const profitMicroUsd = profitOf(tally);
  const { count, wins, losses, winMicroUsd, lossMicroUsd } = tally;
  return {
    names,
    count,
    wins,
    losses,
    profitUsd: profitMicroUsd / 1e6,
    profitMicroUsd,
    winRate: count === 0 ? 0 : wins / count,
    averageWinUsd: wins === 0 ? null : winMicroUsd / 1e6 / wins,
    averageLossUsd: losses === 0 ? null : lossMicroUsd / 1e6 / losses,
    profitFactor: lossMicroUsd === 0 ? null : finite(winMicroUsd / -lossMicroUsd),
    expectancyUsd: count === 0 ? 0 : profitMicroUsd / 1e6 / count,
    shareOfTotal: totalMicroUsd === 0 ? null : finite(profitMicroUsd / totalMicroUsd),
  };
}

function finite(ratio: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, ratio));
}

function byProfit(a: Entry, b: Entry): number {
  if (a.row.profitMicroUsd === b.row.profitMicroUsd) return 0;
  return a.row.profitMicroUsd > b.row.profitMicroUsd ? -1 : 1;
}

/** Code units for names; hours and weekdays (`natural`) by their number. */
function byName(a: Entry, b: Entry, natural: readonly boolean[]): number {
  for (const [index, isNatural] of natural.entries()) {
    const order = isNatural
      ? (a.ids[index] ?? 0) - (b.ids[index] ?? 0)
      : compare(a.row.names[index] ?? '', b.row.names[index] ?? '');
    if (order !== 0) return order;
  }
  return 0;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
