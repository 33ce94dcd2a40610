/** Numbers as a page shows them: grouped, with a true minus, an en dash where nothing is known, never `-0` or `NaN`. */

export const UNKNOWN_TEXT = '–';
const MINUS = '\u2212';
/** From here on digits no longer help. */
const HUGE = 1e15;

/** `1,234.50`; below a cent as many decimals as show it. */
export function usd(value: number | null | undefined): string {
  return isKnown(value) ? negated(value, usdSize(Math.abs(value))) : UNKNOWN_TEXT;
}

/** The same with a plus: `+1,234.50`. */
export function signedUsd(value: number | null | undefined): string {
  const text = usd(value);
  return isKnown(value) && value > 0 ? `+${text}` : text;
}

/** A few characters: `+1.2k`, `−340`, `0.05`. */
export function shortUsd(value: number): string {
  const size = Math.abs(value);
  const text = shortSize(size);
  return value > 0 && !/^[0.]+$/.test(text) ? `+${text}` : negated(value, text);
}

/** A fraction as percent: 0.123 is `12.3%`. */
export function percent(fraction: number | null | undefined, digits = 1): string {
  if (!isKnown(fraction)) return UNKNOWN_TEXT;
  const size = Math.abs(fraction) * 100;
  if (!Number.isFinite(size)) return UNKNOWN_TEXT;
  return `${negated(fraction, size >= 1e7 ? exponential(size, 1) : group(size.toFixed(digits)))}%`;
}

/** A plain number with so many decimals. */
export function fixed(value: number | null | undefined, digits: number): string {
  if (!isKnown(value)) return UNKNOWN_TEXT;
  const size = Math.abs(value);
  return negated(value, size >= 1e9 ? exponential(size, 2) : group(size.toFixed(digits)));
}

/** A plain number with a plus or minus. */
export function signedFixed(value: number | null | undefined, digits: number): string {
  const text = fixed(value, digits);
  return isKnown(value) && value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
}

/** A whole number. */
export function count(value: number): string {
  return group(String(value));
}

/** `1 symbol`, `2 symbols`. */
export function counted(value: number, what: string, plural = `${what}s`): string {
  return `${count(value)} ${value === 1 ? what : plural}`;
}

/** `2021-03-04 05:06` of Unix seconds, UTC. */
export function minuteText(tsSec: number | null): string {
  return isKnown(tsSec) && tsSec > 0
    ? new Date(tsSec * 1000).toISOString().slice(0, 16).replace('T', ' ')
    : UNKNOWN_TEXT;
}

/** `2021-03-04`. */
export function dayText(tsSec: number | null): string {
  return minuteText(tsSec).slice(0, 10);
}

function isKnown(value: number | null | undefined): value is number {
  return value !== null && value !== undefined && Number.isFinite(value);
}

function usdSize(size: number): string {
  if (size >= HUGE) return exponential(size, 3);
  if (size === 0 || size >= 0.005) return group(size.toFixed(2));
  return size < 1e-9 ? exponential(size, 1) : size.toFixed(Math.min(1 - Math.floor(Math.log10(size)), 9));
}

const UNITS = [
  [1e12, 'T'],
  [1e9, 'B'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

function shortSize(size: number): string {
  if (size >= HUGE) return exponential(size, 1);
  // Each unit begins where the one below would show four digits.
  for (const [unit, letter] of UNITS)
    if (size >= unit * 0.9995) {
      const scaled = size / unit;
      return scaled.toFixed(scaled >= 99.95 ? 0 : 1) + letter;
    }
  if (size === 0) return '0';
  if (size >= 99.95) return size.toFixed(0);
  if (size >= 9.995) return size.toFixed(1);
  return size >= 0.005 ? size.toFixed(2) : exponential(size, 0);
}

function exponential(size: number, digits: number): string {
  return size.toExponential(digits).replace('e+', 'e').replace('e-', `e${MINUS}`);
}

/** A minus where the number is below zero and does not read as zero. */
function negated(value: number, size: string): string {
  return value < 0 && /[1-9]/.test(size) ? MINUS + size : size;
}

function group(digits: string): string {
  const [whole = '', fraction] = digits.split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}
