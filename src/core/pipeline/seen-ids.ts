/**
 * The execution ids met so far, so that a repeat is dropped. Bounded: the oldest are forgotten first. A hash table of our
 * own over a ring of the ids: it is asked for every execution, and a `Set` from which the oldest are taken again and
 * again costs several times as much.
 */

/** Days of a busy account, and more than any producer sends again; about 100 bytes an id. */
export const SEEN_IDS_LIMIT = 200_000;

const FIRST_SLOTS = 1024;
const EMPTY = -1;

export class SeenIds {
  readonly #limit: number;
  /** The ids by place in the ring, and their hashes. */
  readonly #ids: string[] = [];
  #hashes = new Int32Array(FIRST_SLOTS);
  /** Open addressing, at most half full: each slot a place in the ring. */
  #slots = new Int32Array(FIRST_SLOTS).fill(EMPTY);
  /** Place of the oldest id, once the ring is full. */
  #oldest = 0;

  constructor(limit: number = SEEN_IDS_LIMIT) {
    this.#limit = limit;
  }

  get size(): number {
    return this.#ids.length;
  }

  /** Returns false where the id was there already. */
  add(id: string): boolean {
    const hash = hashOf(id);
    let slot = this.#find(id, hash);
    if (this.#slots[slot] !== EMPTY) return false;
    let place = this.#ids.length;
    if (place < this.#limit) {
      if (2 * (place + 1) > this.#slots.length) {
        this.#grow();
        slot = this.#find(id, hash);
      }
      this.#ids.push(id);
    } else {
      place = this.#oldest;
      this.#oldest = (place + 1) % this.#limit;
      this.#remove(place);
      slot = this.#find(id, hash);
      this.#ids[place] = id;
    }
    this.#hashes[place] = hash;
    this.#slots[slot] = place;
    return true;
  }

  has(id: string): boolean {
    return this.#slots[this.#find(id, hashOf(id))] !== EMPTY;
  }

  /** Oldest first. */
  save(): string[] {
    return [...this.#ids.slice(this.#oldest), ...this.#ids.slice(0, this.#oldest)];
  }

  load(ids: readonly string[]): void {
    for (const id of ids) this.add(id);
  }

  /** The slot of an id, or the empty one where it belongs. */
  #find(id: string, hash: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const place = this.#slots[slot]!;
      if (place === EMPTY || (this.#hashes[place] === hash && this.#ids[place] === id)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  /** Empties the slot of a place; those after it move up, so that no search ends too early. */
  #remove(place: number): void {
    const slots = this.#slots;
    const mask = slots.length - 1;
    let hole = this.#hashes[place]! & mask;
    while (slots[hole] !== place) hole = (hole + 1) & mask;
    for (let slot = (hole + 1) & mask; slots[slot] !== EMPTY; slot = (slot + 1) & mask) {
      const home = this.#hashes[slots[slot]!]! & mask;
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue;
      slots[hole] = slots[slot]!;
      hole = slot;
    }
    slots[hole] = EMPTY;
  }

  #grow(): void {
    const size = this.#slots.length * 2;
    const hashes = new Int32Array(size);
    hashes.set(this.#hashes);
    this.#hashes = hashes;
    this.#slots = new Int32Array(size).fill(EMPTY);
    const mask = size - 1;
    for (let place = 0; place < this.#ids.length; place++) {
      let slot = hashes[place]! & mask;
      while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      this.#slots[slot] = place;
    }
  }
}

/** FNV-1a over the code units, its bits spread so that the lower ones do for a table. */
function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < id.length; i++) hash = Math.imul(hash ^ id.charCodeAt(i), 0x01000193);
  return hash ^ (hash >>> 15);
}
