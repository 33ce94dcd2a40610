/** `replay --report`: the page says what --json says, is harmless and the same each time, and looks right in a real browser. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium, overflowing, seriousFindings, watchedPage } from '../support/chromium.ts';
import { runCli, scratchFiles, scratchFolder } from '../support/cli.ts';
import { hasSharedData, sharedData } from '../support/shared-data.ts';
import type { Browser, Page } from 'playwright-core';

const BUSY = 'test/golden/busy.events.jsonl';
const DAY = 86_400;
const START = Date.parse('2024-03-01T10:00Z') / 1000;

interface JsonRow {
  names: string[];
  count: number;
  wins: number;
  profit_usd: number;
  win_rate: number;
  average_win_usd: number | null;
  profit_factor: number | null;
  expectancy_usd: number;
  share_of_total: number | null;
}

interface Json {
  executions: number;
  permits: number;
  equity_usd: number;
  blocks: Record<string, number>;
  rejected: Record<string, number>;
  drawdown: { max_usd: number; max_fraction: number };
  period: { total: JsonRow; breakdowns: { by: string[]; rows: JsonRow[] }[] };
  final: Record<
    string,
    { allocation: { target_usd: number }; efficiency: { efficiency_score: number; capital_pressure: string } }
  >;
}

let browser: Browser;
beforeAll(async () => {
  browser = await launchChromium();
}, 120_000);
afterAll(() => browser.close());

/** Replays files and returns where the page lies. */
async function report(files: readonly string[], flags: readonly string[] = []): Promise<string> {
  const path = join(scratchFolder(), 'report.html');
  const { code, errors } = await runCli(['replay', ...files, '--report', path, ...flags]);
  expect([code, errors]).toEqual([0, []]);
  return path;
}

async function jsonOf(files: readonly string[], flags: readonly string[] = []): Promise<Json> {
  const { out } = await runCli(['replay', ...files, '--json', ...flags]);
  return JSON.parse(out) as Json;
}

function lines(rows: readonly object[]): string {
  return rows.map((row) => `${JSON.stringify(row)}\n`).join('');
}

function trade(index: number, pnlUsd: number, more: object = {}): object {
  return {
    ts: START + index * 600,
    symbol: 'BTCUSDT',
    realized_pnl: pnlUsd,
    execution_id: `e${index}`,
    ...more,
  };
}

/** Every table as its caption and rows of texts. */
async function tablesOf(page: Page): Promise<Map<string, string[][]>> {
  const found = await page.evaluate<
    [string, string[][]][]
  >(`[...document.querySelectorAll('table')].map((table) => [
    table.caption.firstChild.textContent.trim(),
    [...table.rows].map((row) => [...row.cells].filter((cell) => !cell.matches('.bar')).map((cell) => cell.innerText.trim())),
  ])`);
  return new Map(found);
}

async function glanceOf(page: Page): Promise<Map<string, string>> {
  const found = await page.evaluate<[string, string][]>(
    `[...document.querySelectorAll('dl.glance div')].map((one) => [one.querySelector('dt').innerText, one.querySelector('.value').innerText])`,
  );
  return new Map(found);
}

function numberIn(text: string): number | null {
  if (text === '–') return null;
  const plain = text.replaceAll(',', '').replaceAll('\u2212', '-').replace(/[%†+]/g, '');
  expect(plain).toMatch(/^-?\d+(\.\d+)?(e-?\d+)?$/);
  return Number(plain);
}

/** The cell says the number, rounded to no less than it shows. */
function expectShown(text: string | undefined, value: number | null, scale = 1): void {
  const shown = numberIn(text ?? '');
  if (shown === null || value === null) expect([text, shown]).toEqual([text, value]);
  else {
    const decimals = /\.(\d+)/.exec(text ?? '')?.[1]?.length ?? 0;
    const offBy = Math.abs(shown - value * scale);
    expect(offBy, `${text} shows ${value}`).toBeLessThanOrEqual(0.5001 * 10 ** -decimals);
  }
}

async function opened<Result>(path: string, look: (page: Page) => Promise<Result>): Promise<Result> {
  const { page, complaints, close } = await watchedPage(browser, { viewport: { width: 1200, height: 900 } });
  try {
    await page.goto(pathToFileURL(path).href);
    const result = await look(page);
    expect(complaints).toEqual([]);
    return result;
  } finally {
    await close();
  }
}

