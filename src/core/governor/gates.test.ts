/** Every reason, just below its limit and at it, in every mode; what a block shows; what the gates do not judge. */
import { describe, expect, it } from 'vitest';
import { blocked, granted, judgeOne, outcome, traceOf } from '../../../test/support/engine-view.ts';
import type { PlanEvent } from '../event.ts';
import type { ApplyMode, Mode, Settings } from '../settings.ts';
import { GATES, REASON_GATES } from './reasons.ts';
import type { JudgeView } from './view.ts';

interface Case {
  readonly name: string;
  readonly gate: string;
  readonly reason: string;
  readonly view?: Partial<JudgeView>;
  readonly plan?: Partial<PlanEvent>;
  readonly settings?: Partial<Settings>;
  readonly passes: Partial<JudgeView> & { readonly plan?: Partial<PlanEvent> };
  readonly blocks: Partial<JudgeView> & { readonly plan?: Partial<PlanEvent> };
}

const open = { amount: 1, markUsd: 100, notionalUsd: null, ts: 1_700_000_000 };
const micro = (usd: number): number => Math.round(usd * 1e6);

const CASES: readonly Case[] = [
  {
    name: 'exposure after against the budget',
    gate: 'budget',
    reason: 'p28_budget_violation',
    passes: { budget: { usd: 1000, ageSec: 60, lifeSec: 300 } },
    blocks: { budget: { usd: 999.999999, ageSec: 60, lifeSec: 300 } },
  },
  {
    name: 'the budget counts up to an age of 60 s',
    gate: 'budget',
    reason: 'p28_budget_violation',
    passes: { budget: { usd: 1, ageSec: 60.001, lifeSec: 300 } },
    blocks: { budget: { usd: 1, ageSec: 60, lifeSec: 300 } },
  },
  {
    name: 'exposure after against the target',
    gate: 'allocation',
    reason: 'p29_allocation_cap',
    passes: { target: { usd: 1000, ageSec: 0, lifeSec: 300 } },
    blocks: { target: { usd: 999.999999, ageSec: 0, lifeSec: 300 } },
  },
  {
    name: 'the target counts up to an age of 300 s',
    gate: 'allocation',
    reason: 'p29_allocation_cap',
    passes: { target: { usd: 1, ageSec: 300.001, lifeSec: 300 } },
    blocks: { target: { usd: 1, ageSec: 300, lifeSec: 300 } },
  },
  {
    name: 'the kill score',
    gate: 'kill_score',
    reason: 'kill_score_critical_non_close',
    passes: { plan: { killScore: 0.7999999 } },
    blocks: { plan: { killScore: 0.8 } },
  },
  {
    name: 'the loss of 24 h against 5 % of what there was before it',
    gate: 'loss',
    reason: 'daily_loss_limit',
    view: { equityUsd: 95_000 },
    passes: { lossUsd: 4999.999999 },
    blocks: { lossUsd: 5000 },
  },
  {
    name: 'three permits within an hour',
    gate: 'hourly',
    reason: 'hourly_limit_exceeded',
    passes: { permitsLastHour: 2 },
    blocks: { permitsLastHour: 3 },
  },
  {
    name: 'two permits within five minutes',
    gate: 'burst',
    reason: 'burst_limit_exceeded',
    passes: { permitsLast5Min: 1 },
    blocks: { permitsLast5Min: 2 },
  },
  {
    name: 'the cooldown of 60 s',
    gate: 'caps',
    reason: 'symbol_cooldown',
    passes: { sinceLastOpeningSec: 60 },
    blocks: { sinceLastOpeningSec: 59.999 },
  },
  {
    name: 'ten open positions, and this is not one',
    gate: 'caps',
    reason: 'max_positions_reached',
    passes: { openSymbols: 9 },
    blocks: { openSymbols: 10 },
  },
  {
    name: 'ten open positions, and this is one',
    gate: 'caps',
    reason: 'max_positions_reached',
    passes: { openSymbols: 10, position: open },
    blocks: { openSymbols: 10, position: { ...open, amount: 0 } },
  },
  {
    name: 'a trade of 5 % of equity',
    gate: 'caps',
    reason: 'notional_per_trade_exceeded',
    passes: { plan: { notionalUsd: 5000 } },
    blocks: { plan: { notionalUsd: 5000.000001 } },
  },
  {
    name: 'a trade in a fixed sum, which binds where it is smaller',
    gate: 'caps',
    reason: 'notional_per_trade_exceeded',
    settings: { GOV_MAX_NOTIONAL_PER_TRADE_USD: 300 },
    passes: { plan: { notionalUsd: 300 } },
    blocks: { plan: { notionalUsd: 300.000001 } },
  },
  {
    name: 'positions, reservations and the plan together at 100 % of equity',
    gate: 'caps',
    reason: 'total_notional_exceeded',
    passes: { grossPositionUsd: 90_000, allReservedMicro: micro(9000) },
    blocks: { grossPositionUsd: 90_000, allReservedMicro: micro(9000.000001) },
  },
  {
    name: 'all together in a fixed sum',
    gate: 'caps',
    reason: 'total_notional_exceeded',
    settings: { GOV_MAX_TOTAL_NOTIONAL_USD: 1500 },
    passes: { grossPositionUsd: 500 },
    blocks: { grossPositionUsd: 500.000001 },
  },
  {
    name: 'the notional of a day at 50 % of equity',
    gate: 'daily',
    reason: 'daily_limit_exceeded',
    passes: { permittedDayMicro: micro(49_000) },
    blocks: { permittedDayMicro: micro(49_000.000001) },
  },
  {
    name: 'the notional of a day in a fixed sum',
    gate: 'daily',
    reason: 'daily_limit_exceeded',
    settings: { GOV_MAX_NOTIONAL_PER_DAY_USD: 2000 },
    passes: { permittedDayMicro: micro(1000) },
    blocks: { permittedDayMicro: micro(1000.000001) },
  },
];

