/** The judge where something fails inside it, and exits in every state: what stops a plan, and what must not. */
import { describe, expect, it } from 'vitest';
import { plan, T0 } from '../../../test/support/engine-events.ts';
import { testSettings } from '../../../test/support/engine-run.ts';
import { granted, judgeOne, outcome, PEACE, traceOf } from '../../../test/support/engine-view.ts';
import { GATES_IN_ORDER, isEnforced } from './gates.ts';
import { judge, type Verdict } from './judge.ts';
import { GATES, type GateName } from './reasons.ts';
import type { PlanEvent } from '../event.ts';
import type { ApplyMode, Settings } from '../settings.ts';
import type { JudgeView } from './view.ts';

const MODES: readonly ApplyMode[] = ['dry_run', 'testnet', 'production'];

/** The same, but reading one property fails. */
function broken<Thing extends object>(thing: Thing, property: keyof Thing): Thing {
  return Object.defineProperty({ ...thing }, property, {
    enumerable: true,
    get: () => {
      throw new Error(`no ${String(property)}`);
    },
  });
}

interface Judged {
  readonly plan?: Partial<PlanEvent>;
  readonly view?: Partial<JudgeView>;
  readonly settings?: Partial<Settings>;
  readonly brokenView?: keyof JudgeView;
  readonly brokenSetting?: keyof Settings;
}

function judged({ plan: changed, view, settings, brokenView, brokenSetting }: Judged): Verdict {
  const known = { ...PEACE, ...view };
  const set = testSettings({ APPLY_MODE: 'production', ...settings });
  return judge(
    plan(T0, 'p', { notionalUsd: 1000, ...changed }),
    brokenView === undefined ? known : broken(known, brokenView),
    brokenSetting === undefined ? set : broken(set, brokenSetting),
  );
}

/** What each gate reads and no other gate before it. */
const FAULTS: Readonly<Record<Exclude<GateName, 'kill' | 'plan'>, Judged>> = {
  budget: { brokenView: 'budget' },
  allocation: { brokenView: 'target' },
  kill_score: { brokenSetting: 'GOV_KILL_SCORE_CRITICAL', plan: { killScore: 0.1 } },
  loss: { brokenView: 'lossUsd' },
  hourly: { brokenView: 'permitsLastHour' },
  burst: { brokenView: 'permitsLast5Min' },
  caps: { brokenView: 'sinceLastOpeningSec' },
  daily: { brokenView: 'permittedDayMicro' },
};
const HELD = { amount: 4, markUsd: 10, notionalUsd: null, ts: T0 };

describe.each(GATES_IN_ORDER)('a fault in the gate $name', (gate) => {
  const fault = FAULTS[gate.name as keyof typeof FAULTS];

  it.each(MODES)('blocks an opening in %s where it is enforced and does not fail open', (mode) => {
    for (const own of ['enforce', 'shadow', undefined] as const) {
      const settings = {
        APPLY_MODE: mode,
        ...(own !== undefined && { GOV_GATE_MODES: new Map([[gate.name, own]]) }),
      };
      const enforced = isEnforced(gate, testSettings(settings));
      const verdict = judged({ ...fault, settings });
      const failsOpen = gate.name === 'budget' || gate.name === 'allocation';
      const blocks = enforced && !failsOpen;
      expect(outcome(verdict)).toBe(blocks ? 'evaluation_error' : 'granted');
      expect(traceOf(verdict, gate.name)).toMatchObject({
        enforced,
        outcome: failsOpen ? 'not_evaluated' : blocks ? 'block' : 'would_block',
        reason: failsOpen ? null : 'evaluation_error',
        note: expect.stringMatching(/^evaluation error: no /),
      });
    }
  });

  it.each(MODES)('stops no exit in %s', (mode) => {
    for (const state of [{}, { state: 'REDUCING' }, { disarmed: true }] as const) {
      const exit = { ...fault.plan, action: 'FULL_CLOSE_PROPOSED' };
      const settings = { APPLY_MODE: mode };
      const verdict = granted(judged({ ...fault, plan: exit, view: { ...state, position: HELD }, settings }));
      expect(verdict).toMatchObject({ qty: 4, qtyScale: 1 });
      expect(verdict.trace.map((trace) => trace.gate)).toEqual(['kill', 'plan']);
    }
  });

  it('stops an exit where exits are counted and it is a gate that counts', () => {
    const exit = { action: 'FULL_CLOSE_PROPOSED' };
    const settings = { GOV_EXITS_EXEMPT: false };
    const verdict = judged({ ...fault, plan: exit, view: { position: HELD }, settings });
    const counts = ['hourly', 'burst', 'daily'].includes(gate.name);
    expect(outcome(verdict)).toBe(counts ? 'evaluation_error' : 'granted');
  });
});