describe('the page', () => {
  it('says at a glance what --json says', async () => {
    const [path, json] = [await report([BUSY]), await jsonOf([BUSY])];
    const glance = await opened(path, glanceOf);
    const { total } = json.period;
    expect(total.count).toBeGreaterThan(100);
    expectShown(glance.get('Net profit'), total.profit_usd);
    expectShown(glance.get('Executions'), json.executions);
    expectShown(glance.get('Won'), total.win_rate, 100);
    expectShown(glance.get('Profit factor'), total.profit_factor);
    expectShown(glance.get('Expectancy'), total.expectancy_usd);
    expectShown(glance.get('Deepest drawdown'), -json.drawdown.max_usd);
    expectShown(glance.get('Deepest, of the peak'), -json.drawdown.max_fraction, 100);
    expectShown(glance.get('Equity'), json.equity_usd);
    expectShown(glance.get('Permits'), json.permits);
  });

  it.each([
    ['symbol', 'By symbol'],
    ['signal', 'By signal'],
    ['regime', 'By regime'],
    ['cluster', 'By cluster'],
  ])('has the attribution by %s that --json has, row by row', async (dimension, caption) => {
    const json = await jsonOf([BUSY], ['--by', dimension]);
    const tables = await opened(await report([BUSY]), tablesOf);
    const [, ...rows] = tables.get(caption)!;
    const wanted = [...json.period.breakdowns[0]!.rows, { ...json.period.total, names: ['Total'] }];
    expect(rows.map(([name]) => name)).toEqual(wanted.map(({ names }) => names[0]));
    for (const [index, row] of wanted.entries()) {
      const [, profit, share, executions, wins, won, win, , factor, expectancy] = rows[index]!;
      expectShown(profit, row.profit_usd);
      expectShown(share, row.share_of_total, 100);
      expect(numberIn(executions!)).toBe(row.count);
      expect(numberIn(wins!)).toBe(row.wins);
      expectShown(won, row.win_rate, 100);
      expectShown(win, row.average_win_usd);
      expectShown(factor, row.profit_factor);
      expectShown(expectancy, row.expectancy_usd);
    }
  });

  it('has the crossing of signal and symbol that --json has', async () => {
    const json = await jsonOf([BUSY], ['--by', 'symbol,signal']);
    const tables = await opened(await report([BUSY]), tablesOf);
    const [heads, ...rows] = tables.get('Signal × symbol')!;
    for (const { names, count } of json.period.breakdowns[0]!.rows) {
      const cell = rows.find(([symbol]) => symbol === names[0])![heads!.indexOf(names[1]!)]!;
      expect(numberIn(cell.split(/\s+/)[1]!)).toBe(count);
    }
  });

  it('has the targets, scores, pressure and blocks of --json', async () => {
    const json = await jsonOf([BUSY]);
    const tables = await opened(await report([BUSY]), tablesOf);
    const column = (caption: string, head: string): Map<string, string> => {
      const [heads, ...rows] = tables.get(caption)!;
      return new Map(rows.map((row) => [row[0]!, row[heads!.indexOf(head)]!]));
    };
    const targets = column('Targets: from budget to target', 'target');
    const scores = column('Efficiency and its parts', 'score');
    const pressures = column('Efficiency and its parts', 'pressure');
    expect(scores.size).toBe(Object.keys(json.final).length);
    for (const [symbol, { allocation, efficiency }] of Object.entries(json.final)) {
      expectShown(targets.get(symbol), allocation.target_usd);
      expect(numberIn(scores.get(symbol)!)).toBeCloseTo(efficiency.efficiency_score, 3);
      expect(pressures.get(symbol)).toContain(efficiency.capital_pressure.toLowerCase());
    }
    const blocks = column('By reason, in the order of the gates', 'blocked');
    expect(Object.keys(json.blocks).length).toBeGreaterThan(1);
    for (const [reason, times] of Object.entries(json.blocks))
      expect(numberIn(blocks.get(reason)!)).toBe(times);
  });

  it('shows what the gates would have saved or cost, with --as-plans', async () => {
    const size = { hold_sec: 60, stake_amount: 500, qty: 0.01, price: 50_000 };
    const flags = ['--as-plans', '--set', 'APPLY_MODE=production', '--set', 'GOV_MAX_EXEC_PER_HOUR=1'];
    const { file } = scratchFiles({
      file: lines([trade(1, 50, size), trade(2, -20, size), trade(3, 5)]),
    });
    const { out } = await runCli(['replay', file, '--json', ...flags]);
    const plans = (
      JSON.parse(out) as {
        as_plans: { without_entry: number; blocked: Record<string, { count: number; saved_usd: number }> };
      }
    ).as_plans;
    const tables = await opened(await report([file], flags), tablesOf);
    const rows = tables.get('Trades the gates would have stopped')!.slice(1);
    expect(Object.keys(plans.blocked)).toEqual(['hourly_limit_exceeded']);
    expect(rows.map((row) => row.slice(0, 4))).toEqual([
      ['hourly_limit_exceeded', '1', '−20.00', '+20.00 saved'],
    ]);
    expect(readFileSync(await report([file], flags), 'utf8')).toContain(
      '1 trade without a time of opening could not be judged',
    );
  });

  it('says what is wrong with the data, with file and line', async () => {
    const { 'bad.jsonl': file } = scratchFiles({
      'bad.jsonl': `${lines([trade(1, 5), trade(1, 5), trade(2, 0, { pnl_pct: 4 })])}not json\n{"ts":${START},"symbol":"A","realized_pnl":"x"}\n`,
    });
    const json = await jsonOf([file]);
    const path = await report([file]);
    const tables = await opened(path, tablesOf);
    const reasons = tables.get('Not usable, by reason')!.slice(1);
    expect(Object.fromEntries(reasons.map(([reason, times]) => [reason, Number(times)]))).toEqual(
      json.rejected,
    );
    const places = tables.get('Lines that could not be used')!.map(([place]) => place);
    expect(places).toEqual(['Place', `${file}:4`, `${file}:5`]);
    const page = readFileSync(path, 'utf8');
    expect(page).toContain('Mind the data');
    expect(page).toContain('1 repeat of an execution id dropped');
  });
});

