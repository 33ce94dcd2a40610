/** The tick grid (multiples of a component's interval since the Unix epoch, seconds) and the ages of records. */

/** The first tick at or after a moment. */
export function tickAtOrAfter(ts: number, intervalSec: number): number {
  return Math.ceil(ts / intervalSec) * intervalSec;
}

/** The last tick before `limit`, or 0 where that is before `first`. */
export function lastTickBefore(limit: number, first: number, intervalSec: number): number {
  const last = (Math.ceil(limit / intervalSec) - 1) * intervalSec;
  return last < first ? 0 : last;
}

/** A record is there while its age is at most its life; time 0 stands for never, older than any life. */
export function isAlive(ts: number, now: number, lifeSec: number): boolean {
  return now - ts <= lifeSec;
}
