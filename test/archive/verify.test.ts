/** What was decided live comes out again from what was recorded, and every tampering with it is found. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, gunzipSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveError, verify, type Verification } from '../../src/ops/verify.ts';
import { parseSettings } from '../../src/contract/settings.ts';
import { archiveFilesIn } from '../../src/runtime/archive/reader.ts';
import { runCli, scratchFolder } from '../support/cli.ts';
import {
  ALL,
  drive,
  entriesOf,
  recorderIn,
  type DriveOptions,
  type Hashes,
} from '../support/recorded-run.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { SavedComponent } from '../../src/store/store.ts';

/** 2026-11-20T23:50:00Z: midnight comes after ten minutes. */
const START = 1_795_218_600;
const MIDNIGHT = START + 600;

const settingsOf = (
  texts: Record<string, string>,
  bySymbol: Record<string, Record<string, string>> = {},
): Settings => {
  const source = (values: Record<string, string>): Map<string, { text: string; source: string }> =>
    new Map(Object.entries(values).map(([name, text]) => [name, { text, source: 'test' }]));
  const { settings, violations } = parseSettings(source(texts), {
    bySymbol: new Map(Object.entries(bySymbol).map(([name, values]) => [name, source(values)])),
    byBot: new Map(),
  });
  if (settings === null) throw new Error(violations.map(({ message }) => message).join());
  return settings;
};
const ENFORCE = { P28_MODE: 'enforce', P29_MODE: 'enforce', P30_MODE: 'enforce', P31_MODE: 'enforce' };
const SETTINGS = settingsOf(
  {
    ...ENFORCE,
    P30_LOOKBACK_WINDOW: '7',
    P29_APPLY_PROPOSED: 'true',
    GOV_GATE_MODES: 'burst=shadow',
    MAX_BUDGET_USD: '900',
  },
  { S1USDT: { P31_W_VOL: '0.3' } },
);

/** A world that changes: account, markets, positions over budget, other programs' targets and modes. */
function hashesAt(sec: number): Hashes {
  const step = Math.floor((sec - START) / 35);
  const at = String(Math.floor(sec) - (step % 4) * 20);
  const hashes: Hashes = new Map();
  const put = (key: string, fields: Record<string, string>): unknown =>
    hashes.set(`quantum:${key}`, new Map(Object.entries(fields)));
  put('config:symbol.cluster', { S2USDT: step % 2 === 0 ? 'memes' : 'majors', S3USDT: 'x'.repeat(300) });
  put('cluster:stress:majors', { stress: String(0.1 + (step % 5) / 10), timestamp: at });
  if (step % 3 === 0)
    put('config:mode', { efficiency: 'shadow', attribution: step % 2 === 0 ? 'shadow' : 'enforce' });
  if (step > 4)
    put('state:portfolio', { equity_usd: String(90_000 + step * 37.5), drawdown: '0.07', timestamp: at });
  for (let i = 0; i < 7; i++) {
    const symbol = `S${i}USDT`;
    // Far ahead of the tick, as where missed ticks are made up: the value counts as found.
    const ahead = i === 3 ? String(Math.floor(sec) + 45) : at;
    put(`state:market:${symbol}`, {
      mark_price: String(100 + i + step),
      sigma: String(0.003 * (i + 1)),
      timestamp: ahead,
    });
    if (i < 3)
      put(`position:snapshot:${symbol}`, {
        position_amt: String(i * 20 - step),
        mark_price: '100',
        timestamp: at,
      });
    put(`portfolio:budget:${symbol}`, {
      budget_usd: String(700 + step),
      mode: step % 2 === 0 ? 'enforce' : 'shadow',
      timestamp: at,
    });
    put(`alpha:attribution:${symbol}`, {
      performance_factor: String(Math.sin(step + i)),
      confidence: '0.7',
      pf_range: '-1_1',
      ts: at,
    });
    put(`shadow:capital:efficiency:${symbol}`, { efficiency_score: '0.4', confidence: '0.9', ts: at });
    if (step % 4 !== 3)
      put(`allocation:target:${symbol}`, {
        base_target_usd: String(500 + 10 * step),
        target_usd: '400',
        confidence: '0.8',
        timestamp: at,
      });
  }
  return hashes;
}

const SOME: DriveOptions['components'] = ['budget', 'attribution', 'efficiency', 'proposer'];

