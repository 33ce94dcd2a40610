/** Diverging bars and shades of a heat map: how far a value goes of the largest of its table. */

/** A bar in a box 100 wide, with zero somewhere inside it. */
export interface Bar {
  readonly x: number;
  readonly width: number;
  readonly zero: number;
}

/** Where zero lies so that both the largest and the smallest value fit, on one scale: 0 to 100. */
export function zeroOf(values: readonly number[]): number {
  const high = Math.max(0, ...values);
  const low = Math.max(0, ...values.map((value) => -value));
  const size = high / 2 + low / 2;
  return size === 0 ? 0 : rounded((low / 2 / size) * 100);
}

/** The bar of one value among those of its table. A value that is not zero is always seen. */
export function barOf(value: number, values: readonly number[]): Bar {
  const zero = zeroOf(values);
  const high = Math.max(0, ...values);
  const low = Math.max(0, ...values.map((other) => -other));
  const size = high / 2 + low / 2;
  const share = size === 0 ? 0 : (Math.abs(value) / 2 / size) * 100;
  const width = value === 0 ? 0 : rounded(Math.max(0.8, Math.min(share, value > 0 ? 100 - zero : zero)));
  return { x: rounded(value < 0 ? Math.max(0, zero - width) : Math.min(zero, 100 - width)), width, zero };
}

/** Steps of colour on either side of none. */
export const SHADES = 5;

/** `g1` to `g5` for gains, `l1` to `l5` for losses, nothing for zero; by the root, so that small cells still differ. */
export function shadeOf(value: number, largest: number): string {
  if (value === 0 || !(largest > 0)) return '';
  const step = Math.ceil(Math.sqrt(Math.min(1, Math.abs(value) / largest)) * SHADES);
  return `${value > 0 ? 'g' : 'l'}${Math.max(1, Math.min(SHADES, step))}`;
}

function rounded(value: number): number {
  return Math.round(value * 100) / 100;
}
