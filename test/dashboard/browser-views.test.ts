/** Every view as a person sees it while the demo runs: alive, sound on a desk and on a phone, in light and in dark. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensurePage } from '../support/browser-build.ts';
import {
  expectFollows,
  expectNamed,
  expectQuiet,
  expectSound,
  readable,
  visitor,
  type Visitor,
} from '../support/browser-checks.ts';
import { serveDemo, type DemoServed } from '../support/browser-dashboard.ts';
import { launchChromium } from '../support/chromium.ts';
import type { Browser, Page } from 'playwright-core';
import type { Attribution, SymbolRow, Verdict } from '../../src/dashboard/wire.ts';

/** By then a bot ran away and was disarmed: there is something of everything to be seen. */
const RICH_SEC = 960;
/** By then every bot closed a trade. */
const FIRST_SEC = 180;
const SPEED = 60;

let browser: Browser;
let served: DemoServed;
let tab: Visitor;
let page: Page;

beforeAll(async () => {
  await ensurePage();
  [browser, served] = await Promise.all([launchChromium(), serveDemo(SPEED)]);
  tab = await visitor(browser);
  page = tab.page;
}, 90_000);

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

const main = () => page.locator('main');
const go = async (path: string): Promise<void> => void (await page.goto(`${served.url}${path}`));
const symbolNow = async (name: string): Promise<SymbolRow> =>
  (await served.snapshot()).symbols.find(({ symbol }) => symbol === name)!;

/** The newest of its kind that is a while old, so that everything about it is told. */
async function verdict(outcome: Verdict['outcome']): Promise<Verdict> {
  const { verdicts } = await served.snapshot();
  const found = verdicts.findLast((one) => one.outcome === outcome);
  if (found === undefined) throw new Error(`the demo has nothing ${outcome}`);
  return found;
}

describe('with the demo running, a person sees', { timeout: 60_000 }, () => {
  it('where the money comes from, by regime and hour', async () => {
    await served.until(FIRST_SEC);
    await go('/attribution');
    await expectNamed(page, 'Attribution');
    await expectFollows(main(), () => executionsBy('hour', 'regime'));
    expect(await page.getByRole('grid').innerText()).toMatch(/TREND/);
    await expectSound(page, 'attribution-regime-hour');
  });

  it('and by signal and symbol, one press away', async () => {
    await go('/attribution');
    await page.getByRole('button', { name: 'Signal × symbol' }).click();
    await expectFollows(main(), () => executionsBy('symbol', 'signal'), 1);
    const grid = page.getByRole('grid');
    await expect.poll(() => grid.innerText()).toMatch(/breakout/);
    expect(await grid.innerText()).toMatch(/BTCUSDT/);
    await expectSound(page, 'attribution-signal-symbol');
  });

  it('on the overview what is allowed, the money as it moves, and what runs', async () => {
    await served.until(RICH_SEC);
    await go('/');
    await expectNamed(page, 'Overview');
    await expectFollows(main(), async () =>
      readable((await served.snapshot()).overview.account!.equity_usd, 2),
    );
    const { overview } = await served.snapshot();
    expect(await page.getByRole('heading', { name: /Trading state/ }).innerText()).toMatch(/ACTIVE/);
    for (const { component } of overview.components) expect(await main().innerText()).toContain(component);
    expect(await page.getByText('PAPER').count()).toBeGreaterThan(0);
    await expectSound(page, 'overview');
  });

  it('all symbols, each with its position as it changes', async () => {
    await go('/symbols');
    await expectNamed(page, 'Symbols');
    const rows = page.getByRole('row').filter({ has: page.getByRole('link') });
    await expect.poll(() => rows.count()).toBe(7);
    await expectFollows(rows.filter({ hasText: 'ETHUSDT' }), async () =>
      readable((await symbolNow('ETHUSDT')).position_usd ?? 0, 0),
    );
    await expectSound(page, 'symbols');
  });

  it('one symbol: its score, its target and how it came to be, its executions', async () => {
    await go('/symbols/BTCUSDT');
    await expectNamed(page, 'BTCUSDT');
    await expectFollows(main(), async () => readable((await symbolNow('BTCUSDT')).profit_usd, 2));
    await expect.poll(() => page.getByRole('table', { name: /from base budget to target/i }).count()).toBe(1);
    await expect.poll(() => page.getByRole('table', { name: /Executions of BTCUSDT/ }).count()).toBe(1);
    expect(await page.locator('canvas').count()).toBeGreaterThan(2);
    await expectSound(page, 'symbol');
  });

  it('what would change if what is proposed were applied', async () => {
    await go('/shadow');
    await expectNamed(page, 'Shadow');
    await expectFollows(main(), async () => readable((await symbolNow('BTCUSDT')).target_usd ?? 0, 2), 1);
    await expectSound(page, 'shadow');
  });

  it('permits and blocks as they are decided', async () => {
    await go('/plans');
    await expectNamed(page, 'Permits and blocks');
    await expectFollows(main(), async () => (await served.snapshot()).verdicts.at(-1)!.symbol, 1);
    const newest = page.getByRole('link', { name: /^[\w.-]+-\d/ }).first();
    const before = await newest.innerText();
    await expect.poll(() => newest.innerText(), { timeout: 5000 }).not.toBe(before);
    await expectSound(page, 'plans');
  });

  it.each(['permitted', 'blocked'] as const)('why a plan was %s, gate by gate', async (outcome) => {
    const { plan_id: planId, symbol, reason } = await verdict(outcome);
    await go(`/plans/${encodeURIComponent(planId)}`);
    await expectNamed(page, planId);
    await expect.poll(() => main().innerText()).toMatch(new RegExp(symbol));
    const text = await main().innerText();
    expect(text).toMatch(/burst/i);
    if (reason !== null) expect(text).toContain(reason);
    await expectSound(page, `plan-${outcome}`);
  });

  it('what happened besides: the symbol that was disarmed', async () => {
    await go('/events');
    await expectNamed(page, 'Events');
    await expect.poll(() => main().innerText()).toMatch(/DOGEUSDT/);
    await expectSound(page, 'events');
  });

  it('that an address leads nowhere, and the way back', async () => {
    await go('/symbols/NOSUCHUSDT');
    await expectNamed(page, 'NOSUCHUSDT');
    await expect.poll(() => main().innerText()).toMatch(/No symbol NOSUCHUSDT/);
    await page.getByRole('link', { name: 'All symbols' }).click();
    await expectNamed(page, 'Symbols');
  });

  it('no error, no warning and nothing the policy had to stop', async () => {
    // What is not there is asked for: the browser notes each such answer.
    await expectQuiet(tab, served, (complaint) => complaint.includes('404'));
    const origins = new Set(tab.requests.map((url) => new URL(url).origin));
    expect([...origins]).toEqual([served.url]);
  });
});

async function executionsBy(x: string, y: string): Promise<string> {
  const answer = await fetch(`${served.url}/api/v1/attribution?x=${x}&y=${y}`);
  const { executions } = (await answer.json()) as Attribution;
  return `${readable(executions, 0)} executions`;
}
