/** A disk that cannot keep up: the machine goes on as if nothing were, and what was recorded around the hole is proved. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { Recorder } from '../../src/components/archive/recorder.ts';
import { verify } from '../../src/ops/verify.ts';
import { diskFiles, type ArchiveFiles } from '../../src/runtime/archive/files.ts';
import { openArchive } from '../../src/runtime/archive/writer.ts';
import { scratchFolder } from '../support/cli.ts';
import { testSettings } from '../support/engine-run.ts';
import { ALL, DEAF, drive, entriesOf, type DriveOptions } from '../support/recorded-run.ts';
import type { SavedComponent } from '../../src/store/store.ts';

const START = 1_795_132_800;

it('loses lines of the archive and nothing else', async () => {
  const folder = scratchFolder();
  let isFull = false;
  const files: ArchiveFiles = {
    create: async (path) => {
      const file = await diskFiles.create(path);
      return {
        ...file,
        write: (bytes, position) =>
          isFull ? Promise.reject(new Error('ENOSPC: no space left on device')) : file.write(bytes, position),
      };
    },
  };
  const settings = testSettings();
  const said: string[] = [];
  const archive = openArchive({
    folder,
    name: 'up',
    startedMs: START * 1000,
    flushMs: 1,
    maxQueuedBytes: 600_000,
    files,
    onChange: ({ state }) => said.push(state),
  });
  const recorder = new Recorder({ archive, namespace: 'quantum', settings, modesSet: new Set() });
  const entries = entriesOf({ seed: 3, startSec: START, spanSec: 1200, count: 500 });
  const saved = new Map<string, SavedComponent>();
  const alone = new Map<string, SavedComponent>();
  const options: Omit<DriveOptions, 'listener' | 'entries' | 'untilSec'> = { components: ALL, settings };
  drive({ ...options, entries, untilSec: START + 1200, listener: DEAF, saved: alone });
  // One machine all along: the disk is full in the second of four parts.
  const parts = [0, 1, 2, 3].map((part) => START + part * 300);
  let machineTurn = 0;
  const { machine, goOn } = startDriving(entries, saved);
  for (const from of parts) {
    isFull = machineTurn === 1;
    goOn(from + 300);
    if (machineTurn !== 1) await settled();
    else await sleep(20);
    machineTurn++;
  }
  await archive.close();
  expect(machine.nextTick).toBe(START + 1200);
  expect(saved).toEqual(alone);
  expect(said[0]).toMatch(/waiting|dropping/);
  expect(said).toContain('dropping');
  expect(said.at(-1)).toBe('ok');
  expect(said.length).toBeLessThan(10);
  expect(archive.linesLost).toBeGreaterThan(100);
  const found = await verify([folder]);
  expect(found).toMatchObject({ differences: [], isProved: true });
  expect(found.files[0]?.incomplete.join()).toContain('lines are missing');
  // The first part, and most of the last two: a new stretch begins with the first tick that the disk takes.
  expect(found.ticks).toBeGreaterThan(150);
  expect(found.files[0]?.lastTick).toBe(START + 1195);

  async function settled(): Promise<void> {
    for (let i = 0; i < 600 && archive.status.queuedBytes > 0; i++) await sleep(5);
    expect(archive.status.queuedBytes).toBe(0);
  }

  function startDriving(
    all: typeof entries,
    kept: Map<string, SavedComponent>,
  ): { readonly machine: ReturnType<typeof drive>; readonly goOn: (untilSec: number) => void } {
    const first = all.filter(({ ms }) => ms < START * 1000 + 1000);
    const machine = drive({
      ...options,
      entries: first,
      untilSec: START + 1,
      listener: recorder,
      saved: kept,
    });
    let fromMs = START * 1000 + 1000;
    return {
      machine,
      goOn: (untilSec) => {
        const next = all.filter(({ ms }) => ms >= fromMs && ms < untilSec * 1000);
        drive({ ...options, entries: next, untilSec, listener: recorder, saved: kept, machine });
        fromMs = untilSec * 1000;
      },
    };
  }
});
