/** A moment, in UTC or local time as chosen, and which of them. */
import { computed } from '@preact/signals';
import { fullTimeText, shortTimeText, zoneName } from '../../views/format.ts';
import { clock, zone } from '../state.ts';
import { isoOf } from './age.tsx';
import { Unknown } from './unknown.tsx';

/** Only the day matters; the second would draw every row again twice a second. */
const now = computed(() => Math.floor(clock.value / 900) * 900);

/** `hasZone` false in columns whose heading says the zone (`zoneLabel`). */
export function Time({
  ts,
  hasZone = true,
}: {
  readonly ts: number | null;
  readonly hasZone?: boolean;
}): preact.JSX.Element {
  if (ts === null) return <Unknown />;
  return (
    <time class="time" dateTime={isoOf(ts)} title={fullTimeText(ts, zone.value)}>
      {shortTimeText(ts, now.value, zone.value)}
      {hasZone && <span class="zone"> {zoneName(ts, zone.value)}</span>}
    </time>
  );
}

/** For the heading of a column of times: `UTC` or `UTC+1`. */
export function zoneLabel(): string {
  return zoneName(now.value, zone.value);
}
