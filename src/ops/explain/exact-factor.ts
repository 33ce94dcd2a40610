/**
 * The factors that take one amount to another to the last bit. One double does it nearly always; where none does, since the products of
 * neighbouring doubles can jump over a double, a second one beside 1 moves it the last bit.
 */

/** `before * f[0] * f[1] * …`, from left to right in double arithmetic, is `after`. Null: nothing times `before` is `after`. */
export function exactFactors(before: number, after: number): readonly number[] | null {
  if (Object.is(before, after)) return [1];
  if (after === 0) return [0];
  if (before === 0 || !Number.isFinite(before) || !Number.isFinite(after)) return null;
  const near = after / before;
  // A factor so small or so large that it has lost digits, or is none: half of the way first.
  if (!(Math.abs(near) >= SMALLEST && Math.abs(near) <= LARGEST)) return byHalves(before, after);
  const single = neighbours(near).find((factor) => before * factor === after);
  if (single !== undefined) return [single];
  for (const factor of neighbours(near)) {
    const product = before * factor;
    const last = BESIDE_ONE.find((one) => product * one === after);
    if (last !== undefined) return [factor, last];
  }
  // At the end of the range, where the product next to it is infinite: not straight there.
  for (const share of DETOURS) {
    const middle = before * (near * share);
    const last = neighbours(after / middle).find((factor) => middle * factor === after);
    if (last !== undefined) return [near * share, last];
  }
  return null;
}

const SMALLEST = 2 ** -500;
const LARGEST = 2 ** 500;
const BESIDE_ONE: readonly number[] = [1 - 2 ** -53, 1 + 2 ** -52, 1 - 2 ** -52, 1 + 2 ** -51];
const DETOURS: readonly number[] = [0.75, 0.6, 0.9, 0.55, 0.8, 0.7];

/** Through the power of two between both, which multiplies without rounding as long as the product is a normal number. */
function byHalves(before: number, after: number): readonly number[] | null {
  const middle = 2 ** Math.round((Math.log2(Math.abs(before)) + Math.log2(Math.abs(after))) / 2);
  if (middle === Math.abs(before) || middle === Math.abs(after)) return null;
  const first = exactFactors(before, middle * Math.sign(before));
  const second = exactFactors(middle * Math.sign(before), after);
  return first === null || second === null ? null : [...first, ...second];
}

/** A double and those around it, nearest first. */
function neighbours(value: number): number[] {
  const found = [value];
  let [up, down] = [value, value];
  for (let i = 0; i < 3; i++) {
    up = next(up, 1n);
    down = next(down, -1n);
    found.push(up, down);
  }
  return found;
}

const bits = new BigInt64Array(1);
const double = new Float64Array(bits.buffer);

/** The double away from 0 (1n) or towards it (-1n). */
function next(value: number, step: bigint): number {
  double[0] = value;
  bits[0]! += step;
  return double[0];
}
