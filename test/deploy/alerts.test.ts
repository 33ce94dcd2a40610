/** The files of deploy/prometheus: valid to promtool, complete, tested, and each alert explained. */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { COMPONENT_NAMES, COMPONENTS } from '../../src/contract/components.ts';
import { METRICS, type MetricSpec } from '../../src/contract/metrics.ts';
import { RUNTIME_SETTINGS } from '../../src/contract/runtime-settings.ts';
import { promtool, PROMETHEUS_FOLDER } from '../support/deploy-promtool.ts';
import { readRules } from '../support/deploy-rules.ts';

/** It builds a store for every test of a rule. */
const TIMEOUT_MS = 120_000;
const read = (file: string): string => readFileSync(join(PROMETHEUS_FOLDER, file), 'utf8');
const config = read('prometheus.yml');
const tests = read('alerts.test.yml');
const runbook = readFileSync(fileURLToPath(new URL('../../docs/alerts.md', import.meta.url)), 'utf8');
const alerts = readRules(read('alerts.yml'));
const names = alerts.map(({ name }) => name);

describe('promtool', { timeout: TIMEOUT_MS }, () => {
  it('finds the configuration and the rules valid', async () => {
    expect(await promtool(['check', 'config', 'prometheus.yml'])).not.toMatch(/exit code|FAILED|duplicate/);
    const rules = await promtool(['check', 'rules', '--lint-fatal', 'recording.yml', 'alerts.yml']);
    expect(rules).not.toMatch(/exit code|FAILED/);
    const counts = [...rules.matchAll(/SUCCESS: (\d+) rules found/g)].map(([, count]) => Number(count));
    expect(counts).toEqual([readRules(read('recording.yml')).length, alerts.length]);
  });

  it('sees every alert fire and stay quiet as its tests say', async () => {
    expect(await promtool(['test', 'rules', 'alerts.test.yml'])).toContain('SUCCESS');
  });

  it.each([
    ['a threshold is another', 'BallastInputRejected', 'alerts.yml', '> 10\n', '> 500\n'],
    ['an alert waits longer', 'BallastGovernorDown', 'alerts.yml', 'for: 30s', 'for: 5m'],
    ['an alert waits no more', 'BallastSeriesOverflow', 'alerts.yml', 'for: 15m', 'for: 1s'],
    ['a text is another', 'BallastNoTicks', 'alerts.yml', 'does not tick', 'ticks'],
    ['counts of a new series are lost', 'BallastEvaluationError', 'recording.yml', '10m == 1', '10m == 2'],
  ])('finds it where %s', async (_what, alert, file, from, to) => {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-rules-'));
    try {
      for (const one of ['alerts.yml', 'recording.yml'])
        copyFileSync(join(PROMETHEUS_FOLDER, one), join(folder, one));
      writeFileSync(join(folder, 'some.yml'), testsOf(alert));
      expect(await promtool(['test', 'rules', 'some.yml'], folder)).toContain('SUCCESS');
      const text = read(file);
      expect(text).toContain(from);
      writeFileSync(join(folder, file), text.replaceAll(from, to));
      expect(await promtool(['test', 'rules', 'some.yml'], folder)).toContain('FAILED');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describe('the scrape configuration', () => {
  it('has every component at its port, with its name', () => {
    const targets = [...config.matchAll(/- targets: \['([\d.:]+)'\]\n\s+labels: \{ component: (\w+) \}/g)];
    expect(targets.map(([, address, component]) => `${component} ${address}`).toSorted()).toEqual(
      COMPONENT_NAMES.map((name) => `${name} 127.0.0.1:${COMPONENTS[name].metricsPort}`).toSorted(),
    );
  });

  it('has limits that the largest page keeps, and not much more', () => {
    const limit = (name: string): number => Number(new RegExp(`^ {4}${name}: (\\d+)`, 'm').exec(config)?.[1]);
    const symbols = RUNTIME_SETTINGS.METRICS_MAX_SYMBOLS.default;
    const largest = Math.max(...COMPONENT_NAMES.map((name) => samplesOf(name, symbols)));
    expect(largest).toBeGreaterThan(10_000);
    expect(limit('sample_limit')).toBeGreaterThan(largest);
    expect(limit('sample_limit')).toBeLessThan(2 * largest);
    const labels = Math.max(...Object.values<MetricSpec>(METRICS).map((spec) => spec.labels.length));
    // And le, component, instance, job, __name__.
    expect(limit('label_limit')).toBeGreaterThanOrEqual(labels + 5);
    expect(limit('label_value_length_limit')).toBeGreaterThanOrEqual(64);
    expect(limit('label_name_length_limit')).toBeGreaterThan(0);
    expect(config).toMatch(/^ {4}body_size_limit: 4MB$/m);
  });
});

describe('each alert', () => {
  it('has a severity, a component, numbers or states, and a section of the runbook', () => {
    expect(names.length).toBeGreaterThan(25);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, expr, labels, annotations } of alerts) {
      expect(['critical', 'warning', 'info'], name).toContain(labels.get('severity'));
      expect(labels.has('component') || expr.includes('component'), `${name} has a component`).toBe(true);
      expect([...annotations.keys()], name).toEqual(['summary', 'description', 'runbook']);
      expect(annotations.get('summary')!.length, name).toBeGreaterThan(15);
      expect(annotations.get('description')!.length, name).toBeGreaterThan(80);
      expect(annotations.get('runbook'), name).toBe(`docs/alerts.md#${name.toLowerCase()}`);
    }
  });

  it('is tested: it fires, and it does not', () => {
    // The last test says only that nothing fires where all is well.
    const own = tests.slice(0, tests.indexOf("name: 'all is well: no alert'"));
    const cases = [...own.matchAll(/alertname: (\w+)\n +exp_alerts:( \[\])?/g)];
    const labels = [...tests.matchAll(/exp_labels:\n((?: {14}.*\n)+)/g)].map(([, lines]) => lines!);
    expect(labels.length).toBeGreaterThanOrEqual(names.length);
    for (const lines of labels) expect(lines).toMatch(/^ {14}component: /m);
    const firing = new Set(cases.filter(([, , none]) => none === undefined).map(([, name]) => name));
    const quiet = new Set(cases.filter(([, , none]) => none !== undefined).map(([, name]) => name));
    expect(tests.slice(own.length).match(/exp_alerts: \[\]/g)).toHaveLength(names.length);
    expect(firing).toEqual(new Set(names));
    expect(quiet).toEqual(new Set(names));
  });

  it('has its section in docs/alerts.md, with its severity, in the same order', () => {
    const sections = runbook.split(/^## /m).slice(1);
    expect(sections.map((section) => section.slice(0, section.indexOf('\n')))).toEqual(names);
    for (const [i, section] of sections.entries()) {
      expect(section).toContain(`\n\nSeverity: ${alerts[i]!.labels.get('severity')}. `);
      expect(section.length, names[i]).toBeGreaterThan(150);
      expect(section, `${names[i]} says what to do`).toMatch(/^- /m);
    }
  });
});

describe('the reader of rules', () => {
  it('refuses what it does not know', () => {
    const good = '      - alert: A\n        expr: up\n';
    expect(readRules(good)).toHaveLength(1);
    for (const line of [
      '        keep_firing_for: 5m',
      '      - alarm: B',
      '        labels: severity',
      'else',
    ])
      expect(() => readRules(`${good}${line}\n`)).toThrow(SyntaxError);
  });
});

/** The tests in which an alert has to fire. */
function testsOf(alert: string): string {
  const [head = '', ...groups] = tests.split(/(?=^ {2}- name: )/m);
  const own = groups.filter((group) => new RegExp(`alertname: ${alert}\n +exp_alerts:\n`).test(group));
  return head + own.join('');
}

/** Samples on the page of a component when every label is used up (src/runtime/metrics/book.ts). */
function samplesOf(component: (typeof COMPONENT_NAMES)[number], symbols: number): number {
  let samples = 0;
  for (const spec of Object.values<MetricSpec>(METRICS)) {
    if (spec.component !== component && spec.component !== 'all') continue;
    const [first, second] = spec.labels;
    const singles = first === 'symbol' ? symbols + 1 : first === undefined ? 1 : 50;
    const pairs = first === 'symbol' ? 3 * symbols + 50 : 200;
    samples +=
      spec.buckets === undefined ? (second === undefined ? singles : pairs) : spec.buckets.length + 3;
  }
  return samples;
}
