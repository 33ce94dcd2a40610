/** What a replay prints and writes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { textWidth } from '../../src/cli/text-width.ts';
import { folderContents, runCli, scratchFiles, scratchFolder } from '../support/cli.ts';
import { eventLines } from '../support/event-lines.ts';
import { joinLines } from '../support/replay-runs.ts';

const MIXED = [
  '{"type":"execution","ts":1700000000,"symbol":"BTC/USDT","realized_pnl":10,"signal":"a","execution_id":"1"}',
  '{"ts":1700000060,"symbol":"ETH","pnl":-4,"signal":"b"}',
  'no json',
  '[1]',
  '{"ts":1700000060,"symbol":"ETH"}',
  '{"ts":1700000061,"symbol":"ETH"}',
  '{"ts":1700000120,"symbol":"ETH","pnl":2,"signal":"a"}',
  '{"ts":1700000120,"symbol":"BTC/USDT","pnl":10,"execution_id":"1"}',
  '{"ts":1700000130,"symbol":"ETH","kind":"open","qty":1}',
  '{"type":"plan","ts":1700000140,"plan_id":"p1","symbol":"ETH","action":"OPEN_PROPOSED","decision":"EXECUTE","side":"BUY","qty":1,"price":10}',
  '{"type":"kill","ts":1700000141,"state":"1"}',
  '{"type":"plan","ts":1700000142,"plan_id":"p2","symbol":"ETH","action":"OPEN_PROPOSED","decision":"EXECUTE","side":"BUY","qty":1,"price":10}',
];
const mixed = (): string => scratchFiles({ 'mixed.jsonl': joinLines(MIXED) })['mixed.jsonl'];

describe('--json', () => {
  it('prints one JSON object with the fields of the specification', async () => {
    const path = mixed();
    const { code, out, errors } = await runCli(['replay', path, '--json']);
    expect(code).toBe(0);
    expect(errors).toEqual([]);
    expect(out.trimEnd().split('\n')).toHaveLength(1);
    const found = JSON.parse(out) as Record<string, unknown>;
    expect(found).toMatchObject({
      end_tick: 1_700_000_150,
      executions: 3,
      openings: 1,
      duplicates: 1,
      rejected: { missing_pnl: 2, not_an_object: 1, not_json: 1 },
      equity_usd: 100_008,
      blocks: { kill_switch_active: 1 },
      files: [{ name: path, what: 'JSON lines' }],
    });
    const final = found['final'] as Record<string, Record<string, unknown>>;
    expect(Object.keys(final)).toEqual(['BTCUSDT', 'ETH']);
    for (const parts of Object.values(final))
      expect(Object.keys(parts).sort()).toEqual([
        'allocation',
        'attribution',
        'budget',
        'efficiency',
        'proposal',
      ]);
    expect(found['permits']).toEqual(expect.any(Number));
  });

  it('says null for a decision that was never made, and 0 where nothing was', async () => {
    const { path } = scratchFiles({
      path: '{"type":"position","ts":1700000000,"symbol":"X","position_amt":1}\n',
    });
    const { code, out } = await runCli(['replay', path, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ executions: 0, permits: 0, blocks: {}, rejected: {} });
    const { final } = JSON.parse(out) as { final: Record<string, Record<string, unknown>> };
    expect(final['X']).toHaveProperty('attribution', null);
  });

  it('names the place and reason of lines that could not be used', async () => {
    const path = mixed();
    const { out } = await runCli(['replay', path, '--json']);
    const { rejected_lines: lines } = JSON.parse(out) as { rejected_lines: Record<string, unknown>[] };
    expect(lines.map(({ file, line, reason }) => [file, line, reason])).toEqual([
      [path, 3, 'not_json'],
      [path, 4, 'not_an_object'],
      [path, 5, 'missing_pnl'],
      [path, 6, 'missing_pnl'],
    ]);
  });

  it('keeps a symbol and a label named like a part of every object', async () => {
    const { path } = scratchFiles({
      path: '{"ts":1700000000,"symbol":"constructor","pnl":1,"signal":"__proto__","bot":"toString"}\n',
    });
    const { code, out } = await runCli(['replay', path, '--json', '--by', 'signal,bot']);
    expect(code).toBe(0);
    expect(out).toContain('"CONSTRUCTOR":');
    expect(out).toContain('"__proto__"');
    expect(out).toContain('toString');
  });
});

describe('--out', () => {
  it('writes decisions, the final state, refused lines and suspects, and nothing else', async () => {
    const path = mixed();
    const out = join(scratchFolder(), 'a', 'b');
    expect((await runCli(['replay', path, '--out', out])).code).toBe(0);
    expect(Object.keys(folderContents(out))).toEqual([
      'decisions.jsonl',
      'final.json',
      'rejected.jsonl',
      'suspects.jsonl',
    ]);
    const rejected = readFileSync(join(out, 'rejected.jsonl'), 'utf8').trim().split('\n');
    expect(rejected.map((line) => JSON.parse(line) as unknown)).toEqual([
      { file: path, line: 3, reason: 'not_json', detail: expect.any(String) as unknown, raw: 'no json' },
      { file: path, line: 4, reason: 'not_an_object', detail: expect.any(String) as unknown, raw: '[1]' },
      { file: path, line: 5, reason: 'missing_pnl', detail: expect.any(String) as unknown, raw: MIXED[4] },
      { file: path, line: 6, reason: 'missing_pnl', detail: expect.any(String) as unknown, raw: MIXED[5] },
    ]);
    const final = JSON.parse(readFileSync(join(out, 'final.json'), 'utf8')) as Record<string, unknown>;
    const { out: json } = await runCli(['replay', path, '--json']);
    expect(JSON.parse(json)).toMatchObject(final);
    expect(Object.keys(final)).toEqual(
      expect.arrayContaining(['end_tick', 'executions', 'final', 'permits', 'blocks']),
    );
  });

  it('lists every suspect row with its place', async () => {
    const rows = Array.from({ length: 4 }, (_, i) => `{"ts":${1_700_000_000 + i},"symbol":"BTC","pnl":0}`);
    const { path } = scratchFiles({ path: joinLines(rows) });
    const out = join(scratchFolder(), 'out');
    expect((await runCli(['replay', path, '--out', out])).code).toBe(0);
    const suspects = readFileSync(join(out, 'suspects.jsonl'), 'utf8').trim().split('\n');
    expect(suspects.map((line) => JSON.parse(line) as unknown)).toEqual(
      rows.map((_, i) => {
        return {
          file: path,
          line: i + 1,
          flag: 'zero_profit',
          symbol: 'BTC',
          pnl_usd: 0,
          ts: 1_700_000_000 + i,
        };
      }),
    );
  });

  it('replaces what a run before wrote', async () => {
    const path = mixed();
    const out = join(scratchFolder(), 'out');
    await runCli(['replay', path, '--out', out]);
    const before = folderContents(out);
    await runCli(['replay', path, '--out', out, '--emit', 'all']);
    const all = folderContents(out);
    expect(all['decisions.jsonl']!.length).toBeGreaterThan(before['decisions.jsonl']!.length);
    await runCli(['replay', path, '--out', out]);
    expect(folderContents(out)).toEqual(before);
  });

  it('with --emit final has the verdicts only', async () => {
    const out = join(scratchFolder(), 'out');
    await runCli(['replay', mixed(), '--out', out, '--emit', 'final']);
    const types = readFileSync(join(out, 'decisions.jsonl'), 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect(new Set(types)).toEqual(new Set(['permit', 'block']));
  });
});

describe('the tables', () => {
  const feed = (): string =>
    scratchFiles({
      'f.jsonl': joinLines([
        ...eventLines({ seed: 3, events: 500, symbols: 9, spanSec: 40_000 }),
        '{"ts":1769700000,"symbol":"ETH","pnl":1,"signal":"日本語のとても長い名前のシグナル"}',
        '{"ts":1769700001,"symbol":"ETH","pnl":1234567.5,"signal":"👍"}',
      ]),
    })['f.jsonl'];

  /** Runs of lines that begin with a heading and a rule. */
  function tables(out: string): string[][] {
    return out.split('\n\n').flatMap((section) => {
      const lines = section.trimEnd().split('\n');
      const rule = lines.findIndex((line) => /^[─-]+(?: {2}[─-]+)*$/.test(line));
      return rule < 1 ? [] : [lines.slice(rule - 1)];
    });
  }

  it.each([Infinity, 120, 80, 60])('align at a width of %s, and fit', async (width) => {
    const { code, out } = await runCli(['replay', feed(), '--by', 'signal,symbol'], { width });
    expect(code).toBe(0);
    const found = tables(out);
    expect(found.length).toBeGreaterThanOrEqual(2);
    for (const lines of found) {
      const ruleWidth = textWidth(lines.find((line) => /^[─-]/.test(line))!);
      for (const line of lines) {
        expect(line).toBe(line.trimEnd());
        expect(textWidth(line)).toBeLessThanOrEqual(ruleWidth);
        // Where the total fills its row, the last column is of numbers, flush right.
        if (/\d$/.test(line) && textWidth(lines.at(-1)!) === ruleWidth)
          expect(textWidth(line)).toBe(ruleWidth);
      }
      expect(ruleWidth).toBeLessThanOrEqual(width);
    }
    if (width >= 60)
      for (const line of out.split('\n').filter((each) => /^equity [^\d]/.test(each)))
        expect(textWidth(line)).toBeLessThanOrEqual(width);
  });

  it('have colours only where asked, and the same text', async () => {
    const path = feed();
    const plain = await runCli(['replay', path]);
    const coloured = await runCli(['replay', path], { colour: true });
    const escapes = /\u001b\[\d+m/g;
    expect(plain.out).not.toMatch(/\u001b/);
    expect(coloured.out).toMatch(escapes);
    expect(coloured.out.replace(escapes, '')).toBe(plain.out);
  });

  it('of --by signal,symbol have a row for each pair, and totals that agree', async () => {
    const { out } = await runCli(['replay', mixed(), '--by', 'signal,symbol']);
    const section = out.split('\n\n').find((each) => each.startsWith('Profit by signal and symbol'));
    expect(section).toBeDefined();
    const lines = section!.split('\n');
    expect(lines[1]).toMatch(/^signal +symbol +trades +profit/);
    const rows = lines.slice(3, -2).map((line) => line.trim().split(/ {2,}/).slice(0, 4));
    expect(rows).toEqual([
      ['a', 'BTCUSDT', '1', '+10.00'],
      ['a', 'ETH', '1', '+2.00'],
      ['b', 'ETH', '1', '-4.00'],
    ]);
    expect(lines.at(-1)).toMatch(/^total +3 +\+8\.00/);
  });

  it('are followed by what was wrong with the data', async () => {
    const path = mixed();
    const { out } = await runCli(['replay', path]);
    expect(out).toContain('2 missing_pnl');
    expect(out).toContain('1 not_json');
    expect(out).toContain(`${path}:3: not_json`);
    expect(out).toContain(`${path}:5: missing_pnl`);
    expect(out).toMatch(/1 repeats? of an execution id/);
    expect(out).toMatch(/1 permits?.*1 blocks?.*HALTED/s);
  });

  it('say how many trades --exclude left out, and why', async () => {
    const rows = ['"pnl":0', '"pnl":0', '"pnl":5'].map(
      (rest, i) => `{"ts":${1_700_000_000 + i},"symbol":"B",${rest}}`,
    );
    const { path } = scratchFiles({ path: joinLines(rows) });
    const { out } = await runCli(['replay', path, '--exclude', 'zero_profit']);
    expect(out).toMatch(/2 executions (?:were )?left out by --exclude/);
    expect(out).toMatch(/^1 executions? of 1 symbol/m);
    expect(out).toContain('2 zero_profit');
    expect(out).not.toContain('rows are counted in');
    const json = JSON.parse(
      (await runCli(['replay', path, '--exclude', 'zero_profit', '--json'])).out,
    ) as object;
    expect(json).toMatchObject({ executions: 1, excluded: 2, equity_usd: 100_005 });
  });

  it('tell of --as-plans what the governor would have done', async () => {
    const rows = Array.from(
      { length: 6 },
      (_, i) =>
        `{"ts":${1_700_000_000 + i * 1000},"symbol":"BTC","pnl":-500,"qty":1,"price":100,"side":"LONG","hold_sec":1500}`,
    );
    const { path } = scratchFiles({ path: joinLines([...rows, '{"ts":1700009000,"symbol":"BTC","pnl":1}']) });
    const { out } = await runCli(['replay', path, '--as-plans', '--set', 'APPLY_MODE=production']);
    expect(out).toMatch(/6 openings, 6\s+closes; 1 trades? /);
    expect(out).toMatch(/hourly_limit_exceeded +\d/);
    const json = await runCli(['replay', path, '--as-plans', '--json', '--set', 'APPLY_MODE=production']);
    const { as_plans: plans } = JSON.parse(json.out) as { as_plans: { blocked: Record<string, Outcome> } };
    for (const { count, pnl_usd: pnl, saved_usd: saved } of Object.values(plans.blocked)) {
      expect(pnl).toBe(-500 * count);
      expect(saved).toBe(500 * count);
    }
  });
});

interface Outcome {
  count: number;
  pnl_usd: number;
  saved_usd: number;
}

describe('import', () => {
  it('writes lines in order of time with their type and symbol, and speaks on standard error only', async () => {
    const { path } = scratchFiles({
      path: gzipSync(joinLines([MIXED[1]!, '{"ts":1699999999,"symbol":"btc/usdt","pnl":1}', 'x', MIXED[9]!])),
    });
    const { code, out, errors } = await runCli(['import', path]);
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toEqual([
      { type: 'execution', ts: 1_699_999_999, symbol: 'BTCUSDT', pnl: 1 },
      { type: 'execution', ts: 1_700_000_060, symbol: 'ETH', pnl: -4, signal: 'b' },
      JSON.parse(MIXED[9]!),
    ]);
    expect(errors[0]).toContain('3 events, 1 not usable');
    expect(errors[1]).toContain(`${path}:3: not_json`);
  });
});
