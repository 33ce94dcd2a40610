/** The feed beside the real components: what it shows is what they decided. */
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/contract/keys.ts';
import { symbolDetailSchema, type Overview } from '../../src/dashboard/wire.ts';
import { FeedWorld, NAMESPACE } from '../support/feed-world.ts';
import { LiveWorld, withModes } from '../support/live-run.ts';
import { deployed, startGovernor } from '../support/live-governor.ts';

const T0 = 1_780_304_400_000;
const MINUTE_MS = 60_000;

async function traded(world: LiveWorld, minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute++) {
    const timestamp = String(world.time.nowMs / 1000);
    for (const [i, symbol] of ['BTCUSDT', 'ETHUSDT'].entries())
      await world.add('executions', {
        ...{ symbol, pnl: String(i === 0 ? 10 + minute : -3), timestamp, bot: 'b', cluster: 'majors' },
        ...{ execution_id: `${symbol}-${minute}`, signal: 's', regime: 'TREND' },
      });
    await world.add('regimes', { regime: 'TREND', confidence: '0.9', timestamp });
    await world.time.until(world.time.nowMs + MINUTE_MS);
  }
}

const componentIn = ({ components }: Overview, name: string) =>
  components.find(({ component }) => component === name);

describe.each(['enforce', 'shadow'] as const)('beside components in %s', (mode) => {
  it('every column is what they published, and every point what they decided', async () => {
    const live = await LiveWorld.inMemory(T0);
    const settings = withModes({ P28: mode, P29: mode, P30: mode, P31: mode });
    const components = live.start({ settings });
    const shown = new FeedWorld(live.store, { settings });
    await traded(live, 1);
    await shown.read();
    // Its first executions are those of before once more: repeats count for nobody.
    await traded(live, 9);
    const { symbols, overview, equity } = await shown.read();
    const place = mode === 'enforce' ? '' : 'shadow:';
    for (const row of symbols) {
      const [efficiency, target, attribution, budget, proposed] = await Promise.all(
        [
          `${place}capital:efficiency:`,
          `${place}allocation:target:`,
          `${place}alpha:attribution:`,
          'portfolio:budget:',
          'allocation:target:proposed:',
        ].map(async (key) => await live.hash(`${key}${row.symbol}`)),
      );
      expect(row).toMatchObject({
        ...{
          efficiency_mode: mode,
          target_mode: mode,
          performance_mode: mode,
          cluster: 'majors',
          regime: 'TREND',
        },
        ...{
          efficiency: Number(efficiency!.get('efficiency_score')),
          efficiency_ts: Number(efficiency!.get('ts')),
        },
        ...{ pressure: efficiency!.get('capital_pressure'), target_usd: Number(target!.get('target_usd')) },
        ...{ performance_factor: Number(attribution!.get('performance_factor')) },
        ...{ budget_usd: Number(budget!.get('budget_usd')), multiplier: Number(proposed!.get('multiplier')) },
        shadow_target_usd: mode === 'shadow' ? Number(target!.get('target_usd')) : null,
      });
    }
    expect(symbols.map(({ symbol, profit_usd: usd }) => [symbol, usd])).toEqual([
      ['BTCUSDT', 126],
      ['ETHUSDT', -27],
    ]);
    const detail = symbolDetailSchema.parse(shown.feed.detail('BTCUSDT'));
    expect(detail.contributions.regime).toEqual({ TREND: 126 });
    expect(detail.series.efficiency.length).toBeGreaterThan(5);
    expect(detail.series.target.at(-1)?.[1]).toBe(symbols[0]!.target_usd);
    expect(overview.account).toMatchObject({ equity_usd: 100_099, source: 'own', stale: false });
    expect(equity.at(-1)?.[1]).toBe(100_099);
    for (const name of ['budget', 'allocation', 'attribution', 'efficiency'])
      expect(componentIn(overview, name)).toMatchObject({ state: 'running', mode, symbols: 2, degraded: [] });
    expect(shown.feed.attribution('symbol', 'regime', null).profit_usd).toBe(99);
    expect(shown.feed.badEntries).toBe(0);
    await components.stop();
    // Names the components told of, and no execution did.
    expect(shown.logged).toEqual([]);
  });
});

describe('beside the governor', () => {
  it('permits and blocks come with their gates, and permits are outstanding until they are taken', async () => {
    const deployment = await deployed({ APPLY_MODE: 'testnet' });
    const { store } = deployment;
    await startGovernor(deployment);
    const shown = new FeedWorld(store, { settings: deployment.settings });
    await shown.read();
    const plan = {
      symbol: 'BTCUSDT',
      action: 'FULL_CLOSE_PROPOSED',
      decision: 'EXECUTE',
      side: 'SELL',
      qty: 1,
    };
    await shown.put('position:snapshot:BTCUSDT', {
      ...{ position_amt: 1, mark_price: 100, notional_usd: 100, timestamp: Date.now() / 1000 },
    });
    await shown.put('state:market:BTCUSDT', { mark_price: 100, timestamp: Date.now() / 1000 });
    await store.permits.change({ kind: 'switch', state: 'REDUCING', by: 'ann', reason: 'weekend' });
    await shown.append('plans', { ...plan, plan_id: 'exit', reduceOnly: 'true', price: 100, bot: 'b' });
    await shown.append('plans', {
      ...plan,
      plan_id: 'open',
      action: 'OPEN_PROPOSED',
      side: 'BUY',
      price: 100,
    });
    await expect.poll(async () => (await shown.read()).verdicts.length, { timeout: 10_000 }).toBe(2);
    const [permitted, blocked] = shown.feed.snapshot!.verdicts;
    expect(permitted).toMatchObject({
      outcome: 'permitted',
      plan_id: 'exit',
      bot: 'b',
      qty: 1,
      reduce_only: true,
    });
    expect(permitted!.gates.map(({ gate }) => gate)).toContain('kill');
    expect(blocked).toMatchObject({
      outcome: 'blocked',
      plan_id: 'open',
      action: 'OPEN_PROPOSED',
      side: 'BUY',
      qty: 1,
    });
    expect(blocked!.gates.at(-1)).toMatchObject({ outcome: 'block', reason: blocked!.reason });
    const { overview } = shown.feed.snapshot!;
    expect(overview.totals).toMatchObject({ permits: 1, blocks: 1 });
    expect(overview.trading!.outstanding).toEqual({ openings: 0, exits: 1 });
    expect(componentIn(overview, 'governor')).toMatchObject({ state: 'running', owner: 'host-1' });
    // A plain GETDEL, which nobody tells.
    await store.setText(keyOf(NAMESPACE, 'permit', 'exit'), null);
    expect((await shown.read()).overview.trading!.outstanding).toEqual({ openings: 0, exits: 0 });
  });
});
