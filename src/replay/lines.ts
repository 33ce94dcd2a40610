/** Bytes → lines, a chunk at a time and without copying: where each line ends. A byte order mark at the start goes. */

export interface LineBatch {
  /** Number of the first line, counted from 1. */
  readonly first: number;
  /** Holds whole lines. */
  readonly buffer: Buffer;
  /** Where each line ends: at its `\n`, or at the end of the buffer. */
  readonly ends: readonly number[];
}

/** A longer line is refused instead of filling memory. */
const MAX_LINE_BYTES = 1 << 24;
const NEWLINE = 0x0a;

/** Throws `RangeError` on a line of more than 16 MiB. */
export async function* readLineBytes(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<LineBatch> {
  let rest: Buffer = Buffer.alloc(0);
  let first = 1;
  for await (const chunk of bytes) {
    const read = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const end = read.lastIndexOf(NEWLINE);
    if (end < 0) {
      rest = Buffer.concat([rest, read]);
      if (rest.length > MAX_LINE_BYTES)
        throw new RangeError(`line ${first} has more than ${MAX_LINE_BYTES} bytes`);
      continue;
    }
    const whole = Buffer.concat([rest, read.subarray(0, end + 1)]);
    rest = Buffer.from(read.subarray(end + 1));
    const batch = batchOf(first === 1 ? withoutMark(whole) : whole, first);
    yield batch;
    first += batch.ends.length;
  }
  if (rest.length > 0) yield batchOf(first === 1 ? withoutMark(rest) : rest, first);
}

function batchOf(buffer: Buffer, first: number): LineBatch {
  const ends: number[] = [];
  for (let at = buffer.indexOf(NEWLINE); at >= 0; at = buffer.indexOf(NEWLINE, at + 1)) ends.push(at);
  if (buffer[buffer.length - 1] !== NEWLINE) ends.push(buffer.length);
  return { first, buffer, ends };
}

function withoutMark(buffer: Buffer): Buffer {
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? buffer.subarray(3) : buffer;
}
