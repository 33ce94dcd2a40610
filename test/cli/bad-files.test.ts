/** Files that cannot be used: exit 1, one line that says which and why, and nothing half-written. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { folderContents, runCli, scratchFolder } from '../support/cli.ts';
import { seededRandom } from '../support/event-lines.ts';

const GOOD = Array.from(
  { length: 400 },
  (_, i) => `{"ts":${1_700_000_000 + i},"symbol":"BTC","pnl":${i}}\n`,
).join('');
const random = seededRandom(5);
const GARBAGE = Uint8Array.from({ length: 5000 }, () => Math.floor(random() * 256));

/** A gzip file whose checksum does not fit. */
function damaged(): Uint8Array {
  const bytes = gzipSync(GOOD);
  bytes[bytes.length - 6]! ^= 0x55;
  return bytes;
}

const FILES: Readonly<Record<string, string | Uint8Array>> = {
  'empty.jsonl': '',
  'empty.gz': gzipSync(''),
  'cut.gz': gzipSync(GOOD).subarray(0, 200),
  'stump.gz': gzipSync(GOOD).subarray(0, 2),
  'damaged.gz': damaged(),
  'garbage.bin': GARBAGE,
  'columns.csv': 'a,b,c\n1,2,3\n',
  'other.json': '[1,2,3]',
  'list.txt': 'hello\nworld\n',
};

/** A folder with a good file, an output folder of a run before, and whatever a test adds. */
function surroundings(): { folder: string; good: string; out: string } {
  const folder = scratchFolder();
  const out = join(folder, 'out');
  mkdirSync(out);
  for (const name of ['decisions.jsonl', 'final.json', 'rejected.jsonl', 'suspects.jsonl', 'notes.txt'])
    writeFileSync(join(out, name), `what was in ${name} before\n`);
  const good = join(folder, 'good.jsonl');
  writeFileSync(good, GOOD);
  return { folder, good, out };
}

async function expectRefused(words: readonly string[], folder: string): Promise<string> {
  const before = folderContents(folder);
  const { code, out, errors } = await runCli(words);
  expect(errors).toHaveLength(1);
  expect(code).toBe(1);
  expect(out).toBe('');
  expect(errors[0]).toMatch(/^ballast: /);
  expect(folderContents(folder)).toEqual(before);
  return errors[0]!;
}

describe('a file that cannot be read', () => {
  it.each([
    ['empty.jsonl', 'is empty'],
    ['empty.gz', 'is empty'],
    ['cut.gz', 'ends too early'],
    ['stump.gz', 'ends too early'],
    ['damaged.gz', 'is damaged'],
    ['garbage.bin', 'in none of the formats'],
    ['columns.csv', 'in none of the formats'],
    ['other.json', ''],
    ['list.txt', 'in none of the formats'],
  ])('%s is refused: %s', async (name, why) => {
    const { folder, out } = surroundings();
    const path = join(folder, name);
    writeFileSync(path, FILES[name]!);
    const line = await expectRefused(['replay', path, '--out', out], folder);
    expect(line).toContain(path);
    expect(line).toContain(why);
    await expectRefused(['import', path, '--out', join(folder, 'new.jsonl')], folder);
  });

  it('after good ones spoils the whole run', async () => {
    const { folder, good, out } = surroundings();
    const bad = join(folder, 'z.gz');
    // Its first bytes are fine: the fault shows in the middle of the run.
    const big = Array.from(
      { length: 30_000 },
      (_, i) => `{"ts":${1_700_000_000 + i},"symbol":"E","pnl":${random()}}\n`,
    );
    const bytes = gzipSync(big.join(''));
    writeFileSync(bad, bytes.subarray(0, bytes.length - 40));
    await expectRefused(['replay', bad, '--out', out], folder);
    writeFileSync(good, GOOD.replaceAll('"ts":17', '"ts":16'));
    await expectRefused(['replay', good, bad, '--out', out], folder);
  });

  it.each([
    ['that is not there', 'none.jsonl', 'there is no such file'],
    ['that is a folder', 'out', 'is a directory'],
    ['below a file', 'good.jsonl/x', ''],
    ['that is a link to itself', 'loop', ''],
    ['with too long a name', 'n'.repeat(300), ''],
  ])('%s is refused', async (_what, name, why) => {
    const { folder, out } = surroundings();
    symlinkSync('loop', join(folder, 'loop'));
    const path = join(folder, name);
    const { code, errors } = await runCli(['replay', path, '--out', out]);
    expect(errors).toHaveLength(1);
    expect(code).toBe(1);
    expect(errors[0]).toContain(name);
    expect(errors[0]).toContain(why);
  });

  it.each(['fills-csv', 'trades-csv'])('as %s says which columns are missing', async (format) => {
    const { folder, out } = surroundings();
    const path = join(folder, 'columns.csv');
    writeFileSync(path, FILES['columns.csv']!);
    const line = await expectRefused(['replay', path, '--format', format, '--out', out], folder);
    expect(line).toMatch(/missing/);
    expect(line).toContain('a, b, c');
  });
});

