/** A series as one line of blocks, lowest to highest. */

const BLOCKS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII = ['_', '.', '-', '=', '+', '*', '%', '#'];

export interface SparklineOptions {
  /** Characters at most; longer series are thinned by averaging neighbours. */
  readonly width: number;
  /** For terminals and files that cannot show blocks. */
  readonly ascii?: boolean;
}

/** Values that are not finite are left out; a flat series is drawn at half height. Empty for no values or no width. */
export function sparkline(values: readonly number[], { width, ascii = false }: SparklineOptions): string {
  const marks = ascii ? ASCII : BLOCKS;
  const points = thin(values.filter(Number.isFinite), Math.floor(width));
  const low = points.reduce((a, b) => Math.min(a, b), Infinity);
  const high = points.reduce((a, b) => Math.max(a, b), -Infinity);
  return points.map((value) => marks[level(value, low, high, marks.length)] ?? '').join('');
}

function level(value: number, low: number, high: number, levels: number): number {
  // Halved, since the distance of two finite numbers may be infinite.
  const range = high / 2 - low / 2;
  if (range <= 0) return Math.floor(levels / 2);
  return Math.min(levels - 1, Math.floor(((value / 2 - low / 2) / range) * levels));
}

function thin(values: readonly number[], width: number): number[] {
  if (!(width > 0)) return [];
  if (values.length <= width) return [...values];
  return Array.from({ length: width }, (_, index) => {
    const from = Math.floor((index * values.length) / width);
    const part = values.slice(from, Math.floor(((index + 1) * values.length) / width));
    return part.reduce((sum, value) => sum + value / part.length, 0);
  });
}