describe('the file', () => {
  it('is the same each time, and says which final.json it belongs to', async () => {
    const out = scratchFolder();
    const [first, second] = [await report([BUSY]), await report([BUSY], ['--out', out, '--json'])];
    const page = readFileSync(first, 'utf8');
    expect(readFileSync(second, 'utf8') === page).toBe(true);
    const digest = createHash('sha256')
      .update(readFileSync(join(out, 'final.json')))
      .digest('hex');
    expect(page).toContain(digest);
    expect(existsSync(`${first}.partial`)).toBe(false);
  });

  it('says which settings are not the defaults', async () => {
    const page = readFileSync(
      await report([BUSY], ['--set', 'P31_W_HOLD=0.25', '--set', 'P29_MODE=shadow']),
      'utf8',
    );
    expect(page).toContain('<li>P29_MODE=shadow</li>');
    expect(page).toContain('<li>P31_W_HOLD=0.25</li>');
  });

  it('holds one style sheet, named by its digest, no script and no address', async () => {
    const page = readFileSync(await report([BUSY]), 'utf8');
    const [, style = ''] = /<style>([^]*?)<\/style>/.exec(page)!;
    const digest = createHash('sha256').update(style).digest('base64');
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!;
    expect(policy.replaceAll('&#39;', "'")).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'`,
    );
    expect(page.match(/<style/g)).toHaveLength(1);
    expect(page).not.toMatch(/<script|<link|<img|<iframe|<object|javascript:|https?:|\/\/\w|@import|url\(/i);
    expect(page).not.toMatch(/<[^>]*\s(?:on\w+|style|src)=/i);
    expect(page).not.toMatch(/\b(?:NaN|Infinity|undefined|null)\b|[^\w.-]-0(?:\.0*)?\b/);
  });

  it('is refused beside --save, and where it cannot be written', async () => {
    const folder = scratchFolder();
    const refused = await runCli(['replay', BUSY, '--report', 'r.html', '--save', join(folder, 's')]);
    expect([refused.code, refused.errors.join()]).toEqual([2, expect.stringContaining('--save has none')]);
    const missing = await runCli(['replay', BUSY, '--report', join(folder, 'no', 'r.html')]);
    expect([missing.code, missing.errors.join()]).toEqual([1, expect.stringContaining('make it first')]);
    const wrong = await runCli(['replay', BUSY, '--report', folder]);
    expect([wrong.code, wrong.errors.join()]).toEqual([1, expect.stringContaining('is a folder')]);
  });

  it('stays as it was where a run fails, and nothing is left beside it', async () => {
    const { 'r.html': path, bad } = scratchFiles({ 'r.html': 'the one before', bad: 'not json\n' });
    const { code } = await runCli(['replay', bad, '--strict', '--format', 'ballast', '--report', path]);
    expect(code).toBe(1);
    expect(readFileSync(path, 'utf8')).toBe('the one before');
    expect(existsSync(`${path}.partial`)).toBe(false);
  });

  it('comes with the last of several parts', async () => {
    const { first, second, state } = scratchFiles({
      first: lines([trade(1, 5), trade(2, -3)]),
      second: lines([trade(3, 4)]),
      state: '',
    });
    await runCli(['replay', first, '--save', state]);
    const glance = await opened(await report([second], ['--load', state]), glanceOf);
    expect([glance.get('Executions'), glance.get('Net profit')]).toEqual(['3', '+6.00']);
  });
});

