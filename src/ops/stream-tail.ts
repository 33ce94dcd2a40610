/**
 * The newest entries of a stream. The store reads forward only, so the moment they begin at is searched for: a few reads of
 * a bounded size, however long the stream is.
 */
import { idMs, type Store, type StreamEntry, type StreamFacts } from '../store/store.ts';

export interface Tail {
  readonly facts: StreamFacts | null;
  /** At most as many as asked for, oldest first. */
  readonly entries: readonly StreamEntry[];
  /** There are older ones in the stream. */
  readonly hasOlder: boolean;
}

const MAX_PROBES = 12;

export async function newestEntries(store: Store, stream: string, count: number): Promise<Tail> {
  const after = async (id: string): Promise<readonly StreamEntry[]> =>
    (await store.read([{ stream, after: id, count }])).streams[0]!.entries;
  const { streams } = await store.read([{ stream, after: '0-0', count }]);
  const { facts, entries } = streams[0]!;
  if (facts === null || facts.length <= count) return { facts, entries, hasOlder: false };
  const lastMs = idMs(facts.lastId);
  const spanMs = lastMs - (facts.firstId === null ? 0 : idMs(facts.firstId));
  // How long before the newest: so long ago fewer follow than were asked for, or as many and more.
  let [fits, tooMany] = [0, spanMs + 1];
  let best: readonly StreamEntry[] = [];
  // As many as fit, if they came evenly.
  let probe = Math.floor((spanMs * count * 0.9) / facts.length);
  for (let i = 0; i < MAX_PROBES && tooMany - fits > 1; i++) {
    const found = await after(`${Math.max(0, lastMs - probe)}-0`);
    if (found.length < count) {
      [fits, best] = [probe, found];
      if (found.length >= count / 2) break;
    } else tooMany = probe;
    // Pauses differ by powers of ten: the next is as many times one bound as the other is times it.
    const between = Math.round(Math.sqrt(Math.max(1, fits) * tooMany));
    probe = Math.min(tooMany - 1, Math.max(fits + 1, between));
  }
  if (best.length > 0) return { facts, entries: best, hasOlder: true };
  // Nothing after the last moment but the moment itself: there ids count up.
  const sequence = Number(facts.lastId.split('-')[1]);
  return { facts, entries: await after(`${lastMs}-${Math.max(0, sequence - count)}`), hasOlder: true };
}