interface ReasonCase {
  readonly name: string;
  readonly reason: keyof typeof REASON_GATES;
  /** Of a plan that closes, or of an opening of 1000 USD. */
  readonly closes?: true;
  readonly passes: Partial<JudgeView> & { readonly plan?: Partial<PlanEvent> };
  readonly blocks: Partial<JudgeView> & { readonly plan?: Partial<PlanEvent> };
}

const TS = 1_700_000_000;
const held = { amount: 2, markUsd: 100, notionalUsd: null, ts: TS };

/** What no mode turns off: the kill switch and the reading of the plan. */
const ALWAYS: readonly ReasonCase[] = [
  {
    name: 'a halt',
    reason: 'kill_switch_active',
    passes: { state: 'ACTIVE' },
    blocks: { state: 'HALTED' },
  },
  {
    name: 'a halt, for exits too',
    reason: 'kill_switch_active',
    closes: true,
    passes: { state: 'REDUCING', disarmed: true },
    blocks: { state: 'HALTED' },
  },
  {
    name: 'reducing',
    reason: 'kill_switch_reducing',
    passes: { state: 'ACTIVE' },
    blocks: { state: 'REDUCING' },
  },
  {
    name: 'a disarmed symbol',
    reason: 'symbol_disarmed',
    passes: { disarmed: false },
    blocks: { disarmed: true },
  },
  {
    name: 'a quantity above 0',
    reason: 'invalid_plan',
    passes: { plan: { qty: 5e-324 } },
    blocks: { plan: { qty: 0 } },
  },
  {
    name: 'a kill score up to 1',
    reason: 'invalid_plan',
    passes: { plan: { killScore: 1 } },
    blocks: { plan: { killScore: 1 + Number.EPSILON } },
  },
  {
    name: 'a notional up to 9e9 USD',
    reason: 'invalid_plan',
    passes: { plan: { notionalUsd: 9e9 } },
    blocks: { plan: { notionalUsd: 9e9 + 2e-6 } },
  },
  {
    name: 'the quantity an exit needs',
    reason: 'invalid_plan',
    closes: true,
    passes: { plan: { action: 'HOLD', reduceOnly: true, qty: 5e-324 }, position: held },
    blocks: { plan: { action: 'HOLD', reduceOnly: true, qty: 0 }, position: held },
  },
  {
    name: 'an opening of 30 s',
    reason: 'stale_plan',
    passes: { plan: { madeAt: TS - 30 } },
    blocks: { plan: { madeAt: TS - 30.001 } },
  },
  {
    name: 'an exit of 300 s',
    reason: 'stale_plan',
    closes: true,
    passes: { plan: { madeAt: TS - 300 } },
    blocks: { plan: { madeAt: TS - 300.001 } },
  },
  {
    name: 'an exit on the side of its position',
    reason: 'would_increase',
    closes: true,
    passes: { plan: { side: 'SELL' }, position: held },
    blocks: { plan: { side: 'BUY' }, position: held },
  },
  {
    name: 'an exit of what is reserved already',
    reason: 'nothing_to_close',
    closes: true,
    passes: { position: held, reservedQty: 1.999999 },
    blocks: { position: held, reservedQty: 2 },
  },
  {
    name: 'an exit of a flat position',
    reason: 'nothing_to_close',
    closes: true,
    passes: { position: { ...held, amount: 5e-324 } },
    blocks: { position: { ...held, amount: 0 } },
  },
  {
    name: 'notionals 5 % apart',
    reason: 'notional_mismatch',
    passes: { plan: { notionalUsd: 1000, qty: 10, price: 95 } },
    blocks: { plan: { notionalUsd: 1000, qty: 10, price: 94.9999999 } },
  },
  {
    name: 'a price 5 % from the mark',
    reason: 'price_out_of_range',
    passes: { plan: { price: 105 }, markUsd: 100 },
    blocks: { plan: { price: 105.000001 }, markUsd: 100 },
  },
];

