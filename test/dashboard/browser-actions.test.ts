/** What an operator does on the page, by pointer and by keys, while the demo trades; and what the page keeps of an operator. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ensurePage } from '../support/browser-build.ts';
import { expectQuiet, expectSound, plain, visitor, type Visitor } from '../support/browser-checks.ts';
import {
  REARM_TOKEN,
  serve,
  serveDemo,
  STOP_TOKEN,
  type DemoServed,
  type Served,
} from '../support/browser-dashboard.ts';
import { launchChromium } from '../support/chromium.ts';
import { encodeDisarmed } from '../../src/contract/governor-records.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import type { Browser, Locator, Page } from 'playwright-core';
import type { TradingState } from '../../src/core/event.ts';
import type { EventRow } from '../../src/dashboard/wire.ts';

let browser: Browser;
let served: DemoServed;
let tab: Visitor;
let page: Page;

beforeAll(async () => {
  await ensurePage();
  [browser, served] = await Promise.all([launchChromium(), serveDemo(60)]);
  await served.until(240);
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
});

/** A tab of its own for each test: nobody is signed in, nothing is stopped. */
beforeEach(async () => {
  await switchTo('ACTIVE');
  tab = await visitor(browser);
  page = tab.page;
  return () => tab.close();
});

/** As an operator at a terminal does. */
async function switchTo(state: TradingState): Promise<void> {
  await served.store.permits.change({ kind: 'switch', state, by: 'terminal', reason: 'test' });
}

const dialog = (): Locator => page.getByRole('dialog');
const button = (name: string | RegExp): Locator => page.getByRole('button', { name });
const stopButton = (): Locator => page.locator('main').getByRole('button', { name: 'Stop entries' });
const stateShown = (): Promise<string> => page.getByRole('heading', { name: /Trading state/ }).innerText();

async function open(path = '/', from: Served = served): Promise<void> {
  await page.goto(`${from.url}${path}`);
  await page.locator('main h1').waitFor({ state: 'attached' });
}

async function signedIn(path = '/'): Promise<void> {
  await open(`${path}#token=${STOP_TOKEN}`);
  await button('Sign out').waitFor();
}

/** Fills the open dialog; the token only where it is asked for. */
async function fill(fields: {
  readonly by?: string;
  readonly reason?: string;
  readonly token?: string;
  readonly typed?: string;
}): Promise<void> {
  if (fields.by !== undefined) await dialog().getByLabel('Your name').fill(fields.by);
  if (fields.reason !== undefined) await dialog().getByLabel('Reason').fill(fields.reason);
  if (fields.token !== undefined) await dialog().getByLabel('Re-arm token').fill(fields.token);
  if (fields.typed !== undefined) await dialog().getByLabel(/^Type/).fill(fields.typed);
}

const send = (): Locator => dialog().locator('button[type=submit]');

async function newest(event: string): Promise<EventRow> {
  const answer = await fetch(`${served.url}/api/v1/events?event=${event}&limit=1`);
  return ((await answer.json()) as EventRow[])[0]!;
}

async function disarm(...symbols: string[]): Promise<void> {
  const text = encodeDisarmed({ reason: 'burst_limit_exceeded', timestamp: 1_780_315_300 });
  await served.store.writeFields(
    `${served.namespace}:governor:disarmed`,
    symbols.map((symbol): [string, string] => [symbol, text]),
  );
}

describe('without a token', { timeout: 60_000 }, () => {
  it('the button to stop is there, and explains how to be able to', async () => {
    await open();
    await stopButton().click();
    await expect.poll(() => dialog().innerText()).toMatch(/Sign in with the stop token/);
    expect(await dialog().locator('input').count()).toBe(0);
    await expectSound(page, 'dialog-stop-read-only', 'few');
    await dialog().getByRole('button', { name: 'Sign in' }).click();
    await expect.poll(() => dialog().getByLabel('Token').count()).toBe(1);
    await expectSound(page, 'dialog-sign-in');

    await dialog().getByLabel('Token').fill('not-the-token-of-anyone');
    await send().click();
    await expect
      .poll(() => dialog().getByRole('alert').allInnerTexts())
      .toEqual([expect.stringMatching(/no token of this dashboard/)]);
    await dialog().getByLabel('Token').fill(STOP_TOKEN);
    await send().click();
    // What one wanted in the first place comes next.
    await expect.poll(() => dialog().getByLabel('Your name').count()).toBe(1);
    await dialog().getByRole('button', { name: 'Cancel' }).click();
    await expect.poll(() => button('Sign out').count()).toBe(1);
    expect(
      await page.evaluate('JSON.stringify([location.href, {...localStorage}, {...sessionStorage}])'),
    ).not.toContain(STOP_TOKEN);
    await button('Sign out').click();
    await expect.poll(() => button('Read-only').count()).toBe(1);
    await expectQuiet(tab, served, (complaint) => complaint.includes('401'));
  });

  it('where none is set, the page says which setting it takes', async () => {
    await using store = await openMemoryStore({ namespace: 'quantum', folder: null });
    await using bare = await serve({ store, tokens: { read: null, stop: null, rearm: null } });
    await open('/', bare);
    await stopButton().click();
    await expect.poll(() => dialog().innerText()).toMatch(/DASHBOARD_STOP_TOKEN/);
    expect(await dialog().getByRole('button', { name: 'Sign in' }).count()).toBe(0);
  });

  it('where reading takes one too, nothing is shown before it is given', async () => {
    await using bare = await serve({
      ...{ store: served.store, namespace: served.namespace },
      tokens: { read: 'read-token-for-tests', stop: STOP_TOKEN, rearm: REARM_TOKEN },
    });
    await page.goto(bare.url);
    await expect.poll(() => page.getByRole('heading', { name: 'Sign in' }).count()).toBe(1);
    expect(await page.locator('body').innerText()).not.toMatch(/BTCUSDT|ACTIVE/);
    await expectSound(page, 'sign-in', 'few');
    await page.getByLabel('Token').fill('read-token-for-tests');
    await page.keyboard.press('Enter');
    await expect.poll(stateShown, { timeout: 5000 }).toMatch(/ACTIVE/);
    await stopButton().click();
    await expect.poll(() => dialog().innerText()).toMatch(/reading only/);
  });
});

