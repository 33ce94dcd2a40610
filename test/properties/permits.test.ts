/** What the governor remembers of its permits, against a slow reading of the model. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reduces } from '../../src/core/governor/read-plan.ts';
import { Pipeline } from '../../src/core/pipeline/pipeline.ts';
import * as make from '../support/engine-events.ts';
import { eventSequences, governorSettings } from '../support/engine-arbitrary.ts';
import { SlowPermits } from '../support/engine-permits.ts';
import { testSettings } from '../support/engine-run.ts';
import type { Decision, GateTrace, PermitDecision } from '../../src/core/decision.ts';
import type { InputEvent, PlanEvent, TradingState } from '../../src/core/event.ts';
import type { ApplyMode, Mode, Settings } from '../../src/core/settings.ts';

const symbol = fc.constantFrom('BTC', 'ETH');
const planId = fc.constantFrom('p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7', 'p8');
const gapSec = fc.oneof(
  fc.constantFrom(0, 1, 5, 10, 30, 59, 60, 61, 119, 120, 121, 299, 300, 301, 3599, 3600, 86_400),
  fc.integer({ min: 0, max: 100 }),
);

type Draft = (ts: number) => InputEvent;

const draft: fc.Arbitrary<Draft> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record({
        planId,
        symbol,
        action: fc.constantFrom('OPEN_PROPOSED', 'OPEN_PROPOSED', 'PARTIAL_50', 'FULL_CLOSE_PROPOSED'),
        side: fc.constantFrom(null, 'BUY', 'SELL'),
        qty: fc.constantFrom(null, 0.5, 2),
        price: fc.constantFrom(null, 100),
        notionalUsd: fc.constantFrom(null, 50, 200),
      })
      .map(
        ({ planId, ...rest }): Draft =>
          (ts) =>
            make.plan(ts, planId, rest),
      ),
  },
  {
    weight: 3,
    arbitrary: planId.map(
      (id): Draft =>
        (ts) =>
          make.take(ts, id),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(planId, fc.boolean()).map(
      ([id, executed]): Draft =>
        (ts) =>
          make.result(ts, id, executed),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(symbol, fc.constantFrom(0, 1, -2), fc.constantFrom(0, 0, 1, 30, 400, -20)).map(
      ([name, amount, lateSec]): Draft =>
        (ts) =>
          make.position(ts, name, amount, { markPrice: 100, stateTs: ts - lateSec }),
    ),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<TradingState>('ACTIVE', 'ACTIVE', 'REDUCING', 'HALTED').map(
      (state): Draft =>
        (ts) =>
          make.kill(ts, state),
    ),
  },
);

const sequence = fc
  .array(fc.tuple(draft, gapSec), { minLength: 1, maxLength: 40, size: 'max' })
  .map((steps) => {
    let ts = make.T0;
    return steps.map(([one, gap]) => {
      ts += gap;
      return one(ts);
    });
  });

const modes = fc.record({
  APPLY_MODE: fc.constantFrom<ApplyMode>('dry_run', 'testnet', 'production'),
  GOV_EXITS_EXEMPT: fc.boolean(),
  GOV_PERMIT_TTL_SEC: fc.constantFrom(60, 60, 5, 200),
  GOV_RESERVE_SEC: fc.constantFrom(120, 120, 10, 1000),
});

/** Every gate looks, none blocks: its trace shows what it compared. */
const ALL_SHADOW: ReadonlyMap<string, Mode> = new Map(
  ['budget', 'allocation', 'kill_score', 'loss', 'hourly', 'burst', 'caps', 'daily'].map((gate) => [
    gate,
    'shadow' as const,
  ]),
);

