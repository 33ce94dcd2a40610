import { describe, expect, it } from 'vitest';
import { componentViews, worstTone } from './components.ts';
import { componentRow, NOW } from '../../../test/support/dashboard-overview.ts';

const viewOf = (...args: Parameters<typeof componentRow>): ReturnType<typeof componentViews>[number] =>
  componentViews([componentRow(...args)], NOW)[0]!;

describe('a component', () => {
  it('that runs and is fresh is well, and called as people call it', () => {
    expect(viewOf()).toMatchObject({
      title: 'portfolio risk budget',
      state: 'running',
      tone: 'ok',
      tickLimitSec: 15,
      amiss: [],
    });
  });

  it('is late from three intervals on, but not within ten seconds', () => {
    expect(viewOf({ last_tick: NOW - 15 }).state).toBe('running');
    expect(viewOf({ last_tick: NOW - 16 })).toMatchObject({
      state: 'late',
      tone: 'bad',
      amiss: ['last tick 16 seconds ago'],
    });
    expect(viewOf({ interval_sec: 1, last_tick: NOW - 9 }).state).toBe('running');
  });

  it('is not said to be late twice', () => {
    const degraded = ['last tick 20 s ago, due every 5 s'];
    expect(viewOf({ last_tick: NOW - 20, degraded })).toMatchObject({ state: 'late', amiss: degraded });
  });

  it('that does not tick is never late', () => {
    expect(viewOf({ component: 'governor', interval_sec: null, last_tick: null })).toMatchObject({
      state: 'running',
      tickLimitSec: null,
    });
  });

  it('is degraded where something is amiss or it lags', () => {
    expect(viewOf({ degraded: ['its port says that Redis does not answer it'] })).toMatchObject({
      state: 'degraded',
      tone: 'warn',
      isLagging: false,
    });
    expect(viewOf({ lag_sec: 10 }).isLagging).toBe(false);
    expect(viewOf({ lag_sec: 11 })).toMatchObject({ state: 'degraded', isLagging: true });
  });

  it.each([
    ['standby', 'standby', 'info'],
    ['stopped', 'stopped', 'bad'],
    ['absent', 'not running', 'bad'],
  ] as const)('in state %s is %s', (state, word, tone) => {
    expect(viewOf({ state })).toMatchObject({ state: word, tone });
  });

  it('that is not known here keeps its name', () => {
    expect(viewOf({ component: '__proto__' }).title).toBe('__proto__');
  });
});

it('the worst of several tones sums them up', () => {
  expect(worstTone([{ tone: 'ok' }, { tone: 'bad' }, { tone: 'warn' }])).toBe('bad');
  expect(worstTone([])).toBe('neutral');
});
