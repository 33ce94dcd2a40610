/** A file's whole content, and the write-ahead log that lies beside a database. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { InputError } from './format.ts';
import type { Source } from './format.ts';

/** Nothing larger is read into memory. */
export const MAX_FILE_BYTES = 1024 ** 3;

/** Throws `InputError` where the file is larger than `MAX_FILE_BYTES`. */
export async function readWhole(source: Source): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of source.bytes()) {
    sizeBytes += chunk.length;
    if (sizeBytes > MAX_FILE_BYTES) {
      throw new InputError(`${source.name}: is larger than can be read at once (${MAX_FILE_BYTES} bytes)`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** Where the log of a database lies: `NAME-wal` beside NAME, also gzipped, and beside `NAME.gz`. Null if there is none. */
export function logPath(source: Source): string | null {
  if (source.path === null) return null;
  const database = source.path.replace(/\.gz$/i, '');
  return [`${database}-wal`, `${database}-wal.gz`].find((path) => existsSync(path)) ?? null;
}

/** The content of a log, gzip undone. Throws `InputError` where it cannot be read. */
export async function readLog(path: string): Promise<Uint8Array> {
  try {
    const bytes = await readFile(path);
    return bytes[0] === 0x1f && bytes[1] === 0x8b
      ? gunzipSync(bytes, { maxOutputLength: MAX_FILE_BYTES })
      : bytes;
  } catch (error) {
    throw new InputError(`${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}
