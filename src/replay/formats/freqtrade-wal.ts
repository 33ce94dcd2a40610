/**
 * SQLite's write-ahead log, applied to a database image in memory: the pages of all committed frames, under the rules
 * of "WAL-Mode File Format" (sqlite.org/walformat.html). sql.js has no shared memory, so it cannot do it itself.
 */
import { InputError } from './format.ts';
import { MAX_FILE_BYTES } from './freqtrade-source.ts';

const LOG_HEADER_BYTES = 32;
const FRAME_HEADER_BYTES = 24;
const MAGIC = 0x377f0682;
const VERSION = 3007000;

/**
 * The image as it is after the log, marked as one without a log. Frames after the last commit, of an older generation
 * of the log or with a wrong checksum are left out, as SQLite leaves them out. An empty log changes nothing.
 * Throws `InputError` where `log` is no log or that of another database; `name` is the log's, for messages.
 */
export function applyLog(image: Uint8Array, log: Uint8Array, name: string): Uint8Array {
  if (log.length === 0) return withoutLogMark(image);
  const view = new DataView(log.buffer, log.byteOffset, log.length);
  const header = readHeader(view, name);
  const pageBytes = databasePageBytes(image);
  if (header.pageBytes !== pageBytes) {
    throw new InputError(
      `${name}: has pages of ${header.pageBytes} bytes, the database of ${pageBytes}: it is the log of another one`,
    );
  }
  const committed = committedFrames(view, header);
  if (committed.pageCount === 0) return withoutLogMark(image);
  const sizeBytes = committed.pageCount * pageBytes;
  if (sizeBytes > MAX_FILE_BYTES) {
    throw new InputError(
      `${name}: makes a database of ${sizeBytes} bytes: more than can be read (${MAX_FILE_BYTES})`,
    );
  }
  const merged = new Uint8Array(sizeBytes);
  merged.set(image.subarray(0, merged.length));
  for (const [page, at] of committed.frames) {
    if (page <= committed.pageCount) merged.set(log.subarray(at, at + pageBytes), (page - 1) * pageBytes);
  }
  return withoutLogMark(merged);
}

/** A copy whose read and write versions say "rollback journal": a database marked "log" cannot be opened without one. */
export function withoutLogMark(image: Uint8Array): Uint8Array {
  const copy = image.slice();
  if (copy[18] === 2) copy[18] = 1;
  if (copy[19] === 2) copy[19] = 1;
  return copy;
}

interface LogHeader {
  readonly pageBytes: number;
  readonly salts: readonly [number, number];
  readonly sums: Sums;
  readonly littleEndian: boolean;
}

type Sums = readonly [number, number];

function readHeader(view: DataView, name: string): LogHeader {
  const magic = view.byteLength < LOG_HEADER_BYTES ? 0 : view.getUint32(0);
  if ((magic & ~1) >>> 0 !== MAGIC || view.getUint32(4) !== VERSION) {
    throw new InputError(
      `${name}: is no SQLite write-ahead log; move it away to read the database without it`,
    );
  }
  const littleEndian = (magic & 1) === 0;
  const sums = checksum(view, 0, 24, [0, 0], littleEndian);
  if (sums[0] !== view.getUint32(24) || sums[1] !== view.getUint32(28)) {
    throw new InputError(
      `${name}: the log's header is damaged; move it away to read the database without it`,
    );
  }
  return {
    pageBytes: view.getUint32(8),
    salts: [view.getUint32(16), view.getUint32(20)],
    sums,
    littleEndian,
  };
}

/** Where the newest committed content of each page lies in the log, and the pages the database has then. */
function committedFrames(
  view: DataView,
  header: LogHeader,
): { frames: Map<number, number>; pageCount: number } {
  const frames = new Map<number, number>();
  const pending = new Map<number, number>();
  let pageCount = 0;
  let sums = header.sums;
  const frameBytes = FRAME_HEADER_BYTES + header.pageBytes;
  for (let at = LOG_HEADER_BYTES; at + frameBytes <= view.byteLength; at += frameBytes) {
    if (view.getUint32(at + 8) !== header.salts[0] || view.getUint32(at + 12) !== header.salts[1]) break;
    sums = checksum(view, at, 8, sums, header.littleEndian);
    sums = checksum(view, at + FRAME_HEADER_BYTES, header.pageBytes, sums, header.littleEndian);
    if (sums[0] !== view.getUint32(at + 16) || sums[1] !== view.getUint32(at + 20)) break;
    pending.set(view.getUint32(at), at + FRAME_HEADER_BYTES);
    const pagesAfterCommit = view.getUint32(at + 4);
    if (pagesAfterCommit === 0) continue;
    for (const [page, place] of pending) frames.set(page, place);
    pending.clear();
    pageCount = pagesAfterCommit;
  }
  return { frames, pageCount };
}

/** The log's running checksum over 32-bit words, continued from `sums`. `byteCount` is a multiple of 8. */
function checksum(view: DataView, at: number, byteCount: number, sums: Sums, littleEndian: boolean): Sums {
  let [first, second] = sums;
  for (let offset = at; offset < at + byteCount; offset += 8) {
    first = (first + view.getUint32(offset, littleEndian) + second) >>> 0;
    second = (second + view.getUint32(offset + 4, littleEndian) + first) >>> 0;
  }
  return [first, second];
}

function databasePageBytes(image: Uint8Array): number {
  const written = ((image[16] ?? 0) << 8) | (image[17] ?? 0);
  return written === 1 ? 65536 : written;
}
