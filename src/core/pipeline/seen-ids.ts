/** The execution ids met so far, so that a repeat is dropped. Bounded: the oldest are forgotten first. */

/** Enough for weeks of a busy account; about 100 bytes an id. */
const DEFAULT_LIMIT = 1_000_000;

export class SeenIds {
  readonly #ids = new Set<string>();
  readonly #limit: number;

  constructor(limit: number = DEFAULT_LIMIT) {
    this.#limit = limit;
  }

  /** Returns false where the id was there already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.#limit) {
      const oldest = this.#ids.values().next();
      if (oldest.done !== true) this.#ids.delete(oldest.value);
    }
    return true;
  }

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  save(): string[] {
    return [...this.#ids];
  }

  load(ids: readonly string[]): void {
    for (const id of ids) this.add(id);
  }
}
