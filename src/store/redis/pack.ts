/** Writes a MessagePack list of texts and whole numbers, as `cmsgpack.unpack` reads it in Redis. */

/** What stands before the list: its mark and its length. */
export const LIST_HEAD_BYTES = 5;
const SHORT_TEXT = 32;

export class Packer {
  #bytes = Buffer.allocUnsafe(4096);
  #end = LIST_HEAD_BYTES;
  #count = 0;

  text(text: string): void {
    const { length } = text;
    this.#reserve(length * 3 + 5);
    if (length < SHORT_TEXT && this.#shortAscii(text)) {
      this.#count++;
      return;
    }
    const size = Buffer.byteLength(text);
    const bytes = this.#bytes;
    if (size < SHORT_TEXT) bytes[this.#end++] = 0xa0 + size;
    else if (size < 0x10000) {
      bytes[this.#end++] = 0xda;
      this.#end = bytes.writeUInt16BE(size, this.#end);
    } else {
      bytes[this.#end++] = 0xdb;
      this.#end = bytes.writeUInt32BE(size, this.#end);
    }
    this.#end += bytes.write(text, this.#end);
    this.#count++;
  }

  /** A whole number from 0 on. */
  number(number: number): void {
    this.#reserve(9);
    this.#count++;
    if (number < 0x80) this.#bytes[this.#end++] = number;
    else {
      this.#bytes[this.#end++] = 0xcf;
      this.#end = this.#bytes.writeBigUInt64BE(BigInt(number), this.#end);
    }
  }

  /** The list so far; the packer begins a new one. */
  take(): Buffer {
    this.#bytes[0] = 0xdd;
    this.#bytes.writeUInt32BE(this.#count, 1);
    const list = Buffer.from(this.#bytes.subarray(0, this.#end));
    this.#end = LIST_HEAD_BYTES;
    this.#count = 0;
    return list;
  }

  /** Most texts are short and plain, and a loop is faster there than a call that leaves JavaScript. */
  #shortAscii(text: string): boolean {
    const bytes = this.#bytes;
    const start = this.#end + 1;
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return false;
      bytes[start + i] = unit;
    }
    bytes[this.#end] = 0xa0 + text.length;
    this.#end = start + text.length;
    return true;
  }

  #reserve(more: number): void {
    if (this.#end + more <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#end + more));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}
