/** A thousand symbols: only those that are seen are in the page, every one can be reached, and keys do what the pointer does. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensurePage } from '../support/browser-build.ts';
import { expectQuiet, expectSound, plain, visitor, type Visitor } from '../support/browser-checks.ts';
import { serve, type Served } from '../support/browser-dashboard.ts';
import { manySymbols, storeOfMany } from '../support/browser-rows.ts';
import { launchChromium } from '../support/chromium.ts';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Store } from '../../src/store/store.ts';

const COUNT = 1000;
const names = manySymbols(COUNT);

let browser: Browser;
let store: Store;
let served: Served;
let tab: Visitor;
let page: Page;

beforeAll(async () => {
  await ensurePage();
  [browser, store] = await Promise.all([launchChromium(), storeOfMany(COUNT)]);
  served = await serve({ store });
  tab = await visitor(browser);
  page = tab.page;
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
  await store?.[Symbol.asyncDispose]();
});

const table = (): Locator => page.getByRole('grid', { name: /Symbols/ });
const rowOf = (symbol: string): Locator => table().getByRole('row').filter({ hasText: symbol });

async function openTable(): Promise<void> {
  await page.goto(`${served.url}/symbols`);
  await expect.poll(() => page.getByText('1,000 symbols').count(), { timeout: 10_000 }).toBeGreaterThan(0);
  await expect.poll(() => table().getByRole('row').count()).toBeGreaterThan(10);
}

/** Whether it lies in the window, in whole. */
async function isSeen(row: Locator): Promise<boolean> {
  const box = await row.boundingBox();
  return box !== null && box.y >= 0 && box.y + box.height <= page.viewportSize()!.height;
}

describe('a table of a thousand symbols', { timeout: 60_000 }, () => {
  it('holds the rows that are seen, tells how many there are, and shows the last one at its end', async () => {
    await openTable();
    expect(await table().getByRole('row').count()).toBeLessThan(100);
    expect(Number(await table().getAttribute('aria-rowcount'))).toBe(COUNT + 2);
    expect(await rowOf(names.at(-1)!).count()).toBe(0);
    await page.getByRole('columnheader', { name: 'Symbol' }).getByRole('button').click();
    await table().focus();
    await page.keyboard.press('End');
    await expect.poll(() => rowOf(names.at(-1)!).count()).toBe(1);
    expect(await isSeen(rowOf(names.at(-1)!))).toBe(true);
    expect(await table().getByRole('row').count()).toBeLessThan(100);
    await page.keyboard.press('Home');
    await expect.poll(() => rowOf(names[0]!).count()).toBe(1);
  });

  it('is sorted by any column, up and down, and says which', async () => {
    await openTable();
    const header = page.getByRole('columnheader', { name: 'Profit' });
    const first = async (): Promise<string> =>
      plain(await table().locator('[aria-rowindex="2"]').innerText());
    await header.getByRole('button').click();
    await expect.poll(() => header.getAttribute('aria-sort')).toMatch(/ascending|descending/);
    const one = await first();
    await header.getByRole('button').click();
    await expect.poll(first).not.toBe(one);
    const best = /\+200\.00/;
    const worst = /−200\.00/;
    expect(best.test(one) ? worst.test(await first()) : worst.test(one) && best.test(await first())).toBe(
      true,
    );
  });

  it('is filtered by what one types, and says when nothing fits', async () => {
    await openTable();
    await page.getByRole('searchbox').fill('S0999');
    await expect.poll(() => page.getByText('1 of 1,000 symbols').count()).toBe(1);
    expect(await rowOf('S0999USDT').count()).toBe(1);
    await page.getByRole('searchbox').fill('nothing like it');
    await expect.poll(() => page.getByText('No symbol passes the filter').count()).toBe(1);
    await page.getByRole('button', { name: 'Clear the filter' }).click();
    await expect.poll(() => page.getByText('1,000 symbols').count()).toBeGreaterThan(0);
  });

  it('is walked through by keys, and Enter opens the symbol', async () => {
    await openTable();
    await page.getByRole('columnheader', { name: 'Symbol' }).getByRole('button').press('Enter');
    await expect
      .poll(() => page.getByRole('columnheader', { name: 'Symbol' }).getAttribute('aria-sort'))
      .not.toBe('none');
    await table().focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    const active = table().locator('[aria-selected="true"]');
    await expect.poll(() => active.getAttribute('aria-rowindex')).toBe('4');
    expect(await table().getAttribute('aria-activedescendant')).toBe(await active.getAttribute('id'));
    const symbol = /S\d{4}USDT/.exec(await active.innerText())![0];
    await page.keyboard.press('Enter');
    await expect.poll(() => new URL(page.url()).pathname).toBe(`/symbols/${symbol}`);
    await expect.poll(() => page.title()).toContain(symbol);
    // Back is where one was.
    await page.goBack();
    await expect.poll(() => table().count()).toBe(1);
  });

  it('is sound on a desk and on a phone, full as it is', async () => {
    await openTable();
    await expectSound(page, 'symbols-thousand', 'few');
  });

  it('makes no complaint', async () => {
    await expectQuiet(tab, served);
  });
});

describe('targets in shadow', { timeout: 60_000 }, () => {
  it('stand beside those that act, the largest difference first', async () => {
    await using few = await storeOfMany(60);
    await using shadow = await serve({ store: few });
    await page.goto(`${shadow.url}/shadow`);
    await expect.poll(() => page.getByText('If the targets in shadow acted').count()).toBe(1);
    await expect
      .poll(() =>
        page
          .getByRole('row')
          .filter({ hasText: /S00\d\dUSDT/ })
          .count(),
      )
      .toBe(60);
    await expectSound(page, 'shadow-against-live');
    await expectQuiet(tab, shadow);
  });
});
