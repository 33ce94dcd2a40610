/** The order of things: which tick an event belongs to, the order inside a tick, what is shown, duplicates. */
import { describe, expect, it } from 'vitest';
import {
  cashflow,
  execution,
  market,
  plan,
  portfolio,
  position,
  regime,
  T0,
} from '../../../test/support/engine-events.ts';
import { finalText, newest, runEvents, testSettings } from '../../../test/support/engine-run.ts';
import { Pipeline } from './pipeline.ts';

const ticksOf = (run: ReturnType<typeof runEvents>, type: string, symbol = 'BTC'): number[] =>
  run.decisions.flatMap((one) =>
    one.type === type && one.symbol === symbol && 'tick' in one ? [one.tick] : [],
  );

describe('the ticks', () => {
  it('begin with the first at or after the first event and end on the largest interval', () => {
    const run = runEvents(testSettings(), [execution(T0 + 1, 'BTC', 1), execution(T0 + 11, 'BTC', 1)], 'all');
    expect(ticksOf(run, 'budget')).toEqual([T0 + 5, T0 + 10, T0 + 15, T0 + 20]);
    expect(ticksOf(run, 'proposal')).toEqual([T0 + 10, T0 + 20]);
    expect(run.pipeline.endTick).toBe(T0 + 20);
  });

  it('come after the events at their own moment, and before any later', () => {
    expect(ticksOf(runEvents(testSettings(), [execution(T0, 'BTC', 1)], 'all'), 'budget')).toEqual([T0]);
    const two = [execution(T0, 'BTC', 1), execution(T0 + 5, 'BTC', 100), execution(T0 + 5.001, 'BTC', 100)];
    const factors = runEvents(testSettings(), two, 'all').decisions.flatMap((one) =>
      one.type === 'attribution' ? [[one.tick, one.window]] : [],
    );
    expect(factors).toEqual([
      [T0, 1],
      [T0 + 5, 2],
      [T0 + 10, 3],
    ]);
  });

  it('go on each component’s own grid', () => {
    const settings = testSettings({ P28_INTERVAL_SEC: 7, LOOP_INTERVAL_SEC: 15 });
    const run = runEvents(settings, [execution(T0, 'BTC', 1), execution(T0 + 20, 'BTC', 1)], 'all');
    for (const tick of ticksOf(run, 'budget')) expect(tick % 7).toBe(0);
    for (const tick of ticksOf(run, 'proposal')) expect(tick % 15).toBe(0);
  });

  it('go through components in order, symbols in code-unit order', () => {
    const symbols = ['b', 'Z', 'a', 'BTC', '_', 'É'];
    const events = symbols.map((symbol) => execution(T0, symbol, 1));
    const shown = runEvents(testSettings(), events, 'all').decisions.map(
      (one) => `${one.type} ${one.symbol}`,
    );
    const sorted = ['BTC', 'Z', '_', 'a', 'b', 'É'];
    const types = ['budget', 'attribution', 'allocation', 'efficiency', 'proposal'];
    expect(shown).toEqual(types.flatMap((type) => sorted.map((symbol) => `${type} ${symbol}`)));
  });

  it('give no decision before the first event', () => {
    const pipeline = new Pipeline(testSettings(), 'all', () => {
      throw new Error('there was none to give');
    });
    pipeline.finish();
    expect(pipeline.endTick).toBe(0);
    expect([...pipeline.final()]).toEqual([]);
  });
});

describe('what is shown', () => {
  it('after an execution of a symbol is each component’s next decision about it, once', () => {
    const events = [
      execution(T0 + 1, 'BTC', 1),
      execution(T0 + 2, 'BTC', 1),
      execution(T0 + 3, 'ETH', 1),
      execution(T0 + 100, 'ETH', 1),
    ];
    const run = runEvents(testSettings(), events);
    expect(ticksOf(run, 'budget')).toEqual([T0 + 5]);
    expect(ticksOf(run, 'proposal')).toEqual([T0 + 10]);
    expect(ticksOf(run, 'efficiency', 'ETH')).toEqual([T0 + 5, T0 + 100]);
  });

  it('waits for a component that has nothing to say yet', () => {
    const events = [portfolio(T0 - 100, 1e5), execution(T0, 'BTC', 1), portfolio(T0 + 500, 1e5)];
    const run = runEvents(testSettings(), events);
    expect(ticksOf(run, 'budget')).toEqual([T0]);
    expect(ticksOf(run, 'allocation')).toEqual([T0 + 500]);
  });

  it('is nothing but the governor’s with final', () => {
    const events = [execution(T0, 'BTC', 1), plan(T0 + 1, 'p', { notionalUsd: 1 })];
    const run = runEvents(testSettings(), events, 'final');
    expect(run.decisions.map(({ type }) => type)).toEqual(['permit']);
  });
});

