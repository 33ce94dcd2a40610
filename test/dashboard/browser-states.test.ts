/** What is not as it should be looks like what it is: nothing there, too old, not heard, a store that fails. */
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { ensurePage } from '../support/browser-build.ts';
import {
  expectNamed,
  expectQuiet,
  expectSound,
  plain,
  readable,
  visitor,
  type Visitor,
} from '../support/browser-checks.ts';
import { serve, serveEndedDemo, type Served } from '../support/browser-dashboard.ts';
import { launchChromium } from '../support/chromium.ts';
import { withOther } from '../support/live-governor.ts';
import { startProxy } from '../support/tcp-proxy.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { StoreError, type Store } from '../../src/store/store.ts';
import type { Browser, Page } from 'playwright-core';

let browser: Browser;

beforeAll(async () => {
  await ensurePage();
  browser = await launchChromium();
}, 60_000);

afterAll(async () => {
  await browser?.close();
});

const emptyStore = (): Promise<Store> => openMemoryStore({ namespace: 'quantum', folder: null });

/** Ends with the test. */
async function open(served: Served): Promise<Visitor> {
  onTestFinished(() => served[Symbol.asyncDispose]());
  const tab = await visitor(browser);
  onTestFinished(() => tab.close());
  return tab;
}

const textOf = async (page: Page): Promise<string> => plain(await page.locator('main').innerText());

describe('where there is nothing yet', { timeout: 60_000 }, () => {
  const VIEWS: readonly [name: string, path: string, heading: string, says: RegExp][] = [
    ['overview', '/', 'Overview', /No account yet/],
    ['symbols', '/symbols', 'Symbols', /No symbol yet/],
    ['attribution', '/attribution', 'Attribution', /No execution to attribute/],
    ['shadow', '/shadow', 'Shadow', /No target yet/],
    ['plans', '/plans', 'Permits and blocks', /No plan was judged yet/],
    ['events', '/events', 'Events', /Nothing happened yet/],
    ['symbol', '/symbols/BTCUSDT', 'BTCUSDT', /No symbol BTCUSDT/],
    ['plan', '/plans/p-1', 'p-1', /No plan p-1 is recorded/],
  ];

  it('every view says so, and what would bring something', async () => {
    const served = await serve({ store: await emptyStore() });
    const tab = await open(served);
    for (const [name, path, heading, says] of VIEWS) {
      await tab.page.goto(`${served.url}${path}`);
      await expectNamed(tab.page, heading);
      await expect.poll(() => textOf(tab.page), { message: name, timeout: 5000 }).toMatch(says);
      expect(await tab.page.locator('.loading').count(), name).toBe(0);
      await expectSound(tab.page, `empty-${name}`, 'few');
    }
    await expectQuiet(tab, served, (complaint) => complaint.includes('404'));
  });
});

describe('where everything is old', { timeout: 60_000 }, () => {
  it('the page says how old, marks it stale by a word, and says what does not run', async () => {
    const served = await serveEndedDemo(600, 600);
    const tab = await open(served);
    await tab.page.goto(served.url);
    await expect.poll(() => textOf(tab.page)).toMatch(/stopped/i);
    const overview = await textOf(tab.page);
    expect(overview).toMatch(/stale 1[01] min/);
    expect(overview).toMatch(/Needs attention \(\d+\)/);
    expect(overview).not.toMatch(/Every component ticks/);
    expect(overview).toMatch(/no governor runs/);
    await expectSound(tab.page, 'stale-overview', 'few');

    await tab.page.goto(`${served.url}/symbols`);
    await expect.poll(() => textOf(tab.page)).toMatch(/stale 1[01] min/);
    await tab.page.getByRole('button', { name: 'Stale', exact: true }).click();
    await expect.poll(() => tab.page.getByRole('status').allInnerTexts()).toContain('7 of 7 symbols');
    await expectSound(tab.page, 'stale-symbols', 'few');

    await tab.page.goto(`${served.url}/symbols/BTCUSDT`);
    await expect.poll(() => textOf(tab.page)).toMatch(/stale/);
    await expectSound(tab.page, 'stale-symbol', 'few');
    await expectQuiet(tab, served);
  });
});

describe('a tab that nobody looks at', { timeout: 60_000 }, () => {
  it('gives its connection up after a while, and is live again when looked at', async () => {
    const served = await serveEndedDemo(60, 1);
    const { page } = await open(served);
    const clients = async (): Promise<unknown> =>
      ((await (await fetch(`${served.url}/health`)).json()) as { clients: number }).clients;
    const look = async (isHidden: boolean): Promise<void> => {
      await page.evaluate(
        `Object.defineProperty(document, 'hidden', { value: ${isHidden}, configurable: true }); document.dispatchEvent(new Event('visibilitychange'));`,
      );
    };
    await page.clock.install();
    await page.goto(served.url);
    await expect.poll(clients, { timeout: 5000 }).toBe(1);
    await look(true);
    await page.clock.fastForward(20_000);
    expect(await clients()).toBe(1);
    await page.clock.fastForward(20_000);
    await expect.poll(clients, { timeout: 5000 }).toBe(0);
    await look(false);
    await expect.poll(clients, { timeout: 5000 }).toBe(1);
    await expect.poll(() => page.getByRole('status').allInnerTexts()).toContain('Live');
  });
});

