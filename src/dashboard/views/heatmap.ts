/** Profit by two dimensions as a table of coloured cells: which step of the scale each has, and what is too few to tell. */
import type { Attribution, AttributionDimension } from '../wire.ts';

/** Fewer executions than this say little: their cells are faded and marked. */
export const FEW_EXECUTIONS = 5;
/** Steps of colour on either side of zero. */
export const LEVELS = 4;

export interface HeatCell {
  readonly x: string;
  readonly y: string;
  readonly profitUsd: number;
  readonly count: number;
  /** Fraction of its executions that made a profit. */
  readonly winShare: number;
  /** −LEVELS..LEVELS; 0: neither earned nor lost. */
  readonly level: number;
  readonly isFew: boolean;
}

export interface HeatTotal {
  readonly name: string;
  readonly profitUsd: number;
  readonly count: number;
  readonly level: number;
}

export interface HeatRow extends HeatTotal {
  /** One a column; null: no execution. */
  readonly cells: readonly (HeatCell | null)[];
}

export interface Heatmap {
  readonly columns: readonly HeatTotal[];
  readonly rows: readonly HeatRow[];
  /** The largest profit or loss of a cell: where the scale ends. */
  readonly scaleUsd: number;
  readonly profitUsd: number;
  readonly executions: number;
}

export function heatmap(given: Attribution): Heatmap {
  const scaleUsd = largest(given.cells);
  const cells = new Map<string, Map<string, HeatCell>>();
  for (const cell of given.cells) {
    const row = cells.get(cell.y) ?? new Map<string, HeatCell>();
    row.set(cell.x, heatCell(cell, scaleUsd));
    cells.set(cell.y, row);
  }
  const total = totals(given.y_totals, largest(given.y_totals));
  return {
    columns: given.x_names.map(totals(given.x_totals, largest(given.x_totals))),
    rows: given.y_names.map((name) => ({
      ...total(name),
      cells: given.x_names.map((x) => cells.get(name)?.get(x) ?? null),
    })),
    scaleUsd,
    profitUsd: given.profit_usd,
    executions: given.executions,
  };
}

/** The step of a value on a scale that ends at `scaleUsd`: by the root of its share, so that one large cell does not blank the rest. */
export function heatLevel(profitUsd: number, scaleUsd: number): number {
  if (profitUsd === 0 || !(scaleUsd > 0)) return 0;
  const share = Math.min(1, Math.abs(profitUsd) / scaleUsd);
  return Math.sign(profitUsd) * Math.max(1, Math.ceil(Math.sqrt(share) * LEVELS));
}

export interface CellPlace {
  readonly row: number;
  readonly column: number;
}

/** The cell a key goes to; null: the key means nothing here. */
export function cellAfterKey(
  key: string,
  isControl: boolean,
  at: CellPlace,
  rows: number,
  columns: number,
): CellPlace | null {
  const moves = new Map<string, CellPlace>([
    ['ArrowDown', { row: at.row + 1, column: at.column }],
    ['ArrowUp', { row: at.row - 1, column: at.column }],
    ['ArrowRight', { row: at.row, column: at.column + 1 }],
    ['ArrowLeft', { row: at.row, column: at.column - 1 }],
    ['Home', { row: isControl ? 0 : at.row, column: 0 }],
    ['End', { row: isControl ? rows - 1 : at.row, column: columns - 1 }],
  ]);
  const next = moves.get(key);
  return next === undefined || rows === 0 || columns === 0
    ? null
    : { row: within(next.row, rows), column: within(next.column, columns) };
}

const DIMENSION_TITLES: Record<AttributionDimension, string> = {
  symbol: 'Symbol',
  bot: 'Bot',
  signal: 'Signal',
  regime: 'Regime',
  cluster: 'Cluster',
  hour: 'Hour (UTC)',
  hour_bucket: 'Six hours (UTC)',
  weekday: 'Weekday (UTC)',
  exit_reason: 'Exit reason',
  side: 'Side',
};

export const DIMENSIONS = Object.keys(DIMENSION_TITLES) as readonly AttributionDimension[];

export const dimensionTitle = (dimension: AttributionDimension): string => DIMENSION_TITLES[dimension];

/** A dimension by its name in an address; null: there is none. */
export function dimensionOf(name: string | null): AttributionDimension | null {
  return DIMENSIONS.find((dimension) => dimension === name) ?? null;
}

function heatCell(cell: Attribution['cells'][number], scaleUsd: number): HeatCell {
  return {
    x: cell.x,
    y: cell.y,
    profitUsd: cell.profit_usd,
    count: cell.count,
    winShare: cell.count > 0 ? cell.wins / cell.count : 0,
    level: heatLevel(cell.profit_usd, scaleUsd),
    isFew: cell.count < FEW_EXECUTIONS,
  };
}

function totals(given: Attribution['x_totals'], scaleUsd: number): (name: string) => HeatTotal {
  const byName = new Map(given.map((total) => [total.name, total]));
  return (name) => {
    const total = byName.get(name);
    const profitUsd = total?.profit_usd ?? 0;
    return { name, profitUsd, count: total?.count ?? 0, level: heatLevel(profitUsd, scaleUsd) };
  };
}

const largest = (cells: readonly { readonly profit_usd: number }[]): number =>
  cells.reduce((most, { profit_usd }) => Math.max(most, Math.abs(profit_usd)), 0);

const within = (index: number, count: number): number => Math.max(0, Math.min(count - 1, index));