/** Twenty minutes over midnight with everything that can happen, and a restart after fifteen. */
async function recordAll(
  folder: string,
  components: DriveOptions['components'] = ALL,
  settings = SETTINGS,
  seed = 7,
): Promise<void> {
  const saved = new Map<string, SavedComponent>();
  const entries = entriesOf({ seed, startSec: START, spanSec: 1200, count: 900 });
  const RESTART = START + 900;
  const common = {
    components,
    settings,
    hashesAt,
    commitsLate: seed % 2 === 1,
    saved,
    namedAt: (sec: number) => (sec > START + 100 ? ['NEWUSDT'] : []),
    statesAt: (sec: number) =>
      new Map(sec > MIDNIGHT + 60 && sec < MIDNIGHT + 120 ? [['execution.result', 'gone' as const]] : []),
    ticksACommit: 2,
  };
  for (const [from, until] of [
    [START, RESTART],
    [RESTART, START + 1200],
  ] as const) {
    const { archive, recorder } = recorderIn(folder, settings, from * 1000);
    drive({
      ...common,
      listener: recorder,
      entries: entries.filter(({ ms }) => ms >= from * 1000 && ms < until * 1000),
      untilSec: until,
    });
    await archive.close();
  }
}

const linesOf = (path: string): string[] => gunzipSync(readFileSync(path)).toString('utf8').split('\n');
const typesOf = (path: string): Set<string> =>
  new Set(
    linesOf(path)
      .filter((line) => line !== '')
      .map((line) => (JSON.parse(line) as { type: string }).type),
  );

describe('a recorded day', () => {
  it.each([
    ['all components', ALL],
    ['components beside a foreign allocation', SOME],
    ['attribution alone', ['attribution'] as const],
    ['allocation alone', ['allocation'] as const],
    ['efficiency alone', ['efficiency'] as const],
  ])('comes out bit for bit, over midnight and a restart: %s', async (_what, components) => {
    const folder = scratchFolder();
    await recordAll(folder, components);
    const files = archiveFilesIn(folder);
    expect(files.map((file) => file.slice(folder.length + 1))).toEqual([
      `2026-11-20/up.${START}000.jsonl.gz`,
      `2026-11-21/up.${START}000.jsonl.gz`,
      `2026-11-21/up.${START + 900}000.jsonl.gz`,
    ]);
    const found = await verify([folder]);
    expect(found.differences).toEqual([]);
    expect(found).toMatchObject({ differenceCount: 0, isProved: true });
    for (const file of found.files) {
      expect(file).toMatchObject({ incomplete: [], differences: 0 });
      expect(file.ticks).toBeGreaterThan(55);
      expect(file.decisions).toBeGreaterThan(40);
    }
    // A day stands alone.
    expect(await verify([files[1]!])).toMatchObject({ isProved: true });
  });

  it('holds everything that can happen', async () => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const types = new Set(archiveFilesIn(folder).flatMap((file) => [...typesOf(file)]));
    expect([...types]).toEqual(
      expect.arrayContaining(
        'archive modes state seen begin execution cashflow market position cluster cluster_stress portfolio rejected record named tick attribution budget efficiency proposal violation mode end'.split(
          ' ',
        ),
      ),
    );
    const all = archiveFilesIn(folder).flatMap(linesOf).join('\n');
    for (const text of ['"repeat":true', '"carried":true', '"source":"LKG"']) expect(all).toContain(text);
  });
});

/** Changes the first line of a type, somewhere in the middle of the first file, and says what verify finds. */
async function tampered(
  folder: string,
  wanted: (line: string, at: number) => boolean,
  change: (line: string) => string,
  finish: (lines: readonly string[]) => readonly string[] = (all) => all,
): Promise<Verification> {
  const file = archiveFilesIn(folder)[0]!;
  const lines = linesOf(file);
  const at = lines.findIndex(wanted);
  expect(at).toBeGreaterThanOrEqual(0);
  const changed = change(lines[at]!);
  expect(changed).not.toBe(lines[at]);
  const path = join(scratchFolder(), 'changed.jsonl.gz');
  writeFileSync(path, gzipSync(finish(lines.with(at, changed).join('\n').split('\n')).join('\n')));
  return verify([path]);
}

