/** What the page knows, as signals: every view reads them, only `stream.ts`, `session.ts` and `preferences.ts` write them. */
import { computed, signal } from '@preact/signals';
import type { Session, Snapshot } from '../wire.ts';

export { getJson } from './api.ts';

/** Everything, as the server said it last; null before the first word. */
export const snapshot = signal<Snapshot | null>(null);

/** `lost`: nothing was heard for a while; what is shown is as old as `snapshot` says, and the page keeps trying. */
export const link = signal<'connecting' | 'live' | 'lost'>('connecting');

/** An estimate of the store's clock, Unix seconds; before the first word it is the browser's. Moves twice a second. */
export const clock = signal<number>(Date.now() / 1000);

/** So long the server may be silent about its readings before they count as old. */
const READING_SEC = 10;

/**
 * The moment by which freshness is judged: while the server is heard it is that of its last reading, since nothing newer can be known;
 * else the clock, so that everything grows old. Where the store's time runs fast a second between readings is no staleness.
 */
export const judgedAt = computed<number>(() => {
  const known = snapshot.value?.overview;
  if (known === undefined || link.value === 'lost' || known.store.error !== null) return clock.value;
  return clock.value - known.read_at > READING_SEC * Math.max(1, known.rate) ? clock.value : known.read_at;
});

/** In which times are told. */
export const zone = signal<'utc' | 'local'>('utc');

/** What whoever looks may do; null: not asked yet. */
export const session = signal<Session | null>(null);

/** Why what is shown is not of now: the server is not heard, or the server does not hear its store. Null: it is of now. */
export const outage = computed<Outage | null>(() => {
  const known = snapshot.value?.overview;
  if (link.value === 'lost') return { kind: 'link', readAt: known?.read_at ?? null, error: null };
  const error = known?.store.error ?? null;
  return known === undefined || error === null ? null : { kind: 'store', readAt: known.read_at, error };
});

export interface Outage {
  readonly kind: 'link' | 'store';
  /** When what is shown was read, by the store's clock. */
  readonly readAt: number | null;
  readonly error: string | null;
}
