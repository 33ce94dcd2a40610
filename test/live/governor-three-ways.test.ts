/**
 * The same cases of every gate three ways: the pure judge, the live governor on the memory store, and on a real Redis. All
 * answer with the same reason, value, limit and setting, and permits with the same quantity and trace.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GATES_IN_ORDER } from '../../src/core/governor/gates.ts';
import { judge, type Blocked, type Granted, type Verdict } from '../../src/core/governor/judge.ts';
import { BLOCK_REASONS, GATES, REASON_GATES, type BlockReason } from '../../src/core/governor/reasons.ts';
import { outcome } from '../support/engine-view.ts';
import { testSettings } from '../support/engine-run.ts';
import {
  EQUITY,
  EXIT,
  GATE_CASES,
  joined,
  planOf,
  SYMBOL,
  viewOf,
  type GateCase,
  type Planned,
  type Situation,
} from '../support/gate-cases.ts';
import { ask, GOVERNED } from '../support/governor-run.ts';
import { GovernorWorld } from '../support/governor-world.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';
import type { GateTrace } from '../../src/core/decision.ts';
import type { ApplyMode } from '../../src/core/settings.ts';

const OTHER_MODES: readonly ApplyMode[] = ['testnet', 'dry_run'];
const MODES: readonly ApplyMode[] = ['production', ...OTHER_MODES];
/** Live, time goes on between what is written and the judgement: such a value is only at least what it should be. */
const OF_THE_CLOCK: readonly BlockReason[] = ['stale_plan', 'symbol_cooldown'];
const CLOCK_SLACK_SEC = 0.01;
const FLAGS = { ACTIVE: null, REDUCING: 'reduce', HALTED: '1' } as const;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
});

interface Stand {
  readonly name: string;
  readonly open: () => Promise<GovernorWorld>;
  readonly wait: (world: GovernorWorld, seconds: number) => Promise<void>;
}
const STANDS: readonly Stand[] = [
  {
    name: 'the memory store',
    open: async () => await GovernorWorld.open(),
    wait: async (world, seconds) => await world.pass(seconds),
  },
  {
    name: 'Redis',
    open: async () => {
      await redis.send('FLUSHALL');
      return GovernorWorld.onRedis(await connectedStore({ url: redis.url, namespace: GOVERNED }));
    },
    wait: async (_world, seconds) => await sleep(seconds * 1000),
  },
];

describe('the cases', () => {
  it('have every reason there is', () => {
    const reasons = new Set(GATE_CASES.map(({ reason }) => reason));
    expect(BLOCK_REASONS.filter((reason) => !reasons.has(reason))).toEqual([]);
    expect(GATES.filter((gate) => !GATE_CASES.some((one) => gateOf(one) === gate))).toEqual([]);
  });
});

describe.each(STANDS)('the judge and the governor on $name', (stand) => {
  describe.each(GATE_CASES)('$reason: $name', (one) => {
    it('pass just below the limit', async () => {
      await expectSame(stand, joined(one.both, one.below), 'granted');
    });
    it('block just above it', async () => {
      await expectSame(stand, joined(one.both, one.above), one.reason);
    });
  });

  describe.each(OTHER_MODES)('in %s', (mode) => {
    const firsts = GATES.map((gate) => GATE_CASES.find((one) => gateOf(one) === gate)!);
    it.each(firsts)('block only where it is enforced: $reason', async (one) => {
      const situation = inMode(joined(one.both, one.above), mode);
      const isAlways = !GATES_IN_ORDER.some(({ name }) => name === gateOf(one));
      const isEnforced = isAlways || (mode === 'testnet' && gateOf(one) === 'caps');
      const verdict = await expectSame(stand, situation, isEnforced ? one.reason : 'granted');
      const trace = verdict.trace.find(({ gate }) => gate === gateOf(one));
      expect(trace).toMatchObject({ enforced: isEnforced, reason: one.reason });
    });
  });

  describe.each(MODES)('an exit in %s, over every limit', (mode) => {
    const exits: readonly Planned[] = [EXIT, { action: 'REDUCE', side: 'SELL', reduceOnly: true, qty: 3 }];
    const states: readonly (readonly [string, Situation, BlockReason | 'granted'])[] = [
      ['ACTIVE', { state: 'ACTIVE' }, 'granted'],
      ['REDUCING', { state: 'REDUCING' }, 'granted'],
      ['HALTED', { state: 'HALTED' }, 'kill_switch_active'],
      ['disarmed', { disarmed: true }, 'granted'],
    ];
    it.each(states)('%s', async (_name, state, expected) => {
      for (const plan of exits)
        await expectSame(stand, inMode(joined(OVER_EVERY_LIMIT, { ...state, plan }), mode), expected);
    });
  });
});

const OVER_EVERY_LIMIT: Situation = {
  settings: {
    GOV_MAX_EXEC_PER_HOUR: 0,
    GOV_MAX_EXEC_PER_5MIN: 0,
    GOV_MAX_OPEN_POSITIONS: 0,
    GOV_MAX_NOTIONAL_PER_TRADE_USD: 0,
    GOV_MAX_TOTAL_NOTIONAL_USD: 0,
    GOV_MAX_NOTIONAL_PER_DAY_USD: 0,
  },
  equity: { usd: 100, ageSec: 2000 },
  positions: { [SYMBOL]: { amount: 8, markUsd: 100 } },
  budget: { usd: 0 },
  target: { usd: 0 },
  lossUsd: 90_000,
};

function gateOf({ reason }: GateCase): string {
  return reason === 'evaluation_error' ? 'plan' : REASON_GATES[reason];
}

function inMode(situation: Situation, mode: ApplyMode): Situation {
  return { ...situation, settings: { ...situation.settings, APPLY_MODE: mode } };
}

