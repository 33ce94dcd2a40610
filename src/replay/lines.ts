/** Bytes → buffers that end at a line end, without copying more than the line that lies across two chunks. */

/** A longer line is refused instead of filling memory. */
const MAX_LINE_BYTES = 1 << 24;
const NEWLINE = 0x0a;

/**
 * Buffers of whole lines, in order; only the last may end without `\n`. A byte order mark at the start goes. Throws
 * `RangeError` on a line of more than 16 MiB.
 */
export async function* readWholeLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  let isStart = true;
  for await (const chunk of bytes) {
    const read = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const firstEnd = read.indexOf(NEWLINE);
    if (firstEnd < 0) {
      rest = Buffer.concat([rest, read]);
      if (rest.length > MAX_LINE_BYTES) throw new RangeError(`a line has more than ${MAX_LINE_BYTES} bytes`);
      continue;
    }
    const lastEnd = read.lastIndexOf(NEWLINE);
    const across = Buffer.concat([rest, read.subarray(0, firstEnd + 1)]);
    yield isStart ? withoutMark(across) : across;
    isStart = false;
    if (lastEnd > firstEnd) yield read.subarray(firstEnd + 1, lastEnd + 1);
    rest = Buffer.from(read.subarray(lastEnd + 1));
  }
  if (rest.length > 0) yield isStart ? withoutMark(rest) : rest;
}

/** Where the line that begins at `start` ends: at its `\n`, or at the end of the buffer. */
export function lineEnd(buffer: Buffer, start: number): number {
  const end = buffer.indexOf(NEWLINE, start);
  return end < 0 ? buffer.length : end;
}

function withoutMark(buffer: Buffer): Buffer {
  return buffer[0] === 0xef && buffer[1] === 0xbb && buffer[2] === 0xbf ? buffer.subarray(3) : buffer;
}