describe('the permits the governor remembers', () => {
  it('are counted and reserved as the model says, at every plan', () => {
    let compared = 0;
    fc.assert(
      fc.property(modes, sequence, (changed, events) => {
        const settings = testSettings({
          ...changed,
          GOV_GATE_MODES: ALL_SHADOW,
          GOV_ENABLE_AUTO_DISARM: false,
        });
        compared += comparePlans(settings, events);
      }),
      { numRuns: 1500 },
    );
    expect(compared).toBeGreaterThan(1000);
  });

  it('never let two permits of one plan be alive, whatever the settings', () => {
    fc.assert(
      fc.property(modes, sequence, (changed, events) => {
        const settings = testSettings({ ...changed, GOV_ENABLE_AUTO_DISARM: false });
        walk(settings, events, (slow, event) => {
          expect(slow.alive(event.planId, event.ts)).toBeLessThanOrEqual(1);
        });
      }),
      { numRuns: 500 },
    );
    expect.hasAssertions();
  });
});

describe('in production', () => {
  const production = testSettings({
    APPLY_MODE: 'production',
    GOV_SYMBOL_COOLDOWN_SECONDS: 0,
    GOV_ENABLE_AUTO_DISARM: false,
    GOV_MAX_NOTIONAL_PER_DAY_USD: 350,
  });

  it('no rolling window holds more permits, nor more notional, than its limit', () => {
    let permits = 0;
    const reasons = new Set<string>();
    fc.assert(
      fc.property(sequence, (drawn) => {
        const events = withOwnIds(drawn.filter(({ type }) => type !== 'kill'));
        const found: PermitDecision[] = [];
        walk(production, events, (_slow, _event, decided) => {
          if (decided?.type === 'permit' && !decided.reduce_only) found.push(decided);
          if (decided?.type === 'block') reasons.add(decided.reason);
        });
        const failed = new Set(
          events.flatMap((event) => (event.type === 'result' && !event.executed ? [event.planId] : [])),
        );
        const counted = found.filter(({ plan_id }) => !failed.has(plan_id));
        permits += counted.length;
        for (const { symbol, ts } of counted) {
          const within = (sec: number): PermitDecision[] =>
            counted.filter((one) => one.symbol === symbol && one.ts >= ts && one.ts - ts < sec);
          expect(within(3600).length).toBeLessThanOrEqual(3);
          expect(within(300).length).toBeLessThanOrEqual(2);
          const usd = within(86_400).reduce((sum, one) => sum + (one.computed_notional ?? 0), 0);
          expect(usd).toBeLessThanOrEqual(350);
        }
      }),
      { numRuns: 500 },
    );
    expect(permits).toBeGreaterThan(500);
    for (const reason of ['burst_limit_exceeded', 'daily_limit_exceeded']) expect(reasons).toContain(reason);
  });

  it('no plan gets a permit after a halt until the next ACTIVE, and no opening while reducing', () => {
    fc.assert(
      fc.property(modes, sequence, (changed, events) => {
        const settings = testSettings(changed);
        let state: TradingState = 'ACTIVE';
        const pipeline = new Pipeline(settings, 'final', (decision) => {
          if (decision.type === 'disarm' && decision.scope === 'all') state = 'REDUCING';
          if (decision.type !== 'permit') return;
          expect(state).not.toBe('HALTED');
          if (state === 'REDUCING') expect(decision.reduce_only).toBe(true);
        });
        for (const event of events) {
          if (event.type === 'kill') state = event.state;
          pipeline.apply(event);
        }
      }),
      { numRuns: 500 },
    );
    expect.hasAssertions();
  });

  it('an exit passes every gate, whatever the state: only a halt, its own reading or nothing to close stop it', () => {
    const reasons = new Set<string>();
    fc.assert(
      fc.property(governorSettings, eventSequences(30, undefined, true), (changed, events) => {
        const settings = testSettings({ ...changed, GOV_EXITS_EXEMPT: true });
        const exits = new Set(
          events.flatMap((event) => (event.type === 'plan' && reduces(event) ? [event] : [])),
        );
        let current: InputEvent | null = null;
        const pipeline = new Pipeline(settings, 'final', (decision) => {
          if (decision.type === 'block' && exits.has(current as PlanEvent)) reasons.add(decision.reason);
        });
        for (const event of events) {
          current = event;
          pipeline.apply(event);
        }
      }),
      { numRuns: 500 },
    );
    const allowed = [
      'invalid_plan',
      'kill_switch_active',
      'nothing_to_close',
      'stale_plan',
      'would_increase',
    ];
    expect(reasons.size).toBeGreaterThan(2);
    expect([...reasons].filter((reason) => !allowed.includes(reason))).toEqual([]);
  });
});

