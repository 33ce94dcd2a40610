/** Arithmetic that is the same on every machine, and the few number helpers the formulas share. */

export function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}

export function clamp01(value: number): number {
  return value < 0 ? 0 : value > 1 ? 1 : value;
}

/** Keeps a sum finite: beyond the range of a double it stays at the largest one, so that no Infinity or NaN leaves the core. */
export function saturate(value: number): number {
  if (value > Number.MAX_VALUE) return Number.MAX_VALUE;
  if (value < -Number.MAX_VALUE) return -Number.MAX_VALUE;
  return value;
}

/** USD as whole micro-USD, for comparisons and sums that must not depend on float noise. Exact to 9e9 USD. */
export function microUsd(usd: number): number {
  return Math.round(usd * 1e6);
}

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = 1.4426950408889634;

/**
 * e to the power x, within one unit in the last place. Our own, since the last bit of `Math.exp` may differ
 * between machines and engines while `+ − × ÷` may not: decisions have to be the same bytes everywhere.
 * Reduction x = k·ln 2 + r with ln 2 in two parts (Cody and Waite 1980), |r| ≤ 0.35, then the Taylor series to r^13 (error below 4e-18).
 */
export function exp(x: number): number {
  if (x > 709.782712893384) return Infinity;
  if (x < -745.1332191019412) return 0;
  const k = Math.round(x * INVERSE_LN2);
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  let sum = 1 / 6227020800;
  sum = sum * r + 1 / 479001600;
  sum = sum * r + 1 / 39916800;
  sum = sum * r + 1 / 3628800;
  sum = sum * r + 1 / 362880;
  sum = sum * r + 1 / 40320;
  sum = sum * r + 1 / 5040;
  sum = sum * r + 1 / 720;
  sum = sum * r + 1 / 120;
  sum = sum * r + 1 / 24;
  sum = sum * r + 1 / 6;
  sum = sum * r + 0.5;
  return scaleByPowerOfTwo(1 + (r + r * r * sum), k);
}

/** value · 2^k for −1075 ≤ k ≤ 1024, rounded once at most (where the result is subnormal). */
function scaleByPowerOfTwo(value: number, k: number): number {
  if (k > 1023) return value * POWERS[1023]! * POWERS[k - 1023]!;
  if (k >= 0) return value * POWERS[k]!;
  if (k >= -1022) return value / POWERS[-k]!;
  return value / POWERS[1022]! / POWERS[-k - 1022]!;
}

/** 2^0 … 2^1023. */
const POWERS = (() => {
  const powers = new Float64Array(1024);
  powers[0] = 1;
  for (let k = 1; k < 1024; k++) powers[k] = powers[k - 1]! * 2;
  return powers;
})();