describe('while the server is not heard', { timeout: 90_000 }, () => {
  it('the page says so within 15 s and how old its numbers are, and goes on by itself when the server is back', async () => {
    const demo = await serveEndedDemo(300, 1);
    onTestFinished(() => demo[Symbol.asyncDispose]());
    const { store, namespace } = demo;
    const first = await serve({ store, namespace });
    const tab = await open(first);
    const { page } = tab;
    await page.goto(first.url);
    const equity = readable((await first.snapshot()).overview.account!.equity_usd, 2);
    await expect.poll(() => textOf(page)).toContain(equity);
    await page.evaluate('window.keptSince = 1');
    const banner = page.getByRole('alert').filter({ hasText: 'Connection lost' });
    expect(await banner.count()).toBe(0);

    await first[Symbol.asyncDispose]();
    await expect.poll(() => banner.count(), { timeout: 15_000 }).toBe(1);
    expect(plain(await banner.innerText())).toMatch(/What you see is from .+ ago/);
    // What was known stays, each part of it with its age, and is not taken for now.
    expect(await textOf(page)).toContain(equity);
    expect(await page.locator('main section').filter({ hasText: 'Equity' }).innerText()).toMatch(/stale/);
    expect(await page.getByRole('status').allInnerTexts()).toContain('Lost');
    await expectSound(page, 'disconnected-overview', 'few');
    await page.getByRole('link', { name: 'Symbols', exact: true }).click();
    await expect.poll(() => textOf(page)).toMatch(/BTCUSDT/);
    await expectSound(page, 'disconnected-symbols', 'few');

    const second = await serve({ store, namespace, port: first.dashboard.port });
    onTestFinished(() => second[Symbol.asyncDispose]());
    await expect.poll(() => banner.count(), { timeout: 30_000 }).toBe(0);
    expect(await page.evaluate('window.keptSince')).toBe(1);
    await store.append([
      {
        stream: `${namespace}:stream:execution.result`,
        fields: ['symbol', 'NEWUSDT', 'realized_pnl', '12.5'],
        maxLength: null,
      },
    ]);
    await expect.poll(() => textOf(page), { timeout: 10_000 }).toMatch(/NEWUSDT/);
  });

  it('a cut connection is resumed where it was: what came in between is told, and no more', async () => {
    const store = await emptyStore();
    const served = await serve({ store });
    const proxy = await startProxy(served.dashboard.port);
    onTestFinished(() => proxy.stop());
    const tab = await open(served);
    const { page } = tab;
    const resumed: (string | undefined)[] = [];
    page.on('request', (request) => {
      if (request.url().endsWith('/api/v1/stream'))
        void request.allHeaders().then((headers) => resumed.push(headers['last-event-id']));
    });
    await page.addInitScript(`globalThis.EventSource = class extends EventSource {
      constructor(path) {
        super(path);
        this.addEventListener('snapshot', () => { globalThis.snapshots = (globalThis.snapshots ?? 0) + 1; });
      }
    }`);
    await page.goto(`http://127.0.0.1:${proxy.port}/symbols`);
    await expect.poll(() => textOf(page)).toMatch(/No symbol yet/);
    const add = async (symbol: string): Promise<void> => {
      const fields = ['symbol', symbol, 'realized_pnl', '1'];
      await store.append([{ stream: 'quantum:stream:execution.result', fields, maxLength: null }]);
    };
    await add('FIRSTUSDT');
    await expect.poll(() => textOf(page)).toMatch(/FIRSTUSDT/);
    proxy.reset();
    await add('SECONDUSDT');
    await expect.poll(() => textOf(page), { timeout: 20_000 }).toMatch(/SECONDUSDT/);
    expect(await textOf(page)).toMatch(/FIRSTUSDT/);
    await expect.poll(() => resumed.length).toBeGreaterThan(1);
    expect(resumed[0]).toBeUndefined();
    expect(resumed.at(-1)).toMatch(/^[0-9a-f]+-\d+$/);
    expect(await page.evaluate('globalThis.snapshots')).toBe(1);
  });
});

describe('while the store does not answer', { timeout: 60_000 }, () => {
  it('the page says that, keeps what was read, and goes on when it answers', async () => {
    const demo = await serveEndedDemo(300, 1);
    onTestFinished(() => demo[Symbol.asyncDispose]());
    let isBroken = false;
    const served = await serve({
      namespace: demo.namespace,
      store: withOther(demo.store, {
        read: (positions) =>
          isBroken
            ? Promise.reject(new StoreError('unreachable', 'TIMEOUT', 'no answer within 500 ms'))
            : demo.store.read(positions),
      }),
    });
    const { page } = await open(served);
    await page.goto(served.url);
    const equity = readable((await served.snapshot()).overview.account!.equity_usd, 2);
    await expect.poll(() => textOf(page)).toContain(equity);
    const banner = page.getByRole('alert').filter({ hasText: 'The store does not answer' });
    isBroken = true;
    await expect.poll(() => banner.count(), { timeout: 15_000 }).toBe(1);
    expect(await banner.innerText()).toMatch(/no answer within 500 ms/i);
    expect(await textOf(page)).toContain(equity);
    await expectSound(page, 'store-fails-overview', 'few');
    isBroken = false;
    await expect.poll(() => banner.count(), { timeout: 15_000 }).toBe(0);
  });
});
