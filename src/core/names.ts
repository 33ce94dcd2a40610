/**
 * Strings as small numbers, in order of first appearance. The engine keys its arrays by these numbers;
 * a name is looked up once per event instead of once per use. Saved and loaded as the list of names.
 */
export class Names {
  #ids = new Map<string, number>();
  #names: string[] = [];
  /** The name looked up last: the same is often asked for again. */
  #last = '';
  #lastId = -1;

  constructor(names: readonly string[] = []) {
    for (const name of names) this.id(name);
  }

  get size(): number {
    return this.#names.length;
  }

  has(name: string): boolean {
    return (name === this.#last && this.#lastId >= 0) || this.#ids.has(name);
  }

  /** The number of a name, given out anew when it is seen first. */
  id(name: string): number {
    if (name === this.#last && this.#lastId >= 0) return this.#lastId;
    let id = this.#ids.get(name);
    if (id === undefined) {
      id = this.#names.length;
      this.#ids.set(name, id);
      this.#names.push(name);
    }
    this.#last = name;
    this.#lastId = id;
    return id;
  }

  /** The name of a number that `id` gave out. Throws `RangeError` for any other: that is a bug of the caller. */
  name(id: number): string {
    const name = this.#names[id];
    if (name === undefined) throw new RangeError(`no name has the number ${id}`);
    return name;
  }

  /** Forgets names whose number has no mark; the others move up. Returns each old number's new one, -1 where it is forgotten. */
  retain(marked: Uint8Array): Int32Array {
    const names = this.#names;
    const moved = new Int32Array(names.length).fill(-1);
    this.#ids = new Map();
    this.#names = [];
    this.#lastId = -1;
    names.forEach((name, id) => {
      if (marked[id] === 1) moved[id] = this.id(name);
    });
    return moved;
  }

  save(): string[] {
    return [...this.#names];
  }
}
