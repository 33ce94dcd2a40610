/** The first double from which on something holds, and a rounder number just beyond it. */
import type { Unit } from './inputs.ts';

/**
 * Between a value for which it does not hold and one for which it does: the nearest double to the first for which it holds, found by
 * halves. Where it turns more than once between both, one of the turns.
 */
export function boundary(fails: number, holds: number, does: (value: number) => boolean): number {
  let low = ordinal(fails);
  let high = ordinal(holds);
  while (high - low > 1n || low - high > 1n) {
    const middle = (low + high) / 2n;
    if (does(fromOrdinal(middle))) high = middle;
    else low = middle;
  }
  return fromOrdinal(high);
}

/** A number with few digits, from `value` towards `far` and not past it: cents, whole permits, milliseconds, six digits. */
export function rounded(value: number, far: number, unit: Unit): number {
  if (!Number.isFinite(value) || value === 0) return value;
  const decimals = decimalsOf(Math.abs(value), unit);
  const scale = 10 ** Math.abs(decimals);
  const shifted = decimals >= 0 ? value * scale : value / scale;
  const whole = far > value ? Math.ceil(shifted) : Math.floor(shifted);
  const round = (decimals >= 0 ? whole / scale : whole * scale) + 0;
  const isBeyond = far > value ? round >= value && round <= far : round <= value && round >= far;
  return isBeyond ? round : value;
}

/** One step of that rounding at a value. */
export function stepAt(value: number, unit: Unit): number {
  return 10 ** -decimalsOf(Math.abs(value), unit);
}

function decimalsOf(size: number, unit: Unit): number {
  if (unit === 'permits' || unit === 'positions') return 0;
  if (unit === 'USD' && size >= 1) return 2;
  if (unit === 's') return 3;
  return size > 0 ? Math.min(300, 5 - Math.floor(Math.log10(size))) : 6;
}

const double = new Float64Array(1);
const bits = new BigInt64Array(double.buffer);

/** Doubles counted from 0, so that the one next to another is one more or less. */
function ordinal(value: number): bigint {
  double[0] = value;
  const raw = bits[0]!;
  return raw < 0n ? -(raw & 0x7fffffffffffffffn) : raw;
}

function fromOrdinal(at: bigint): number {
  bits[0] = at < 0n ? -at : at;
  return at < 0n ? -double[0]! : double[0]!;
}
