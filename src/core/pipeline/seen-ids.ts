/** The execution ids met so far, so that a repeat is dropped. Bounded: the oldest are forgotten first. */

/** Days of a busy account, and more than any producer sends again; about 100 bytes an id. */
export const SEEN_IDS_LIMIT = 200_000;

export class SeenIds {
  readonly #ids = new Set<string>();
  /** The same in order of arrival, as a ring: the first of a large `Set` is slow to find once others before it are gone. */
  readonly #order: string[] = [];
  readonly #limit: number;
  #oldest = 0;

  constructor(limit: number = SEEN_IDS_LIMIT) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#ids.size;
  }

  /** Returns false where the id was there already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#order.length < this.#limit) this.#order.push(id);
    else {
      this.#ids.delete(this.#order[this.#oldest]!);
      this.#order[this.#oldest] = id;
      this.#oldest = (this.#oldest + 1) % this.#limit;
    }
    return true;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  /** Oldest first. */
  save(): string[] {
    return [...this.#order.slice(this.#oldest), ...this.#order.slice(0, this.#oldest)];
  }

  load(ids: readonly string[]): void {
    for (const id of ids) this.add(id);
  }
}
