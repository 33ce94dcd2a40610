/** What holds for every view, whatever it shows: on a desk and on a phone, in light and in dark. */
import { mkdirSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { overflowing, seriousFindings, watchedPage, type WatchedPage } from './chromium.ts';
import type { Browser, Locator, Page } from 'playwright-core';
import type { Served } from './browser-dashboard.ts';

/** Kept for people to look at; continuous integration keeps the folder. */
export const SCREENSHOTS = fileURLToPath(new URL('../../artefacts/screenshots/', import.meta.url));

export const DESK = { width: 1440, height: 900 } as const;
export const PHONE = { width: 390, height: 844 } as const;
const SIZES = [
  ['desk', DESK],
  ['phone', PHONE],
] as const;
const THEMES = ['light', 'dark'] as const;
const MAX_CULPRITS = 3;
const MAX_PICTURE_HEIGHT = 2400;

export interface Visitor extends WatchedPage {
  /** What the policy kept the page from doing. */
  readonly violations: readonly string[];
}

/** A browser's tab at a desk; moves nothing by itself unless told, so that every picture is of a page at rest. */
export async function visitor(
  browser: Browser,
  motion: 'reduce' | 'no-preference' = 'reduce',
): Promise<Visitor> {
  const watched = await watchedPage(browser, {
    viewport: DESK,
    reducedMotion: motion,
    colorScheme: 'light',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  const violations: string[] = [];
  await watched.page.exposeFunction('tellViolation', (what: string) => void violations.push(what));
  await watched.page.addInitScript(
    `addEventListener('securitypolicyviolation', (event) => tellViolation(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sample));`,
  );
  return { ...watched, violations };
}

/** No complaint of the browser, no broken policy: to be asked after everything else. */
export async function expectQuiet(
  { complaints, violations }: Visitor,
  served: Served,
  isExpected: (complaint: string) => boolean = () => false,
): Promise<void> {
  // Whoever leaves a page lets go of what it was still loading, its stream first of all.
  const isLeaving = (complaint: string): boolean => /^failed: \S+ net::ERR_ABORTED$/.test(complaint);
  expect(complaints.filter((complaint) => !isLeaving(complaint) && !isExpected(complaint))).toEqual([]);
  expect(violations).toEqual([]);
  expect(await served.cspReports()).toBe(0);
}

/**
 * Looks at what is open now in every size and theme, and keeps a picture of each under `name`; `few`: at a desk in light and on a
 * phone in dark. Everything that is wrong is said at once.
 */
export async function expectSound(page: Page, name: string, extent: 'all' | 'few' = 'all'): Promise<void> {
  const wrong: string[] = [];
  for (const [size, viewport] of SIZES) {
    await page.setViewportSize(viewport);
    for (const theme of extent === 'all' ? THEMES : ([size === 'desk' ? 'light' : 'dark'] as const)) {
      await page.emulateMedia({ colorScheme: theme });
      await settled(page);
      // All but the colours is as it was in light, where that was looked at.
      const rules = extent === 'all' && theme === 'dark' ? ['color-contrast'] : [];
      const findings = [...(await seriousFindings(page, rules)), ...(await widerThanWindow(page))];
      wrong.push(...findings.map((finding) => `${name} ${size} ${theme}: ${finding}`));
      await keepPicture(page, `${name}-${size}-${theme}`);
    }
  }
  await page.setViewportSize(DESK);
  await page.emulateMedia({ colorScheme: 'light' });
  await settled(page);
  // What else a test has to say is said too.
  expect.soft(wrong).toEqual([]);
}

/** The whole page, in a window as high as it is: what is fixed to an edge of the window stays at an edge. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const window = page.viewportSize() ?? DESK;
  const content = await page.evaluate<number>('document.documentElement.scrollHeight');
  const isLonger = content > window.height;
  if (isLonger)
    await page.setViewportSize({ width: window.width, height: Math.min(content, MAX_PICTURE_HEIGHT) });
  await settled(page);
  await page.screenshot({ path: `${SCREENSHOTS}${name}.png`, animations: 'disabled' });
  if (isLonger) await page.setViewportSize(window);
}

/** The page has a heading and a title that say what it is. */
export async function expectNamed(page: Page, heading: string | RegExp): Promise<void> {
  await expect.poll(() => page.locator('h1').allInnerTexts(), { timeout: 5000 }).toHaveLength(1);
  const text = await page.locator('h1').innerText();
  expect(text).toMatch(heading);
  await expect.poll(() => page.title()).toMatch(heading);
}

/** Two frames drawn since the last change of size or theme. */
export async function settled(page: Page): Promise<void> {
  await page.evaluate('new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))');
}

async function widerThanWindow(page: Page): Promise<string[]> {
  const [content, window] = await page.evaluate<[number, number]>(
    '[document.documentElement.scrollWidth, document.documentElement.clientWidth]',
  );
  if (content <= window) return [];
  // The first few lead to the culprit; what lies in them reaches as far.
  const culprits = (await overflowing(page)).slice(0, MAX_CULPRITS);
  return [`the page is ${content} px wide in a window of ${window} px: ${culprits.join('; ')}`];
}

/**
 * Waits until the page has shown what `tell` says `distinct` different values of: the page is asked for those it may still show,
 * a reading behind.
 */
export async function expectFollows(
  where: Locator,
  tell: () => Promise<string>,
  distinct = 2,
  timeoutMs = 10_000,
): Promise<void> {
  const told = new Set<string>();
  const shown = new Set<string>();
  const endMs = performance.now() + timeoutMs;
  while (shown.size < distinct) {
    told.add(await tell());
    const text = plain(await where.innerText());
    for (const value of told) if (text.includes(value)) shown.add(value);
    if (performance.now() > endMs)
      throw new Error(
        `of ${[...told].join(' | ')} the page showed ${shown.size === 0 ? 'nothing' : [...shown].join(' | ')}; it says:\n${text}`,
      );
    await sleep(100);
  }
}

/** A number as people read it, written by another hand than the page's own. */
export function readable(value: number, digits: number): string {
  const [whole = '', rest] = Math.abs(value).toFixed(digits).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return (
    (value < 0 && /[1-9]/.test(`${whole}${rest ?? ''}`) ? '−' : '') +
    (rest === undefined ? grouped : `${grouped}.${rest}`)
  );
}

/** Without the different kinds of spaces and line breaks. */
export function plain(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
