/** One process at a time has a folder of the memory store. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { lockFolder } from '../../src/store/memory/folder-lock.ts';
import { isRunning, startOf } from '../../src/store/memory/processes.ts';
import { add, newFolder, openIn, textsIn } from './memory-support.ts';

/** A lock as a process that was killed leaves it. */
function leave(folder: string, holder: { pid: number; start: string | null }, nonce = 'left'): void {
  writeFileSync(join(folder, 'lock'), JSON.stringify({ ...holder, nonce }));
}

/** The number of a process that has ended. */
async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid!;
}

describe('the lock of a folder', () => {
  it('refuses a second store, naming the process and the folder, and goes with the first', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    await add(first, 'a');
    await expect(openIn(folder)).rejects.toMatchObject({
      name: 'StoreError',
      kind: 'refused',
      code: 'LOCKED',
      message: `${folder} is in use by process ${process.pid}: stop that one first, or name another folder`,
    });
    await add(first, 'b');
    await first[Symbol.asyncDispose]();
    await using second = await openIn(folder);
    expect(await textsIn(second)).toEqual(['a', 'b']);
  });

  it('is taken over from a process that is gone, which is said', async () => {
    const folder = newFolder();
    const pid = await deadPid();
    leave(folder, { pid, start: 'boot/1' });
    const events: string[] = [];
    await using store = await openIn(folder, { onEvent: ({ message }) => events.push(message) });
    expect(events).toEqual([expect.stringContaining(`locked by process ${pid}, which runs no more`)]);
    expect(await add(store, 'a')).toMatch(/-0$/);
    expect(JSON.parse(readFileSync(join(folder, 'lock'), 'utf8'))).toMatchObject({ pid: process.pid });
  });

  it('is taken over from a process whose number another has now', async (context) => {
    const start = await startOf(process.pid);
    context.skip(start === null, 'this system does not tell when a process started');
    const folder = newFolder();
    leave(folder, { pid: process.pid, start: `${start}0` });
    await using store = await openIn(folder);
    expect(await add(store, 'a')).toMatch(/-0$/);
  });

  it('is taken over where it is not whole, as after a loss of power', async () => {
    const folder = newFolder();
    for (const text of ['', '{"pid":1']) {
      writeFileSync(join(folder, 'lock'), text);
      await using store = await openIn(folder);
      expect(await add(store, 'a')).toMatch(/-0$/);
    }
  });

  it('goes to one of many that try at once, free or left, and leaves nothing else', async () => {
    const pid = await deadPid();
    for (let round = 0; round < 30; round++) {
      const folder = newFolder();
      if (round % 2 === 0) leave(folder, { pid, start: 'boot/1' });
      const tries = await Promise.allSettled(Array.from({ length: 8 }, async () => await lockFolder(folder)));
      const won = tries.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
      const lost = tries.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
      expect(won).toHaveLength(1);
      for (const reason of lost) expect(reason).toMatchObject({ code: 'LOCKED' });
      expect(readdirSync(folder)).toEqual(['lock']);
      await won[0]!.release();
      expect(readdirSync(folder)).toEqual([]);
    }
  });

  it('is taken over though the process that was taking it over is gone too', async () => {
    const folder = newFolder();
    const pid = await deadPid();
    leave(folder, { pid, start: 'boot/1' }, 'first');
    writeFileSync(
      join(folder, 'lock.after.first'),
      JSON.stringify({ pid, start: 'boot/2', nonce: 'second' }),
    );
    const lock = await lockFolder(folder);
    expect(lock.takenFrom).toBe(pid);
    expect(readdirSync(folder)).toEqual(['lock']);
    await lock.release();
  });

  it('waits for nobody while a process that runs is taking it over', async () => {
    const folder = newFolder();
    leave(folder, { pid: await deadPid(), start: 'boot/1' }, 'first');
    const taker = { pid: process.pid, start: await startOf(process.pid), nonce: 'second' };
    writeFileSync(join(folder, 'lock.after.first'), JSON.stringify(taker));
    await expect(lockFolder(folder)).rejects.toMatchObject({ code: 'LOCKED' });
  });

  it('is not released by one it was taken from', async () => {
    const folder = newFolder();
    const lock = await lockFolder(folder);
    leave(folder, { pid: process.pid, start: await startOf(process.pid) }, 'another');
    await lock.release();
    expect(readdirSync(folder)).toEqual(['lock']);
  });
});

it('a process is told to run while it does', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)'], { stdio: 'ignore' });
  await once(child, 'spawn');
  const named = { pid: child.pid!, start: await startOf(child.pid!) };
  expect(await isRunning(named)).toBe(true);
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(await isRunning(named)).toBe(false);
});
