/** Every expression of the dashboards and rules in deploy asks for what the components really export, and gets an answer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { METRICS } from '../../src/contract/metrics.ts';
import { catalogOf, faultsOf, metricsIn, type Catalog } from '../support/deploy-catalog.ts';
import { dashboards, filledIn, labelsOfLegend, panelsOf } from '../support/deploy-dashboards.ts';
import { exportPages, type ExportedPages } from '../support/deploy-pages.ts';
import { ask, PROMETHEUS_FOLDER, scraped, type Question } from '../support/deploy-promtool.ts';
import { readRules } from '../support/deploy-rules.ts';

const rulesIn = (file: string) => readRules(readFileSync(join(PROMETHEUS_FOLDER, file), 'utf8'));
const [recording, alerts] = [rulesIn('recording.yml'), rulesIn('alerts.yml')];
const recorded = recording.map(({ name }) => name);
const all = dashboards();
const targets = all.flatMap((dashboard) =>
  panelsOf(dashboard).flatMap(({ title, targets }) =>
    targets.map(({ expr, legendFormat }) => ({
      where: `${dashboard.path}, ${title}`,
      expr: filledIn(expr),
      labels: labelsOfLegend(legendFormat),
    })),
  ),
);

/** Of the contract, and in no panel or rule: why not. */
const LEFT_OUT = new Map<string, string>([]);

let exported: ExportedPages;
let catalog: Catalog;
beforeAll(async () => {
  exported = await exportPages();
  catalog = catalogOf(exported.pages, recorded);
}, 60_000);
afterAll(() => exported.stop());

