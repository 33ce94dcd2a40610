/** A binary heap: what ends first comes out first; among equals, what went in first. */
export interface HeapEntry<Item> {
  readonly key: number;
  readonly sequence: number;
  readonly item: Item;
}

export class Heap<Item> {
  readonly #entries: HeapEntry<Item>[] = [];
  #sequence = 0;

  peek(): HeapEntry<Item> | null {
    return this.#entries[0] ?? null;
  }

  push(key: number, item: Item): void {
    const entries = this.#entries;
    const entry = { key, sequence: this.#sequence++, item };
    let at = entries.length;
    entries.push(entry);
    while (at > 0) {
      const parent = (at - 1) >>> 1;
      if (!isBefore(entry, entries[parent]!)) break;
      entries[at] = entries[parent]!;
      at = parent;
    }
    entries[at] = entry;
  }

  /** Removes and returns the first entry, or null where there is none. */
  pop(): HeapEntry<Item> | null {
    const entries = this.#entries;
    const first = entries[0];
    const last = entries.pop();
    if (first === undefined || last === undefined) return null;
    if (entries.length > 0) this.#sink(last);
    return first;
  }

  #sink(entry: HeapEntry<Item>): void {
    const entries = this.#entries;
    let at = 0;
    for (let child = 1; child < entries.length; child = 2 * at + 1) {
      const right = child + 1;
      if (right < entries.length && isBefore(entries[right]!, entries[child]!)) child = right;
      if (!isBefore(entries[child]!, entry)) break;
      entries[at] = entries[child]!;
      at = child;
    }
    entries[at] = entry;
  }
}

function isBefore<Item>(a: HeapEntry<Item>, b: HeapEntry<Item>): boolean {
  return a.key < b.key || (a.key === b.key && a.sequence < b.sequence);
}
