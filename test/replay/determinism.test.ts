/** The same events and settings give the same bytes, however the events come in. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { scratchFolder } from '../support/cli.ts';
import { eventLines, seededRandom } from '../support/event-lines.ts';
import {
  expectSame,
  joinLines,
  lineTimeSec,
  randomCuts,
  replayFiles,
  replayPieces,
} from '../support/replay-runs.ts';

const GOLDEN = fileURLToPath(new URL('../golden', import.meta.url));
const SETTINGS = ['--set', 'APPLY_MODE=production', '--set', 'GOV_MAX_EXEC_PER_HOUR=500'];
const feed = (seed: number, events = 900): string[] => [
  ...eventLines({ seed, events, symbols: 6, spanSec: 6 * 3600 }),
];

function write(folder: string, name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('the same events', () => {
  it('give the same bytes twice, and there is something in them', async () => {
    const folder = scratchFolder();
    const file = write(folder, 'feed.jsonl', joinLines(feed(1)));
    const one = await replayFiles([file], join(folder, 'one'), SETTINGS);
    const two = await replayFiles([file], join(folder, 'two'), SETTINGS);
    expectSame(two.decisions, one.decisions);
    expectSame(two.final, one.final);
    const types = new Set(
      one.decisions
        .trim()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type),
    );
    expect([...types].sort()).toEqual([
      'allocation',
      'attribution',
      'block',
      'budget',
      'efficiency',
      'permit',
      'proposal',
    ]);
    expect(JSON.parse(one.final)).toMatchObject({ duplicates: expect.toSatisfy((n: number) => n > 0) });
  });

  it('give the same from a gzipped file', async () => {
    const folder = scratchFolder();
    const text = joinLines(feed(2));
    const plain = await replayFiles([write(folder, 'a.jsonl', text)], join(folder, 'a'));
    const zipped = await replayFiles([write(folder, 'b.dat', gzipSync(text))], join(folder, 'b'));
    expectSame(zipped.decisions, plain.decisions);
    expectSame(zipped.final, plain.final);
  });

  it('give the same with other line ends, blank lines and a byte order mark', async () => {
    const folder = scratchFolder();
    const lines = feed(3);
    const plain = await replayFiles([write(folder, 'a.jsonl', joinLines(lines))], join(folder, 'a'));
    const other = `\uFEFF${lines.join('\r\n\r\n')}`;
    const same = await replayFiles([write(folder, 'b.jsonl', other)], join(folder, 'b'));
    expectSame(same.decisions, plain.decisions);
    expectSame(same.final, plain.final);
  });

  it('give the same from a file that is not in order of time', async () => {
    const folder = scratchFolder();
    // Every event its own time: among equal ones the order of the lines counts.
    const lines = feed(4).filter((line, i) => i % 3 !== 0 && line.includes('"ts"'));
    const random = seededRandom(4);
    const shuffled = lines
      .map((line) => ({ line, at: random() }))
      .sort((a, b) => a.at - b.at)
      .map(({ line }) => line);
    const sorted = await replayFiles([write(folder, 'a.jsonl', joinLines(lines))], join(folder, 'a'));
    const same = await replayFiles([write(folder, 'b.jsonl', joinLines(shuffled))], join(folder, 'b'));
    expectSame(same.decisions, sorted.decisions);
    expectSame(same.final, sorted.final);
  });
});

describe('a run cut into pieces with --save and --load', () => {
  it.each([1, 2, 3, 4, 5, 6])('gives the bytes of the whole, seed %i', async (seed) => {
    const folder = scratchFolder();
    const lines = feed(100 + seed);
    const flags = seed % 2 === 0 ? SETTINGS : ['--set', 'P31_HOLD_BASIS=trade_rate'];
    const whole = await replayFiles(
      [write(folder, 'feed.jsonl', joinLines(lines))],
      join(folder, 'whole'),
      flags,
    );
    const cuts = randomCuts(lines.length, 7, seededRandom(seed));
    const pieces = await replayPieces(lines, cuts, folder, flags);
    expectSame(pieces.decisions, whole.decisions);
    expectSame(pieces.final, whole.final);
  });

  it('gives the bytes of the whole at every tick shown, too', async () => {
    const folder = scratchFolder();
    const lines = feed(7, 150);
    const flags = ['--emit', 'all', ...SETTINGS];
    const whole = await replayFiles(
      [write(folder, 'feed.jsonl', joinLines(lines))],
      join(folder, 'whole'),
      flags,
    );
    const pieces = await replayPieces(lines, randomCuts(lines.length, 4, seededRandom(7)), folder, flags);
    expectSame(pieces.decisions, whole.decisions);
    expectSame(pieces.final, whole.final);
  });

  it('is not disturbed by a piece without one event that can be used', async () => {
    const folder = scratchFolder();
    const lines = [...feed(8, 200), ...Array.from({ length: 5 }, () => '{"ts":'), ...feed(8, 1)];
    const usable = lines.slice(0, -1);
    const whole = await replayFiles([write(folder, 'f.jsonl', joinLines(usable))], join(folder, 'whole'));
    const pieces = await replayPieces(usable, [100, 200], folder);
    expectSame(pieces.decisions, whole.decisions);
    expectSame(pieces.final, whole.final);
  });

  const names = readdirSync(GOLDEN)
    .filter((file) => file.endsWith('.events.jsonl'))
    .map((file) => file.replace('.events.jsonl', ''));
  it('has the golden vectors to cut', () => {
    expect(names.length).toBeGreaterThanOrEqual(9);
  });
  it.each(names)('gives the bytes of the whole with the golden vector %s', async (name) => {
    const folder = scratchFolder();
    const lines = readFileSync(join(GOLDEN, `${name}.events.jsonl`), 'utf8')
      .trim()
      .split('\n');
    const sorted = [...lines].sort((a, b) => lineTimeSec(a) - lineTimeSec(b));
    const settingsFile = join(GOLDEN, `${name}.settings.json`);
    const settings = existsSync(settingsFile)
      ? (JSON.parse(readFileSync(settingsFile, 'utf8')) as Record<string, unknown>)
      : {};
    const flags = Object.entries(settings).flatMap(([key, value]) => ['--set', `${key}=${String(value)}`]);
    const whole = await replayFiles([join(GOLDEN, `${name}.events.jsonl`)], join(folder, 'whole'), flags);
    for (const seed of [1, 2]) {
      const cuts = randomCuts(sorted.length, 5, seededRandom(seed));
      const pieces = await replayPieces(sorted, cuts, folder, flags);
      expectSame(pieces.decisions, whole.decisions);
      expectSame(pieces.final, whole.final);
    }
  });
});