describe('any recorded day', () => {
  const interval = fc.constantFrom('1', '5', '7', '10', '30');
  it('comes out bit for bit, whatever the settings and the components are', { timeout: 60_000 }, async () => {
    let ticks = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1000),
        fc.subarray([...ALL], { minLength: 1 }),
        fc.record({
          P28_MODE: fc.constantFrom('enforce', 'shadow'),
          P29_MODE: fc.constantFrom('enforce', 'shadow'),
          P30_MODE: fc.constantFrom('enforce', 'shadow'),
          P31_MODE: fc.constantFrom('enforce', 'shadow'),
          P28_INTERVAL_SEC: interval,
          P29_INTERVAL_SEC: interval,
          P30_INTERVAL_SEC: interval,
          P31_LOOP_SEC: interval,
          LOOP_INTERVAL_SEC: interval,
          P30_PNL_SCALE: fc.constantFrom('usd:100', 'equity:0.001'),
          P31_HOLD_BASIS: fc.constantFrom('since_exec', 'trade_rate'),
          PROPOSER_EWMA_ALPHA: fc.constantFrom('1', '0.3'),
          P29_APPLY_PROPOSED: fc.constantFrom('true', 'false'),
          STALE_DATA_SEC: fc.constantFrom('31', '400'),
        }),
        async (seed, components, texts) => {
          const folder = scratchFolder();
          await recordAll(folder, components, settingsOf(texts), seed);
          const found = await verify([folder]);
          expect(found.differences).toEqual([]);
          expect(found.files.flatMap(({ incomplete }) => incomplete)).toEqual([]);
          ticks += found.ticks;
        },
      ),
      { numRuns: 25 },
    );
    expect(ticks).toBeGreaterThan(25 * 40);
  });
});

const headerOf = (line: string): boolean => line.startsWith('{"type":"archive"');

/** The lines with the checksums that ticks would name for them. */
function summedAgain(lines: readonly string[]): string[] {
  let checksum = 0;
  return lines.map((line) => {
    if (headerOf(line)) checksum = 0;
    if (!line.startsWith('{"type":"tick"')) {
      checksum = crc32(line, checksum);
      return line;
    }
    const summed = line.replace(/"lines":"\w*"/, `"lines":"${checksum.toString(16).padStart(8, '0')}"`);
    checksum = 0;
    return summed;
  });
}

describe('tampering', () => {
  const digit =
    (field: string) =>
    (line: string): string =>
      line.replace(
        new RegExp(`("${field}":-?[0-9.]*)([0-9])`),
        (_all, head: string, last: string) => `${head}${(Number(last) + 1) % 10}`,
      );
  const isOf =
    (type: string) =>
    (line: string, at: number): boolean =>
      at > 300 && line.startsWith(`{"type":"${type}"`);

  it.each([
    ['a profit', isOf('execution'), digit('realized_pnl'), 'tick'],
    ['a price nobody uses', isOf('execution'), digit('price'), 'tick'],
    ['a market', isOf('market'), digit('mark_price'), 'tick'],
    ['a target of another program', isOf('record'), digit('ts'), 'tick'],
    [
      'a tick’s digest',
      isOf('tick'),
      (line: string) =>
        line.replace(/"digest":"(.)/, (_all, first: string) => `"digest":"${first === '0' ? '1' : '0'}`),
      'tick',
    ],
    ['a decision', isOf('efficiency'), digit('efficiency_score'), 'efficiency of'],
    ['the time of a decision', isOf('budget'), digit('tick'), 'budget of'],
    ['a violation', isOf('violation'), digit('over_budget'), 'violation of'],
    ['the modes', isOf('modes'), (line: string) => line.replace('enforce', 'shadow'), ''],
  ])('with one digit of %s is found', async (_what, wanted, change, what) => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const found = await tampered(folder, wanted, change);
    expect(found.isProved).toBe(false);
    expect(found.differenceCount).toBeGreaterThan(0);
    expect(found.differences[0]?.what).toContain(what);
    expect(found.differences[0]?.recorded).not.toBe(found.differences[0]?.recomputed);
  });

  it.each([
    ['a profit', isOf('execution'), digit('realized_pnl')],
    ['a market', isOf('market'), digit('mark_price')],
    [
      'a target of another program',
      (line: string, at: number) => at > 300 && line.startsWith('{"type":"record","component":"allocation"'),
      (line: string) =>
        line.replace(/"values":\[(\d)/, (_all, first: string) => `"values":[${(Number(first) % 9) + 1}`),
    ],
    ['a setting', headerOf, (line: string) => line.replace('"P31_W_DD":"1.2"', '"P31_W_DD":"1.3"')],
    ['a lost execution', isOf('execution'), () => '{"type":"mode"}'],
  ])('with %s is found even where the checksums were made to fit', async (_what, wanted, change) => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const found = await tampered(folder, wanted, change, summedAgain);
    expect(found.isProved).toBe(false);
    expect(found.differences[0]).toMatchObject({ what: expect.stringMatching(/^tick/), field: 'digest' });
    expect(
      (await tampered(folder, headerOf, (line) => `${line}\n{"type":"mode"}`, summedAgain)).isProved,
    ).toBe(true);
  });

  it('with the state a day begins with is found', async () => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const second = archiveFilesIn(folder)[1]!;
    const lines = linesOf(second);
    const at = lines.findIndex((line) =>
      line.startsWith('{"type":"state","component":"efficiency","records"'),
    );
    const changed = lines[at]!.replace(
      /\[\\"(.{30})(.)/,
      (_all, head: string, last: string) => `[\\"${head}${last === 'A' ? 'B' : 'A'}`,
    );
    expect(changed).not.toBe(lines[at]);
    writeFileSync(second, gzipSync(lines.with(at, changed).join('\n')));
    const found = await verify([second]);
    expect(found.isProved).toBe(false);
    expect(found.differences[0]?.what).toMatch(/^tick|^efficiency/);
  });

  it('with a setting, a lost line and a line too many is found', async () => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const loss = await tampered(folder, isOf('execution'), () => '{"type":"mode"}');
    expect(loss).toMatchObject({ isProved: false });
    const more = await tampered(
      folder,
      isOf('execution'),
      (line) => `${line}\n${line.replace(/"execution_id":"[^"]*"/, '"execution_id":"new"')}`,
    );
    expect(more).toMatchObject({ isProved: false });
    const setting = await tampered(
      folder,
      (line) => line.startsWith('{"type":"archive"'),
      (line) => line.replace('"BASE_RISK_PCT":"0.02"', '"BASE_RISK_PCT":"0.03"'),
    );
    expect(setting).toMatchObject({ isProved: false });
  });
});

describe('what cannot be verified', () => {
  it('is refused with a reason where another version recorded it', async () => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    await expect(
      tampered(
        folder,
        (_line, at) => at === 0,
        (line) => line.replace('"kept":1', '"kept":7'),
      ),
    ).rejects.toThrow(/state 7.*use the program that recorded it/);
    await expect(verify([join(folder, 'nothing')])).rejects.toThrow(ArchiveError);
    await expect(verify([scratchFolder()])).rejects.toThrow(/no archive files/);
  });

  it('is said where lines are missing or the file ends early, and what comes before is proved', async () => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const file = archiveFilesIn(folder)[0]!;
    const lines = linesOf(file);
    const path = join(scratchFolder(), 'cut.jsonl.gz');
    writeFileSync(path, gzipSync(lines.toSpliced(2000, 3, '{"type":"missing","lines":3}').join('\n')));
    const missing = await verify([path]);
    expect(missing).toMatchObject({ isProved: true, differenceCount: 0 });
    expect(missing.files[0]?.incomplete.join()).toMatch(/line 2001: 3 lines are missing.*lines after that/);
    const whole = gzipSync(lines.join('\n'));
    writeFileSync(path, whole.subarray(0, whole.length >> 1));
    const cut = await verify([path]);
    expect(cut).toMatchObject({ isProved: true, differenceCount: 0 });
    expect(cut.ticks).toBeGreaterThan(20);
    expect(cut.files[0]?.incomplete.join()).toContain('ends early');
  });

  it('where the bytes are damaged in the middle is a difference', async () => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const file = archiveFilesIn(folder)[0]!;
    const bytes = readFileSync(file);
    bytes.fill(0x55, bytes.length >> 1, (bytes.length >> 1) + 40);
    writeFileSync(file, bytes);
    const found = await verify([file]);
    expect(found.isProved).toBe(false);
  });
});

