import { describe, expect, it } from 'vitest';
import { bullet, rowAfterKey, rowWindow } from './symbols-window.ts';

describe('the rows drawn of a long table', () => {
  it('are those seen and some beyond, and the rest is space', () => {
    const { from, to, aboveHeight, belowHeight } = rowWindow(1000, 40, 4000, 800);
    expect(from).toBeLessThan(100);
    expect(to).toBeGreaterThan(120);
    expect(to - from).toBeLessThan(50);
    expect(aboveHeight + (to - from) * 40 + belowHeight).toBe(1000 * 40);
  });

  it.each([
    [0, 0, 800],
    [3, 0, 800],
    [1000, -5000, 800],
    [1000, 39_900, 800],
    [1000, 1e9, 800],
    [1000, 0, 0],
  ])('are within %d rows, scrolled by %d', (count, viewTop, viewHeight) => {
    const { from, to, aboveHeight, belowHeight } = rowWindow(count, 40, viewTop, viewHeight);
    expect(from).toBeGreaterThanOrEqual(0);
    expect(to).toBeLessThanOrEqual(count);
    expect(from).toBeLessThanOrEqual(to);
    expect(aboveHeight + (to - from) * 40 + belowHeight).toBe(count * 40);
  });
});

describe('the keyboard in a table', () => {
  it.each([
    ['ArrowDown', 5, 6],
    ['ArrowUp', 5, 4],
    ['ArrowUp', 0, 0],
    ['ArrowDown', 99, 99],
    ['PageDown', 5, 24],
    ['PageUp', 5, 0],
    ['Home', 5, 0],
    ['End', 5, 99],
  ])('%s goes from %d to %d', (key, row, next) => {
    expect(rowAfterKey(key, row, 100, 20)).toBe(next);
  });

  it('leaves other keys and empty tables alone', () => {
    expect(rowAfterKey('a', 5, 100, 20)).toBeNull();
    expect(rowAfterKey('ArrowDown', 0, 0, 20)).toBeNull();
  });
});

describe('the bullet bar', () => {
  const usd = (position: number | null, target: number | null, proposed: number | null = null) =>
    bullet({ position_usd: position, target_usd: target, proposed_usd: proposed, budget_usd: null });

  it('has the target at the same place in every row, and a position up to it ends there', () => {
    expect(usd(100, 100).target).toBe(usd(5, 9e9).target);
    expect(usd(100, 100)).toMatchObject({ position: usd(100, 100).target, isOver: false });
    expect(usd(50, 100).position).toBeCloseTo(usd(50, 100).target! / 2);
  });

  it('says when the position is over the target, and when it leaves the bar', () => {
    expect(usd(101, 100)).toMatchObject({ isOver: true, isClipped: false });
    expect(usd(1000, 100)).toMatchObject({ isOver: true, isClipped: true, position: 1 });
  });

  it('takes the size of a short position and says that it is short', () => {
    expect(usd(-100, 100)).toMatchObject({ position: usd(100, 100).position, isShort: true });
  });

  it('has nothing where nothing is known, and stays in the bar for any number', () => {
    expect(usd(null, null)).toMatchObject({ position: null, target: null, proposed: null, isOver: false });
    expect(usd(0, 0)).toMatchObject({ position: 0, target: 0 });
    expect(usd(10, null, 20)).toMatchObject({ target: null });
    for (const item of [usd(1e9, 1), usd(-1e9, 0), usd(5, null, 1e9), usd(0, 1e9, -4)]) {
      for (const place of [item.position, item.target, item.proposed]) {
        expect(place ?? 0).toBeGreaterThanOrEqual(0);
        expect(place ?? 0).toBeLessThanOrEqual(1);
      }
    }
  });
});