describe('the expressions of the dashboards', { timeout: 60_000 }, () => {
  it('name metrics and labels that are exported, in functions of their kind', () => {
    expect(targets.length).toBeGreaterThan(80);
    const faults = targets.flatMap(({ where, expr }) =>
      faultsOf(expr, catalog).map((fault) => `${where}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it('give something on what is exported, with every label their legends name', async () => {
    expect(await ask(targets, scraped(exported.pages))).toBe('');
  });

  it('of annotations and variables name what is exported too', () => {
    const annotations = all.flatMap(({ annotations }) => annotations.list.flatMap(({ expr }) => expr ?? []));
    expect(annotations.length).toBe(all.length);
    for (const expr of annotations) expect(faultsOf(filledIn(expr), catalog)).toEqual([]);
    const definitions = all.flatMap(({ templating }) =>
      templating.list.flatMap(({ definition }) => definition ?? []),
    );
    expect(definitions.length).toBe(6);
    for (const definition of definitions) {
      const [, metric = '', label = ''] = /^label_values\((\w+), (\w+)\)$/.exec(definition) ?? [];
      expect([definition, catalog.get(metric)?.labels.has(label)]).toEqual([definition, true]);
    }
  });
});

describe('the rules', () => {
  it('name metrics and labels that are exported, in functions of their kind', () => {
    const rules = [...recording, ...alerts];
    expect(rules.length).toBeGreaterThan(25);
    const faults = rules.flatMap(({ name, expr }) =>
      faultsOf(expr, catalog, true).map((fault) => `${name}: ${fault}`),
    );
    expect(faults).toEqual([]);
  });

  it('record something on what is exported', async () => {
    const state = /^gov_trading_state/;
    // Trading was stopped by then: the time of the last ACTIVE is not known.
    const series = scraped(exported.pages).map((one) =>
      state.test(one.series) ? { ...one, values: '0x80' } : one,
    );
    const questions = recording.map(({ name }): Question => ({
      expr: name,
      labels: name.split(':')[0]!.split('_'),
    }));
    expect(await ask(questions, series)).toBe('');
  });

  it('are tested with series that are exported', () => {
    const text = readFileSync(join(PROMETHEUS_FOLDER, 'alerts.test.yml'), 'utf8');
    const series = [...text.matchAll(/- series: '(.*)'$/gm)].map(([, name]) => name!);
    expect(series.length).toBeGreaterThan(50);
    expect(series.flatMap((one) => faultsOf(one, catalog, true).map((fault) => `${one}: ${fault}`))).toEqual(
      [],
    );
  });

  it('say in annotations only labels that they have, and ask only for what is exported', () => {
    for (const { name, annotations } of alerts)
      for (const text of annotations.values())
        for (const [, query] of text.matchAll(/query "([^"]*)"/g))
          expect([name, faultsOf(query!, catalog)]).toEqual([name, []]);
  });
});

describe('the metrics of the contract', () => {
  it('are each in a panel or a rule, or left out for a reason', () => {
    const expressions = [...targets, ...recording, ...alerts].map(({ expr }) => expr);
    const used = new Set(
      expressions
        .flatMap((expr) => metricsIn(expr, catalog))
        .map((name) => (name in METRICS ? name : name.replace(/_(?:bucket|count|sum)$/, ''))),
    );
    const unused = Object.keys(METRICS).filter((name) => !used.has(name));
    expect(unused).toEqual([...LEFT_OUT.keys()]);
  });

  it('are each in a panel where they are no metric of the dashboard', () => {
    const used = new Set(targets.flatMap(({ expr }) => metricsIn(expr, catalog)));
    const throughRecords = recording
      .filter(({ name }) => used.has(name))
      .flatMap(({ expr }) => metricsIn(expr, catalog));
    const shown = new Set([...used, ...throughRecords].map((name) => name.replace(/_bucket$/, '')));
    const hidden = Object.entries(METRICS).filter(
      ([name, { component }]) => component !== 'dashboard' && !shown.has(name),
    );
    expect(hidden.map(([name]) => name)).toEqual([]);
  });
});

describe('an expression is refused', () => {
  it.each([
    ['sum(rate(p31_loopz_total[5m]))', 'there is no metric p31_loopz_total'],
    ['max by (symbol) (p31_efficiency_score{simbol="A"})', 'p31_efficiency_score has no label simbol'],
    [
      'sum by (reason) (rate(quantum_govern_allow_total[5m]))',
      'it groups quantum_govern_allow_total by reason, which that has not',
    ],
    [
      'sum(rate(quantum_govern_allow_total[5m])) by (reason)',
      'it groups quantum_govern_allow_total by reason, which that has not',
    ],
    ['rate(p31_efficiency_score[5m])', 'rate of p31_efficiency_score, which is no counter'],
    ['increase(p30_execution_pnl_total[5m])', 'increase of p30_execution_pnl_total, which is no counter'],
    ['avg_over_time(p31_loops_total[5m])', 'avg_over_time of p31_loops_total, which is a counter'],
    ['sum(p31_loops_total)', 'p31_loops_total is a counter: it tells nothing as it is'],
    ['up{component="governer"}', 'there is no component governer'],
    ['up / on (symbol) gov_trading_state', 'it joins on symbol, which no metric of it has'],
    ['{__name__=~"p99_.+", symbol="A"}', 'it names no metric that exists'],
    [
      'histogram_quantile(0.9, sum by (le) (rate(gov_permit_latency_seconds_count[5m])))',
      'a quantile of gov_permit_latency_seconds_count, which has no buckets',
    ],
    [
      'histogram_quantile(0.9, sum by (component) (rate(gov_permit_latency_seconds_bucket[5m])))',
      'it takes a quantile and loses le',
    ],
  ])('by what it names: %s', (expr, fault) => {
    expect(faultsOf(expr, catalog)).toContain(fault);
  });

  it.each([
    ['one that cannot be parsed', 'sum(rate(p31_loops_total[5m])', []],
    ['one of a metric nobody exports', 'sum(rate(p31_loopz_total[5m]))', []],
    ['one whose legend names a label that is lost', 'sum(rate(quantum_govern_allow_total[5m]))', ['symbol']],
    ['one of which a part has no such label', 'gov_trading_state or p31_efficiency_score', ['symbol']],
  ])('by promtool: %s', async (_what, expr, labels) => {
    expect(await ask([{ expr, labels }], scraped(exported.pages))).toContain('exit code 1');
  });

  it.each([
    'rate(p31_loops_total[5m:1m])[5m]',
    'sum(up',
    'up)',
    'up{a~"b"}',
    'sum without (a) (up)',
    'up ; up',
  ])('where it cannot be read: %s', (expr) => {
    expect(() => faultsOf(expr, catalog)).toThrow(SyntaxError);
  });
});
