/**
 * Local times to epoch milliseconds: a fixed offset (`+05:30`, `UTC-5`, `Z`) or an IANA zone name, daylight saving included.
 * A local time that the clock skipped counts from the offset before the change; one it showed twice is the first.
 */
import { InputError } from './format.ts';

/** A wall-clock time; `month` from 1, `ms` may have a fraction. */
export interface LocalTime {
  readonly year: number;
  readonly month: number;
  readonly day: number;
  readonly hour: number;
  readonly minute: number;
  readonly second: number;
  readonly ms: number;
}

export interface TimeZone {
  readonly name: string;
  /** Epoch milliseconds of a wall-clock time in this zone; null where there is no such date (31 February). */
  epochMs(local: LocalTime): number | null;
}

/** Throws `InputError` for a name that is neither an offset nor a zone this system knows. */
export function timeZone(name: string): TimeZone {
  const offset = fixedOffsetMin(name);
  if (offset !== null) {
    return {
      name,
      epochMs: (local) => {
        const wall = wallMs(local);
        return wall === null ? null : wall - offset * 60_000;
      },
    };
  }
  return ianaZone(name);
}

/** Minutes east of UTC of `Z`, `UTC`, `+05:30`, `-0500`, `UTC+8`, `GMT-03:30`; null for anything else. */
export function fixedOffsetMin(text: string): number | null {
  const trimmed = text.trim();
  if (/^(?:Z|UTC|GMT)$/i.test(trimmed)) return 0;
  const match = /^(?:UTC|GMT)?\s*([+\-−])\s*(\d{1,2})(?::?(\d{2}))?$/i.exec(trimmed);
  if (match === null) return null;
  const hours = Number(match[2]);
  const minutes = Number(match[3] ?? 0);
  if (hours > 14 || minutes > 59) return null;
  return (match[1] === '+' ? 1 : -1) * (hours * 60 + minutes);
}

function ianaZone(name: string): TimeZone {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      era: 'short',
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new InputError(
      `time zone "${name}" is not known: give an IANA name (Europe/Berlin) or an offset (+05:30)`,
    );
  }
  const offsetAt = offsetReader(format);
  return {
    name,
    epochMs: (local) => {
      const wall = wallMs(local);
      if (wall === null) return null;
      // The offsets a day to either side are the only two that can hold around one change.
      const before = offsetAt(wall - 86_400_000);
      const after = offsetAt(wall + 86_400_000);
      const first = wall - before;
      if (before === after || offsetAt(first) === before) return first;
      const second = wall - after;
      return offsetAt(second) === after ? second : first;
    },
  };
}

/** Offsets change on quarter hours at the finest, and asking Intl is slow: one question a quarter hour. */
function offsetReader(format: Intl.DateTimeFormat): (epochMs: number) => number {
  const known = new Map<number, number>();
  return (epochMs) => {
    const quarter = Math.floor(epochMs / 900_000);
    let offset = known.get(quarter);
    if (offset === undefined) {
      const at = quarter * 900_000;
      const part = new Map(format.formatToParts(at).map((each) => [each.type, Number(each.value)]));
      const get = (type: Intl.DateTimeFormatPartTypes): number => part.get(type) ?? Number.NaN;
      offset =
        Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second')) - at;
      known.set(quarter, offset);
    }
    return offset;
  };
}

/** The wall clock read as if it were UTC. */
function wallMs(local: LocalTime): number | null {
  const { year, month, day, hour, minute, second, ms } = local;
  if (
    month < 1 ||
    month > 12 ||
    day < 1 ||
    hour > 23 ||
    minute > 59 ||
    second > 60 ||
    year < 1900 ||
    year > 9999
  )
    return null;
  const midnight = Date.UTC(year, month - 1, day);
  if (new Date(midnight).getUTCDate() !== day) return null;
  return midnight + ((hour * 60 + minute) * 60 + second) * 1000 + ms;
}