describe('names from files', () => {
  const NASTY = `"><img src=x onerror=alert(1)><script>alert(2)</script>'&\u202e`;

  it('never become markup', async () => {
    const folder = scratchFolder();
    const file = join(folder, `<b onclick='x'>"&.jsonl`);
    const rows = [1, -2, 3].map((pnl, index) =>
      trade(index, pnl, {
        signal: NASTY,
        regime: `<svg onload=alert(3)>`,
        cluster: `</td></table><h1>x`,
        bot: `<style>*{display:none}</style>`,
        exit_reason: `{{7*7}}\${alert(4)}`,
      }),
    );
    writeFileSync(
      file,
      `${lines(rows)}<script>alert(5)</script>\n{"ts":1,"symbol":"<i>x</i>","realized_pnl":1}\n`,
    );
    const path = await report([file]);
    await opened(path, async (page) => {
      let dialogs = 0;
      page.on('dialog', (dialog) => {
        dialogs++;
        void dialog.dismiss();
      });
      const counts = await page.evaluate<Record<string, number>>(
        `Object.fromEntries(['script', 'img', 'style', 'h1', 'i', '[onclick]', '[onload]', '[onerror]'].map((what) => [what, document.querySelectorAll(what).length]))`,
      );
      expect(counts).toEqual({
        ...{ script: 0, img: 0, style: 1, h1: 1, i: 0, '[onclick]': 0, '[onload]': 0, '[onerror]': 0 },
      });
      expect(await page.title()).toContain(`<b onclick='x'>"&.jsonl`);
      expect(await page.innerText('#basis')).toContain(file);
      expect(await seriousFindings(page)).toEqual([]);
      expect(dialogs).toBe(0);
    });
  });
});

describe('unusual periods', () => {
  const bare = /\b(?:NaN|Infinity|undefined)\b|−0(?:\.0+)?(?![\d.])/;

  it.each<[string, object[], (glance: Map<string, string>) => void]>([
    [
      'no execution at all',
      [{ ts: START, type: 'regime', regime: 'TREND', confidence: 1 }],
      (glance) => {
        expect(glance.get('Executions')).toBe('0');
        expect(glance.get('Net profit')).toBe('–');
        expect(glance.get('Profit factor')).toBe('–');
      },
    ],
    [
      'one execution',
      [trade(0, 12.5)],
      (glance) => {
        expect(glance.get('Net profit')).toBe('+12.50');
        expect(glance.get('Only symbol')).toBe('BTCUSDT');
        expect(glance.get('Profit factor')).toBe('–');
      },
    ],
    [
      'nothing but losses',
      Array.from({ length: 30 }, (_, n) => trade(n, -10 - n)),
      (glance) => {
        expect(glance.get('Won')).toBe('0.0%');
        expect(glance.get('Profit factor')).toBe('0.00');
        expect(glance.get('Net profit')).toMatch(/^−/);
      },
    ],
    [
      'a year between two trades',
      [trade(0, 1), { ...trade(1, -1), ts: START + 366 * DAY }],
      (glance) => expect(glance.get('Net profit')).toBe('0.00'),
    ],
    [
      'an account that loses everything',
      [trade(0, -150_000), trade(1, 1e-7), trade(2, 9e8)],
      (glance) => expect(glance.get('Deepest, of the peak')).toBe('−150.00%'),
    ],
  ])('%s look right', async (_what, rows, check) => {
    const { file } = scratchFiles({ file: lines(rows) });
    const path = await report([file], ['--format', 'ballast']);
    expect(readFileSync(path, 'utf8')).not.toMatch(bare);
    await opened(path, async (page) => {
      check(await glanceOf(page));
      expect(await overlappingLabels(page)).toEqual([]);
    });
  });

  it('ten thousand symbols are folded, five hundred stay far below two megabytes', async () => {
    const rows = Array.from({ length: 10_000 }, (_, n) =>
      trade(n, (n % 7) - 3.25, { ts: START + n, symbol: `S${n}USDT`, signal: `signal ${n % 40}` }),
    );
    const { many, some } = scratchFiles({ many: lines(rows), some: lines(rows.slice(0, 500)) });
    const path = await report([many]);
    expect(statSync(await report([some])).size).toBeLessThan(300_000);
    expect(statSync(path).size).toBeLessThan(400_000);
    const tables = await opened(path, tablesOf);
    const [, ...bySymbol] = tables.get('By symbol')!;
    expect(bySymbol).toHaveLength(26);
    expect(bySymbol[12]![0]).toBe('9,976 others between');
    const sum = bySymbol.slice(0, -1).reduce((total, row) => total + numberIn(row[1]!)!, 0);
    expect(sum).toBeCloseTo(numberIn(bySymbol.at(-1)![1]!)!, 1);
  }, 120_000);
});