describe('with the stop token', { timeout: 60_000 }, () => {
  it('stopping entries takes a name, a reason and the word, shows at once, and is told with name and reason', async () => {
    await signedIn();
    await stopButton().click();
    await fill({ by: 'Ann Operator', reason: 'exchange looks wrong', typed: 'stop' });
    expect(await send().isDisabled()).toBe(true);
    await expectSound(page, 'dialog-stop');
    await fill({ typed: 'STOP' });
    await send().click();
    await expect.poll(() => dialog().innerText(), { timeout: 5000 }).toMatch(/The trading state is REDUCING/);
    await expect.poll(stateShown, { timeout: 1000 }).toMatch(/ENTRIES STOPPED/);
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    expect(plain(await page.locator('main').innerText())).toMatch(/by Ann Operator: exchange looks wrong/);
    expect((await newest('KILL_SWITCH')).fields).toMatchObject({
      ...{ state: 'REDUCING', by: 'Ann Operator', reason: 'exchange looks wrong' },
    });
    expect(await page.title()).toMatch(/^ENTRIES STOPPED/);
    expect(await stopButton().isDisabled()).toBe(true);
    await expectSound(page, 'overview-reducing', 'few');
  });

  it('halting stops everything, exits too', async () => {
    await signedIn();
    await button('Halt all').click();
    await fill({ by: 'Ann Operator', reason: 'all wrong', typed: 'HALT' });
    await send().click();
    await expect.poll(() => dialog().innerText(), { timeout: 5000 }).toMatch(/The trading state is HALTED/);
    await expect.poll(stateShown, { timeout: 1000 }).toMatch(/HALTED/);
    expect((await newest('KILL_SWITCH')).fields).toMatchObject({ state: 'HALTED', reason: 'all wrong' });
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await expectSound(page, 'overview-halted', 'few');
  });

  it('re-arming everything takes the word and the second token; with both all is ACTIVE again', async () => {
    await switchTo('HALTED');
    await signedIn();
    await expect.poll(stateShown).toMatch(/HALTED/);
    await button('Re-arm all').click();
    await fill({ by: 'Ann Operator', reason: 'looked at it', token: REARM_TOKEN, typed: 'all' });
    expect(await send().isDisabled()).toBe(true);
    await expectSound(page, 'dialog-rearm');
    await fill({ token: 'not-the-re-arm-token', typed: 'ALL' });
    await send().click();
    await expect
      .poll(() => dialog().getByRole('alert').allInnerTexts(), { timeout: 5000 })
      .toEqual([expect.stringMatching(/not the re-arm token/)]);
    expect(await stateShown()).toMatch(/HALTED/);
    await fill({ token: STOP_TOKEN });
    await send().click();
    await expect.poll(() => send().isDisabled()).toBe(false);
    expect(await stateShown()).toMatch(/HALTED/);
    await fill({ token: REARM_TOKEN });
    await send().click();
    await expect.poll(() => dialog().innerText(), { timeout: 5000 }).toMatch(/The trading state is ACTIVE/);
    await expect.poll(stateShown, { timeout: 1000 }).toMatch(/ACTIVE/);
    expect((await newest('KILL_SWITCH')).fields).toMatchObject({ state: 'ACTIVE', by: 'Ann Operator' });
  });

  it('one disarmed symbol is re-armed alone', async () => {
    await disarm('BTCUSDT', 'ETHUSDT');
    await signedIn();
    await button('Re-arm BTCUSDT').click();
    await fill({ by: 'Ben', reason: 'bot was fixed', token: REARM_TOKEN, typed: 'BTCUSDT' });
    await send().click();
    await expect.poll(() => dialog().innerText(), { timeout: 5000 }).toMatch(/Re-armed: BTCUSDT/);
    await dialog().getByRole('button', { name: 'Close' }).last().click();
    await expect.poll(() => button('Re-arm BTCUSDT').count()).toBe(0);
    expect(await button('Re-arm ETHUSDT').count()).toBe(1);
    expect((await newest('REARM')).fields).toMatchObject({ symbol: 'BTCUSDT', by: 'Ben' });
    await page.getByRole('link', { name: 'Events' }).click();
    await expect.poll(() => page.locator('main').innerText()).toMatch(/bot was fixed/);
  });
});

