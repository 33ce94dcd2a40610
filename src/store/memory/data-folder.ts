/** The few things the memory store does with files, so that tests can let them fail. */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../store.ts';

export interface DataFile {
  /** All of `bytes`, from `position` on. */
  write(bytes: Uint8Array, position: number): Promise<void>;
  /** Resolves once what was written is on the disk. */
  sync(): Promise<void>;
  truncate(length: number): Promise<void>;
  close(): Promise<void>;
}

export interface DataFolder {
  readonly path: string;
  list(): Promise<string[]>;
  /** Made where it is not there. */
  open(name: string): Promise<DataFile>;
  read(name: string): AsyncIterable<Buffer>;
  rename(from: string, to: string): Promise<void>;
  remove(name: string): Promise<void>;
  /** Resolves once names made, changed and removed are on the disk. */
  sync(): Promise<void>;
}

/** Makes the folder where it is not there. */
export async function openDataFolder(path: string): Promise<DataFolder> {
  await mkdir(path, { recursive: true });
  return {
    path,
    list: async () => await readdir(path),
    open: async (name) => dataFile(await openToWrite(join(path, name))),
    read: (name) => createReadStream(join(path, name), { highWaterMark: 1 << 20 }),
    rename: async (from, to) => await rename(join(path, from), join(path, to)),
    remove: async (name) => await rm(join(path, name), { force: true }),
    sync: async () => {
      const handle = await open(path, 'r');
      try {
        await handle.sync();
      } finally {
        await handle.close();
      }
    },
  };
}

/** What the operating system called the error: `ENOSPC`, `EIO`. */
export function errorCode(error: unknown): string {
  if (error instanceof StoreError) return error.code;
  const code = error instanceof Error && 'code' in error ? error.code : null;
  return typeof code === 'string' ? code : 'EIO';
}

export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** To write anywhere in it, what it holds kept; made where it is not there. */
async function openToWrite(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r+');
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    return await open(path, 'w+', 0o640);
  }
}

function dataFile(handle: FileHandle): DataFile {
  return {
    write: async (bytes, position) => {
      for (let done = 0; done < bytes.length;)
        done += (await handle.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
    },
    sync: async () => await handle.datasync(),
    truncate: async (length) => await handle.truncate(length),
    close: async () => await handle.close(),
  };
}
