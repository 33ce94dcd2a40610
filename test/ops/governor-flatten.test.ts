/** `flatten` as a report, before the governor that runs and without one. */
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/contract/keys.ts';
import { flatten, type FlattenReport } from '../../src/ops/governor/flatten.ts';
import { switchTrading } from '../../src/ops/governor/trading.ts';
import { deployed, NAMESPACE, put, startGovernor } from '../support/live-governor.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Deployment } from '../../src/ops/governor/operation.ts';

const NEVER = new AbortController().signal;
const nowSec = (): number => Date.now() / 1000;

function flattened(
  deployment: Deployment,
  request: { symbol?: string; is_dry_run?: boolean } = {},
  silenceMs = 5000,
): Promise<FlattenReport> {
  const whole = { symbol: null, reason: 'news', by: 'ann', is_dry_run: false, ...request };
  return flatten(deployment, whole, NEVER, silenceMs);
}

async function positions(changed: Partial<Settings> = {}): Promise<Deployment> {
  const deployment = await deployed(changed);
  const fresh = { mark_price: 10, timestamp: nowSec() };
  await put(deployment.store, 'position', 'BTCUSDT', { position_amt: 2, notional_usd: 20, ...fresh });
  await put(deployment.store, 'position', 'ETHUSDT', { position_amt: '-3', ...fresh });
  await put(deployment.store, 'position', 'FLAT', { position_amt: 0, ...fresh });
  return deployment;
}

async function plansIn({ store }: Deployment): Promise<Record<string, string>[]> {
  const { streams } = await store.read([{ stream: keyOf(NAMESPACE, 'plans'), after: '0-0', count: 100 }]);
  return streams[0]!.entries.map(({ fields }) =>
    Object.fromEntries(fields.flatMap((name, i) => (i % 2 === 0 ? [[name, fields[i + 1]!]] : []))),
  );
}

describe('flatten', () => {
  it('puts a plan that closes it to the governor for every position, and shows the answers', async () => {
    const deployment = await positions();
    await startGovernor(deployment);
    const report = await flattened(deployment);
    expect(report).toMatchObject({ flat: 1, state: 'ACTIVE', governor: 'host-1', is_dry_run: false });
    const shared = { outcome: 'granted', reason: null, apply_mode: 'testnet', is_old: false };
    expect(report.rows).toMatchObject([
      { symbol: 'BTCUSDT', position: 2, notional_usd: 20, side: 'SELL', ...shared },
      { symbol: 'ETHUSDT', position: -3, notional_usd: -30, side: 'BUY', ...shared },
    ]);
    const plans = await plansIn(deployment);
    expect(plans[0]).toEqual({
      plan_id: report.rows[0]!.plan_id,
      symbol: 'BTCUSDT',
      side: 'SELL',
      action: 'FULL_CLOSE_PROPOSED',
      decision: 'EXECUTE',
      reduceOnly: 'true',
      reason: 'news',
      by: 'ann',
      timestamp: expect.stringMatching(/^\d+(?:\.\d+)?$/) as string,
    });
    expect(new Set(plans.map(({ plan_id }) => plan_id)).size).toBe(2);
  });

  it('leaves the reply to the program that acts on it', async () => {
    const deployment = await positions();
    await startGovernor(deployment);
    const { rows } = await flattened(deployment, { symbol: 'BTCUSDT' });
    const reply = await deployment.store.permits.awaitReply(rows[0]!.plan_id!, 1000, NEVER);
    expect(JSON.parse(reply!)).toMatchObject({ granted: true });
  });

  it.each([
    {},
    { APPLY_MODE: 'production' },
    { APPLY_MODE: 'dry_run' },
    { GOV_EXITS_EXEMPT: false },
    { GOV_ARMED_GATES: 'closed' },
    { GOV_ENABLE_AUTO_DISARM: false },
    { GOV_MAX_OPEN_POSITIONS: 1, GOV_MAX_NOTIONAL_PER_TRADE_USD: 1, APPLY_MODE: 'production' },
    { GOV_KILL_SCORE_CRITICAL: 0, APPLY_MODE: 'production' },
  ] as const satisfies Partial<Settings>[])('works with %o', async (changed) => {
    const deployment = await positions(changed);
    await startGovernor(deployment);
    const { rows } = await flattened(deployment);
    expect(rows.map(({ outcome }) => outcome)).toEqual(['granted', 'granted']);
  });

  it('passes while trading is REDUCING, and is blocked with a reason while HALTED', async () => {
    const deployment = await positions();
    await startGovernor(deployment);
    await switchTrading(deployment, { state: 'REDUCING', reason: 'x', by: null });
    expect((await flattened(deployment)).rows.map(({ outcome }) => outcome)).toEqual(['granted', 'granted']);
    await switchTrading(deployment, { state: 'HALTED', reason: 'x', by: null });
    const report = await flattened(deployment);
    expect(report.state).toBe('HALTED');
    for (const row of report.rows)
      expect(row).toMatchObject({ outcome: 'blocked', reason: 'kill_switch_active' });
  });

  it('shows only, in a dry run', async () => {
    const deployment = await positions();
    const report = await flattened(deployment, { is_dry_run: true });
    expect(report.rows).toMatchObject([
      { symbol: 'BTCUSDT', outcome: 'would_send', plan_id: null },
      { symbol: 'ETHUSDT', outcome: 'would_send', plan_id: null },
    ]);
    expect(await plansIn(deployment)).toEqual([]);
  });

  it('says that nobody answered, where no governor runs', async () => {
    const report = await flattened(await positions(), {}, 20);
    expect(report.governor).toBeNull();
    expect(report.rows.map(({ outcome }) => outcome)).toEqual(['no_answer', 'no_answer']);
  });

  it('says that a snapshot is old, and closes whatever there is', async () => {
    const deployment = await deployed();
    await put(deployment.store, 'position', 'A', { position_amt: 1, timestamp: nowSec() - 301 });
    await startGovernor(deployment);
    const [row] = (await flattened(deployment)).rows;
    expect(row).toMatchObject({ is_old: true, outcome: 'granted', notional_usd: null });
  });

  it.each([
    ['NONE', {}, 'there is no position snapshot'],
    ['BAD', { position_amt: 'much', timestamp: 1 }, 'its position snapshot cannot be used'],
    ['TIMELESS', { position_amt: 1 }, 'its position snapshot cannot be used'],
    ['a b', {}, 'this is no name of a symbol'],
  ])('sends nothing for %s, and says why', async (symbol, fields, reason) => {
    const deployment = await deployed();
    if (Object.keys(fields).length > 0) await put(deployment.store, 'position', symbol, fields);
    const { rows } = await flattened(deployment, { symbol });
    expect(rows).toMatchObject([{ outcome: 'not_sent', reason, plan_id: null }]);
    expect(await plansIn(deployment)).toEqual([]);
  });

  it('finds a symbol by any of its names', async () => {
    const deployment = await positions();
    const { rows } = await flattened(deployment, { symbol: 'btc/usdt', is_dry_run: true });
    expect(rows.map(({ symbol }) => symbol)).toEqual(['BTCUSDT']);
  });

  it('has nothing to do where everything is flat', async () => {
    const deployment = await deployed();
    await put(deployment.store, 'position', 'FLAT', { position_amt: 0, timestamp: nowSec() });
    expect(await flattened(deployment)).toMatchObject({ rows: [], flat: 1 });
  });
});