describe('a fault before the gates', () => {
  it.each(MODES)('blocks whatever the plan does in %s', (mode) => {
    for (const brokenView of ['state', 'position'] as const)
      for (const action of ['OPEN_PROPOSED', 'FULL_CLOSE_PROPOSED']) {
        const settings = { APPLY_MODE: mode };
        const price = brokenView === 'position' ? { notionalUsd: 1000, price: null } : {};
        const verdict = judged({ brokenView, plan: { action, ...price }, settings });
        expect(outcome(verdict)).toBe('evaluation_error');
        expect(verdict.trace).toMatchObject([{ gate: 'plan', outcome: 'block', enforced: true }]);
      }
  });

  it('that only openings read stops no exit', () => {
    const exit = { action: 'FULL_CLOSE_PROPOSED' };
    for (const brokenView of ['disarmed', 'efficiency', 'equityUsd'] as const) {
      // The hint of the efficiency never blocks.
      const expected = brokenView === 'efficiency' ? 'granted' : 'evaluation_error';
      expect(outcome(judged({ brokenView }))).toBe(expected);
      expect(outcome(judged({ brokenView, plan: exit, view: { position: HELD } }))).toBe('granted');
    }
  });
});

describe('an exit', () => {
  const states: readonly Partial<JudgeView>[] = [
    { state: 'ACTIVE' },
    { state: 'REDUCING' },
    { disarmed: true },
    { state: 'REDUCING', disarmed: true },
  ];
  /** Over every limit there is. */
  const worst: Partial<JudgeView> = {
    equityUsd: -1,
    budget: { usd: 0, ageSec: 0, lifeSec: 300 },
    target: { usd: 0, ageSec: 0, lifeSec: 300 },
    reservedMicro: 1e15,
    allReservedMicro: 1e15,
    grossPositionUsd: 1e9,
    openSymbols: 100,
    lossUsd: 1e9,
    permitsLastHour: 100,
    permitsLast5Min: 100,
    sinceLastOpeningSec: 0,
    permittedDayMicro: 1e15,
  };
  const none = {
    GOV_MAX_EXEC_PER_HOUR: 0,
    GOV_MAX_EXEC_PER_5MIN: 0,
    GOV_MAX_OPEN_POSITIONS: 0,
    GOV_MAX_NOTIONAL_PER_DAY_USD: 0,
  };
  const exits: readonly Partial<PlanEvent>[] = [
    { action: 'FULL_CLOSE_PROPOSED' },
    { action: 'PARTIAL_25', side: 'SELL' },
    { reduceOnly: true, qty: 1 },
    { reduceOnly: true, killScore: 1, confidence: 7, regimeFlip: NaN, notionalUsd: -5 },
  ];

  it.each(MODES)('passes in %s in every state but a halt, over every limit', (APPLY_MODE) => {
    for (const exit of exits)
      for (const state of states) {
        const verdict = judgeOne({ ...worst, ...state, position: HELD }, exit, { ...none, APPLY_MODE });
        expect(granted(verdict).qty).toBeGreaterThan(0);
        expect(outcome(judgeOne({ ...worst, ...state }, exit, { ...none, APPLY_MODE }))).toBe('granted');
      }
  });

  it.each(MODES)('is stopped in %s by a halt, an unusable plan and nothing to close', (APPLY_MODE) => {
    const exit = { action: 'FULL_CLOSE_PROPOSED' };
    const flat = { ...HELD, amount: 0 };
    for (const state of states) {
      const of = (view: Partial<JudgeView>, changed: Partial<PlanEvent> = {}) =>
        outcome(judgeOne({ position: HELD, ...state, ...view }, { ...exit, ...changed }, { APPLY_MODE }));
      expect(of({ state: 'HALTED' })).toBe('kill_switch_active');
      expect(of({}, { namesValid: false })).toBe('invalid_plan');
      expect(of({}, { madeAt: T0 - 301 })).toBe('stale_plan');
      expect(of({}, { side: 'BUY' })).toBe('would_increase');
      expect(of({ position: flat })).toBe('nothing_to_close');
    }
  });
});

describe('the trace of a permit', () => {
  it('has every gate once, in order', () => {
    expect(granted(judgeOne()).trace.map(({ gate }) => gate)).toEqual(GATES);
  });
});
