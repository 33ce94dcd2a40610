/**
 * Reads what the archive's writer wrote, as far as it goes: a file whose process was killed ends in the middle of its
 * compressed stream, and perhaps of a line.
 */
import { createReadStream, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StringDecoder } from 'node:string_decoder';
import { constants, createGunzip } from 'node:zlib';

export interface ArchiveLine {
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
  /** It ends with a line end; only the last of a file may not. */
  readonly isWhole: boolean;
}

const CHUNK_BYTES = 1 << 18;
/** No line of ours is near this. */
const MAX_LINE_LENGTH = 1 << 26;

/** A file's lines in batches. Rejects where it cannot be opened, or is damaged in its middle. */
export async function* readArchiveFile(path: string): AsyncGenerator<ArchiveLine[]> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  // Else a file that is cut off would give nothing of its last part.
  const plain = createGunzip({ chunkSize: CHUNK_BYTES, finishFlush: constants.Z_SYNC_FLUSH });
  file.on('error', (error) => plain.destroy(error));
  try {
    yield* splitLines(file.pipe(plain) as AsyncIterable<Uint8Array>);
  } finally {
    file.destroy();
  }
}

export async function* splitLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<ArchiveLine[]> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  let line = 0;
  for await (const chunk of bytes) {
    const texts = (rest + decoder.write(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength))).split(
      '\n',
    );
    rest = texts.pop()!;
    if (rest.length > MAX_LINE_LENGTH)
      throw new RangeError(`line ${line + texts.length + 1} has more than ${MAX_LINE_LENGTH} characters`);
    if (texts.length > 0) yield texts.map((text) => ({ line: ++line, text, isWhole: true }));
  }
  rest += decoder.end();
  if (rest !== '') yield [{ line: line + 1, text: rest, isWhole: false }];
}

/** Every archive file below a folder: by day, then by when its process started, then by number. */
export function archiveFilesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => NAME.test(name))
    .map((name) => ({ name, key: sortKey(name) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
    .map(({ name }) => join(folder, name));
}

const NAME = /^(.*?)([^/\\]*)\.(\d{10,16})(?:\.(\d{1,6}))?\.jsonl\.gz$/;

function sortKey(path: string): string {
  const [, folder, name, started, number] = NAME.exec(path)!;
  return [folder, started!.padStart(16, '0'), name, (number ?? '1').padStart(6, '0')].join('\n');
}
