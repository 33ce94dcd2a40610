/**
 * One process at a time has a folder: a file `lock` names it. Where that process is gone, another takes the file's place;
 * of several that try at once, one does.
 */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { StoreError } from '../store.ts';
import { errorCode, errorText } from './data-folder.ts';
import { isRunning, startOf, type Process } from './processes.ts';

export interface FolderLock {
  /** Says which process it was taken over from; null: it was free. */
  readonly takenFrom: number | null;
  release(): Promise<void>;
}

interface Holder extends Process {
  /** Tells this lock from any other, of the same process too. */
  readonly nonce: string;
}

/** Rejects with `refused`, `LOCKED` where a process that runs has the folder. */
export async function lockFolder(folder: string, pid = process.pid): Promise<FolderLock> {
  const lock = join(folder, 'lock');
  const mine: Holder = { pid, start: await startOf(pid), nonce: randomUUID() };
  const text = JSON.stringify(mine);
  const draft = join(folder, `lock.${mine.nonce}`);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    for (;;) {
      if (await linked(draft, lock)) return lockOf(lock, text, null);
      const before = await textOf(lock);
      if (before === null) continue;
      const tickets = await queueBehind(folder, before, draft);
      if (tickets === null) continue;
      const isStill = (await textOf(lock)) === before;
      // Only who holds the ticket for this text may replace it: it cannot change in between.
      if (isStill) await rename(draft, lock);
      for (const ticket of tickets) await rm(ticket, { force: true });
      if (isStill) return lockOf(lock, text, holderOf(before)?.pid ?? 0);
    }
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const reason = `${folder} cannot be locked (${errorText(error)}): is it a folder this user may write?`;
    throw new StoreError('refused', errorCode(error), reason, error);
  } finally {
    await rm(draft, { force: true });
  }
}

/**
 * Takes the ticket to replace a lock whose process is gone, one for each lock that ever was. Where the taker of it is gone
 * too, the ticket behind that one, and so on. The tickets, or null where the lock has changed meanwhile.
 */
async function queueBehind(folder: string, lockText: string, draft: string): Promise<string[] | null> {
  const tickets: string[] = [];
  for (let before = lockText; ;) {
    const holder = holderOf(before);
    if (holder !== null && (await isRunning(holder))) throw locked(folder, holder.pid);
    const ticket = join(folder, `lock.after.${holder?.nonce ?? 'unreadable'}`);
    tickets.push(ticket);
    if (await linked(draft, ticket)) return tickets;
    const taker = await textOf(ticket);
    if (taker === null || taker === before) return null;
    before = taker;
  }
}

function lockOf(path: string, text: string, takenFrom: number | null): FolderLock {
  return {
    takenFrom,
    release: async () => {
      if ((await textOf(path)) === text) await rm(path, { force: true });
    },
  };
}

/** Whether the name was free. The file is whole from the first moment on. */
async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return null;
    throw error;
  }
}

/** Null where it is not whole, as after a crash of the machine. */
function holderOf(text: string): Holder | null {
  const match = /^\{"pid":(\d+),"start":(?:"([^"]*)"|null),"nonce":"([\w-]+)"\}$/.exec(text);
  return match === null ? null : { pid: Number(match[1]), start: match[2] ?? null, nonce: match[3]! };
}

function locked(folder: string, pid: number): StoreError {
  return new StoreError(
    'refused',
    'LOCKED',
    `${folder} is in use by process ${pid}: stop that one first, or name another folder`,
  );
}
