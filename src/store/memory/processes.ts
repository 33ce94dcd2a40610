/** Whether a process that was named before still runs: its number may have gone to another since. */
import { readFile } from 'node:fs/promises';
import { errorCode } from './data-folder.ts';

export interface Process {
  readonly pid: number;
  /** When it started, as a text to compare; null where the system does not tell. */
  readonly start: string | null;
}

export async function isRunning({ pid, start }: Process): Promise<boolean> {
  const isLinux = (await startOf(process.pid)) !== null;
  if (!isLinux || start === null) return answers(pid);
  return (await startOf(pid)) === start;
}

/** Boot and ticks since; null where there is no such process, or the system does not tell. */
export async function startOf(pid: number): Promise<string | null> {
  const stat = await textOf(`/proc/${pid}/stat`);
  const boot = await textOf('/proc/sys/kernel/random/boot_id');
  if (stat === null || boot === null) return null;
  // After the name, which may hold anything: state is field 3, the start field 22.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isDead = fields[0] === 'Z' || fields[0] === 'X';
  return isDead ? null : `${boot.trim()}/${fields[19]}`;
}

function answers(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return errorCode(error) !== 'ESRCH';
  }
}

async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'ENOTDIR'].includes(errorCode(error))) return null;
    throw error;
  }
}
