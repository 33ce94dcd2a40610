/**
 * The ways exports write a time: epoch numbers in s, ms, µs or ns, ISO 8601, day or month first, month names, the
 * time before the date, 12-hour clocks. A date that reads both ways (06/01/2025) is refused unless the order is known.
 */
import { fixedOffsetMin, timeZone, type LocalTime, type TimeZone } from './time-zone.ts';

/** Which comes first in 06/01/2025. */
export type DateOrder = 'day_first' | 'month_first';

export type ParsedTime =
  { readonly ok: true; readonly ms: number } | { readonly ok: false; readonly problem: string };

const CLOCK = String.raw`(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?`;
const ZONE = String.raw`\s*(Z|UTC|GMT|(?:UTC|GMT)?[+\-]\d{1,2}(?::?\d{2})?)?`;
const GAP = String.raw`(?:T|[\s,;]+(?:-\s+)?)`;
const AFTER = `(?:${GAP}${CLOCK}${ZONE})?`;
const YEAR_FIRST = new RegExp(String.raw`^(\d{4})([-/.])(\d{1,2})\2(\d{1,2})${AFTER}$`);
/** Two digits and hyphens: year first, as Binance writes it. */
const SHORT_YEAR = new RegExp(String.raw`^(\d{2})-(\d{2})-(\d{2})${AFTER}$`);
const YEAR_LAST = new RegExp(String.raw`^(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})${AFTER}$`);
const MONTH_NAME = new RegExp(String.raw`^(\d{1,2})[-/ ]([A-Za-z]{3,9})[-/ ,]+(\d{4})${AFTER}$`);
const NAME_FIRST = new RegExp(String.raw`^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})${AFTER}$`);
const CLOCK_FIRST = new RegExp(String.raw`^${CLOCK}\s+(\d{4})-(\d{2})-(\d{2})$`);
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MIN_MS = Date.UTC(2000, 0, 1);
const MAX_MS = Date.UTC(2100, 0, 1);

/** Epoch milliseconds within 2000 to 2100, or what is wrong. `zone` holds for times that name none themselves. */
export function parseTime(text: string, zone: TimeZone, order: DateOrder | null): ParsedTime {
  const trimmed = text.trim();
  if (trimmed === '') return problem('is empty');
  const epoch = epochMs(trimmed);
  if (epoch !== null) return inRange(epoch, trimmed);
  if (/^\d(?:\.\d+)?E\+?\d+$/i.test(trimmed))
    return problem(
      `"${trimmed}" was rounded by a spreadsheet: name the column with the full time by --columns time=NAME`,
    );
  const parts = dateParts(trimmed, order);
  if (parts === null)
    return problem(`"${trimmed}" is no time that is known here: use ISO 8601 or epoch milliseconds`);
  if (parts === 'ambiguous')
    return problem(
      `"${trimmed}" may be day or month first, and no row tells: give --columns date-order=day_first or month_first`,
    );
  const ms = (parts.zone === undefined ? zone : timeZone(parts.zone)).epochMs(parts.local);
  return ms === null ? problem(`"${trimmed}" is no date of the calendar`) : inRange(ms, trimmed);
}

/** What one value says about the order of day and month in its column; null for nothing. */
export function dateOrderOf(text: string): DateOrder | null {
  const match = YEAR_LAST.exec(text.trim());
  if (match === null) return null;
  if (Number(match[1]) > 12) return 'day_first';
  return Number(match[3]) > 12 ? 'month_first' : null;
}

/** Whether a value needs the order of day and month to be read. */
export function needsDateOrder(text: string): boolean {
  return YEAR_LAST.test(text.trim());
}

/** By magnitude: seconds below 1e11, then ms, µs and ns, each a thousand times more. */
function epochMs(text: string): number | null {
  if (!/^\d{9,20}(?:\.\d+)?$/.test(text)) return null;
  const value = Number(text);
  if (value < 1e11) return Math.round(value * 1e6) / 1e3;
  if (value < 1e14) return value;
  return value < 1e17 ? Math.floor(value / 1e3) : Math.floor(value / 1e6);
}

interface DateParts {
  readonly local: LocalTime;
  readonly zone: string | undefined;
}

function dateParts(text: string, order: DateOrder | null): DateParts | 'ambiguous' | null {
  let match = YEAR_FIRST.exec(text);
  if (match !== null) return parts(match[1], match[3], match[4], match.slice(5));
  match = SHORT_YEAR.exec(text);
  if (match !== null) return parts(`20${match[1]}`, match[2], match[3], match.slice(4));
  match = YEAR_LAST.exec(text);
  if (match !== null) {
    const year = match[4]?.length === 2 ? `20${match[4]}` : match[4];
    // Where nothing tells, hyphens and dots are European; a slash may be either.
    const known = dateOrderOf(text) ?? order ?? (match[2] === '/' ? null : 'day_first');
    if (known === null && match[1] !== match[3]) return 'ambiguous';
    return known === 'month_first'
      ? parts(year, match[1], match[3], match.slice(5))
      : parts(year, match[3], match[1], match.slice(5));
  }
  match = MONTH_NAME.exec(text);
  if (match !== null) return parts(match[3], monthOf(match[2]), match[1], match.slice(4));
  match = NAME_FIRST.exec(text);
  if (match !== null) return parts(match[3], monthOf(match[1]), match[2], match.slice(4));
  match = CLOCK_FIRST.exec(text);
  if (match !== null) return parts(match[6], match[7], match[8], match.slice(1, 6));
  return null;
}

type Clock = readonly (string | undefined)[];

function parts(
  year: string | undefined,
  month: string | undefined,
  day: string | undefined,
  [hour, minute, second, fraction, half, zone]: Clock,
): DateParts | null {
  let hours = Number(hour ?? 0);
  if (half !== undefined) {
    if (hours < 1 || hours > 12) return null;
    hours = (hours % 12) + (/^p/i.test(half) ? 12 : 0);
  }
  if (zone !== undefined && fixedOffsetMin(zone) === null) return null;
  const ms = fraction === undefined ? 0 : Math.floor(Number(`0.${fraction}`) * 1000 + 1e-6);
  return {
    local: {
      year: Number(year),
      month: Number(month),
      day: Number(day),
      hour: hours,
      minute: Number(minute ?? 0),
      second: Number(second ?? 0),
      ms,
    },
    zone,
  };
}

function monthOf(name: string | undefined): string {
  return String(MONTHS.indexOf((name ?? '').slice(0, 3).toLowerCase()) + 1);
}

function inRange(ms: number, text: string): ParsedTime {
  return ms >= MIN_MS && ms < MAX_MS
    ? { ok: true, ms }
    : problem(`"${text}" is not within the years 2000 to 2100`);
}

function problem(text: string): ParsedTime {
  return { ok: false, problem: text };
}
