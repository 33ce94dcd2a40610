/** Times as other programs write them: Unix seconds, milliseconds (above 1e11) or ISO-8601; kept as Unix seconds with fraction. */
import { parseDecimal } from './decimal.ts';

/** 2000-01-01 and 2100-01-01, Unix seconds: outside, a time is refused. */
const EARLIEST = 946_684_800;
const LATEST = 4_102_444_800;
const MILLISECONDS_FROM = 1e11;
const ISO =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s?(Z|z|[+-]\d{2}(?::?\d{2})?)?$/;

/** Unix seconds, or null where the value is no time or outside 2000..2100. An ISO time without a zone is UTC. */
export function parseMoment(value: unknown): number | null {
  const number = parseDecimal(value);
  const seconds =
    number === null ? parseIso(value) : Math.abs(number) > MILLISECONDS_FROM ? number / 1000 : number;
  return seconds !== null && seconds >= EARLIEST && seconds <= LATEST ? seconds : null;
}

function parseIso(value: unknown): number | null {
  if (typeof value !== 'string' || value.length > 40) return null;
  const match = ISO.exec(value);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map((part) => Number(part ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return null;
  if (hour > 23 || minute > 59 || second > 59) return null;
  const offset = offsetSec(match[8]);
  if (offset === null) return null;
  const whole = daysSinceEpoch(year, month, day) * 86_400 + hour * 3600 + minute * 60 + second - offset;
  const micros = Number((match[7] ?? '').slice(0, 6).padEnd(6, '0'));
  return (whole * 1e6 + micros) / 1e6;
}

/** Seconds east of UTC of `Z`, `+05:30`, `+0530` or `+05`; null where there is no such offset. */
function offsetSec(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z' || zone === 'z') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return null;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60);
}

function daysInMonth(year: number, month: number): number {
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  return month === 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].includes(month) ? 30 : 31;
}

/** Days from 1970-01-01 in the proleptic Gregorian calendar (Hinnant, "chrono-compatible low-level date algorithms"). */
function daysSinceEpoch(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}
