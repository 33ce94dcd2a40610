/**
 * Names and reasons that would be markup stay text (S05, S06 of the reliability list): whatever other programs write into a real
 * Redis, the page makes no element of it, runs nothing, and its policy had nothing to stop.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensurePage } from '../support/browser-build.ts';
import { expectQuiet, keepPicture, visitor, type Visitor } from '../support/browser-checks.ts';
import { serve, STOP_TOKEN, type Served } from '../support/browser-dashboard.ts';
import { PAYLOADS } from '../support/browser-payloads.ts';
import { launchChromium } from '../support/chromium.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';
import { DASHBOARD_HEADERS } from '../../src/dashboard/server/headers.ts';
import type { Browser, Page } from 'playwright-core';
import type { PlanExplanation } from '../../src/ops/explain/explanation.ts';
import type { RedisStore } from '../../src/store/redis/redis-store.ts';

let redis: RedisServer;
let store: RedisStore;
let served: Served;
let browser: Browser;
let tab: Visitor;
let page: Page;
const dialogs: string[] = [];

beforeAll(async () => {
  await ensurePage();
  [redis, browser] = await Promise.all([startRedis(), launchChromium()]);
  store = await connectedStore({ url: redis.url, namespace: 'quantum' });
  await writeEverywhere();
  served = await serve({ store, clusters: new Map([['CLUSTERUSDT', PAYLOADS[20]!]]) });
  tab = await visitor(browser);
  page = tab.page;
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await page.addInitScript('globalThis.pwned = () => { globalThis.wasPwned = true; };');
}, 60_000);

afterAll(async () => {
  await browser?.close();
  await served?.[Symbol.asyncDispose]();
  await store?.[Symbol.asyncDispose]();
  await redis?.stop();
});

const add = (stream: string, fields: Readonly<Record<string, string>>): Promise<unknown> =>
  redis.send('XADD', `quantum:stream:${stream}`, '*', ...Object.entries(fields).flat());
const put = (key: string, fields: readonly (readonly [string, string])[]): Promise<unknown> =>
  redis.send('HSET', `quantum:${key}`, ...fields.flat());

/** Into everything the dashboard reads, as any program that may write to Redis could. */
async function writeEverywhere(): Promise<void> {
  const now = String(Date.now() / 1000);
  for (const [i, payload] of PAYLOADS.entries()) {
    const gate = {
      gate: payload,
      enforced: true,
      outcome: 'block',
      reason: payload,
      note: payload,
      setting: payload,
    };
    const verdict = {
      ...{ plan_id: payload, symbol: payload, bot: payload, action: payload, side: payload, reason: payload },
      ...{ gate: payload, setting: payload, timestamp: now, gates: JSON.stringify([gate]) },
    };
    await add('governor.events', { event: i % 2 === 0 ? 'PLAN_BLOCKED' : 'PERMIT_ISSUED', ...verdict });
    await add('governor.events', {
      event: 'KILL_SWITCH',
      state: 'REDUCING',
      by: payload,
      reason: payload,
      how: payload,
      timestamp: now,
    });
    const event = ['AUTO_DISARM', 'REARM', 'UNPERMITTED_EXECUTION', 'MODE_CHANGE', payload][i % 5]!;
    await add('governor.events', {
      event,
      symbol: payload,
      by: payload,
      reason: payload,
      component: payload,
      [payload]: payload,
    });
    await add('budget.violation', { symbol: payload, reason: payload, timestamp: now, [payload]: payload });
    // A symbol outside the grammar is refused; every other name is taken as it is.
    const names = {
      signal: payload,
      bot: payload,
      regime: payload,
      cluster: payload,
      exit_reason: payload,
      side: payload,
    };
    const execution = { ...names, realized_pnl: String((i % 7) - 3), plan_id: payload, timestamp: now };
    await add('execution.result', { symbol: payload, ...execution });
    await add('execution.result', { symbol: `X${i}USDT`, ...execution, execution_id: `${payload}${i}` });
    await add('regime.state', { symbol: `X${i}USDT`, regime: payload, confidence: '0.8', timestamp: now });
    await add('allocation.target.proposed', {
      symbol: `X${i}USDT`,
      reason: payload,
      proposed_target: '5',
      ts: now,
    });
    await add('capital.efficiency.decision', {
      symbol: `X${i}USDT`,
      capital_pressure: payload,
      efficiency_score: '0.5',
      ts: now,
    });
    await put('governor:disarmed', [[payload, JSON.stringify({ reason: payload, timestamp: Number(now) })]]);
    await put('governor:disarmed', [[`X${i}USDT`, payload]]);
    await put('config:symbol.cluster', [
      [`X${i}USDT`, payload],
      [payload, payload],
    ]);
    await put('config:mode', [[payload, payload]]);
    await put(`allocation:target:proposed:X${i}USDT`, [
      ['proposed_target', '5'],
      ['reason', payload],
      ['ts_epoch', now],
    ]);
    await put(`capital:efficiency:X${i}USDT`, [
      ...([
        ['efficiency_score', '0.5'],
        ['capital_pressure', payload],
        ['stale_flags', payload],
      ] as const),
      ...([
        ['mode', payload],
        ['ts', now],
      ] as const),
    ]);
    await put(`allocation:target:X${i}USDT`, [
      ['target_usd', '100'],
      ['timestamp', now],
      ['mode', payload],
    ]);
  }
  for (const [i, component] of ['budget', 'allocation', 'attribution', 'efficiency', 'governor'].entries()) {
    await redis.send(
      'HSET',
      `quantum:ballast:owner:${component}`,
      'owner',
      PAYLOADS[30 + i]!,
      'expires_ms',
      String(Date.now() + 600_000),
      'epoch',
      '1',
    );
    await redis.send(
      'HSET',
      `quantum:ballast:meta:${component}`,
      'mode',
      PAYLOADS[40 + i]!,
      'mode_why',
      PAYLOADS[50 + i]!,
      'tick',
      now,
    );
  }
  await redis.send('SET', 'quantum:kill', PAYLOADS[16]!);
  await redis.send('HSET', 'quantum:ballast:trading', 'latched', PAYLOADS[17]!);
}