/** What only production cannot do without. */
const UNKNOWNS: readonly ReasonCase[] = [
  {
    name: 'a notional nobody knows',
    reason: 'notional_unknown',
    passes: { plan: { notionalUsd: null, qty: 1 }, markUsd: 100 },
    blocks: { plan: { notionalUsd: null, qty: 1 } },
  },
  {
    name: 'an equity nobody knows',
    reason: 'equity_unknown',
    passes: { equityUsd: 100_000 },
    blocks: { equityUsd: null },
  },
];

const MODES: readonly ApplyMode[] = ['dry_run', 'testnet', 'production'];
const ENFORCED: Readonly<Record<ApplyMode, readonly string[]>> = {
  dry_run: [],
  testnet: ['caps'],
  production: ['budget', 'allocation', 'kill_score', 'loss', 'hourly', 'burst', 'caps', 'daily'],
};

function judgeCase(one: Case, which: 'passes' | 'blocks', settings: Partial<Settings>) {
  const { plan, ...view } = one[which];
  return judgeOne({ ...one.view, ...view }, { ...one.plan, ...plan }, { ...one.settings, ...settings });
}

describe.each(CASES)('the gate $gate: $name', (one) => {
  it('passes just below its limit', () => {
    expect(outcome(judgeCase(one, 'passes', { APPLY_MODE: 'production' }))).toBe('granted');
  });

  it('blocks at or above it in production and says what it compared', () => {
    const verdict = blocked(judgeCase(one, 'blocks', { APPLY_MODE: 'production' }));
    expect(verdict).toMatchObject({ reason: one.reason, gate: one.gate });
    expect(verdict.value).not.toBeNull();
    expect(verdict.limit).not.toBeNull();
    expect(verdict.setting).toMatch(/^(GOV|P28|P29)_/);
    expect(traceOf(verdict, one.gate)).toMatchObject({ outcome: 'block', enforced: true });
    expect(verdict.trace.at(-1)?.gate).toBe(one.gate);
  });

  it.each(['dry_run', 'testnet', 'production'] as const)('is enforced in %s or only recorded', (mode) => {
    const verdict = judgeCase(one, 'blocks', { APPLY_MODE: mode });
    const isEnforced = ENFORCED[mode].includes(one.gate);
    expect(outcome(verdict)).toBe(isEnforced ? one.reason : 'granted');
    expect(traceOf(verdict, one.gate)).toMatchObject({
      enforced: isEnforced,
      outcome: isEnforced ? 'block' : 'would_block',
      reason: one.reason,
    });
  });

  it.each(['enforce', 'shadow'] as const)('follows GOV_GATE_MODES %s before APPLY_MODE', (own: Mode) => {
    const gateModes = new Map([[one.gate, own]]);
    for (const mode of ['dry_run', 'testnet', 'production'] as const) {
      const verdict = judgeCase(one, 'blocks', { APPLY_MODE: mode, GOV_GATE_MODES: gateModes });
      expect(traceOf(verdict, one.gate)?.outcome).toBe(own === 'enforce' ? 'block' : 'would_block');
    }
  });

  it('never judges a plan that reduces', () => {
    const { plan, ...view } = one.blocks;
    const position = { amount: 2, markUsd: 100, notionalUsd: null, ts: 1_700_000_000 };
    const verdict = judgeOne(
      { ...one.view, ...view, position },
      { ...plan, action: 'FULL_CLOSE_PROPOSED' },
      { ...one.settings },
    );
    expect(outcome(verdict)).toBe('granted');
    expect(traceOf(verdict, one.gate)).toBeUndefined();
  });

  it('judges one that reduces where exits are not exempt, if it counts permits', () => {
    const { plan, ...view } = one.blocks;
    const position = { amount: 20, markUsd: 100, notionalUsd: null, ts: 1_700_000_000 };
    const verdict = judgeOne(
      { ...one.view, ...view, position },
      { ...plan, action: 'FULL_CLOSE_PROPOSED' },
      { ...one.settings, GOV_EXITS_EXEMPT: false },
    );
    const counts = ['hourly', 'burst', 'daily'].includes(one.gate);
    expect(outcome(verdict)).toBe(counts ? one.reason : 'granted');
  });
});

