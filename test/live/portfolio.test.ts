/** The account, own and fed, and positions over their budget (spec/model.md, Portfolio and P2.8). */
import { describe, expect, it } from 'vitest';
import { LiveWorld, withModes, type LiveProcess } from '../support/live-run.ts';
import { testSettings } from '../support/engine-run.ts';
import type { Mode } from '../../src/core/settings.ts';

const START_SEC = 1_700_000_000;
const UNSTRESSED = 1 - 0.2 * 0.33;

async function begun(settings = testSettings()): Promise<{ world: LiveWorld; live: LiveProcess }> {
  const world = await LiveWorld.inMemory((START_SEC - 1) * 1000);
  world.time.at(START_SEC * 1000, async () => {
    await world.add('executions', { symbol: 'BTCUSDT', pnl: '0' });
  });
  return { world, live: world.start({ settings }) };
}

const until = (world: LiveWorld, sec: number): Promise<void> =>
  world.time.until((START_SEC + sec) * 1000 + 900);

describe('an account of our own', () => {
  it('moves with profits and cash flows, the peak with cash flows and new heights', async () => {
    const { world, live } = await begun();
    const seen: unknown[] = [];
    const steps: [stream: 'executions' | 'cashflows', fields: Record<string, string>][] = [
      ['executions', { symbol: 'BTCUSDT', pnl: '10000' }],
      ['cashflows', { amount_usd: '50000' }],
      ['executions', { symbol: 'BTCUSDT', pnl: '-16000' }],
      ['cashflows', { amount_usd: '-44000' }],
      ['cashflows', { amount_usd: '-100000' }],
    ];
    for (const [i, [stream, fields]] of steps.entries()) {
      await world.add(stream, fields);
      await until(world, 5 * i + 5);
      const { equity_usd, budget_usd } = live.latest('budget', 'BTCUSDT')!;
      seen.push([equity_usd, budget_usd, live.latest('allocation', 'BTCUSDT')!['drawdown_zone']]);
    }
    await live.stop();
    // 16,000 of 160,000 is a drawdown of 10 %; a withdrawal of 44,000 makes 16,000 of 116,000 of it.
    expect(seen).toEqual([
      [110_000, 2200 * UNSTRESSED, 'LOW'],
      [160_000, 3200 * UNSTRESSED, 'LOW'],
      [144_000, 2880 * UNSTRESSED, 'MID'],
      [100_000, 2000 * UNSTRESSED, 'MID'],
      // Equity and peak of 0 and 16,000: all is lost, and no budget is left.
      [0, 0, 'HIGH'],
    ]);
  });
});

