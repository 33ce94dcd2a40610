/** A real browser for tests: Debian's Chromium, with a profile of its own and nothing that talks to the network by itself. */
import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

const EXECUTABLES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

const FLAGS = [
  ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
  ...['--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'],
];

/**
 * Starts a browser; it is headless, has a new profile folder, and both go with `browser.close()` (or `await using`).
 * Throws where there is none, saying how to install it.
 */
export async function launchChromium(): Promise<Browser> {
  const executablePath = EXECUTABLES.find((path) => existsSync(path));
  if (executablePath === undefined)
    throw new Error(
      `there is no Chromium (looked for ${EXECUTABLES.join(', ')}); install it: scripts/ensure-debian-packages.sh chromium`,
    );
  return chromium.launch({ executablePath, headless: true, chromiumSandbox: false, args: FLAGS });
}

/** A page in a context of its own, and everything it complained of: errors, refused loads, broken policies, requests elsewhere. */
export interface WatchedPage {
  readonly page: Page;
  readonly complaints: readonly string[];
  /** Every address it asked for, in order. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

export async function watchedPage(
  browser: Browser,
  options: BrowserContextOptions = {},
): Promise<WatchedPage> {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const complaints: string[] = [];
  const requests: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type()))
      complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => complaints.push(`error in the page: ${error.message}`));
  page.on('requestfailed', (request) =>
    complaints.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`),
  );
  page.on('request', (request) => requests.push(request.url()));
  return { page, complaints, requests, close: () => context.close() };
}

/** What axe finds serious or critical on a page as it is, a line each; by all of its rules, or by those named. */
export async function seriousFindings(page: Page, rules: readonly string[] = []): Promise<string[]> {
  // Evaluated, not added as an element: a policy without scripts refuses elements.
  if (!(await page.evaluate<boolean>("'axe' in globalThis"))) await page.evaluate(axe.source);
  const only = rules.length === 0 ? '' : `, runOnly: ${JSON.stringify(rules)}`;
  const violations = (await page.evaluate(
    `axe.run(document, { resultTypes: ["violations"]${only} }).then(` +
      '({ violations }) => violations.map(({ id, impact, help, nodes }) => ' +
      '({ id, impact, help, where: nodes.slice(0, 3).map(({ target, failureSummary }) => `${target.join(" ")}: ${failureSummary}`) })))',
  )) as { id: string; impact: string; help: string; where: string[] }[];
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, impact, help, where }) => `${impact} ${id}: ${help} (${where.join('; ')})`);
}

/** Elements that reach beyond the right edge of the page and lie in nothing that scrolls or clips, as short descriptions. */
export async function overflowing(page: Page): Promise<string[]> {
  return page.evaluate<string[]>(`(() => {
    const width = document.documentElement.clientWidth;
    const clips = (element) => {
      for (let at = element.parentElement; at !== null && at !== document.body; at = at.parentElement)
        if (getComputedStyle(at).overflowX !== 'visible') return true;
      return false;
    };
    return [...document.body.querySelectorAll('*')]
      .filter((element) => element.ownerSVGElement === null || element.ownerSVGElement === undefined)
      .filter((element) => element.getBoundingClientRect().right > width + 1 && !clips(element))
      .map((element) => element.tagName.toLowerCase() + '.' + (element.getAttribute('class') ?? '') + ' ' + (element.textContent ?? '').trim().slice(0, 40));
  })()`);
}
