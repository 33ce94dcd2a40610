/**
 * The execution ids met, as they are committed: a chunk a commit, oldest chunks dropped once the rest holds as many ids as
 * are remembered. So a restart remembers exactly what was remembered before it.
 */
import { SEEN_IDS_LIMIT } from '../core/pipeline/seen-ids.ts';

export class SeenChunks {
  #sizes: number[] = [];
  #total = 0;

  /** Reads chunks back; returns the ids, oldest first. Throws `RangeError` where one is unreadable. */
  restore(chunks: readonly string[]): string[] {
    const all: string[] = [];
    for (const chunk of chunks) {
      const ids: unknown = JSON.parse(chunk);
      if (!Array.isArray(ids) || !ids.every((id) => typeof id === 'string'))
        throw new RangeError(`committed execution ids are unreadable: ${chunk.slice(0, 40)}`);
      all.push(...ids);
      this.#count(ids.length);
    }
    return all;
  }

  /** The chunk of new ids (null: none), and how many of the oldest chunks may go. */
  add(ids: readonly string[]): { readonly seen: string | null; readonly dropSeen: number } {
    if (ids.length === 0) return { seen: null, dropSeen: 0 };
    this.#count(ids.length);
    let drop = 0;
    while (this.#total - this.#sizes[drop]! >= SEEN_IDS_LIMIT) this.#total -= this.#sizes[drop++]!;
    this.#sizes = this.#sizes.slice(drop);
    return { seen: JSON.stringify(ids), dropSeen: drop };
  }

  #count(size: number): void {
    this.#sizes.push(size);
    this.#total += size;
  }
}
