/** Reads the files in a zip, as newer freqtrade writes around its backtest results. */
import { crc32, inflateRawSync } from 'node:zlib';
import { InputError } from './format.ts';

export interface ZipEntry {
  readonly name: string;
  /** Bytes once inflated, as the directory says. */
  readonly sizeBytes: number;
  /** Inflates the file. Throws `InputError` where it is encrypted, damaged, or larger than it said. */
  content(): Uint8Array;
}

/** No file larger than this is inflated: it would not fit a string, and nothing that honest is that large. */
export const MAX_ENTRY_BYTES = 512 * 1024 * 1024 - 64;

const END_SIGNATURE = 0x06054b50;
const DIRECTORY_SIGNATURE = 0x02014b50;
const LOCAL_SIGNATURE = 0x04034b50;
const END_BYTES = 22;
const DIRECTORY_BYTES = 46;
const LOCAL_BYTES = 30;
const MAX_COMMENT_BYTES = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/** The files of a zip in the order of its directory. Throws `InputError` where there is no whole directory. */
export function zipEntries(zip: Uint8Array, name: string): ZipEntry[] {
  const bytes = Buffer.from(zip.buffer, zip.byteOffset, zip.length);
  const end = findEnd(bytes);
  if (end < 0)
    throw new InputError(`${name}: the zip has no directory at its end: it is cut off, get it again`);
  const count = bytes.readUInt16LE(end + 10);
  let at = bytes.readUInt32LE(end + 16);
  if (count === 0xffff || at === 0xffffffff) {
    throw new InputError(`${name}: the zip is of the 64-bit kind: unpack it and give the result inside`);
  }
  const entries: ZipEntry[] = [];
  for (let index = 0; index < count; index += 1) {
    if (at + DIRECTORY_BYTES > end || bytes.readUInt32LE(at) !== DIRECTORY_SIGNATURE) {
      throw new InputError(`${name}: the zip's directory is damaged at entry ${index + 1} of ${count}`);
    }
    entries.push(entryAt(bytes, at, name));
    at +=
      DIRECTORY_BYTES +
      bytes.readUInt16LE(at + 28) +
      bytes.readUInt16LE(at + 30) +
      bytes.readUInt16LE(at + 32);
  }
  return entries;
}

/** The end record is the last thing in the file but for a comment whose length it gives. */
function findEnd(bytes: Buffer): number {
  const lowest = Math.max(0, bytes.length - END_BYTES - MAX_COMMENT_BYTES);
  for (let at = bytes.length - END_BYTES; at >= lowest; at -= 1) {
    if (bytes.readUInt32LE(at) !== END_SIGNATURE) continue;
    if (at + END_BYTES + bytes.readUInt16LE(at + 20) === bytes.length) return at;
  }
  return -1;
}

function entryAt(bytes: Buffer, at: number, zipName: string): ZipEntry {
  const flags = bytes.readUInt16LE(at + 8);
  const method = bytes.readUInt16LE(at + 10);
  const checksum = bytes.readUInt32LE(at + 16);
  const packedBytes = bytes.readUInt32LE(at + 20);
  const sizeBytes = bytes.readUInt32LE(at + 24);
  const nameEnd = at + DIRECTORY_BYTES + bytes.readUInt16LE(at + 28);
  const localAt = bytes.readUInt32LE(at + 42);
  const name = bytes.toString('utf8', at + DIRECTORY_BYTES, nameEnd);
  const content = (): Uint8Array => {
    const place = `${zipName}: ${JSON.stringify(name)} in the zip`;
    if ((flags & 1) !== 0)
      throw new InputError(`${place} is encrypted: unpack it and give the result inside`);
    if (method !== STORED && method !== DEFLATED) {
      throw new InputError(
        `${place} is packed by method ${method}: only deflate can be read, unpack it first`,
      );
    }
    if (sizeBytes > MAX_ENTRY_BYTES) {
      throw new InputError(`${place} has ${sizeBytes} bytes: more than can be read (${MAX_ENTRY_BYTES})`);
    }
    const packed = packedContent(bytes, localAt, packedBytes);
    if (packed === null) throw new InputError(`${place} lies outside the file: the zip is damaged`);
    const plain = method === STORED ? packed : inflate(packed, sizeBytes);
    if (plain === null || plain.length !== sizeBytes || crc32(plain) !== checksum) {
      throw new InputError(`${place} is damaged: its content does not match its size and checksum`);
    }
    return plain;
  };
  return { name, sizeBytes, content };
}

/** The name and extra field may differ in length from the directory's, so the local header has to be read. */
function packedContent(bytes: Buffer, localAt: number, packedBytes: number): Buffer | null {
  if (localAt + LOCAL_BYTES > bytes.length || bytes.readUInt32LE(localAt) !== LOCAL_SIGNATURE) return null;
  const start = localAt + LOCAL_BYTES + bytes.readUInt16LE(localAt + 26) + bytes.readUInt16LE(localAt + 28);
  return start + packedBytes > bytes.length ? null : bytes.subarray(start, start + packedBytes);
}

/** Null where the data is damaged or holds more than it said: the bound is what stops a zip bomb. */
function inflate(packed: Buffer, sizeBytes: number): Uint8Array | null {
  try {
    return inflateRawSync(packed, { maxOutputLength: Math.max(1, sizeBytes) });
  } catch (error) {
    if (error instanceof Error && 'code' in error) return null;
    throw error;
  }
}
