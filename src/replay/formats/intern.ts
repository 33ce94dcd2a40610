/**
 * Short byte strings as the same JavaScript string each time: a file repeats its names millions of times. Open addressing
 * over the bytes; bounded, since a hostile file may hold nothing but new names.
 */
const MAX_STRINGS = 1 << 16;
const MAX_BYTES = 64;
const SLOTS = 1 << 18;

export class Intern {
  readonly #slots = new Int32Array(SLOTS);
  readonly #strings: string[] = [''];
  readonly #hashes: number[] = [0];
  #bytes = new Uint8Array(1 << 16);
  readonly #starts: number[] = [0];
  readonly #lengths: number[] = [0];
  #used = 0;

  /**
   * The string in `buffer` from `start` to `end`, all of it ASCII; `hash` is that of its bytes, by `hashStep`. Not
   * remembered where it is long or the table is full.
   */
  get(buffer: Uint8Array, start: number, end: number, hash: number): string {
    const length = end - start;
    if (length > MAX_BYTES) return asciiText(buffer, start, end);
    let slot = hash & (SLOTS - 1);
    for (;;) {
      const id = this.#slots[slot]!;
      if (id === 0) return this.#add(buffer, start, end, hash, slot);
      if (
        this.#hashes[id] === hash &&
        this.#lengths[id] === length &&
        this.#isSame(id, buffer, start, length)
      )
        return this.#strings[id]!;
      slot = (slot + 1) & (SLOTS - 1);
    }
  }

  #isSame(id: number, buffer: Uint8Array, start: number, length: number): boolean {
    const own = this.#starts[id]!;
    for (let i = 0; i < length; i++) if (this.#bytes[own + i] !== buffer[start + i]) return false;
    return true;
  }

  #add(buffer: Uint8Array, start: number, end: number, hash: number, slot: number): string {
    const text = asciiText(buffer, start, end);
    if (this.#strings.length > MAX_STRINGS) return text;
    const length = end - start;
    if (this.#used + length > this.#bytes.length) {
      const grown = new Uint8Array(this.#bytes.length * 2);
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    this.#bytes.set(buffer.subarray(start, end), this.#used);
    this.#slots[slot] = this.#strings.length;
    this.#strings.push(text);
    this.#hashes.push(hash);
    this.#starts.push(this.#used);
    this.#lengths.push(length);
    this.#used += length;
    return text;
  }
}

/** One byte of a hash that starts at 0 (FNV-1a, 32 bit, without its offset). */
export function hashStep(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 16_777_619);
}

/** The bytes as text; all of them ASCII. */
export function asciiText(buffer: Uint8Array, start: number, end: number): string {
  return Buffer.from(buffer.buffer, buffer.byteOffset + start, end - start).toString('latin1');
}