/** What the page is made of when it shows only what is harmless; icons and charts are `svg` and `canvas`. */
const ELEMENTS = new Set(
  (
    'html head meta title link script body div main header footer nav section aside article ul ol li dl dt dd p h1 h2 h3 span a ' +
    'strong b i small em code time button form label input select option details summary dialog table caption thead tbody tfoot tr th td ' +
    'svg path rect circle line g text canvas figure figcaption noscript'
  ).split(' '),
);
const ADDRESSES = ['href', 'src', 'action', 'formaction', 'data', 'srcdoc', 'xlink:href', 'poster', 'srcset'];

/** What is in the page that we did not put there, and addresses that lead elsewhere. */
async function strangers(): Promise<string[]> {
  const found = await page.evaluate<readonly [string, readonly (readonly [string, string])[]][]>(
    `[...document.querySelectorAll('*')].map((element) =>
      [element.localName, [...element.attributes].map(({ name, value }) => [name, value])])`,
  );
  const wrong = found.flatMap(([name, attributes]) => [
    ...(ELEMENTS.has(name) ? [] : [name]),
    ...attributes.flatMap(([attribute, value]) => {
      if (/^on/i.test(attribute)) return [`${name}[${attribute}]`];
      return ADDRESSES.includes(attribute) && !/^(?:\/(?!\/)|#)/.test(value)
        ? [`${name}[${attribute}=${value}]`]
        : [];
    }),
  ]);
  // The one script, and what belongs to it.
  const ours = found.filter(([name]) => ['script', 'link', 'meta'].includes(name)).length;
  return [...new Set(wrong), ...(ours > MOST_IN_HEAD ? [`${ours} elements that load or set something`] : [])];
}
/** One script; its style and icon; charset, viewport, colour scheme, robots. */
const MOST_IN_HEAD = 8;

const shown = (): Promise<string> => page.evaluate<string>('document.body.innerText');

describe('the payloads', () => {
  it('are 200, each another', () => {
    expect(new Set(PAYLOADS).size).toBe(200);
  });

  it('would do what they say where a page takes them for markup', async () => {
    const naive = await browser.newPage();
    await naive.evaluate('globalThis.pwned = () => { globalThis.wasPwned = true; }');
    // But for those that would lead the whole page away.
    for (const payload of PAYLOADS.filter((one) => !/refresh/i.test(one)))
      await naive.evaluate(
        `(() => { const box = document.createElement('div'); box.innerHTML = ${JSON.stringify(payload)}; document.body.append(box); })()`,
      );
    await expect.poll(() => naive.evaluate('globalThis.wasPwned')).toBe(true);
    await naive.close();
  });
});

describe('written into everything the dashboard reads', { timeout: 60_000 }, () => {
  it('the policy lets nothing run but our own files, on the page and on what is no page', async () => {
    for (const path of [
      '/',
      '/symbols/%3Cscript%3E',
      '/api/v1/snapshot',
      '/api/v1/symbols/%3Cscript%3E',
      '/nothing.js',
    ]) {
      const answer = await fetch(`${served.url}${path}`);
      await answer.arrayBuffer();
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy, path).toBe(DASHBOARD_HEADERS['Content-Security-Policy']);
      for (const part of [
        "default-src 'none'",
        "script-src 'self'",
        "base-uri 'none'",
        "require-trusted-types-for 'script'",
      ])
        expect(policy.split('; ')).toContain(part);
      expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|\*/);
      expect(answer.headers.get('x-content-type-options'), path).toBe('nosniff');
    }
  });

  const VIEWS: readonly [name: string, path: string, shows: string][] = [
    ['overview', '/', '<img src=x onerror=pwned()>'],
    ['symbols', '/symbols', '<script>'],
    ['symbol', '/symbols/X3USDT', PAYLOADS[3]!],
    ['attribution', '/attribution?y=symbol&x=cluster', 'X3USDT'],
    ['shadow', '/shadow', 'javascript:pwned()'],
    ['plans', '/plans', '<iframe'],
    ['events', '/events', '<iframe'],
  ];

  it.each(VIEWS)('%s shows them as text', async (name, path, shows) => {
    await page.goto(`${served.url}${path}`);
    await expect.poll(shown, { timeout: 10_000 }).toContain(shows);
    // Whatever is folded is unfolded.
    await page.evaluate("document.querySelectorAll('details').forEach((one) => { one.open = true; })");
    await page.evaluate(
      "[...document.querySelectorAll('button[aria-expanded=false]')].slice(0, 40).forEach((one) => one.click())",
    );
    await expect.poll(strangers).toEqual([]);
    await keepPicture(page, `hostile-${name}`);
  });

  it('as the address of a symbol and of a plan they are names that nobody knows', async () => {
    for (const payload of PAYLOADS.filter((_, i) => i % 10 === 0)) {
      for (const view of ['symbols', 'plans']) {
        await page.evaluate(
          `history.pushState(null, '', ${JSON.stringify(`/${view}/${encodeURIComponent(payload)}`)}); dispatchEvent(new PopStateEvent('popstate'))`,
        );
        await expect.poll(() => page.locator('main').innerText(), { interval: 20 }).not.toMatch(/^Loading/);
        expect(await strangers(), payload).toEqual([]);
      }
    }
  });

  it('told by a server that refuses none of them, they are text in the heat map and in an explanation', async () => {
    const names = PAYLOADS.slice(0, 20);
    const totals = names.map((name) => ({ name, profit_usd: 1, count: 1 }));
    const cells = names.map((name) => ({ x: name, y: name, profit_usd: 1, count: 1, wins: 1 }));
    const map = { x: 'bot', y: 'signal', from: 1, to: 2, executions: 20, profit_usd: 20, cells };
    await page.route('**/api/v1/attribution?*', (route) =>
      route.fulfill({ json: { ...map, x_names: names, y_names: names, x_totals: totals, y_totals: totals } }),
    );
    await page.goto(`${served.url}/attribution?y=signal&x=bot`);
    for (const name of names.filter((one) => one.includes('<')))
      await expect.poll(() => page.locator('main').textContent()).toContain(name);
    expect(await strangers()).toEqual([]);
    await keepPicture(page, 'hostile-heat-map');

    for (const payload of PAYLOADS.filter((_, i) => i % 20 === 3)) {
      await page.route('**/explanation', (route) => route.fulfill({ json: explanationOf(payload) }), {
        times: 1,
      });
      await page.goto(`${served.url}/plans/p${PAYLOADS.indexOf(payload)}`);
      await expect.poll(() => page.locator('main').textContent()).toContain(payload);
      expect(await strangers(), payload).toEqual([]);
    }
    await keepPicture(page, 'hostile-plan');
  });

  it('in a dialog to re-arm one of them they are a name', async () => {
    await page.goto(`${served.url}/#token=${STOP_TOKEN}`);
    const rearm = page.locator('.disarmed-symbol').getByRole('button').first();
    await rearm.click();
    await expect.poll(() => page.getByRole('dialog').count()).toBe(1);
    expect(await strangers()).toEqual([]);
    await keepPicture(page, 'hostile-dialog');
  });

  it('nothing ran, nothing was asked of anyone else, and the policy had nothing to stop', async () => {
    expect(await page.evaluate('globalThis.wasPwned ?? false')).toBe(false);
    expect(dialogs).toEqual([]);
    expect([...new Set(tab.requests.map((url) => new URL(url).origin))]).toEqual([served.url]);
    await expectQuiet(tab, served, (complaint) => /40[04]/.test(complaint));
  });
});

