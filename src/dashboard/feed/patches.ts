/** Patches by number: told to whoever listens, and kept a while for whoever was away. */
import { KEPT_PATCH_BYTES, KEPT_PATCHES } from './bounds.ts';
import type { NumberedPatch, PatchId } from '../feed-port.ts';
import type { Patch } from '../wire.ts';

export class PatchLog {
  readonly #processId: string;
  readonly #listeners = new Set<(next: NumberedPatch) => void>();
  #kept: { readonly next: NumberedPatch; readonly bytes: number }[] = [];
  #bytes = 0;
  #number = 0;

  constructor(processId: string) {
    this.#processId = processId;
  }

  get lastId(): PatchId {
    return `${this.#processId}-${this.#number}`;
  }

  add(patch: Patch): void {
    this.#number++;
    const next = { id: this.lastId, patch };
    const bytes = JSON.stringify(patch).length;
    this.#kept.push({ next, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > KEPT_PATCHES || this.#bytes > KEPT_PATCH_BYTES)
      this.#bytes -= this.#kept.shift()!.bytes;
    for (const listener of this.#listeners) listener(next);
  }

  /** Null: of another process, of none, or no longer known. */
  since(id: PatchId): readonly NumberedPatch[] | null {
    const dash = id.lastIndexOf('-');
    const text = id.slice(dash + 1);
    if (dash < 0 || id.slice(0, dash) !== this.#processId || !/^\d{1,15}$/.test(text)) return null;
    const missed = this.#number - Number(text);
    if (missed < 0 || missed > this.#kept.length) return null;
    return missed === 0 ? [] : this.#kept.slice(-missed).map(({ next }) => next);
  }

  subscribe(listener: (next: NumberedPatch) => void): () => void {
    // A function of its own: the same listener may be there twice.
    const own = (next: NumberedPatch): void => listener(next);
    this.#listeners.add(own);
    return () => void this.#listeners.delete(own);
  }
}
