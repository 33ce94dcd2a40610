/** How old something is, by the store's clock; beyond its limit it looks and reads stale. */
import { ageText, ageWords, fullTimeText } from '../../views/format.ts';
import { clock, judgedAt, zone } from '../state.ts';
import { Unknown } from './unknown.tsx';

/** `limitSec` left out: nothing says how old it may be. */
export function Age({
  ts,
  limitSec = Number.POSITIVE_INFINITY,
}: {
  readonly ts: number | null;
  readonly limitSec?: number;
}): preact.JSX.Element {
  if (ts === null) return <Unknown what="never" />;
  const age = clock.value - ts;
  const isStale = judgedAt.value - ts > limitSec;
  const title = `${fullTimeText(ts, zone.value)}${isStale ? `; older than ${ageWords(limitSec)}: stale` : ''}`;
  return (
    <time class={isStale ? 'age is-stale' : 'age'} dateTime={isoOf(ts)} title={title}>
      {isStale && <span class="stale-mark">stale </span>}
      {ageText(age)}
    </time>
  );
}

/** Undefined for what no calendar holds. */
export function isoOf(ts: number): string | undefined {
  const date = new Date(ts * 1000);
  return Number.isFinite(date.getTime()) ? date.toISOString() : undefined;
}
