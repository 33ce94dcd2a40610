/** The names of a request's files, and how a file gets there: whole from the first moment on, for its user only. */
import { randomUUID } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Inside the data folder; only the user of the process may look in. */
export const CONTROL_FOLDER = 'control';
export const FILE_MODE = 0o600;
export const FOLDER_MODE = 0o700;

const SUFFIXES = { request: '.request.json', taken: '.taken.json', answer: '.answer.json' } as const;
export type ControlFile = keyof typeof SUFFIXES;

export function controlPath(folder: string, id: string, file: ControlFile): string {
  return join(folder, `${id}${SUFFIXES[file]}`);
}

/** The id of a request whose file has this name; null where it is another file. */
export function requestId(name: string): string | null {
  return /^([\w-]{1,64})\.request\.json$/.exec(name)?.[1] ?? null;
}

/** A file that appears whole under its name. */
export async function placeFile(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, text, { mode: FILE_MODE, flag: 'wx' });
  await rename(draft, path);
}

/** Null where there is no such file. */
export async function fileText(path: string): Promise<string | null> {
  return await unlessGone(readFile(path, 'utf8'));
}

/** What a call about a file gives; null where the file is not there. */
export async function unlessGone<Value>(call: Promise<Value>): Promise<Value | null> {
  try {
    return await call;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
