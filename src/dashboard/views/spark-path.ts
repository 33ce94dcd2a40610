/** The line of a sparkline as an SVG path. */

export interface SparkPath {
  readonly line: string;
  readonly endX: number;
  readonly endY: number;
  /** Where zero lies; null: outside of what is drawn. */
  readonly zeroY: number | null;
}

/** Room for the line's width and the dot at its end. */
const MARGIN = 2.5;

/** Null for fewer than two values. Values lie evenly from left to right, the least at the bottom; equal ones in the middle. */
export function sparkPath(values: readonly number[], width: number, height: number): SparkPath | null {
  if (values.length < 2) return null;
  const least = Math.min(...values);
  const most = Math.max(...values);
  const span = most - least;
  const x = (i: number): number =>
    tenth(MARGIN + (i / (values.length - 1)) * Math.max(0, width - 2 * MARGIN));
  const y = (value: number): number =>
    tenth(span === 0 ? height / 2 : height - MARGIN - ((value - least) / span) * (height - 2 * MARGIN));
  const points = values.map((value, i) => `${x(i)} ${y(value)}`);
  const hasZero = span > 0 && least <= 0 && most >= 0;
  return {
    line: `M${points.join('L')}`,
    endX: x(values.length - 1),
    endY: y(values.at(-1) ?? 0),
    zeroY: hasZero ? y(0) : null,
  };
}

function tenth(value: number): number {
  return Math.round(value * 10) / 10;
}