describe('with the keyboard alone', { timeout: 60_000 }, () => {
  const focused = (what: string): Promise<string> =>
    page.evaluate<string>(`(() => { const element = document.activeElement; return String(${what}); })()`);

  /** Presses Tab until what has the focus says `text`; what has it is always to be seen. */
  async function tabTo(text: RegExp, most = 60): Promise<void> {
    for (let i = 0; i < most; i++) {
      await page.keyboard.press('Tab');
      if (text.test(await focused('(element.getAttribute("aria-label") ?? "") + element.textContent'))) {
        expect(await focused('getComputedStyle(element).outlineStyle')).not.toBe('none');
        return;
      }
    }
    throw new Error(`${most} presses of Tab do not lead to ${String(text)}`);
  }

  it('the content is one press away', async () => {
    await signedIn();
    await page.keyboard.press('Tab');
    expect(await focused('element.textContent')).toMatch(/Skip to the content/);
    expect(Number(await focused('element.getBoundingClientRect().top'))).toBeGreaterThanOrEqual(0);
    await page.keyboard.press('Enter');
    expect(await focused('element.id')).toBe('main');
  });

  it('entries are stopped, and the focus comes back to where it was', async () => {
    await signedIn();
    await tabTo(/^Stop entries/);
    await page.keyboard.press('Enter');
    await expect.poll(() => dialog().count()).toBe(1);
    await expect.poll(() => focused('element.name')).toBe('by');
    await page.keyboard.press('Escape');
    await expect.poll(() => dialog().count()).toBe(0);
    await expect.poll(() => focused('element.textContent')).toMatch(/Stop entries/);

    await page.keyboard.press('Enter');
    await expect.poll(() => focused('element.name')).toBe('by');
    await page.keyboard.type('Kay');
    await page.keyboard.press('Tab');
    await page.keyboard.type('drill');
    await page.keyboard.press('Tab');
    await page.keyboard.type('STOP');
    await page.keyboard.press('Enter');
    await expect.poll(() => dialog().innerText(), { timeout: 5000 }).toMatch(/REDUCING/);
  });

  it('the heat map is walked through by arrows', async () => {
    await open('/attribution?y=signal&x=symbol');
    await page.getByRole('grid').waitFor();
    const places: (string | null)[] = [];
    await page.getByRole('grid').locator('td[tabindex="0"]').focus();
    for (const key of ['ArrowRight', 'ArrowDown', 'ArrowLeft', 'End', 'Home']) {
      await page.keyboard.press(key);
      places.push(await focused('element.dataset.cell'));
    }
    expect(places.slice(0, 3)).toEqual(['0-1', '1-1', '1-0']);
    expect(places[3]).toMatch(/^1-[1-9]/);
    expect(places[4]).toBe('1-0');
    expect(await page.getByRole('grid').locator('td[tabindex="0"]').count()).toBe(1);
  });
});

describe('what is chosen', { timeout: 60_000 }, () => {
  it('is kept over a reload: the zone of times and the theme', async () => {
    await open('/events');
    const clock = page.locator('header .clock');
    const zone = async (): Promise<string | undefined> =>
      /\d (UTC\S*?)(?:,|$|\s)/.exec(plain(await clock.innerText()))?.[1];
    await expect.poll(zone).toBe('UTC');
    await clock.click();
    await expect.poll(zone).toBe('UTC+2');
    const theme = button(/^Theme/);
    const ink = (): Promise<string> => page.evaluate<string>('getComputedStyle(document.body).color');
    const light = await ink();
    while (!/dark; /.test((await theme.getAttribute('aria-label')) ?? '')) await theme.click();
    await expect.poll(ink).not.toBe(light);
    const dark = await ink();
    await page.reload();
    await expect.poll(zone).toBe('UTC+2');
    await expect.poll(ink).toBe(dark);
  });

  it('of motion is respected: while something is awaited, nothing moves where that is asked for', async () => {
    await page.route('**/api/v1/attribution?*', () => undefined);
    await open('/attribution');
    await page.getByText(/^Loading/).waitFor();
    const moving = (): Promise<string[]> =>
      page.evaluate<string[]>(`[...document.querySelectorAll('*')].filter((element) => {
        const { transitionDuration, animationName } = getComputedStyle(element);
        return animationName !== 'none' || transitionDuration.split(',').some((one) => parseFloat(one) > 0);
      }).map((element) => element.className)`);
    expect(await moving()).toEqual([]);
    await page.emulateMedia({ reducedMotion: 'no-preference' });
    expect(await moving()).toContain('loading-bar');
  });
});