/** Returns what the judge says, which is what the governor said. */
async function expectSame(
  stand: Stand,
  situation: Situation,
  expected: BlockReason | 'granted',
): Promise<Verdict> {
  const world = await stand.open();
  const settings = testSettings({ APPLY_MODE: 'production', ...situation.settings });
  const verdict = judge(planOf(situation, world.nowSec), viewOf(situation, world.nowSec), settings);
  expect(outcome(verdict)).toBe(expected);

  await write(world, situation);
  await world.govern(settings);
  await bringAbout(stand, world, situation);
  const reply = await ask(world.store, fieldsOf(situation, world.nowSec));
  expect(reply).toEqual({ granted: verdict.granted, reason: verdict.granted ? null : verdict.reason });
  if (verdict.granted) await expectPermit(world, verdict);
  else await expectBlock(world, verdict);
  await world.end();
  return verdict;
}

async function expectPermit(world: GovernorWorld, verdict: Granted): Promise<void> {
  const permit = (await world.permit('judged'))!;
  const { downsize } = verdict;
  expect(permit).toMatchObject({
    computed_qty: verdict.qty,
    computed_notional: verdict.notionalUsd,
    qty_scale: verdict.qtyScale,
    reduce_only: verdict.reading.reducing,
    close_fraction: verdict.reading.closeFraction,
    eff_action: downsize.action,
    eff_reason: downsize.reason,
    extra_cooldown_sec: String(downsize.extraCooldownSec),
  });
  expect((permit['gates'] as GateTrace[]).map(withoutClock)).toEqual(verdict.trace.map(withoutClock));
  expect(await world.block('judged')).toBeNull();
}

async function expectBlock(world: GovernorWorld, verdict: Blocked): Promise<void> {
  const { reason, gate, value, limit, setting } = verdict;
  const block = (await world.block('judged'))!;
  expect(block).toMatchObject({ reason, gate, symbol: SYMBOL, limit, setting });
  if (OF_THE_CLOCK.includes(reason)) expect(block['value']).toBeGreaterThanOrEqual(value! - CLOCK_SLACK_SEC);
  else expect(block['value']).toBe(value);
  expect(await world.permit('judged')).toBeNull();
}

function withoutClock(trace: GateTrace): GateTrace {
  const isOfTheClock = trace.reason !== null && OF_THE_CLOCK.includes(trace.reason);
  return isOfTheClock ? { ...trace, value: null } : trace;
}

/** What is there before the governor comes. */
async function write(world: GovernorWorld, situation: Situation): Promise<void> {
  const { equity = EQUITY, budget, target, efficiency, markUsd, state = 'ACTIVE' } = situation;
  const timestamp = ({ ageSec = 0 }: { readonly ageSec?: number }): number => world.nowSec - ageSec;
  await world.put('state:portfolio', { equity_usd: equity.usd, timestamp: timestamp(equity) });
  for (const [symbol, { amount, markUsd: positionMarkUsd }] of Object.entries(situation.positions ?? {}))
    await world.position(symbol, amount, positionMarkUsd);
  if (markUsd !== undefined) await world.put(`state:market:${SYMBOL}`, { mark_price: markUsd });
  if (budget !== undefined)
    await world.put(`portfolio:budget:${SYMBOL}`, {
      budget_usd: budget.usd,
      timestamp: timestamp(budget),
      mode: 'enforce',
    });
  if (target !== undefined)
    await world.put(`allocation:target:${SYMBOL}`, {
      target_usd: target.usd,
      timestamp: timestamp(target),
      mode: 'enforce',
    });
  if (efficiency !== undefined)
    await world.put(`capital:efficiency:${SYMBOL}`, {
      efficiency_score: efficiency.score,
      confidence: efficiency.confidence,
      ts: world.nowSec,
      mode: 'enforce',
    });
  await world.kill(FLAGS[state]);
  if (situation.disarmed === true)
    await world.store.writeFields(world.keyOf('disarmed'), [
      [SYMBOL, JSON.stringify({ reason: 'burst_limit_exceeded', ts: world.nowSec })],
    ]);
}

/** The loss, and the permits there were before. */
async function bringAbout(stand: Stand, world: GovernorWorld, situation: Situation): Promise<void> {
  const { lossUsd, earlier = [], waitSec } = situation;
  if (lossUsd !== undefined) await world.add('executions', { symbol: 'ETHUSDT', pnl: String(-lossUsd) });
  for (const [i, { symbol = SYMBOL, qty, price, exits }] of earlier.entries()) {
    const fields = { plan_id: `earlier-${i}`, symbol, qty: String(qty), price: String(price) };
    const how = exits === true ? { action: 'HOLD', side: 'SELL', reduceOnly: 'true' } : {};
    expect(await ask(world.store, { ...fields, ...how })).toEqual({ granted: true, reason: null });
  }
  if (waitSec !== undefined) await stand.wait(world, waitSec);
}

/** The plan as a bot publishes it. */
function fieldsOf(
  situation: Situation,
  nowSec: number,
): Record<string, string> & { readonly plan_id: string } {
  const { symbol, action, side, reduceOnly, qty, price, notionalUsd, ...more } = planOf(situation, nowSec);
  const fields: Readonly<Record<string, string | number | null>> = {
    symbol,
    action,
    side,
    reduceOnly: reduceOnly ? 'true' : null,
    qty,
    price,
    notional_usd: notionalUsd,
    kill_score: more.killScore,
    confidence: more.confidence,
    k_regime_flip: more.regimeFlip,
    timestamp: more.madeAt,
  };
  const given = Object.entries(fields).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(given.map(([name, value]) => [name, String(value)])), plan_id: 'judged' };
}
