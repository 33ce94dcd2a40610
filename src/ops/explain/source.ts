/** Where an explanation comes from, and how the streams of a store are looked through without holding anyone up. */
import { idMs, type EntryId, type Store, type StreamEntry } from '../../store/store.ts';
import type { Settings } from '../../core/settings.ts';

export interface ExplainSource {
  readonly store: Store;
  readonly namespace: string;
  /** Of the process that asks: used only where what was recorded does not say, and then that is said. */
  readonly settings: Settings;
  /** A venue's name → symbol, from ballast.config.json; the operators' hash counts too. */
  readonly aliases?: ReadonlyMap<string, string>;
}

/** A bounded answer of the store, however long the stream is. */
export const PAGE_ENTRIES = 1000;

/** Entries from a moment on, oldest first, until `found` says that it has seen enough. Returns whether it said so. */
export async function lookThrough(
  store: Store,
  stream: string,
  fromMs: number,
  found: (entry: StreamEntry) => boolean,
): Promise<boolean> {
  let after: EntryId = fromMs <= 0 ? '0-0' : `${Math.floor(fromMs) - 1}-0`;
  for (;;) {
    const { streams } = await store.read([{ stream, after, count: PAGE_ENTRIES }]);
    const { entries } = streams[0]!;
    for (const entry of entries) if (found(entry)) return true;
    if (entries.length < PAGE_ENTRIES) return false;
    after = entries.at(-1)!.id;
  }
}

/** How much of a stream there is to look through. */
export interface Reach {
  readonly entries: number;
  /** Unix seconds of the oldest; null: there is none. */
  readonly since: number | null;
}

export async function reachOf(store: Store, stream: string): Promise<Reach> {
  const { streams } = await store.read([{ stream, after: '0-0', count: 1 }]);
  const { facts } = streams[0]!;
  const firstId = facts?.firstId ?? null;
  return { entries: facts?.length ?? 0, since: firstId === null ? null : idMs(firstId) / 1000 };
}
