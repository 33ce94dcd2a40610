import { describe, expect, it } from 'vitest';
import { VERSION } from '../../contract/version.ts';
import type { ComponentName } from '../../contract/components.ts';
import { parsePrometheus } from '../../../test/support/prometheus-text.ts';
import { MetricBook } from './book.ts';

const NAMES = ['A', 'B', 'C', 'D'];
const bookOf = (component: ComponentName, maxSymbols = 10): MetricBook =>
  new MetricBook(component, { maxSymbols, nameOf: (id) => NAMES[id]! });

/** The lines of one metric, without its name. */
async function seriesOf(book: MetricBook, name: string): Promise<Record<string, number>> {
  const series = parsePrometheus(await book.text()).get(name)!.series;
  return Object.fromEntries([...series].map(([key, value]) => [key.slice(name.length), value]));
}

describe('a book of metrics', () => {
  it('says which version runs', async () => {
    expect(await seriesOf(bookOf('dashboard'), 'ballast_build_info')).toEqual({
      [`{version="${VERSION}"}`]: 1,
    });
  });

  it('asks for what changes by time alone when it is read', async () => {
    const book = bookOf('governor');
    const lag = book.gauge('ballast_input_lag_seconds');
    let age = 3;
    book.beforeScrape(() => lag.set('plans', age));
    expect(await seriesOf(book, 'ballast_input_lag_seconds')).toEqual({ '{stream="plans"}': 3 });
    age = 4;
    expect(await seriesOf(book, 'ballast_input_lag_seconds')).toEqual({ '{stream="plans"}': 4 });
  });
});

describe('a counter', () => {
  it('without labels begins at 0 and adds up', async () => {
    const book = bookOf('efficiency');
    expect(await seriesOf(book, 'p31_loops_total')).toEqual({ '': 0 });
    book.counter('p31_loops_total').add();
    book.counter('p31_loops_total').add(2.5);
    expect(await seriesOf(book, 'p31_loops_total')).toEqual({ '': 3.5 });
  });

  it('of symbols counts by id and by name, from 0 for each symbol that was seen', async () => {
    const book = bookOf('efficiency');
    book.counter('p31_exec_events_total').addAt(0, 3);
    book.counter('p31_exec_events_total').add('A');
    book.counter('p31_written_total').addAt(1);
    expect(await seriesOf(book, 'p31_exec_events_total')).toEqual({ '{symbol="A"}': 4, '{symbol="B"}': 0 });
    expect(await seriesOf(book, 'p31_written_total')).toEqual({ '{symbol="A"}': 0, '{symbol="B"}': 1 });
  });

  it('of two labels shows the pairs that occurred', async () => {
    const book = bookOf('efficiency');
    const missing = book.counter('p31_inputs_missing_total');
    missing.addAt(0, 'P30');
    missing.addAt(0, 'P29', 2);
    missing.add('B', 'P30');
    missing.add('C', 'P30', 0);
    expect(await seriesOf(book, 'p31_inputs_missing_total')).toEqual({
      '{symbol="A",which="P30"}': 1,
      '{symbol="A",which="P29"}': 2,
      '{symbol="B",which="P30"}': 1,
    });
  });

  it('of two labels counts pairs past three a symbol under the second label', async () => {
    const book = bookOf('governor', 1);
    const blocks = book.counter('quantum_govern_block_total');
    for (const reason of ['r1', 'r2', 'r3', 'r4', 'r1', 'r4']) blocks.addAt(0, reason);
    expect(await seriesOf(book, 'quantum_govern_block_total')).toEqual({
      '{symbol="A",reason="r1"}': 2,
      '{symbol="A",reason="r2"}': 1,
      '{symbol="A",reason="r3"}': 1,
      '{symbol="_other",reason="r4"}': 2,
    });
  });

  it.each([-1, Number.NaN, Infinity])('refuses to go up by %d', (by) => {
    const book = bookOf('efficiency');
    expect(() => book.counter('p31_loops_total').add(by)).toThrow(RangeError);
    expect(() => book.counter('p31_exec_events_total').addAt(0, by)).toThrow(RangeError);
    expect(() => book.counter('p31_inputs_missing_total').addAt(0, 'P30', by)).toThrow(RangeError);
  });
});