describe('ballast verify', () => {
  it('shows a table and what it proves, or one JSON object', async () => {
    const folder = scratchFolder();
    await recordAll(folder);
    const shown = await runCli(['verify', folder]);
    expect(shown).toMatchObject({ code: 0, errors: [] });
    expect(shown.out).toMatch(/2026-11-20 23:50:00 +2026-11-21 00:00:00/);
    expect(shown.out).toMatch(/Proved: \d+ ticks and [\d,]+ decisions come out bit for bit\.\n$/);
    const { code, out } = await runCli(['verify', folder, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      proved: true,
      difference_count: 0,
      files: [{ program: '0.1.0' }, {}, {}],
    });
  });

  it('exits with 1 and names the place where something differs, 2 where it is called wrongly', async () => {
    const folder = scratchFolder();
    await recordAll(folder, SOME);
    const file = archiveFilesIn(folder)[0]!;
    const lines = linesOf(file);
    const at = lines.findLastIndex((line) => line.startsWith('{"type":"efficiency"'));
    writeFileSync(
      file,
      gzipSync(lines.with(at, lines[at]!.replace('"confidence":0', '"confidence":1')).join('\n')),
    );
    const { code, out, errors } = await runCli(['verify', file]);
    expect(code).toBe(1);
    expect(out).toContain(`${file}:${at + 1}: efficiency of`);
    // The next tick's checksum of the lines before it tells, too.
    expect(errors).toEqual([expect.stringContaining('2 differences')]);
    expect((await runCli(['verify'])).code).toBe(2);
    expect((await runCli(['verify', join(folder, 'no.gz')])).errors).toEqual([
      expect.stringContaining('there is no such file'),
    ]);
  });
});
