import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { diskFiles, type ArchiveFiles } from './files.ts';
import { archiveFilesIn } from './reader.ts';
import { openArchive, type ArchiveOptions, type ArchiveStatus } from './writer.ts';

function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'ballast-archive-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function options(folder: string, changed: Partial<ArchiveOptions> = {}): ArchiveOptions {
  return { folder, name: 'up', startedMs: 1_795_218_600_000, onChange: () => undefined, ...changed };
}

const DAY = '2026-11-20';
const wholeLines = (path: string): string[] => gunzipSync(readFileSync(path)).toString('utf8').split('\n');

/** A disk that does what it is told. */
function disk(write: () => Promise<void> | null): ArchiveFiles {
  return {
    create: async (path) => {
      const file = await diskFiles.create(path);
      return { ...file, write: (bytes, position) => write() ?? file.write(bytes, position) };
    },
  };
}

const full = (): Promise<never> =>
  Promise.reject(Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' }));

async function until(holds: () => boolean): Promise<void> {
  for (let i = 0; i < 800 && !holds(); i++) await sleep(5);
  expect(holds()).toBe(true);
}

describe('the archive', () => {
  it('is one gzip file a day, which any reader of gzip reads whole', async () => {
    const folder = scratch();
    const archive = openArchive(options(folder));
    const lines = Array.from({ length: 20_000 }, (_, i) =>
      JSON.stringify({ type: 'x', i, text: 'grüße '.repeat(i % 9) }),
    );
    for (const line of lines.slice(0, 12_000)) archive.write(DAY, line);
    for (const line of lines.slice(12_000)) archive.write('2026-11-21', line);
    await archive.close();
    const files = archiveFilesIn(folder);
    expect(files).toEqual([
      join(folder, DAY, 'up.1795218600000.jsonl.gz'),
      join(folder, '2026-11-21', 'up.1795218600000.jsonl.gz'),
    ]);
    const end = ['{"type":"end"}', ''];
    expect(wholeLines(files[0]!)).toEqual([...lines.slice(0, 12_000), ...end]);
    expect(wholeLines(files[1]!)).toEqual([...lines.slice(12_000), ...end]);
    expect(archive.status).toMatchObject({ state: 'ok', linesWritten: 20_000, linesLost: 0, queuedBytes: 0 });
  });

  it('packs small pieces as well as one stream would', async () => {
    const folder = scratch();
    const archive = openArchive(options(folder, { flushMs: 1 }));
    const lines = Array.from({ length: 60 }, (_, i) =>
      Array.from(
        { length: 20 },
        (_, j) => `{"type":"execution","ts":${i * 20 + j},"symbol":"BTCUSDT","signal":"breakout"}`,
      ),
    );
    for (const some of lines) {
      for (const line of some) archive.write(DAY, line);
      const count = archive.status.linesWritten + 20;
      await until(() => archive.status.linesWritten >= count);
    }
    await archive.close();
    const [path] = archiveFilesIn(folder);
    expect(wholeLines(path!)).toEqual([...lines.flat(), '{"type":"end"}', '']);
    expect(readFileSync(path!).length).toBeLessThan(lines.flat().join('\n').length / 8);
  });

  it('never adds to a file that is there', async () => {
    const folder = scratch();
    for (const text of ['first', 'second']) {
      const archive = openArchive(options(folder));
      archive.write(DAY, text);
      await archive.close();
    }
    const files = archiveFilesIn(folder);
    expect(files.map((file) => file.slice(folder.length))).toEqual([
      `/${DAY}/up.1795218600000.jsonl.gz`,
      `/${DAY}/up.1795218600000.2.jsonl.gz`,
    ]);
    expect(files.map((file) => wholeLines(file)[0])).toEqual(['first', 'second']);
  });

  it('begins another file where a day comes again', async () => {
    const folder = scratch();
    const archive = openArchive(options(folder));
    for (const day of [DAY, '2026-11-21', DAY]) archive.write(day, `line of ${day}`);
    await archive.close();
    expect(archiveFilesIn(folder).map((file) => wholeLines(file).slice(0, -1))).toEqual(
      [DAY, DAY, '2026-11-21'].map((day) => [`line of ${day}`, '{"type":"end"}']),
    );
  });
});

describe('a full disk', () => {
  it('stops nobody; what was queued is written once there is room again, without a hole', async () => {
    const folder = scratch();
    let isFull = true;
    const said: ArchiveStatus[] = [];
    const files = disk(() => (isFull ? full() : null));
    const archive = openArchive(
      options(folder, { files, flushMs: 1, onChange: (status) => said.push(status) }),
    );
    for (let i = 0; i < 500; i++) archive.write(DAY, `{"type":"x","i":${i}}`);
    await until(() => archive.state === 'waiting');
    isFull = false;
    await until(() => archive.status.linesWritten === 500);
    await archive.close();
    expect(wholeLines(archiveFilesIn(folder)[0]!)).toHaveLength(502);
    expect(said.map(({ state, linesLost }) => [state, linesLost])).toEqual([
      ['waiting', 0],
      ['ok', 0],
    ]);
    expect(said[0]?.lastError).toContain('ENOSPC');
  });

  it('writes half a piece again at its place', async () => {
    const folder = scratch();
    let fails = 1;
    const files: ArchiveFiles = {
      create: async (path) => {
        const file = await diskFiles.create(path);
        return {
          ...file,
          write: async (bytes, position) => {
            if (position > 0 && fails-- > 0) {
              await file.write(
                bytes.subarray(0, bytes.length >> 1).map((byte) => byte ^ 0xff),
                position,
              );
              await full();
            }
            await file.write(bytes, position);
          },
        };
      },
    };
    const archive = openArchive(options(folder, { files, flushMs: 1 }));
    for (let i = 0; i < 3; i++) {
      archive.write(DAY, `line ${i} ${'x'.repeat(i * 50)}`);
      await until(() => archive.status.linesWritten === i + 1);
    }
    await archive.close();
    expect(fails).toBeLessThan(1);
    expect(wholeLines(archiveFilesIn(folder)[0]!).map((line) => line.slice(0, 6))).toEqual([
      'line 0',
      'line 1',
      'line 2',
      '{"type',
      '',
    ]);
  });

  it('drops lines past the bound, counts them, says so once, and marks where they are missing', async () => {
    const folder = scratch();
    let isFull = true;
    const said: ArchiveStatus[] = [];
    const files = disk(() => (isFull ? full() : null));
    const archive = openArchive(
      options(folder, { files, flushMs: 1, maxQueuedBytes: 10_000, onChange: (status) => said.push(status) }),
    );
    const line = (i: number): string => `{"i":${String(i).padStart(12, '0')}}`;
    for (let i = 0; i < 5000; i++) archive.write(DAY, line(i));
    expect(archive.state).toBe('dropping');
    expect(archive.status.queuedBytes).toBeLessThanOrEqual(10_000);
    const { linesLost } = archive;
    expect(linesLost).toBeGreaterThan(4000);
    isFull = false;
    await until(() => archive.state === 'ok');
    archive.write(DAY, line(9999));
    await archive.close();
    const kept = 5000 - linesLost;
    expect(wholeLines(archiveFilesIn(folder)[0]!)).toEqual([
      ...Array.from({ length: kept }, (_, i) => line(i)),
      `{"type":"missing","lines":${linesLost}}`,
      line(9999),
      '{"type":"end"}',
      '',
    ]);
    expect(said.map(({ state }) => state)).toEqual(['dropping', 'ok']);
  });

  it('where not even the folder can be made, is said and tried again', async () => {
    const folder = join(scratch(), 'a');
    writeFileSync(folder, 'in the way');
    const archive = openArchive(options(folder, { flushMs: 1 }));
    archive.write(DAY, 'line');
    await until(() => archive.state === 'waiting');
    rmSync(folder);
    mkdirSync(folder);
    await until(() => archive.status.linesWritten === 1);
    await archive.close();
    expect(wholeLines(archiveFilesIn(folder)[0]!)[0]).toBe('line');
  });
});

describe('a slow disk', () => {
  it('makes nobody wait: lines past the bound are dropped meanwhile', async () => {
    const folder = scratch();
    let release = (): void => undefined;
    const slow = new Promise<void>((resolve) => (release = resolve));
    const files: ArchiveFiles = {
      create: async (path) => {
        const file = await diskFiles.create(path);
        return { ...file, write: async (bytes, position) => slow.then(() => file.write(bytes, position)) };
      },
    };
    const archive = openArchive(options(folder, { files, flushMs: 1, maxQueuedBytes: 100_000 }));
    const started = performance.now();
    for (let i = 0; i < 20_000; i++) archive.write(DAY, `{"type":"x","i":${i}}`);
    expect(performance.now() - started).toBeLessThan(1000);
    expect(archive.state).toBe('dropping');
    release();
    await until(() => archive.state === 'ok');
    await archive.close();
    expect(archive.status.linesWritten + archive.linesLost).toBe(20_001);
  });

  it('holds up a stop for a second at most; what is lost by it is counted', async () => {
    const never = new Promise<void>(() => undefined);
    const archive = openArchive(options(scratch(), { files: disk(() => never), flushMs: 1 }));
    for (let i = 0; i < 7; i++) archive.write(DAY, `line ${i}`);
    const started = performance.now();
    await archive.close();
    expect(performance.now() - started).toBeLessThan(1500);
    expect(archive.linesLost).toBe(7);
    archive.write(DAY, 'too late');
    expect(archive.linesLost).toBe(8);
  });
});
