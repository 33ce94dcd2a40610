/** Places on an axis: a range that holds all values, round ticks in it, and where a value lies, as a fraction. */

export interface Range {
  readonly low: number;
  readonly high: number;
}

/** The range of some values, widened by a share at both ends; one value alone gets room around it. */
export function rangeOf(values: readonly number[], margin = 0): Range {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) return { low: 0, high: 1 };
  const size = high - low;
  // Halves: the difference of two finite numbers may not be one.
  const room = size === 0 ? Math.max(Math.abs(low) * 0.01, 1e-6) : Math.min(size, Number.MAX_VALUE) * margin;
  return { low: bounded(low - room), high: bounded(high + room) };
}

/** 0 at the low end, 1 at the high end; what lies outside is put at the end. */
export function fractionIn({ low, high }: Range, value: number): number {
  const size = high / 2 - low / 2;
  return size > 0 ? Math.max(0, Math.min(1, (value / 2 - low / 2) / size)) : 0.5;
}

/** Round numbers inside a range, about as many as wanted: multiples of 1, 2 or 5 times a power of ten. */
export function ticksOf({ low, high }: Range, wanted: number): number[] {
  const size = high - low;
  if (!(size > 0) || !Number.isFinite(size)) return size > 0 ? [0] : [low];
  const step = roundStep(size / wanted);
  // Steps that doubles cannot count: the numbers are large and lie next to each other.
  if (!(step > 0) || !(Math.max(Math.abs(low), Math.abs(high)) / step < 1e12)) return [low];
  const ticks: number[] = [];
  const first = Math.ceil(low / step - 1e-9);
  // The sum may be infinite at the end of what doubles hold: no tick is.
  const last = Math.min(high + step * 1e-9, Number.MAX_VALUE);
  for (let index = first; index * step <= last && ticks.length < 2 * wanted; index++)
    ticks.push(exact(index, step));
  return ticks;
}

/** Decimals that tell these ticks apart. */
export function decimalsOf(ticks: readonly number[]): number {
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : Math.abs(ticks[0] ?? 1);
  return step > 0 ? Math.max(0, Math.min(9, -Math.floor(Math.log10(step) + 1e-9))) : 0;
}

function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const leading = rough / power;
  return (leading <= 1 ? 1 : leading <= 2 ? 2 : leading <= 5 ? 5 : 10) * power;
}

/** `index` steps, without the last digits that multiplying adds (0.30000000000000004), never minus zero. */
function exact(index: number, step: number): number {
  return index === 0 ? 0 : Number((index * step).toPrecision(12));
}

function bounded(value: number): number {
  return Math.max(-Number.MAX_VALUE, Math.min(Number.MAX_VALUE, value));
}
