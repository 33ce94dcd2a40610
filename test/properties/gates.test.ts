/** The judge under numbers nobody should send: it never throws, never grants over a limit, and never stops an exit for them. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judge, type Granted } from '../../src/core/governor/judge.ts';
import { testSettings } from '../support/engine-run.ts';
import { anyModes, exits, limits, openings, views } from '../support/judged-arbitrary.ts';
import type { PlanEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { EnforcedRecord, JudgeView } from '../../src/core/governor/view.ts';

describe('numbers nobody should send', () => {
  it('never make the judge throw', () => {
    const verdicts = new Set<boolean>();
    fc.assert(
      fc.property(fc.oneof(openings, exits), views, limits, anyModes, (one, view, changed, modes) => {
        verdicts.add(judge(one, view, testSettings({ ...changed, ...modes })).granted);
      }),
      { numRuns: 5000 },
    );
    expect(verdicts).toEqual(new Set([true, false]));
  });

  it('never get an opening past a limit in production', () => {
    let granted = 0;
    fc.assert(
      fc.property(openings, views, limits, (one, view, changed) => {
        const settings = testSettings({ ...changed, APPLY_MODE: 'production' });
        const verdict = judge(one, view, settings);
        if (!verdict.granted) return;
        granted++;
        expect(exceeded(one, view, settings, verdict)).toEqual([]);
        expect([verdict.qty, verdict.notionalUsd, verdict.downsize.factor]).not.toContain(NaN);
      }),
      { numRuns: 10_000 },
    );
    expect(granted).toBeGreaterThan(500);
  });

  it('never stop an exit that can be read, but while trading is halted', () => {
    const reasons = new Set<string>();
    let granted = 0;
    fc.assert(
      fc.property(
        exits,
        views,
        fc.constantFrom<Partial<JudgeView>>({}, { state: 'REDUCING' }, { disarmed: true }),
        limits,
        anyModes,
        (one, view, state, changed, modes) => {
          const settings = testSettings({ ...changed, ...modes, GOV_EXITS_EXEMPT: true });
          const verdict = judge(one, { ...view, ...state }, settings);
          if (verdict.granted) {
            granted++;
            expect([verdict.qty, verdict.notionalUsd]).not.toContain(NaN);
          } else reasons.add(verdict.reason);
        },
      ),
      { numRuns: 5000 },
    );
    expect(granted).toBeGreaterThan(500);
    expect([...reasons].sort()).toEqual(['invalid_plan', 'nothing_to_close', 'stale_plan', 'would_increase']);
  });
});

/**
 * The limits that a permit is over, by plain arithmetic: more than a micro-USD, or than the last digits of large numbers.
 * A limit that is no number in micro-USD is none.
 */
function exceeded(one: PlanEvent, view: JudgeView, settings: Settings, granted: Granted): string[] {
  const over = (value: number, limit: number): boolean =>
    limit * 1e6 !== Infinity && !(value <= limit + 1e-6 + Math.abs(limit) * 1e-12);
  const notional = granted.notionalUsd ?? NaN;
  const equity = view.equityUsd ?? NaN;
  const limitOf = (share: number, usd: number | null): number =>
    Math.min(share * Math.max(equity, 0), usd ?? Infinity);
  const position = view.position;
  const size = position === null ? 0 : (position.notionalUsd ?? position.amount * (position.markUsd ?? 0));
  const held =
    position === null ? 0 : Math.sign(position.amount) * Math.min(Math.abs(size), Number.MAX_VALUE);
  const side = granted.reading.side;
  const exposure =
    (side === 0 ? Math.abs(held) + notional : Math.abs(held + side * notional)) + view.reservedMicro / 1e6;
  // Budget and target fail open: what cannot be compared passes.
  const isOver = ({ usd, ageSec, lifeSec }: EnforcedRecord, maxAgeSec: number): boolean =>
    ageSec <= maxAgeSec && ageSec <= lifeSec && !Number.isNaN(usd - exposure) && over(exposure, usd);
  const isOpen = position !== null && position.amount !== 0;
  const loss = view.lossUsd;
  const checks: Record<string, boolean> = {
    notional: !(notional >= 0),
    equity: Number.isNaN(equity),
    budget: isOver(view.budget, 60),
    target: isOver(view.target, 300),
    score:
      one.killScore !== null && !(one.killScore >= 0 && one.killScore < settings.GOV_KILL_SCORE_CRITICAL),
    loss:
      Number.isNaN(loss) || (loss > 1e-6 && loss - 1e-6 > settings.GOV_MAX_DAILY_LOSS_PCT * (equity + loss)),
    hourly: !(view.permitsLastHour < settings.GOV_MAX_EXEC_PER_HOUR),
    burst: !(view.permitsLast5Min < settings.GOV_MAX_EXEC_PER_5MIN),
    cooldown: !(view.sinceLastOpeningSec >= settings.GOV_SYMBOL_COOLDOWN_SECONDS),
    positions: !isOpen && !(view.openSymbols < settings.GOV_MAX_OPEN_POSITIONS),
    trade: over(
      notional,
      limitOf(settings.GOV_MAX_NOTIONAL_PER_TRADE_PCT, settings.GOV_MAX_NOTIONAL_PER_TRADE_USD),
    ),
    total: over(
      view.grossPositionUsd + view.allReservedMicro / 1e6 + notional,
      limitOf(settings.GOV_MAX_TOTAL_NOTIONAL_PCT, settings.GOV_MAX_TOTAL_NOTIONAL_USD),
    ),
    day: over(
      view.permittedDayMicro / 1e6 + notional,
      limitOf(settings.GOV_MAX_NOTIONAL_PER_DAY_PCT, settings.GOV_MAX_NOTIONAL_PER_DAY_USD),
    ),
  };
  return Object.entries(checks).flatMap(([name, fails]) => (fails ? [name] : []));
}
