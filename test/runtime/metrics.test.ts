/** What Prometheus reads of each component, whatever its inputs hold. */
import { describe, expect, it } from 'vitest';
import { COMPONENT_NAMES, type ComponentName } from '../../src/contract/components.ts';
import { METRICS, type MetricName, type MetricSpec } from '../../src/contract/metrics.ts';
import { BLOCK_REASONS } from '../../src/core/governor/reasons.ts';
import {
  MetricBook,
  type CounterName,
  type GaugeName,
  type HistogramName,
} from '../../src/runtime/metrics/book.ts';
import { parsePrometheus, promtoolCheck } from '../support/prometheus-text.ts';

interface AnySeries {
  add(...args: unknown[]): void;
  set(...args: unknown[]): void;
}

const namesOf = (component: ComponentName): MetricName[] =>
  (Object.keys(METRICS) as MetricName[]).filter((name) => {
    const of: MetricSpec['component'] = METRICS[name].component;
    return of === component || of === 'all';
  });

/** Each metric of the component with these values of its labels. */
function fill(book: MetricBook, symbols: readonly string[], others: readonly string[]): void {
  for (const name of namesOf(book.component)) {
    const { kind, labels }: MetricSpec = METRICS[name];
    if (name === 'ballast_build_info') continue;
    if (kind === 'histogram') {
      book.histogram(name as HistogramName).observe(0.003);
      continue;
    }
    const series = (kind === 'counter'
      ? book.counter(name as CounterName)
      : book.gauge(name as GaugeName)) as unknown as AnySeries;
    const put = (...values: string[]): void =>
      kind === 'counter' ? series.add(...values, 2) : series.set(...values, 0.25);
    const values = (label: string): readonly string[] => (label === 'symbol' ? symbols : others);
    const [first, second] = labels;
    if (first === undefined) put();
    else {
      for (const a of values(first)) {
        if (second === undefined) put(a);
        else for (const b of values(second)) put(a, b);
      }
    }
  }
}

const bookOf = (component: ComponentName, maxSymbols = 1000): MetricBook =>
  new MetricBook(component, { maxSymbols, nameOf: (id) => `S${id}` });

describe('the metrics of a component', () => {
  it.each(COMPONENT_NAMES)('of %s are all there and promtool has nothing against them', async (component) => {
    const book = bookOf(component);
    fill(book, ['BTCUSDT', 'ETHUSDT'], ['one', 'two']);
    const text = await book.text();
    const parsed = parsePrometheus(text);
    expect([...parsed.keys()].toSorted()).toEqual(namesOf(component).toSorted());
    for (const [name, { type, help, series }] of parsed) {
      expect({ name, type, help }).toEqual({
        name,
        type: METRICS[name as MetricName].kind,
        help: METRICS[name as MetricName].help,
      });
      expect(series.size).toBeGreaterThan(0);
    }
    expect(await promtoolCheck(text)).toBe('');
  });

  it('are more than one component has', () => {
    expect(() => bookOf('budget').counter('p31_loops_total')).toThrow(
      'p31_loops_total is a metric of efficiency, not of budget',
    );
  });

  it('are found wanting by promtool where they are', async () => {
    expect(await promtoolCheck('# HELP a_total Words.\n# TYPE a_total gauge\na_total 1\n')).toContain(
      'a_total',
    );
    expect(await promtoolCheck('a{b="1} 2\n')).toContain('exit code 1');
  });
});

describe('hostile names', () => {
  const names = [
    'a"b',
    'a\nb',
    'a\r\nb',
    'a\\',
    'a\\"b',
    'a,b:2',
    'a="1",b="2',
    '',
    ' ',
    'é{}',
    '\ud800',
    '\u202e',
    '_other',
    '_other~2',
    '__proto__',
    'a_b',
    'x'.repeat(129),
  ];

  it.each(COMPONENT_NAMES)('break no line of %s and merge no series', async (component) => {
    const book = bookOf(component);
    fill(book, names, names);
    const text = await book.text();
    const parsed = parsePrometheus(text);
    expect(await promtoolCheck(text)).toBe('');
    for (const [name, { series }] of parsed) {
      const { kind, labels }: MetricSpec = METRICS[name as MetricName];
      if (labels.length === 0 || name === 'ballast_build_info') continue;
      // The one that is too long shares `_other`, which gauges do not show.
      const distinct = kind === 'counter' ? names.length : names.length - 1;
      expect([name, series.size]).toEqual([name, distinct ** labels.length]);
    }
  });
});

describe('100,000 hostile symbols', () => {
  it.each(COMPONENT_NAMES)('leave the text of %s below 1 MB and its sums right', async (component) => {
    const symbols = Array.from({ length: 100_000 }, (_, i) => `${i}`.padStart(8, '0').padEnd(64, 'X'));
    const book = bookOf(component);
    fill(book, symbols, component === 'governor' ? BLOCK_REASONS : ['P30', 'P29']);
    const text = await book.text();
    expect(text.length).toBeLessThanOrEqual(1_000_000);
    for (const [name, { type, series }] of parsePrometheus(text)) {
      if (type !== 'counter' || (METRICS[name as MetricName].labels as readonly string[])[0] !== 'symbol')
        continue;
      const sum = [...series.values()].reduce((all, value) => all + value, 0);
      const pairs =
        METRICS[name as MetricName].labels.length === 1
          ? 1
          : component === 'governor'
            ? BLOCK_REASONS.length
            : 2;
      expect([name, sum]).toEqual([name, 200_000 * pairs]);
      expect(series.size).toBeLessThanOrEqual(pairs === 1 ? 1001 : 3000 + pairs);
    }
  });

  it('leave those that came first their label', async () => {
    const book = bookOf('attribution', 2);
    const scores = book.gauge('p30_alpha_score');
    const profits = book.gauge('p30_execution_pnl_total');
    for (let id = 0; id < 100_000; id++) {
      scores.setAt(id, id);
      profits.setAt(id, 1);
    }
    const parsed = parsePrometheus(await book.text());
    expect([...parsed.get('p30_alpha_score')!.series]).toEqual([
      ['p30_alpha_score{symbol="S0"}', 0],
      ['p30_alpha_score{symbol="S1"}', 1],
    ]);
    expect([...parsed.get('p30_execution_pnl_total')!.series]).toEqual([
      ['p30_execution_pnl_total{symbol="S0"}', 1],
      ['p30_execution_pnl_total{symbol="S1"}', 1],
      ['p30_execution_pnl_total{symbol="_other"}', 99_998],
    ]);
  });
});

describe('a scrape', () => {
  it('of 1,000 symbols takes less than 50 ms', async () => {
    const book = bookOf('efficiency');
    const symbols = Array.from({ length: 1000 }, (_, i) => `SYM${i}USDT`);
    fill(book, symbols, ['P30', 'P29']);
    await book.text();
    const times: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      await book.text();
      times.push(performance.now() - start);
    }
    expect(Math.min(...times)).toBeLessThan(50);
  });
});
