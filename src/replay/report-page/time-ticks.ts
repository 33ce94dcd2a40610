/** Round moments on a time axis, in UTC, with labels that say no more than the distance between them needs. */

export interface TimeTick {
  readonly tsSec: number;
  readonly label: string;
}

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Steps of equal length, seconds; weeks begin on Mondays. */
const EQUAL_STEPS = [
  ...[1, 5, 15, 30, MINUTE, 2 * MINUTE, 5 * MINUTE, 15 * MINUTE, 30 * MINUTE],
  ...[HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY, 14 * DAY],
];
const MONTH_STEPS = [1, 2, 3, 6, 12, 24, 60, 120, 240];
/** The first Monday after the epoch: 1970-01-05. */
const MONDAY_SEC = 4 * DAY;

/** At most `most` ticks between two times, in order. */
export function timeTicks(fromSec: number, toSec: number, most: number): TimeTick[] {
  if (!(toSec > fromSec)) return [{ tsSec: fromSec, label: momentLabel(fromSec) }];
  const rough = (toSec - fromSec) / most;
  const step = EQUAL_STEPS.find((seconds) => seconds >= rough);
  if (step !== undefined) return equalTicks(fromSec, toSec, step);
  const months = MONTH_STEPS.find((count) => count * 30.4 * DAY >= rough) ?? MONTH_STEPS.at(-1)!;
  return monthTicks(fromSec, toSec, months);
}

function equalTicks(fromSec: number, toSec: number, step: number): TimeTick[] {
  const offset = step >= 7 * DAY ? MONDAY_SEC : 0;
  const ticks: TimeTick[] = [];
  for (let at = Math.ceil((fromSec - offset) / step) * step + offset; at <= toSec; at += step)
    ticks.push({ tsSec: at, label: step < MINUTE ? secondLabel(at) : momentLabel(at) });
  return ticks;
}

function monthTicks(fromSec: number, toSec: number, months: number): TimeTick[] {
  const from = new Date(fromSec * 1000);
  const first = Math.ceil((from.getUTCFullYear() * 12 + from.getUTCMonth()) / months) * months;
  const ticks: TimeTick[] = [];
  for (let month = first; ; month += months) {
    const year = Math.floor(month / 12);
    const tsSec = Date.UTC(year, month % 12) / 1000;
    if (tsSec > toSec) return ticks;
    const label = months % 12 === 0 ? String(year) : `${MONTHS[month % 12]} ${year}`;
    if (tsSec >= fromSec) ticks.push({ tsSec, label });
  }
}

/** `4 Mar` at midnight, else the time of day. */
function momentLabel(tsSec: number): string {
  const date = new Date(tsSec * 1000);
  if (Math.floor(tsSec) % DAY === 0) return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
  return date.toISOString().slice(11, 16);
}

function secondLabel(tsSec: number): string {
  return new Date(tsSec * 1000).toISOString().slice(11, 19);
}
