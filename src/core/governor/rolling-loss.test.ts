/** The loss of the last 24 hours, where profits are too large to be kept in whole micro-USD. */
import { describe, expect, it } from 'vitest';
import { T0 } from '../../../test/support/engine-events.ts';
import { RollingLoss } from './rolling-loss.ts';

describe('the rolling loss', () => {
  it('adds up within 24 h, one arrival and many', () => {
    const loss = new RollingLoss();
    loss.add(T0, -0.1);
    loss.add(T0, -0.2);
    loss.add(T0 + 86_399, 0.05);
    expect(loss.lossUsd(T0 + 86_399.5)).toBeCloseTo(0.25, 12);
    expect(loss.lossUsd(T0 + 86_400)).toBeCloseTo(-0.05, 12);
    expect(loss.lossUsd(T0 + 86_399 + 86_400)).toBe(0);
  });

  it('is exact for cents whatever came and went', () => {
    const loss = new RollingLoss();
    for (let i = 0; i < 5000; i++) loss.add(T0 + i, i % 2 === 0 ? -0.1 : 0.3);
    expect(loss.lossUsd(T0 + 5000)).toBe(-500);
    expect(loss.lossUsd(T0 + 4999 + 86_400 - 0.5)).toBe(-0.3);
  });

  it('does not forget a loss beside a profit beyond all measure, once that is 24 h old', () => {
    const loss = new RollingLoss();
    loss.add(T0, 1e300);
    loss.add(T0 + 10, -2e10);
    expect(loss.lossUsd(T0 + 86_400)).toBe(2e10);
  });

  it('leaves no loss behind that never was', () => {
    const loss = new RollingLoss();
    loss.add(T0, 1.5e308);
    loss.add(T0 + 1, 1.5e308);
    loss.add(T0 + 2, -5);
    expect(loss.lossUsd(T0 + 86_401)).toBe(5);
  });

  it('goes on from a saved state', () => {
    const loss = new RollingLoss();
    for (let i = 0; i < 3000; i++) loss.add(T0 + i, -1);
    const other = new RollingLoss();
    other.load(JSON.parse(JSON.stringify(loss.save())) as ReturnType<RollingLoss['save']>);
    expect(other.lossUsd(T0 + 86_400)).toBe(loss.lossUsd(T0 + 86_400));
    expect(other.lossUsd(T0 + 86_400)).toBe(2999);
  });
});
