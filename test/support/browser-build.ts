/** The built page for browser tests: built once for whoever needs it, and again when one of its sources is newer. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, rmdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BUILT = join(root, 'dist/dashboard/page/index.html');
const SOURCES = ['src/dashboard/page', 'src/dashboard/views', 'src/dashboard/wire.ts', 'vite.config.ts'];
/** Test files run at the same time: one of them builds, the others wait. */
const LOCK = join(tmpdir(), `ballast-page-${createHash('sha256').update(root).digest('hex').slice(0, 12)}`);
/** Whoever held it for so long is dead. */
const LOCK_LIFE_MS = 60_000;

/** Rejects, with what vite said, where the page cannot be built. */
export async function ensurePage(): Promise<void> {
  while (!isBuilt()) {
    if (!tryLock()) {
      await sleep(100);
      continue;
    }
    try {
      if (!isBuilt()) build();
    } finally {
      rmdirSync(LOCK);
    }
  }
  // One that is being built has its index.html last, and may not be whole before the lock is gone.
  while (modifiedMs(LOCK) > Date.now() - LOCK_LIFE_MS) await sleep(100);
}

function build(): void {
  const vite = join(root, 'node_modules/vite/bin/vite.js');
  const { status, stderr } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the dashboard's page cannot be built:\n${stderr}`);
}

function isBuilt(): boolean {
  const builtMs = modifiedMs(BUILT);
  return SOURCES.every((source) => newestMs(join(root, source)) < builtMs);
}

function newestMs(path: string): number {
  if (!statSync(path).isDirectory()) return modifiedMs(path);
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map(({ parentPath, name }) => modifiedMs(join(parentPath, name))));
}

/** 0: it is not there. */
function modifiedMs(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function tryLock(): boolean {
  try {
    mkdirSync(LOCK);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    if (modifiedMs(LOCK) < Date.now() - LOCK_LIFE_MS) rmdirSync(LOCK);
    return false;
  }
}
