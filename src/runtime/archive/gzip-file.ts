/**
 * One gzip file that grows piece by piece: everything up to the last piece can be read whatever happens to the process
 * (each ends with a flush), and a piece that could not be written is written again at its place, so that a full disk
 * never leaves a hole. Pieces refer back into those before them, as one stream would: they cost no more bytes than that.
 */
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';
import type { ArchiveFile } from './files.ts';

const deflate = promisify<Buffer, object, Buffer>(deflateRaw);
/** Magic, deflate, no flags, no time, no extras, Unix (RFC 1952). */
const HEADER = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** An empty last block. */
const LAST_BLOCK = Buffer.from([0x03, 0x00]);
/** How far back deflate can refer. */
const WINDOW_BYTES = 32_768;

export class GzipFile {
  readonly #file: ArchiveFile;
  /** Compressed, and not yet written. */
  #pending: Buffer = HEADER;
  #position = 0;
  #window: Buffer = Buffer.alloc(0);
  #crc = 0;
  #size = 0;

  constructor(file: ArchiveFile) {
    this.#file = file;
  }

  /** Compresses a piece; `flush` writes it. */
  async stage(text: string): Promise<void> {
    const plain = Buffer.from(text, 'utf8');
    const packed = await deflate(plain, {
      finishFlush: constants.Z_SYNC_FLUSH,
      ...(this.#window.length > 0 ? { dictionary: this.#window } : {}),
    });
    this.#crc = crc32(plain, this.#crc);
    this.#size = (this.#size + plain.length) % 2 ** 32;
    this.#window =
      plain.length >= WINDOW_BYTES
        ? plain.subarray(-WINDOW_BYTES)
        : Buffer.concat([this.#window.subarray(plain.length - WINDOW_BYTES), plain]);
    this.#pending = Buffer.concat([this.#pending, packed]);
  }

  /** Makes what was staged the last of the file. */
  stageEnd(): void {
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.#crc, 0);
    trailer.writeUInt32LE(this.#size, 4);
    this.#pending = Buffer.concat([this.#pending, LAST_BLOCK, trailer]);
  }

  /** Writes what is staged; after it rejected it may be called again. */
  async flush(): Promise<void> {
    if (this.#pending.length === 0) return;
    const pending = this.#pending;
    await this.#file.write(pending, this.#position);
    this.#position += pending.length;
    this.#pending = Buffer.alloc(0);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
