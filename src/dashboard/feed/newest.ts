/** A list that keeps its newest items. */
export class Newest<Item> {
  readonly #count: number;
  #items: Item[] = [];

  constructor(count: number) {
    this.#count = count;
  }

  add(item: Item): void {
    this.#items.push(item);
    // Now and then, not at every item.
    if (this.#items.length >= 2 * this.#count) this.#items = this.#items.slice(-this.#count);
  }

  /** Oldest first. */
  all(): readonly Item[] {
    return this.#items.length <= this.#count ? this.#items : this.#items.slice(-this.#count);
  }
}
