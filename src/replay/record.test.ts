import { describe, expect, it } from 'vitest';
import { execution, plan, kill, portfolio, T0 } from '../../test/support/engine-events.ts';
import { testSettings } from '../../test/support/engine-run.ts';
import { Pipeline } from '../core/pipeline/pipeline.ts';
import { ReplayRecord } from './record.ts';
import { finalJson } from './result.ts';
import type { InputEvent } from '../core/event.ts';

const EVENTS: readonly InputEvent[] = [
  portfolio(T0, 50_000),
  execution(T0 + 1, 'BTC', 5.5, { signal: '__proto__', bot: 'b', executionId: 'e1', exitReason: 'roi' }),
  execution(T0 + 2, 'ETH', -2, { regime: 'TREND', side: 'LONG' }),
  execution(T0 + 3, 'ETH', null),
  plan(T0 + 4, 'p1', { notionalUsd: 10, qty: 1, price: 10, side: 'BUY' }),
  kill(T0 + 5, 'HALTED'),
  plan(T0 + 6, 'p2', { notionalUsd: 10, qty: 1, price: 10, side: 'BUY' }),
];

function recorded(): { pipeline: Pipeline; record: ReplayRecord } {
  const record = new ReplayRecord();
  const pipeline = new Pipeline(testSettings(), 'executions', (decision) => record.decision(decision));
  for (const event of EVENTS) {
    if (event.type === 'execution') {
      const symbol = pipeline.engine.symbolId(event.symbol);
      record.observe(event, symbol, 0);
      pipeline.apply(event);
      record.execution(event, symbol, pipeline.engine);
    } else pipeline.apply(event);
  }
  record.reject({ event: null, source: 0, line: 3, reason: 'not_json', detail: '', raw: '' });
  record.firstTs = T0;
  return { pipeline, record };
}

describe('the record of a run', () => {
  it('counts executions that realise profit, openings, verdicts and refusals', () => {
    const { record } = recorded();
    expect(record).toMatchObject({ executions: 2, openings: 1, permits: 1, firstTs: T0 });
    expect([...record.blocks]).toEqual([['kill_switch_active', 1]]);
    expect([...record.rejected]).toEqual([['not_json', 1]]);
    expect(record.ledger).toBeDefined();
  });

  it('is the same after JSON, to the byte of the final state', () => {
    const { pipeline, record } = recorded();
    const saved = JSON.stringify(record.save());
    const loaded = ReplayRecord.load(JSON.parse(saved) as ReturnType<ReplayRecord['save']>);
    expect(JSON.stringify(loaded.save())).toBe(saved);
    expect(finalJson(pipeline, loaded, true)).toBe(finalJson(pipeline, record, true));
  });
});

describe('the final state', () => {
  it('is one JSON object whose names are the given ones, whatever they are', () => {
    const { pipeline, record } = recorded();
    pipeline.finish();
    const text = finalJson(pipeline, record, true);
    const found = JSON.parse(text) as Record<string, unknown>;
    expect(found).toMatchObject({
      end_tick: T0 + 10,
      executions: 2,
      openings: 1,
      rejected: { not_json: 1 },
      blocks: { kill_switch_active: 1 },
      trading_state: 'HALTED',
    });
    expect(text).toContain('"__proto__"');
    expect(Object.keys(found['final'] as object)).toEqual(['BTC', 'ETH']);
  });

  it('has the end tick 0 where nothing happened', () => {
    const pipeline = new Pipeline(testSettings(), 'final', () => undefined);
    expect(JSON.parse(finalJson(pipeline, new ReplayRecord(), true))).toMatchObject({
      end_tick: 0,
      executions: 0,
      final: {},
    });
  });
});
