/** What the governor knows, for tests of one judgement: an account of 100,000 USD in peace, and what a test changes. */
import { judge, type Blocked, type Granted, type Verdict } from '../../src/core/governor/judge.ts';
import type { JudgeView } from '../../src/core/governor/view.ts';
import type { GateTrace } from '../../src/core/decision.ts';
import type { PlanEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';
import { plan, T0 } from './engine-events.ts';
import { testSettings } from './engine-run.ts';

export const PEACE: JudgeView = {
  state: 'ACTIVE',
  disarmed: false,
  position: null,
  markUsd: null,
  reservedQty: 0,
  equityUsd: 100_000,
  budget: { usd: 0, ageSec: Infinity, lifeSec: 300 },
  target: { usd: 0, ageSec: Infinity, lifeSec: 300 },
  efficiency: { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 600 },
  reservedMicro: 0,
  allReservedMicro: 0,
  grossPositionUsd: 0,
  openSymbols: 0,
  lossUsd: 0,
  permitsLastHour: 0,
  permitsLast5Min: 0,
  sinceLastOpeningSec: Infinity,
  permittedDayMicro: 0,
};

/** Judges an opening of 1000 USD in production, but for what is changed. */
export function judgeOne(
  view: Partial<JudgeView> = {},
  changes: Partial<PlanEvent> = {},
  settings: Partial<Settings> = {},
): Verdict {
  return judge(
    { ...plan(T0, 'p', { notionalUsd: 1000 }), ...changes },
    { ...PEACE, ...view },
    testSettings({ APPLY_MODE: 'production', ...settings }),
  );
}

/** The reason it was blocked for, or `granted`. */
export function outcome(verdict: Verdict): string {
  return verdict.granted ? 'granted' : verdict.reason;
}

export function granted(verdict: Verdict): Granted {
  if (!verdict.granted) throw new Error(`blocked: ${verdict.reason}`);
  return verdict;
}

export function blocked(verdict: Verdict): Blocked {
  if (verdict.granted) throw new Error('granted');
  return verdict;
}

export function traceOf(verdict: Verdict, gate: string): GateTrace | undefined {
  return verdict.trace.find((trace) => trace.gate === gate);
}
