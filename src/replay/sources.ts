/** Opens what the user named: a file, gzipped or not, or `-` for standard input. */
import {
  createReadStream,
  createWriteStream,
  mkdtempSync,
  openSync,
  readSync,
  closeSync,
  existsSync,
  rmSync,
  statSync,
  type Stats,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { constants, createGunzip } from 'node:zlib';
import { archiveFilesIn } from '../runtime/archive/reader.ts';
import { InputError, type Source } from './formats/format.ts';

/** Bytes read at a time: large enough that the cost per read does not show. */
const CHUNK_BYTES = 1 << 18;
const HEAD_BYTES = 1 << 16;

export interface OpenedSource extends Source, Disposable {}

/** The files a name stands for: those of an archive where it is the folder of one, else itself. */
export function filesOf(name: string): readonly string[] {
  if (!existsSync(name) || !statSync(name).isDirectory()) return [name];
  try {
    const files = archiveFilesIn(name);
    return files.length > 0 ? files : [name];
  } catch (error) {
    throw readFailure(name, error);
  }
}

/** Throws `InputError` where there is no such file or it is none. */
export async function openSource(name: string): Promise<OpenedSource> {
  if (name === '-') return spool(process.stdin, 'standard input');
  const stat = checkFile(name);
  // A pipe that is named like a file (`<(command)`, /dev/stdin) can be read once only, too.
  return stat.isFile() ? openFile(name, name, name, () => undefined) : spool(createReadStream(name), name);
}

/** What can be read once only is kept in a file as long as it is needed: some readers begin anew. */
async function spool(stream: NodeJS.ReadableStream, name: string): Promise<OpenedSource> {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-input-'));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const path = join(folder, 'input');
    await pipeline(stream, createWriteStream(path));
    return openFile(path, name, null, dispose);
  } catch (error) {
    dispose();
    throw error instanceof InputError ? error : readFailure(name, error);
  }
}

function openFile(path: string, name: string, place: string | null, dispose: () => void): OpenedSource {
  const isGzip = isGzipped(path, name);
  return {
    name,
    path: place,
    bytes: (early) => (isGzip ? gunzip(path, name, early === 'allowed') : plain(path, name)),
    [Symbol.dispose]: dispose,
  };
}

/** Throws `InputError` where there is nothing to read. */
function checkFile(path: string): Stats {
  let stat: Stats | undefined;
  try {
    stat = statSync(path, { throwIfNoEntry: false });
  } catch (error) {
    throw readFailure(path, error);
  }
  if (stat === undefined) throw new InputError(`${path}: there is no such file`);
  if (stat.isDirectory())
    throw new InputError(`${path}: is a directory; name the files in it, like ${basename(path)}/*.jsonl`);
  return stat;
}

function isGzipped(path: string, name: string): boolean {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (error) {
    throw readFailure(name, error);
  }
  try {
    const magic = new Uint8Array(2);
    return readSync(file, magic) === 2 && magic[0] === 0x1f && magic[1] === 0x8b;
  } finally {
    closeSync(file);
  }
}

async function* plain(path: string, name: string): AsyncGenerator<Uint8Array> {
  try {
    yield* createReadStream(path, { highWaterMark: CHUNK_BYTES }) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw readFailure(name, error);
  }
}

async function* gunzip(path: string, name: string, mayEndEarly: boolean): AsyncGenerator<Uint8Array> {
  const file = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const unzipped = createGunzip({
    chunkSize: CHUNK_BYTES,
    ...(mayEndEarly ? { finishFlush: constants.Z_SYNC_FLUSH } : {}),
  });
  file.on('error', (error) => unzipped.destroy(error));
  try {
    yield* file.pipe(unzipped) as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw readFailure(name, error);
  } finally {
    file.destroy();
  }
}

function readFailure(name: string, error: unknown): InputError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'Z_BUF_ERROR')
    return new InputError(`${name}: the gzip file ends too early; copy it again`, { cause: error });
  if (code?.startsWith('Z_') === true)
    return new InputError(`${name}: the gzip file is damaged (${message})`, { cause: error });
  return new InputError(`${name}: cannot be read (${message})`, { cause: error });
}

/** The first bytes of a source, up to 64 KiB. Of a gzip file that ends too early what there is, if there is any. */
export async function readHeadBytes(source: Source): Promise<Uint8Array> {
  const head = await readHead(source.bytes('allowed'));
  return head.length > 0 ? head : readHead(source.bytes());
}

async function readHead(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of bytes) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= HEAD_BYTES) break;
  }
  return new Uint8Array(Buffer.concat(chunks)).subarray(0, HEAD_BYTES);
}