function judgeReason(one: ReasonCase, which: 'passes' | 'blocks', settings: Partial<Settings>) {
  const { plan, ...view } = one[which];
  return judgeOne(view, { ...(one.closes && { action: 'FULL_CLOSE_PROPOSED' }), ...plan }, settings);
}

const ALL_SHADOW: ReadonlyMap<string, Mode> = new Map(GATES.map((gate) => [gate, 'shadow']));

describe.each(ALWAYS)('$reason: $name', (one) => {
  it.each(MODES)('blocks in %s, whatever the gates are set to', (mode) => {
    for (const GOV_GATE_MODES of [new Map(), ALL_SHADOW]) {
      const settings = { APPLY_MODE: mode, GOV_GATE_MODES };
      const verdict = blocked(judgeReason(one, 'blocks', settings));
      expect(verdict).toMatchObject({ reason: one.reason, gate: REASON_GATES[one.reason] });
      expect(verdict.trace.at(-1)).toMatchObject({
        gate: REASON_GATES[one.reason],
        outcome: 'block',
        enforced: true,
      });
      expect(traceOf(judgeReason(one, 'passes', settings), REASON_GATES[one.reason])).toMatchObject({
        outcome: 'pass',
      });
    }
  });
});

describe.each(UNKNOWNS)('$reason: $name', (one) => {
  it.each(MODES)('blocks in production and is nothing in any other mode: %s', (mode) => {
    const settings = { APPLY_MODE: mode };
    expect(outcome(judgeReason(one, 'passes', settings))).toBe('granted');
    const verdict = judgeReason(one, 'blocks', settings);
    expect(outcome(verdict)).toBe(mode === 'production' ? one.reason : 'granted');
    const reason = mode === 'production' ? one.reason : null;
    expect(traceOf(verdict, REASON_GATES[one.reason])).toMatchObject({ reason });
  });

  it('is only recorded where the caps are in shadow', () => {
    const gateModes = new Map<string, Mode>([['caps', 'shadow']]);
    const settings = { APPLY_MODE: 'production', GOV_GATE_MODES: gateModes } as const;
    const verdict = granted(judgeReason(one, 'blocks', settings));
    expect(traceOf(verdict, 'caps')).toMatchObject({ outcome: 'would_block', reason: one.reason });
  });
});

describe('these tables', () => {
  it('have every reason', () => {
    const reasons = [...CASES, ...ALWAYS, ...UNKNOWNS].map(({ reason }) => reason);
    expect(new Set(reasons)).toEqual(new Set(Object.keys(REASON_GATES)));
  });
});
