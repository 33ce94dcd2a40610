/** The store as a report finds it: Redis by the settings, or a data folder nobody else has open. */
import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { redisUrl, type RuntimeSettings } from '../contract/runtime-settings.ts';
import { DEFAULT_DATA } from './default-data.ts';
import { InputError } from '../replay/formats/format.ts';
import { StoreError, type Store } from '../store/store.ts';

/** An open store, or why there is none to read: nobody named one, or the process that has it keeps it to itself. */
export type ReportStore =
  | { readonly store: Store; readonly folder: string | null; readonly why: null }
  | { readonly store: null; readonly folder: string | null; readonly why: string };

/** Where `up` keeps the embedded store unless told otherwise. */

const CONNECT_MS = 3000;
const DEADLINE_MS = 3000;

/** Rejects with `InputError`, in one line, where the store that was named cannot be had. */
export async function openReportStore(
  runtime: RuntimeSettings,
  data: string | undefined,
  folder: string,
): Promise<ReportStore> {
  if (data !== undefined) return await openFolder(resolve(folder, data), data, runtime.BALLAST_NAMESPACE);
  const url = redisUrl(runtime);
  if (url === null) {
    if (existsSync(resolve(folder, DEFAULT_DATA)))
      return await openFolder(resolve(folder, DEFAULT_DATA), DEFAULT_DATA, runtime.BALLAST_NAMESPACE);
    const why = `REDIS_URL is not set and there is no ${DEFAULT_DATA} here: set it, or give --data DIR`;
    return { store: null, folder: null, why };
  }
  return {
    store: await openRedis(url, runtime.BALLAST_NAMESPACE),
    folder: null,
    why: null,
  };
}

/** What a report does with a store, its refusals said in one line. */
export async function readingFrom<Value>(read: () => Promise<Value>): Promise<Value> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof StoreError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}

async function openRedis(url: string, namespace: string): Promise<Store> {
  // Its client takes longer to load than all the rest: only where there is a Redis to ask.
  const { openRedisStore } = await import('../store/redis/redis-store.ts');
  let timer: NodeJS.Timeout | undefined;
  let store: Store | null = null;
  try {
    await new Promise<void>((resolve, reject) => {
      timer = setTimeout(
        () => reject(new InputError(`REDIS_URL: no answer within ${CONNECT_MS / 1000} s`)),
        CONNECT_MS,
      );
      store = openRedisStore({
        url,
        namespace,
        deadlineMs: DEADLINE_MS,
        onEvent: ({ kind, message }) => {
          if (kind === 'connected') resolve();
          else reject(new InputError(`REDIS_URL: ${message}`));
        },
      });
    });
    return store!;
  } catch (error) {
    await (store as Store | null)?.[Symbol.asyncDispose]();
    if (error instanceof RangeError) throw new InputError(error.message, { cause: error });
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** Opening would make a folder that is not there. */
async function openFolder(folder: string, given: string, namespace: string): Promise<ReportStore> {
  const found = await stat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
    throw new InputError(`--data ${given}: cannot be read (${error.message})`, { cause: error });
  });
  if (found?.isDirectory() !== true)
    throw new InputError(`--data ${given}: is no folder; name the one the components were started with`);
  const { openMemoryStore } = await import('../store/memory/memory-store.ts');
  try {
    return { store: await openMemoryStore({ namespace, folder }), folder, why: null };
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    if (error.code !== 'LOCKED') throw new InputError(`--data ${given}: ${error.message}`, { cause: error });
    const pid = /by process (\d+)/.exec(error.message)?.[1] ?? 'unknown';
    return { store: null, folder, why: `process ${pid} has ${given} to itself` };
  }
}
