/**
 * The newest entries of a stream of any length, oldest first. The store reads forward only: a stretch of time before what was
 * read is read from its beginning on, a longer one where little came and a shorter one where much did.
 */
import { compareIds, idMs, type Store, type StreamEntry, type StreamFacts } from '../../store/store.ts';
import { PAGE_ENTRIES } from './bounds.ts';
import type { Clock } from '../../runtime/clock.ts';

const FIRST_MS = 60_000;
/** A stretch that has more pages is cut. */
const MAX_PAGES = 10;
/** However unevenly they came. */
const MAX_STRETCHES = 200;

export async function walkBack(
  store: Store,
  stream: string,
  facts: StreamFacts,
  count: number,
  clock: Clock,
): Promise<readonly StreamEntry[]> {
  const firstMs = idMs(facts.firstId ?? facts.lastId);
  const stretches: (readonly StreamEntry[])[] = [];
  let found = 0;
  let endMs = idMs(facts.lastId) + 1;
  let widthMs = FIRST_MS;
  /** Up to here there is more than a stretch may have. */
  let denseMs = -Infinity;
  for (let i = 0; i < MAX_STRETCHES && found < count && endMs > firstMs; i++) {
    const beginMs = Math.max(firstMs, endMs - widthMs);
    const { entries, reachedMs } = await stretch(store, stream, beginMs, endMs, clock);
    // Within one millisecond nothing can be cut: the beginning of it has to do.
    const isCut = reachedMs < endMs && endMs - beginMs > 1;
    if (isCut) denseMs = Math.max(reachedMs, beginMs + 1);
    else {
      stretches.push(entries);
      found += entries.length;
      endMs = beginMs;
      widthMs *= entries.length < PAGE_ENTRIES ? 4 : 1;
    }
    // Half way to where there is much, not beyond it again.
    if (endMs > denseMs) widthMs = Math.max(1, Math.min(widthMs, Math.floor((endMs - denseMs) / 2)));
  }
  return stretches.toReversed().flat().slice(-count);
}

/** Entries from one moment to before another, as far as they were read: all where `reachedMs` is the end. */
async function stretch(
  store: Store,
  stream: string,
  beginMs: number,
  endMs: number,
  clock: Clock,
): Promise<{ readonly entries: readonly StreamEntry[]; readonly reachedMs: number }> {
  const entries: StreamEntry[] = [];
  const end = `${endMs}-0`;
  let after = beginMs === 0 ? '0-0' : `${beginMs - 1}-${LAST_SEQUENCE}`;
  for (let page = 0; page < MAX_PAGES; page++) {
    const found = (await store.read([{ stream, after, count: PAGE_ENTRIES }])).streams[0]!.entries;
    const within = found.filter(({ id }) => compareIds(id, end) < 0);
    entries.push(...within);
    if (within.length < PAGE_ENTRIES) return { entries, reachedMs: endMs };
    after = found.at(-1)!.id;
    await clock.breathe();
  }
  return { entries, reachedMs: idMs(after) };
}

const LAST_SEQUENCE = '9007199254740991';