describe('a fed account', () => {
  it('is used from then on, its drawdown from the highest equity fed where it says none', async () => {
    const { world, live } = await begun();
    const seen: unknown[] = [];
    for (const [i, [equity, more]] of (
      [
        ['200000', {}],
        ['250000', {}],
        ['225000', {}],
        ['225000', { drawdown: '0.5' }],
        ['225000', { drawdown: '0', heat: '1' }],
        ['300000', {}],
      ] as const
    ).entries()) {
      const timestamp = String(START_SEC + 5 * i + 3);
      await until(world, 5 * i + 3);
      await world.put('state:portfolio', { equity_usd: equity, timestamp, ...more });
      await world.add('executions', { symbol: 'BTCUSDT', pnl: '-5000' });
      await until(world, 5 * i + 5);
      const { equity_usd, portfolio_heat } = live.latest('budget', 'BTCUSDT')!;
      seen.push([equity_usd, portfolio_heat, live.latest('allocation', 'BTCUSDT')!['drawdown_zone']]);
    }
    await live.stop();
    expect(seen).toEqual([
      [200_000, 0, 'LOW'],
      [250_000, 0, 'LOW'],
      [225_000, 0, 'MID'],
      [225_000, 0, 'HIGH'],
      [225_000, 1, 'LOW'],
      [300_000, 0, 'LOW'],
    ]);
  });

  it('gives no targets when older than 60 s, no budgets when older than 900 s, and never becomes our own again', async () => {
    const { world, live } = await begun();
    await until(world, 0);
    await world.put('state:portfolio', { equity_usd: '200000', timestamp: String(START_SEC) });
    const newest = async (sec: number): Promise<unknown[]> => {
      await until(world, sec);
      return ['allocation', 'budget'].map((type) => live.latest(type as 'budget', 'BTCUSDT')!['tick']);
    };
    expect(await newest(60)).toEqual([START_SEC + 60, START_SEC + 60]);
    expect(await newest(65)).toEqual([START_SEC + 60, START_SEC + 65]);
    expect(await newest(900)).toEqual([START_SEC + 60, START_SEC + 900]);
    expect(await newest(905)).toEqual([START_SEC + 60, START_SEC + 900]);
    await world.put('state:portfolio', {});
    expect(await newest(3000)).toEqual([START_SEC + 60, START_SEC + 900]);
    expect(live.latest('budget', 'BTCUSDT')!['equity_usd']).toBe(200_000);
    await live.stop();
    const again = world.start();
    await until(world, 3100);
    await again.stop();
    expect(again.latest('budget', 'BTCUSDT')).toBeNull();
  });

  it('keeps the highest equity fed over a restart', async () => {
    const { world, live } = await begun();
    await until(world, 0);
    await world.put('state:portfolio', { equity_usd: '200000', timestamp: String(START_SEC) });
    await until(world, 20);
    await live.stop();
    await world.put('state:portfolio', { equity_usd: '100000', timestamp: String(START_SEC + 23) });
    const again = world.start();
    await until(world, 30);
    await again.stop();
    expect(again.latest('allocation', 'BTCUSDT')).toMatchObject({
      drawdown_zone: 'HIGH',
      drawdown_factor: 0.4,
    });
  });

  it('is refused, and counted, without a time, with a bad one, a drawdown outside 0..1 or an equity that is none', async () => {
    const timestamp = String(START_SEC);
    for (const [fields, reason] of [
      [{ equity_usd: '200000' }, 'missing_time'],
      [{ equity_usd: '200000', timestamp: 'soon' }, 'bad_time'],
      [{ equity_usd: '200000', timestamp, drawdown: '1.01' }, 'out_of_range'],
      [{ equity_usd: '200000', timestamp, drawdown: '-0.01' }, 'out_of_range'],
      [{ equity_usd: '200000', timestamp, heat: '2' }, 'out_of_range'],
      [{ equity_usd: 'NaN', timestamp }, 'bad_number'],
      [{ timestamp }, 'missing_field'],
    ] as const) {
      const { world, live } = await begun();
      await world.put('state:portfolio', fields);
      await until(world, 10);
      await live.stop();
      expect(live.rejected.map((one) => [one.where, one.reason])).toEqual([
        ['quantum:state:portfolio', reason],
      ]);
      expect(live.latest('budget', 'BTCUSDT')!['equity_usd']).toBe(100_000);
    }
  });
});

describe('a position over its budget', () => {
  const budgetUsd = 2000 * UNSTRESSED;
  for (const mode of ['shadow', 'enforce'] as const satisfies readonly Mode[])
    it(`is an entry when it begins, changes and each minute, in ${mode}; none while it is not over`, async () => {
      const { world, live } = await begun(withModes({ P28: mode }));
      const position = async (notional: string): Promise<void> => {
        const timestamp = String(Math.floor(world.time.nowMs / 1000));
        await world.put('position:snapshot:BTCUSDT', {
          position_amt: '1',
          notional_usd: notional,
          timestamp,
        });
      };
      await position('1000');
      await until(world, 20);
      await position('3000');
      await until(world, 150);
      await position('-4000');
      await until(world, 155);
      await position(String(budgetUsd));
      await until(world, 300);
      await position('3000');
      await until(world, 305);
      await live.stop();
      const entries = await world.entries('stream:budget.violation');
      const found = entries.map((entry) => [
        Number(entry['timestamp']) - START_SEC,
        entry['position_notional_usd'],
      ]);
      expect(found).toEqual([
        [25, '3000'],
        [85, '3000'],
        [145, '3000'],
        [155, '4000'],
        [305, '3000'],
      ]);
      for (const entry of entries) {
        const overUsd = Number(entry['position_notional_usd']) - budgetUsd;
        expect(entry).toMatchObject({ symbol: 'BTCUSDT', budget_usd: String(budgetUsd), mode });
        expect(Number(entry['over_budget'])).toBeCloseTo(overUsd, 9);
      }
    });

  it('ends when it has no snapshot of its own, and says nothing of symbols without a budget', async () => {
    const { world, live } = await begun();
    await world.put('state:portfolio', { equity_usd: '100000', timestamp: String(START_SEC - 2000) });
    const timestamp = String(START_SEC);
    await world.put('position:snapshot:BTCUSDT', { position_amt: '1', notional_usd: '9000', timestamp });
    await until(world, 30);
    await live.stop();
    expect(await world.entries('stream:budget.violation')).toEqual([]);
  });
});