describe('a gauge', () => {
  it('is absent until it is set, and again when it has no value', async () => {
    const book = bookOf('allocation');
    expect(await seriesOf(book, 'p29_regime_factor')).toEqual({});
    book.gauge('p29_regime_factor').set(1.2);
    book.gauge('p29_target_usd').setAt(2, 100);
    book.gauge('p29_cluster_factor').set('L1', 0.5);
    expect(await seriesOf(book, 'p29_regime_factor')).toEqual({ '': 1.2 });
    expect(await seriesOf(book, 'p29_target_usd')).toEqual({ '{symbol="C"}': 100 });
    expect(await seriesOf(book, 'p29_cluster_factor')).toEqual({ '{cluster="L1"}': 0.5 });
    book.gauge('p29_regime_factor').set(Number.NaN);
    book.gauge('p29_target_usd').setAt(2, Infinity);
    book.gauge('p29_cluster_factor').set('L1', Number.NaN);
    for (const name of ['p29_regime_factor', 'p29_target_usd', 'p29_cluster_factor'])
      expect(await seriesOf(book, name)).toEqual({});
  });

  it('of a symbol without a label shows in a sum, and only where a sum means something', async () => {
    const book = bookOf('allocation', 1);
    for (const id of [0, 1, 2]) {
      book.gauge('p29_target_usd').setAt(id, 100);
      book.gauge('p29_allocation_confidence').setAt(id, 0.9);
    }
    book.gauge('p29_target_usd').setAt(2, 50);
    expect(await seriesOf(book, 'p29_target_usd')).toEqual({ '{symbol="A"}': 100, '{symbol="_other"}': 150 });
    expect(await seriesOf(book, 'p29_allocation_confidence')).toEqual({ '{symbol="A"}': 0.9 });
    book.gauge('p29_target_usd').setAt(1, Number.NaN);
    expect(await seriesOf(book, 'p29_target_usd')).toEqual({ '{symbol="A"}': 100, '{symbol="_other"}': 50 });
  });
});

describe('a histogram', () => {
  it('counts what lies at or below each bound', async () => {
    const book = bookOf('attribution');
    const ticks = book.histogram('p30_loop_duration_seconds');
    for (const seconds of [0.001, 0.0011, 7, -1]) ticks.observe(seconds);
    const series = await seriesOf(book, 'p30_loop_duration_seconds');
    expect(series).toMatchObject({
      '_bucket{le="0.001"}': 2,
      '_bucket{le="0.0025"}': 3,
      '_bucket{le="5"}': 3,
      '_bucket{le="+Inf"}': 4,
      _count: 4,
    });
    expect(series['_sum']).toBeCloseTo(7.0021, 10);
    expect(() => ticks.observe(Number.NaN)).toThrow(RangeError);
  });
});

describe('a symbol that is forgotten', () => {
  it('leaves no series, and its label to the next', async () => {
    const book = bookOf('efficiency', 2);
    const counts = book.counter('p31_exec_events_total');
    const missing = book.counter('p31_inputs_missing_total');
    const scores = book.gauge('p31_efficiency_score');
    for (const id of [0, 1, 2]) {
      counts.addAt(id, 5);
      missing.addAt(id, 'P30');
      scores.setAt(id, 0.5);
    }
    book.forget('A', 0);
    expect(await seriesOf(book, 'p31_exec_events_total')).toEqual({
      '{symbol="B"}': 5,
      '{symbol="_other"}': 5,
    });
    expect(await seriesOf(book, 'p31_efficiency_score')).toEqual({ '{symbol="B"}': 0.5 });
    counts.addAt(2);
    scores.setAt(2, 0.25);
    expect(await seriesOf(book, 'p31_exec_events_total')).toEqual({
      '{symbol="B"}': 5,
      '{symbol="C"}': 1,
      '{symbol="_other"}': 5,
    });
    expect(await seriesOf(book, 'p31_efficiency_score')).toEqual({
      '{symbol="B"}': 0.5,
      '{symbol="C"}': 0.25,
    });
    expect(await seriesOf(book, 'p31_inputs_missing_total')).toEqual({
      '{symbol="B",which="P30"}': 1,
      '{symbol="_other",which="P30"}': 1,
    });
  });

  it('leaves room for the pairs of others', async () => {
    const book = bookOf('governor', 1);
    const blocks = book.counter('quantum_govern_block_total');
    for (const reason of ['r1', 'r2', 'r3']) blocks.addAt(0, reason);
    book.forget('A', 0);
    blocks.addAt(1, 'r1');
    expect(await seriesOf(book, 'quantum_govern_block_total')).toEqual({ '{symbol="B",reason="r1"}': 1 });
  });

  it('leaves the sum of those without a label', async () => {
    const book = bookOf('budget', 1);
    for (const id of [0, 1, 2]) book.gauge('p28_budget_value_usd').setAt(id, 100);
    book.forget('B', 1);
    expect(await seriesOf(book, 'p28_budget_value_usd')).toEqual({
      '{symbol="A"}': 100,
      '{symbol="_other"}': 100,
    });
  });
});

describe('ids that mean other symbols', () => {
  it('leave figures with their symbols', async () => {
    const book = bookOf('budget', 2);
    const budgets = book.gauge('p28_budget_value_usd');
    for (const id of [0, 1, 2]) budgets.setAt(id, 100 + id);
    book.renumber((id) => ['B', 'A', 'D'][id]!);
    budgets.setAt(0, 7);
    budgets.setAt(2, 9);
    expect(await seriesOf(book, 'p28_budget_value_usd')).toEqual({
      '{symbol="A"}': 100,
      '{symbol="B"}': 7,
      '{symbol="_other"}': 9,
    });
  });
});
