/** Folders for the memory store's tests, what a store holds as plain data, and files that fail. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openDataFolder, type DataFile, type DataFolder } from '../../src/store/memory/data-folder.ts';
import { openMemoryStore, type MemoryStoreOptions } from '../../src/store/memory/memory-store.ts';
import type { EntryId, Store } from '../../src/store/store.ts';
import { walk } from './suite-support.ts';

export const NAMESPACE = 'test';

/** Removed when the test is over. */
export function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-store-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export async function openIn(folder: string, more: Partial<MemoryStoreOptions> = {}): Promise<Store> {
  return await openMemoryStore({ namespace: NAMESPACE, folder, ...more });
}

export async function add(store: Store, text: string, stream = 'test:s'): Promise<EntryId> {
  const [id] = await store.append([{ stream, fields: ['text', text], maxLength: null }]);
  return id!;
}

/** The texts of a stream, in their order. */
export async function textsIn(store: Store, stream = 'test:s'): Promise<string[]> {
  const { streams } = await store.read([{ stream, after: '0-0', count: 1_000_000 }]);
  return streams[0]!.entries.map(({ fields }) => fields[1]!);
}

/** Everything a store holds but for who owns what: that changes with every opening. */
export async function contents(store: Store, components: readonly string[]): Promise<unknown> {
  const keys = [...new Set(await walk(store, ''))].filter((key) => !key.includes(':owner:')).toSorted();
  const { streams } = await store.read(keys.map((stream) => ({ stream, after: '0-0', count: 1_000_000 })));
  const hashes = await store.hashes(keys.map((key) => ({ key, fields: null })));
  const saved = await Promise.all(components.map(async (component) => await store.load(component)));
  return { keys, streams, hashes, saved, known: await store.knownSymbols(0) };
}

/** Called before everything that is done with a file of the folder; what it throws is what happens. */
export type Fault = (
  doing: 'write' | 'sync' | 'truncate' | 'rename' | 'open',
  name: string,
) => Promise<void> | void;

/** A folder whose files fail as `fault` says. A write that fails has written the first half. */
export function failingFolder(fault: Fault): (path: string) => Promise<DataFolder> {
  return async (path) => {
    const folder = await openDataFolder(path);
    return {
      ...folder,
      open: async (name) => {
        await fault('open', name);
        return failingFile(await folder.open(name), name, fault);
      },
      rename: async (from, to) => {
        await fault('rename', to);
        await folder.rename(from, to);
      },
    };
  };
}

export function diskError(code: 'ENOSPC' | 'EIO'): Error {
  return Object.assign(new Error(`${code}: as the test wants it`), { code });
}

function failingFile(file: DataFile, name: string, fault: Fault): DataFile {
  return {
    close: async () => await file.close(),
    write: async (bytes, position) => {
      try {
        await fault('write', name);
      } catch (error) {
        await file.write(bytes.subarray(0, bytes.length >> 1), position);
        throw error;
      }
      await file.write(bytes, position);
    },
    sync: async () => {
      await fault('sync', name);
      await file.sync();
    },
    truncate: async (length) => {
      await fault('truncate', name);
      await file.truncate(length);
    },
  };
}