/** Every text of it that a program could have chosen is the payload. */
function explanationOf(payload: string): Record<keyof PlanExplanation, unknown> {
  const gate = { gate: payload, reason: payload, setting: payload, note: payload, value: 2, limit: 1 };
  const change = { kind: 'plan', input: payload, from: payload, to: payload, unit: payload, text: payload };
  const execution = { id: '1-0', ts: 1, symbol: payload, pnl_usd: 1, side: payload, qty: 1, price: 1 };
  const money = { before_usd: 1, after_usd: 1, factor: 1 };
  return {
    ...{ subject: 'plan', plan_id: payload, symbol: payload, bot: payload, at: 1, outcome: 'blocked' },
    ...{ reason: payload, sentence: payload, flips_note: payload, missing: [payload] },
    plan: {
      ...{ action: payload, side: payload, qty: 1, price: 1, notional_usd: 1, reduce_only: true },
      ...{ kill_score: 0, confidence: 1, made_at: 1 },
    },
    gates: [{ ...gate, outcome: 'block', enforced: true }],
    permit: null,
    ...{ next_eligible_at: 2, max_qty: 1 },
    flips: [{ changes: [change], becomes: 'permitted', reason: payload, size: 1 }],
    waterfall: {
      ...{ symbol: payload, ts: 1, mode: 'enforce', base_budget_usd: 1, target_usd: 1, confidence: 1 },
      steps: [{ name: 'regime', because: payload, ...money }],
    },
    efficiency: {
      ...{ symbol: payload, ts: 1, mode: 'enforce', score: 1, raw: 1, ewma: 1, pressure: payload },
      ...{ reallocation_weight: 1, confidence: 1, stale_flags: payload, performance_factor: 1 },
      ...{ performance_share: 1, target_usd: 1, penalties: [{ name: 'hold', ratio: 1, weight: 1, cost: 1 }] },
    },
    executions: [
      { ...execution, ...{ bot: payload, signal: payload, regime: payload, cluster: payload } },
    ].map((one) => ({ ...one, exit_reason: payload, plan_id: payload })),
  };
}
