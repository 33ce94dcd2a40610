/** spec/contract.md and spec/model.md list the same components, keys, fields, metrics, settings, gates and reasons as the code, both ways. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COMPONENT_NAMES, COMPONENTS } from '../src/contract/components.ts';
import * as governor from '../src/contract/governor-records.ts';
import {
  DEAD_LETTER_MAX_LENGTH,
  KEYS,
  lifeSecOf,
  OWN_KEYS,
  type KeyName,
  type KeySpec,
} from '../src/contract/keys.ts';
import { METRICS, OTHER_SYMBOLS, type MetricName, type MetricSpec } from '../src/contract/metrics.ts';
import { encodePermit, permitOf } from '../src/contract/permit-record.ts';
import * as records from '../src/contract/records.ts';
import { RUNTIME_SETTINGS } from '../src/contract/runtime-settings.ts';
import { defaultSettings, SETTINGS } from '../src/contract/settings.ts';
import { capNames } from '../src/core/allocation/caps.ts';
import { flagNames } from '../src/core/efficiency/efficiency.ts';
import { PRESSURES } from '../src/core/decision.ts';
import { BLOCK_REASONS, GATES, REASON_GATES } from '../src/core/governor/reasons.ts';
import { EFFICIENCY_REASONS } from '../src/core/proposer/proposer.ts';
import * as sample from './support/sample-decisions.ts';
import {
  gateRows,
  metricRows,
  outputRows,
  quoted,
  section,
  settingDefaults,
  tableRows,
  valuesOf,
} from './support/spec-tables.ts';
import type { FieldList } from '../src/contract/record-codec.ts';
import type { SettingSpec } from '../src/contract/setting-spec.ts';

const contract = readFileSync(new URL('../spec/contract.md', import.meta.url), 'utf8');
const model = readFileSync(new URL('../spec/model.md', import.meta.url), 'utf8');
const NAMESPACE = 'quantum:';
const keys = Object.entries(KEYS) as [KeyName, KeySpec][];
const metrics = Object.entries(METRICS) as [MetricName, MetricSpec][];
const settings = { ...SETTINGS, ...RUNTIME_SETTINGS } as Readonly<Record<string, SettingSpec<unknown>>>;

describe('the components', () => {
  const rows = tableRows(section(contract, 'Components'), 'component', 'name', 'id', 'metrics port');

  it('are those of the contract, in its order, with their ids, ports, ticks and files', () => {
    expect(rows.length).toBe(7);
    const defaults = defaultSettings();
    const own = COMPONENT_NAMES.map((name) => {
      const { title, id, metricsPort, extraHealthPort, tickSetting, envFile, systemdUnit } = COMPONENTS[name];
      const port = extraHealthPort === null ? '' : ` (health also on ${extraHealthPort})`;
      const tick =
        tickSetting !== null ? `${defaults[tickSetting]} s` : name === 'governor' ? 'per plan' : '';
      return [title, `\`${name}\``, id ?? '', `${metricsPort}${port}`, tick, envFile ?? '', systemdUnit];
    });
    expect(own).toEqual(rows);
  });

  it('are named by the keys of their table', () => {
    for (const name of COMPONENT_NAMES) expect(COMPONENTS[name].name).toBe(name);
    expect(Object.keys(COMPONENTS)).toEqual([...COMPONENT_NAMES]);
  });
});

describe('the input keys', () => {
  const rows = tableRows(section(contract, 'Inputs'), 'key', 'type', 'fields').flatMap(
    ([cell = '', type = '']) => quoted(cell).map((key) => `${key} ${type}`),
  );

  it('are those of the contract, with their types', () => {
    expect(rows.length).toBeGreaterThanOrEqual(13);
    const own = keys
      .filter(([, { direction }]) => direction === 'input')
      .map(([, { pattern, type }]) => `${NAMESPACE}${pattern} ${type}`);
    expect(own).toEqual(rows);
  });

  it('have a dead-letter stream as long as the contract says', () => {
    const length = /`<stream>\.dlq` \(maxlen ~(\d+)\)/.exec(contract)?.[1];
    expect(DEAD_LETTER_MAX_LENGTH).toBe(Number(length));
  });
});

describe('the output keys', () => {
  const rows = outputRows(contract);
  const outputs = keys.filter(([, { direction }]) => direction === 'output');

  it('are those of the contract, in its order, with their types, lives and lengths', () => {
    expect(rows.length).toBeGreaterThanOrEqual(18);
    const defaults = defaultSettings();
    const own = outputs.map(([name, { pattern, type, maxLength }]) => ({
      key: NAMESPACE + pattern,
      type,
      lifeSec: lifeSecOf(name, defaults),
      maxLength,
    }));
    expect(own).toEqual(rows.map(({ key, type, lifeSec, maxLength }) => ({ key, type, lifeSec, maxLength })));
  });

  it('have a shadow twin where the contract says that only enforce writes them', () => {
    const enforced = tableRows(section(contract, 'Outputs'), 'key', 'type, life').filter(([, life = '']) =>
      life.endsWith(', enforce'),
    );
    expect(enforced.length).toBe(3);
    const shadowed = outputs.filter(([, { hasShadow }]) => hasShadow);
    expect(shadowed.map(([, { pattern }]) => `\`${NAMESPACE}${pattern}\``)).toEqual(
      enforced.map(([key]) => key),
    );
  });

  it('hold the fields of the contract, in its order', () => {
    const fields = rows.filter((row) => row.fields.length > 0);
    expect(fields.length).toBeGreaterThanOrEqual(15);
    expect(fields.flatMap((row) => row.fields).length).toBeGreaterThan(150);
    expect(Object.fromEntries(fields.map((row) => [row.key, row.fields]))).toEqual(encodedFields());
  });

  it('hold the values of the contract where it lists them', () => {
    const cell = (name: KeyName): string =>
      rows.find(({ key }) => key === NAMESPACE + KEYS[name].pattern)!.cell;
    expect(valuesOf(cell('efficiency'), 'stale_flags')).toEqual(flagNames(0b1111).split(','));
    expect(new Set(valuesOf(cell('efficiency'), 'capital_pressure'))).toEqual(new Set(PRESSURES));
    expect(valuesOf(cell('allocations'), 'caps')).toEqual(capNames(0b111).split(','));
    expect(new Set(valuesOf(cell('proposals'), 'reason'))).toEqual(new Set(EFFICIENCY_REASONS));
    expect(new Set(valuesOf(cell('permit'), 'eff_reason'))).toEqual(new Set(EFFICIENCY_REASONS));
    expect(valuesOf(cell('permitUse'), 'outcome')).toEqual(governor.PERMIT_OUTCOMES);
    expect(valuesOf(cell('governorEvents'), 'event')).toEqual(governor.GOVERNOR_EVENTS);
  });

  it('accept every value the contract lists, and no other', () => {
    const listed: [records: { parse: (text: string) => unknown }, values: string[]][] = [];
    const cellOf = (key: KeyName): string =>
      rows.find((row) => row.key === NAMESPACE + KEYS[key].pattern)!.cell;
    listed.push([records.EFFICIENCY.capital_pressure, valuesOf(cellOf('efficiency'), 'capital_pressure')]);
    listed.push([records.EFFICIENCY.version, valuesOf(cellOf('efficiency'), 'version')]);
    listed.push([records.ATTRIBUTION.source, valuesOf(cellOf('attribution'), 'source')]);
    listed.push([records.ATTRIBUTION.pf_range, valuesOf(cellOf('attribution'), 'pf_range')]);
    listed.push([records.PROPOSAL.reason, valuesOf(cellOf('proposals'), 'reason')]);
    listed.push([
      records.ALLOCATION_ENTRY.performance_source,
      valuesOf(cellOf('allocations'), 'performance_source'),
    ]);
    for (const [codec, values] of listed) {
      expect(values.length).toBeGreaterThan(0);
      for (const value of values) expect(codec.parse(value)).toBe(value);
      expect(codec.parse('something else')).toBeUndefined();
    }
  });
});

describe('the own keys', () => {
  it('are those of the contract', () => {
    const list = /\*\*Own keys\.\*\*[^\n]*\n([^\n]*)/.exec(contract)![1]!;
    const named = quoted(list).filter((name) => /^[a-z.]+(:\{[a-z]+\})?$/.test(name));
    const own = Object.values(OWN_KEYS).map((pattern) => pattern.replace('ballast:', ''));
    expect(own.length).toBeGreaterThanOrEqual(13);
    expect(named.filter((name) => name !== 'ballast_source').toSorted()).toEqual(own.toSorted());
  });
});

describe('the metrics', () => {
  const rows = metricRows(contract);
  const OWNERS = new Map<string, MetricSpec['component']>([
    ['P3.0', 'attribution'],
    ['P2.8', 'budget'],
    ['P2.9', 'allocation'],
    ['P3.1', 'efficiency'],
    ['Proposer', 'proposer'],
    ['Governor', 'governor'],
    ['Dashboard', 'dashboard'],
    ['All', 'all'],
  ]);

  it('are those of the contract, in its order, with their labels and owners', () => {
    expect(rows.length).toBeGreaterThanOrEqual(50);
    const own = metrics.map(([name, { labels, component }]) => ({ name, labels, component }));
    expect(own).toEqual(
      rows.map(({ name, labels, owner }) => ({ name, labels, component: OWNERS.get(owner) })),
    );
  });

  it('share one label past their bound', () => {
    expect(contract.replaceAll('\n', ' ')).toContain(
      `past \`METRICS_MAX_SYMBOLS\` (default ${RUNTIME_SETTINGS.METRICS_MAX_SYMBOLS.default}) symbols share \`symbol="${OTHER_SYMBOLS}"\``,
    );
  });

  it('are of the kind the contract says, and else of the kind their name says', () => {
    const said = rows.filter(({ kind }) => kind !== null);
    expect(said.length).toBeGreaterThanOrEqual(8);
    const kindOf = new Map<string, string>(metrics.map(([name, { kind }]) => [name, kind]));
    for (const { name, kind } of said) expect([name, kindOf.get(name)]).toEqual([name, kind]);
    for (const { name } of rows.filter(({ kind }) => kind === null)) {
      const expected = name.endsWith('_total')
        ? 'counter'
        : name.endsWith('_duration_seconds')
          ? 'histogram'
          : 'gauge';
      expect([name, kindOf.get(name)]).toEqual([name, expected]);
    }
  });
});

describe('the settings', () => {
  const ports = COMPONENT_NAMES.map((name) => COMPONENTS[name].metricsPortSetting);
  const listed = settingDefaults(contract, ports);

  it('are those of the contract', () => {
    expect(listed.size).toBeGreaterThan(110);
    expect(Object.keys(settings).toSorted()).toEqual([...listed.keys()].toSorted());
  });

  it('have the defaults the contract gives', () => {
    const given = [...listed].filter(([, text]) => text !== null);
    expect(given.length).toBeGreaterThan(85);
    for (const [name, text] of given)
      expect([name, settings[name]!.parse(text!)]).toEqual([name, settings[name]!.default]);
  });

  it('have as default port of a component the one in its table', () => {
    for (const name of COMPONENT_NAMES) {
      const { metricsPort, metricsPortSetting } = COMPONENTS[name];
      expect(RUNTIME_SETTINGS[metricsPortSetting].default).toBe(metricsPort);
    }
  });

  it('have the default namespace of the contract', () => {
    expect(contract).toContain(
      `\`${RUNTIME_SETTINGS.BALLAST_NAMESPACE.default}\` is the default namespace (\`BALLAST_NAMESPACE\`)`,
    );
  });
});

describe('the gates', () => {
  const rows = gateRows(model);

  it('are those of the model, in its order', () => {
    expect(rows.length).toBeGreaterThanOrEqual(15);
    expect([...GATES]).toEqual([...new Set(rows.map(({ gate }) => gate))]);
  });

  it('block with the reasons of the model, in its order', () => {
    const reasons = rows.flatMap(({ gate, reasons }) => reasons.map((reason) => [reason, gate]));
    expect(reasons.length).toBeGreaterThanOrEqual(22);
    expect(Object.entries(REASON_GATES)).toEqual(reasons);
  });

  it('block with one more where they fail', () => {
    expect(BLOCK_REASONS).toEqual([...Object.keys(REASON_GATES), 'evaluation_error']);
    expect(model).toContain('`evaluation_error`');
  });
});

/** The fields each output really has: those of an encoded sample. */
function encodedFields(): Record<string, readonly string[]> {
  const names = (list: FieldList): string[] => list.map(([field]) => field);
  const inJson = (json: string): string[] => Object.keys(JSON.parse(json) as object);
  const violation: records.BudgetViolation = {
    symbol: 'A',
    position_notional_usd: 3,
    budget_usd: 2,
    over_budget: 1,
    mode: 'shadow',
    timestamp: 1,
  };
  const signed = { ...permitOf(sample.PERMIT, 1), kid: 'k', sig: 's' };
  const use = inJson(governor.encodePermitUse({ outcome: 'used', issued_at: 1, ended_at: 2 }));
  const encoded: [KeyName, string[]][] = [
    ['attribution', names(records.encodeAttribution(sample.ATTRIBUTION))],
    ['attributions', names(records.encodeAttributionEntry(sample.ATTRIBUTION))],
    ['budget', names(records.encodeBudget(sample.BUDGET))],
    ['budgetViolations', names(records.encodeBudgetViolation(violation))],
    ['target', names(records.encodeTarget(sample.ALLOCATION))],
    ['allocations', names(records.encodeAllocationEntry(sample.ALLOCATION))],
    ['efficiency', names(records.encodeEfficiency(sample.EFFICIENCY))],
    ['efficiencies', names(records.encodeEfficiencyEntry(sample.EFFICIENCY))],
    ['proposals', names(records.encodeProposalEntry(sample.PROPOSAL))],
    ['proposal', names(records.encodeProposal(sample.PROPOSAL))],
    ['permit', inJson(encodePermit(signed))],
    // The contract says "times" without their names.
    ['permitUse', use.filter((field) => !field.endsWith('_at'))],
    ['block', inJson(governor.encodeBlock(sample.BLOCK, { nextEligibleAt: null, maxQty: null }))],
    // Beyond its event an entry says what it is about.
    ['governorEvents', names(governor.governorEntries(sample.BLOCK)[0]!).slice(0, 1)],
    ['permitReply', inJson(governor.encodePermitReply({ granted: true, reason: null }))],
  ];
  return Object.fromEntries(encoded.map(([name, fields]) => [NAMESPACE + KEYS[name].pattern, fields]));
}
