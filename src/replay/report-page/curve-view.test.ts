import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EquityCurve } from '../report/curve.ts';
import { CHART_HEIGHT, curveView, type CurveView } from './curve-view.ts';

const DAY = 86_400;
const START = Date.parse('2024-01-01T00:00Z') / 1000;

function viewOf(equity: readonly number[], stepSec = DAY): CurveView | null {
  const curve = new EquityCurve();
  equity.forEach((usd, index) => curve.add(START + index * stepSec, usd));
  return curveView(curve.points(), curve.drawdown());
}

describe('the equity chart', () => {
  it('marks the highest, the lowest, the deepest fall and the end', () => {
    const view = viewOf([100_000, 104_000, 99_000, 101_500])!;
    expect(view.highest).toMatchObject({ text: 'highest 104,000.00', when: '2024-01-02', x: 33.3 });
    expect(view.lowest).toMatchObject({ text: 'lowest 99,000.00', when: '2024-01-03', anchor: 'middle' });
    expect(view.deepest).toMatchObject({ text: 'deepest −4.81%', when: '2024-01-03' });
    expect(view.end).toMatchObject({ text: '101,500.00', x: 100, anchor: 'end' });
    expect(view.equityTicks.map(({ label }) => label)).toEqual(['100,000', '102,000', '104,000']);
    expect(view.highest!.y).toBeLessThan(view.lowest!.y);
  });

  it('puts the deepest fall back where the curve was thinned', () => {
    const equity = Array.from({ length: 3001 }, (_, index) => 10_000 + index);
    equity[1501] = 5000;
    const view = viewOf(equity, 60)!;
    expect(view.deepest!.text).toBe('deepest −56.52%');
    expect(view.drawdownPath).toContain(`L500.3 ${view.deepest!.y}`);
  });

  it('counts a fall in USD where the account began without money', () => {
    const view = viewOf([0, 50, -25])!;
    expect(view.drawdownUnit).toBe('USD');
    expect(view.deepest!.text).toBe('deepest −75.00');
  });

  it('of nothing and of one point is none; one that never moves has no marks', () => {
    expect(viewOf([])).toBe(null);
    expect(viewOf([100_000])).toBe(null);
    const flat = viewOf([100_000, 100_000])!;
    expect([flat.highest, flat.lowest, flat.deepest]).toEqual([null, null, null]);
    expect(flat.drawdownTicks).toEqual([{ at: flat.drawdownTop, label: '0%' }]);
    expect(flat.equityPath).not.toContain('NaN');
  });

  it('of points at one moment stands in the middle', () => {
    const view = viewOf([100, 90], 0)!;
    expect(view.end.x).toBe(50);
    expect(view.timeTicks.length).toBeGreaterThan(0);
  });

  it('writes large accounts in millions', () => {
    const labels = viewOf([2e7, 2.05e7])!.equityTicks.map(({ label }) => label);
    expect(labels).toEqual(['20.0M', '20.2M', '20.4M']);
  });

  it('stays inside its box with numbers only, whatever the equity', () => {
    const usd = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(fc.array(usd, { minLength: 2, maxLength: 20 }), (equity) => {
        const view = viewOf(equity)!;
        expect(JSON.stringify(view)).not.toMatch(/NaN|Infinity|[^\d.e]-0[^.\d]/);
        const numbers = [view.equityPath, view.drawdownArea].flatMap((path) =>
          [...path.matchAll(/[ML](\S+) ([^LMZ]+)/g)].map(([, , y]) => Number(y)),
        );
        expect(numbers.every((y) => y >= 0 && y <= CHART_HEIGHT)).toBe(true);
        for (const { label } of [...view.equityTicks, ...view.drawdownTicks])
          expect(label.length).toBeLessThan(12);
      }),
    );
  });
});