describe('events', () => {
  it('with an execution id that was seen are dropped', () => {
    const pipeline = new Pipeline(testSettings(), 'final', () => undefined);
    const one = execution(T0, 'BTC', 5, { executionId: 'x' });
    expect(pipeline.apply(one)).toBe('applied');
    expect(pipeline.apply({ ...one, ts: T0 + 1, symbol: 'ETH' })).toBe('duplicate');
    expect(pipeline.apply({ ...one, ts: T0 + 2, executionId: null })).toBe('applied');
    expect(pipeline.apply({ ...one, ts: T0 + 2, executionId: null })).toBe('applied');
    expect(pipeline.engine.equityUsd).toBe(100_015);
  });

  it('have to come in order', () => {
    const pipeline = new Pipeline(testSettings(), 'final', () => undefined);
    pipeline.apply(execution(T0, 'BTC', 1));
    expect(() => pipeline.apply(execution(T0 - 1, 'BTC', 1))).toThrow(RangeError);
  });

  it('may have times of their own that go back', () => {
    const run = runEvents(testSettings(), [
      execution(T0, 'BTC', 1),
      execution(T0 + 1, 'BTC', 1, { eventTs: T0 - 1e6 }),
    ]);
    expect(newest(run, 'attribution', 'BTC')).toMatchObject({ window: 2, last_exec_ts: T0 });
  });

  it('of cash move equity without a profit', () => {
    const run = runEvents(testSettings(), [cashflow(T0, -40_000), execution(T0, 'BTC', 0)]);
    expect(newest(run, 'budget', 'BTC').equity_usd).toBe(60_000);
    expect(newest(run, 'allocation', 'BTC').drawdown_zone).toBe('LOW');
  });

  it('about a symbol nobody traded make it known to no component', () => {
    const run = runEvents(testSettings(), [
      market(T0, 'BTC', { markPrice: 1 }),
      regime(T0, 'TREND', { symbol: 'BTC' }),
      plan(T0, 'p', { notionalUsd: 1 }),
    ]);
    expect([...run.pipeline.final()]).toEqual([]);
  });
});

describe('modes', () => {
  it('let an enforced reader see enforced records only, and a shadow reader both', () => {
    const at = (changed: Parameters<typeof testSettings>[0]) =>
      newest(runEvents(testSettings(changed), [execution(T0, 'BTC', 50)]), 'efficiency', 'BTC').stale_flags;
    expect(at({})).toBe('');
    expect(at({ P30_MODE: 'shadow' })).toBe('P30_MISSING');
    expect(at({ P29_MODE: 'shadow' })).toBe('P29_MISSING');
    expect(at({ P30_MODE: 'shadow', P29_MODE: 'shadow', P31_MODE: 'shadow' })).toBe('');
  });

  it('keep shadow records from the governor', () => {
    const shadow = { P28_MODE: 'shadow', P29_MODE: 'shadow', P31_MODE: 'shadow' } as const;
    const events = [execution(T0, 'BTC', 50), plan(T0 + 6, 'p', { notionalUsd: 4000 })];
    const strict = { APPLY_MODE: 'production' } as const;
    expect(runEvents(testSettings(strict), events).decisions.at(-1)?.type).not.toBe('permit');
    const permit = runEvents(testSettings({ ...strict, ...shadow }), events).decisions.find(
      ({ type }) => type === 'permit',
    );
    expect(permit).toMatchObject({ eff_reason: 'missing_eff' });
  });
});

describe('two runs of the same events', () => {
  it('give the same bytes', () => {
    const events = [
      portfolio(T0, 5e4, { heat: 0.3 }),
      position(T0 + 1, 'ETH', 2, { markPrice: 30 }),
      execution(T0 + 2, 'BTC', 5),
      execution(T0 + 99_999, 'ETH', -5),
    ];
    const [one, two] = [runEvents(testSettings(), events), runEvents(testSettings(), events)];
    expect(one.decisions).toEqual(two.decisions);
    expect(finalText(one.pipeline)).toBe(finalText(two.pipeline));
  });
});