describe('in a browser', () => {
  /** The golden day, and real records where they are at hand. */
  const files = [BUSY, ...(hasSharedData ? [sharedData('executions', 'bt_multistrat_2021.jsonl.gz')] : [])];

  it.each(files)(
    '%s has no serious finding, light and dark, wide and narrow, and nothing wider than the page',
    async (file) => {
      const path = await report([file]);
      for (const options of [
        { viewport: { width: 1200, height: 900 } },
        { viewport: { width: 1200, height: 900 }, colorScheme: 'dark' as const },
        { viewport: { width: 390, height: 844 } },
        { viewport: { width: 320, height: 700 } },
      ]) {
        const { page, complaints, requests, close } = await watchedPage(browser, options);
        await page.goto(pathToFileURL(path).href);
        expect(await seriousFindings(page)).toEqual([]);
        expect(await overflowing(page)).toEqual([]);
        expect(await overlappingLabels(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(
          options.viewport.width,
        );
        expect([complaints, requests]).toEqual([[], [pathToFileURL(path).href]]);
        await close();
      }
    },
    60_000,
  );

  it.each(files)(
    '%s prints to sheets that hold all of it',
    async (file) => {
      await opened(await report([file]), async (page) => {
        const pdf = await page.pdf({ preferCSSPageSize: true });
        const sheets = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g) ?? [];
        expect(sheets.length).toBeGreaterThan(1);
        expect(sheets.length).toBeLessThan(12);
        // The width between the margins of an A4 sheet.
        await page.setViewportSize({ width: 703, height: 1000 });
        await page.emulateMedia({ media: 'print' });
        expect(await overflowing(page)).toEqual([]);
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(703);
        expect(await cutTables(page)).toEqual([]);
        const heads = await page.evaluate(
          `[...new Set([...document.querySelectorAll('thead')].map((head) => getComputedStyle(head).display))]`,
        );
        expect(heads).toEqual(['table-header-group']);
      });
    },
    60_000,
  );

  it('headings are in order, tables have captions and scopes, drawings have names', async () => {
    await opened(await report([BUSY]), async (page) => {
      const facts = await page.evaluate<Record<string, unknown>>(`({
        lang: document.documentElement.lang,
        levels: [...document.querySelectorAll('h1,h2,h3')].map((heading) => heading.tagName).join(' '),
        bare: [...document.querySelectorAll('table')].filter((table) => table.caption === null).length,
        unscoped: [...document.querySelectorAll('th:not([scope])')].length,
        unnamed: [...document.querySelectorAll('svg[role=img]')].filter((svg) => svg.querySelector('title') === null || svg.querySelector('desc') === null).length,
        dead: [...document.querySelectorAll('nav a')].filter((link) => document.querySelector(link.getAttribute('href')) === null).length,
      })`);
      expect(facts).toMatchObject({ lang: 'en', bare: 0, unscoped: 0, unnamed: 0, dead: 0 });
      expect(facts['levels']).toMatch(/^H1( H2)+$/);
    });
  });
});

/** Pairs of texts of the chart that lie upon each other. */
async function overlappingLabels(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const texts = [...document.querySelectorAll('.chart text')].map((text) => ({ text: text.textContent, box: text.getBoundingClientRect() })).filter(({ box }) => box.width > 0);
    const pairs = texts.flatMap((a, index) => texts.slice(index + 1).map((b) => [a, b]));
    return pairs
      .filter(([a, b]) => a.box.left < b.box.right - 1 && b.box.left < a.box.right - 1 && a.box.top < b.box.bottom - 3 && b.box.top < a.box.bottom - 3)
      .map(([a, b]) => a.text + ' / ' + b.text);
  })()`);
}

/** Tables wider than the sheet they are printed on. */
async function cutTables(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(
    `[...document.querySelectorAll('table')].filter((table) => table.getBoundingClientRect().right > document.documentElement.clientWidth + 1).map((table) => table.caption.textContent)`,
  );
}
