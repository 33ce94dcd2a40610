/** How numbers, money and times are written everywhere on the page. Null and what is no number is an en dash. */

/** Shown where something is not known; screen readers are told `NOT_KNOWN` instead. */
export const UNKNOWN = '–';
export const NOT_KNOWN = 'not known';
export const MINUS = '\u2212';

export type Zone = 'utc' | 'local';

/** `12,345.60`; with `isSigned` `+12.30` and `−4.00`, but `0.00`. */
export function decimalText(value: number | null, digits = 2, isSigned = false): string {
  if (value === null || !Number.isFinite(value)) return UNKNOWN;
  const text = grouped(Math.abs(value), digits);
  // What rounds to nothing has no sign: `-0.00` would be read as a loss.
  if (!/[1-9]/.test(text)) return text;
  if (value < 0) return MINUS + text;
  return isSigned ? `+${text}` : text;
}

/** Money without its unit, for columns that name it: cents, none from 100,000 on, where they would only be noise. */
export function usdText(value: number | null, isSigned = false, digits?: number): string {
  const shown = digits ?? (value !== null && Math.abs(value) >= 100_000 ? 0 : 2);
  return decimalText(value, shown, isSigned);
}

/** Where a column has to hold sums too: `5.43 M` from a million on. */
export function sumText(usd: number | null): string {
  if (usd === null || Math.abs(usd) < 1_000_000) return usdText(usd, false, 0);
  return `${decimalText(usd / 1_000_000, 2)}\u00a0M`;
}

/** An amount of whatever is traded: as exact as it is, without zeros that say nothing. */
export function quantityText(value: number | null): string {
  // Only behind the point: `400` is not `4`.
  return decimalText(value, 6)
    .replace(/(\.\d*?)0+$/, '$1')
    .replace(/\.$/, '');
}

/** As many digits as tell ticks this far apart from each other: 2 for 0.05, 0 for 500. */
export function digitsOfStep(step: number): number {
  return step > 0 ? Math.max(0, Math.min(8, Math.ceil(-Math.log10(step) - 1e-9))) : 0;
}

/** Of a fraction: `0.0213` is `2.13 %`. */
export function percentText(fraction: number | null, digits = 1, isSigned = false): string {
  if (fraction === null || !Number.isFinite(fraction)) return UNKNOWN;
  return `${decimalText(fraction * 100, digits, isSigned)}\u00a0%`;
}

/** `3 s`, `12 min`, `5 h`, `2 d`: whole units, rounded down, never negative. */
export function ageText(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return UNKNOWN;
  const age = Math.max(0, seconds);
  if (age < 120) return `${Math.floor(age)}\u00a0s`;
  if (age < 7200) return `${Math.floor(age / 60)}\u00a0min`;
  if (age < 172_800) return `${Math.floor(age / 3600)}\u00a0h`;
  return `${Math.floor(age / 86_400)}\u00a0d`;
}

/** The same for ears and sentences: `3 seconds`, `1 minute`. */
export function ageWords(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return NOT_KNOWN;
  const [count = '', unit = ''] = ageText(seconds).split('\u00a0');
  const word = { s: 'second', min: 'minute', h: 'hour', d: 'day' }[unit] ?? unit;
  return `${count} ${word}${count === '1' ? '' : 's'}`;
}

/** `14:03:27`. */
export function timeText(ts: number | null, zone: Zone): string {
  return momentText(ts, zone)?.slice(11, 19) ?? UNKNOWN;
}

/** `2026-11-21 14:03:27`. */
export function dateTimeText(ts: number | null, zone: Zone): string {
  return momentText(ts, zone)?.slice(0, 19) ?? UNKNOWN;
}

/** `14:03:27` of the same day as `now`, else with its date: `11-21 14:03:27`. */
export function shortTimeText(ts: number | null, now: number, zone: Zone): string {
  const moment = momentText(ts, zone);
  if (moment === null) return UNKNOWN;
  return moment.slice(0, 10) === momentText(now, zone)?.slice(0, 10)
    ? moment.slice(11, 19)
    : moment.slice(5, 19);
}

/** `2026-11-21 14:03:27 UTC`, or in local time with its distance from UTC: `2026-11-21 15:03:27 UTC+1`. */
export function fullTimeText(ts: number | null, zone: Zone): string {
  if (momentText(ts, zone) === null || ts === null) return UNKNOWN;
  return `${dateTimeText(ts, zone)} ${zoneName(ts, zone)}`;
}

/** `UTC`, or how far local time is from it at that moment: `UTC+1`, `UTC−3:30`. */
export function zoneName(ts: number, zone: Zone): string {
  if (zone === 'utc') return 'UTC';
  const minutes = -new Date(ts * 1000).getTimezoneOffset();
  const hours = Math.floor(Math.abs(minutes) / 60);
  const rest = Math.abs(minutes) % 60;
  const offset = `${hours}${rest === 0 ? '' : `:${String(rest).padStart(2, '0')}`}`;
  return `UTC${minutes < 0 ? MINUS : '+'}${offset}`;
}

/** `1 symbol`, `12 symbols`. */
export function countText(count: number, one: string, many = `${one}s`): string {
  return `${decimalText(count, 0)} ${count === 1 ? one : many}`;
}

/** What a program said, as a sentence: with a capital and a full stop. */
export function sentenceText(text: string): string {
  const trimmed = text.trim();
  return capitalText(/[.!?”]$/.test(trimmed) ? trimmed : `${trimmed}.`);
}

export function capitalText(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** From 0001 to 9998: beyond, a year has more digits, and the zone might lead out of what a calendar holds. */
const FIRST_TS = -62_104_060_800;
const LAST_TS = 253_339_228_800;

/** `2026-11-21 14:03:27.000` in that zone; null for what is no moment. */
function momentText(ts: number | null, zone: Zone): string | null {
  if (ts === null || !(ts > FIRST_TS && ts < LAST_TS)) return null;
  const utc = new Date(ts * 1000);
  const shown = zone === 'utc' ? utc : new Date(utc.getTime() - utc.getTimezoneOffset() * 60_000);
  return shown.toISOString().replace('T', ' ');
}

const FORMATS = new Map<number, Intl.NumberFormat>();

/** Making a format costs far more than using it. */
function grouped(value: number, digits: number): string {
  let format = FORMATS.get(digits);
  if (format === undefined) {
    format = new Intl.NumberFormat('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
    FORMATS.set(digits, format);
  }
  return format.format(value);
}