/** The same events with an id of its own for every plan; takes and results follow the newest plan of their id. */
function withOwnIds(events: readonly InputEvent[]): InputEvent[] {
  const newest = new Map<string, string>();
  return events.map((event, i) => {
    if (event.type === 'plan') {
      newest.set(event.planId, `${event.planId}-${i}`);
      return { ...event, planId: `${event.planId}-${i}` };
    }
    if (event.type !== 'take' && event.type !== 'result') return event;
    return { ...event, planId: newest.get(event.planId) ?? event.planId };
  });
}

/** Runs the events; `check` is called after every plan with what was decided about it. */
function walk(
  settings: Settings,
  events: readonly InputEvent[],
  check: (slow: SlowPermits, event: PlanEvent, decided: Decision | null) => void,
): void {
  let decided: Decision | null = null;
  const pipeline = new Pipeline(settings, 'final', (decision) => (decided = decision));
  const slow = new SlowPermits(settings);
  for (const event of events) {
    decided = null;
    pipeline.apply(event);
    const decision = decided as Decision | null;
    if (event.type === 'plan') {
      if (decision?.type !== 'permit') check(slow, event, decision);
      else {
        check(slow, event, decision);
        slow.issue(decision);
      }
    }
    slow.note(event);
  }
}

function comparePlans(settings: Settings, events: readonly InputEvent[]): number {
  let compared = 0;
  walk(settings, events, (slow, event, decided) => {
    const { symbol, ts } = event;
    const isHalted = decided?.type === 'block' && decided.gate === 'kill';
    expect(decided === null).toBe(slow.isDropped(event.planId, reduces(event), ts) ?? decided === null);
    if (decided?.type !== 'permit') {
      if (decided?.type === 'block' && decided.reason === 'nothing_to_close') {
        const held = Math.abs(slow.position(symbol)!.amount);
        expect(held - slow.reservedQty(symbol, ts)).toBeLessThanOrEqual(1e-9);
      } else if (decided !== null && !isHalted) expect(decided).toMatchObject({ gate: 'plan' });
      return;
    }
    compared++;
    if (decided.reduce_only) expectClose(slow, decided, ts);
    const value = (gate: string): GateTrace | undefined => decided.gates.find((trace) => trace.gate === gate);
    const notional = decided.computed_notional ?? 0;
    if (decided.reduce_only && settings.GOV_EXITS_EXEMPT) return;
    expect(value('hourly')?.value).toBe(slow.count(symbol, 3600, ts));
    expect(value('burst')?.value).toBe(slow.count(symbol, 300, ts));
    expect(value('daily')?.value).toBeCloseTo(slow.dayUsd(symbol, ts) + notional, 5);
    if (!decided.reduce_only) expectCaps(slow, decided, value('caps')!, ts);
  });
  return compared;
}

function expectClose(slow: SlowPermits, decided: PermitDecision, now: number): void {
  const position = slow.position(decided.symbol);
  if (position === null || now - position.stateTs > 300) return;
  const held = Math.abs(position.amount);
  const wanted = (decided.close_fraction ?? 1) * held;
  expect(decided.computed_qty).toBeCloseTo(Math.min(wanted, held - slow.reservedQty(decided.symbol, now)), 9);
}

function expectCaps(slow: SlowPermits, decided: PermitDecision, caps: GateTrace, now: number): void {
  const since = slow.sinceLastOpeningSec(decided.symbol, now);
  if (since < 60) {
    expect(caps).toMatchObject({ reason: 'symbol_cooldown', value: since });
    return;
  }
  expect(caps.reason).not.toBe('symbol_cooldown');
  if (caps.setting !== 'GOV_MAX_TOTAL_NOTIONAL_PCT') return;
  const positions = ['BTC', 'ETH'].map((name) => Math.abs(slow.position(name)?.amount ?? 0) * 100);
  const gross = positions[0]! + positions[1]!;
  expect(caps.value).toBeCloseTo(gross + slow.reservedUsd(null, now) + (decided.computed_notional ?? 0), 5);
}