describe('lines that cannot be used', () => {
  it('end the run at the first with --strict, with its place and reason', async () => {
    const { folder, out } = surroundings();
    const path = join(folder, 'mixed.jsonl');
    writeFileSync(path, `${GOOD}{"ts":1700000500,"symbol":"BTC"}\nno json\n`);
    const line = await expectRefused(['replay', path, '--out', out, '--strict'], folder);
    expect(line).toContain(`${path}:401: missing_pnl`);
  });

  it('are allowed by --strict where there are none', async () => {
    const { good } = surroundings();
    expect((await runCli(['replay', good, '--strict'])).code).toBe(0);
  });

  it('cannot send control characters to a terminal, and take one line each', async () => {
    const { folder } = surroundings();
    const path = join(folder, 'evil.jsonl');
    const evil = [
      '\u001b[31mred\u001b[2J',
      '{"ts":1700000001,"symbol":"B\u009b31m\u202eTC","pnl":1}',
      '{"ts":\r1x\u0007}',
    ];
    writeFileSync(path, `{"ts":1700000000,"symbol":"BTC","pnl":1}\n${evil.join('\n')}\n`);
    const replayed = await runCli(['replay', path]);
    const strict = await runCli(['replay', path, '--strict']);
    const imported = await runCli(['import', path]);
    const shown = [replayed.out, ...strict.errors, ...imported.errors].join('\n');
    expect(shown).toContain('evil.jsonl:2');
    expect(shown.match(/(?!\n)[\p{Cc}\u202e]/gu) ?? []).toEqual([]);
  });
});

describe('output that cannot be written', () => {
  it('is refused where the folder is a file, or below one', async () => {
    const { folder, good } = surroundings();
    expect(await expectRefused(['replay', good, '--out', good], folder)).toContain(`--out ${good}`);
    await expectRefused(['replay', good, '--out', join(good, 'x')], folder);
    await expectRefused(['import', good, '--out', join(good, 'x')], folder);
    await expectRefused(['import', good, '--out', join(folder, 'none', 'x')], folder);
  });

  it('is refused where one of its files cannot be begun', async () => {
    const { folder, good, out } = surroundings();
    mkdirSync(join(out, 'suspects.jsonl.partial'));
    await expectRefused(['replay', good, '--out', out], folder);
  });

  it('is refused where one of its files cannot be put in place', async () => {
    const { folder, good } = surroundings();
    const out = join(folder, 'odd');
    mkdirSync(join(out, 'final.json'), { recursive: true });
    writeFileSync(join(out, 'decisions.jsonl'), 'before\n');
    await expectRefused(['replay', good, '--out', out], folder);
  });

  it('leaves the output folder alone where the state cannot be saved', async () => {
    const { folder, good, out } = surroundings();
    await expectRefused(['replay', good, '--out', out, '--save', join(folder, 'none', 'state')], folder);
  });

  it('leaves no partial state where a folder is in its place', async () => {
    const { folder, good, out } = surroundings();
    await expectRefused(['replay', good, '--save', out], folder);
  });
});

describe('a state that cannot be loaded', () => {
  const later = '{"ts":1700001000,"symbol":"BTC","pnl":1}\n';

  async function saved(): Promise<ReturnType<typeof surroundings> & { state: string; next: string }> {
    const around = surroundings();
    const state = join(around.folder, 'state.json');
    expect((await runCli(['replay', around.good, '--save', state])).code).toBe(0);
    const next = join(around.folder, 'next.jsonl');
    writeFileSync(next, later);
    return { ...around, state, next };
  }

  it('is refused where it is garbage, another JSON, cut off or missing', async () => {
    const { folder, next, out, state } = await saved();
    const whole = Buffer.from(folderContents(folder)['state.json']!, 'base64').toString();
    for (const text of ['', 'garbage', '{}', '[]', 'null', '{"kind":"x"}', whole.slice(0, -9)]) {
      writeFileSync(state, text);
      expect(await expectRefused(['replay', next, '--load', state, '--out', out], folder)).toContain(state);
    }
    await expectRefused(['replay', next, '--load', join(folder, 'none'), '--out', out], folder);
    await expectRefused(['replay', next, '--load', folder, '--out', out], folder);
  });

  it.each([
    'settings',
    'pipeline',
    'record',
    'pipeline.portfolio',
    'pipeline.next',
    'record.ledger',
    'pipeline.governor',
  ])('is refused where it has no %s', async (path) => {
    const { folder, next, out, state } = await saved();
    const value = JSON.parse(
      Buffer.from(folderContents(folder)['state.json']!, 'base64').toString(),
    ) as object;
    const names = path.split('.');
    const parent = names
      .slice(0, -1)
      .reduce<object>((found, name) => Reflect.get(found, name) as object, value);
    expect(Reflect.deleteProperty(parent, names.at(-1)!)).toBe(true);
    writeFileSync(state, JSON.stringify(value));
    const line = await expectRefused(['replay', next, '--load', state, '--out', out], folder);
    expect(line).toContain(state);
    expect(line).not.toMatch(/undefined|Cannot/);
  });

  it('is refused where it was saved with other settings, which it names', async () => {
    const { folder, next, out, state } = await saved();
    const flags = ['--set', 'P30_EWMA_ALPHA=0.5', '--out', out];
    expect(await expectRefused(['replay', next, '--load', state, ...flags], folder)).toContain(
      'P30_EWMA_ALPHA=0.3 (now 0.5)',
    );
  });

  it('is refused where its events are later than those of the file', async () => {
    const { folder, good, out, state } = await saved();
    const line = await expectRefused(['replay', good, '--load', state, '--out', out], folder);
    expect(line).toContain(`${good}:1`);
    expect(line).toContain(state);
  });

  it('goes on where events are at the very time of the newest one', async () => {
    const { state, next } = await saved();
    writeFileSync(next, '{"ts":1700000399,"symbol":"BTC","pnl":1}\n');
    expect((await runCli(['replay', next, '--load', state, '--json'])).code).toBe(0);
  });
});
