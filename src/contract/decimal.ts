/**
 * Numbers as other programs write them: plain decimals only. `Number('')` is 0 and `Number('0x10')` is 16, so text is
 * checked before it is converted.
 */
const DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
/** No number anyone means has more characters. */
const MAX_LENGTH = 64;

/** The number in a field, or null where it is none: not text of a plain decimal (an exponent may follow), not finite. */
export function parseDecimal(value: unknown): number | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value !== 'string' || value.length > MAX_LENGTH || !DECIMAL.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number + 0 : null;
}

/** The shortest decimal that reads back to the same double, as every number is written. */
export function formatDecimal(value: number): string {
  return String(value + 0);
}
