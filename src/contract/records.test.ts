import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { contributions, decimal, decodeRecord, type FieldList, type RecordCodec } from './record-codec.ts';
import * as records from './records.ts';
import * as sample from '../../test/support/sample-decisions.ts';

const ofPairs = (fields: FieldList): Map<string, string> => new Map(fields);

describe('a record as fields', () => {
  it('has numbers as the shortest decimal that reads back, and maps as JSON in their own order', () => {
    expect(records.encodeAttribution(sample.ATTRIBUTION)).toEqual([
      ['alpha_score', '0.30000000000000004'],
      ['performance_factor', '-0.25'],
      ['confidence', '0.35'],
      ['window', '7'],
      ['ts_utc', '1700000005'],
      ['ts', '1700000005'],
      ['source', 'live'],
      ['mode', 'enforce'],
      ['regime_contrib', '{"TREND":12.5,"__proto__":-3,"7":1e-7,"1":0}'],
      ['cluster_contrib', '{"L1 \\"majors\\", \\\\ ünïcode\\n":1e+21}'],
      ['signal_contrib', '{}'],
      ['time_contrib', '{"00-06":9.5}'],
      ['pf_range', '-1_1'],
      ['last_exec_ts', '1700000003.25'],
    ]);
  });

  it('has four decimals in the multiplier of a proposal, and unknown efficiency empty', () => {
    const unknown = {
      ...sample.PROPOSAL,
      multiplier: 1,
      eff_score: null,
      eff_confidence: null,
      eff_stale: 1,
    } as const;
    const fields = ofPairs(records.encodeProposal(unknown));
    expect(fields.get('multiplier')).toBe('1.0000');
    expect([fields.get('eff_score'), fields.get('eff_confidence'), fields.get('eff_stale')]).toEqual([
      '',
      '',
      '1',
    ]);
    expect(fields.get('last_update_ts_epoch')).toBe('1700000010');
    expect(ofPairs(records.encodeProposalEntry(sample.PROPOSAL)).get('eff_score')).toBe('0.75');
  });

  it('has the trace of an efficiency in its fixed format', () => {
    expect(records.encodeEfficiencyEntry(sample.EFFICIENCY)).toEqual([
      ['symbol', 'BTCUSDT'],
      ['efficiency_score', '0.2'],
      ['capital_pressure', 'DECREASE'],
      ['reallocation_weight', '-0.045'],
      ['confidence', '0.3'],
      ['stale_flags', 'P30_STALE,P29_STALE'],
      ['ts', '1700000005'],
      ['mode', 'enforce'],
      ['trace', 'p30_conf=0.30,p29_tgt=349,inputs_ok=1'],
      ['efficiency_raw', '0.2'],
      ['efficiency_ewma', '0.425'],
      ['p30_perf', '-0.25'],
      ['p29_target_usd', '349.2'],
      ['volatility_ratio', String(10 / 349.2)],
      ['dd_ratio', String(5 / 349.2)],
      ['hold_time_penalty', '0.25'],
    ]);
  });

  it('never holds a number that is not finite, nor a negative zero', () => {
    for (const budget_usd of [Number.NaN, Infinity, -Infinity])
      expect(() => records.encodeBudget({ ...sample.BUDGET, budget_usd })).toThrow(RangeError);
    expect(ofPairs(records.encodeBudget({ ...sample.BUDGET, stress_factor: -0 })).get('stress_factor')).toBe(
      '0',
    );
  });
});

describe('a record read back', () => {
  it.each([
    ['attribution', records.ATTRIBUTION, sample.ATTRIBUTION, records.encodeAttribution(sample.ATTRIBUTION)],
    [
      'its entry',
      records.ATTRIBUTION_ENTRY,
      sample.ATTRIBUTION,
      records.encodeAttributionEntry(sample.ATTRIBUTION),
    ],
    ['budget', records.BUDGET, sample.BUDGET, records.encodeBudget(sample.BUDGET)],
    ['target', records.TARGET, sample.ALLOCATION, records.encodeTarget(sample.ALLOCATION)],
    [
      'its entry',
      records.ALLOCATION_ENTRY,
      sample.ALLOCATION,
      records.encodeAllocationEntry(sample.ALLOCATION),
    ],
    ['efficiency', records.EFFICIENCY, sample.EFFICIENCY, records.encodeEfficiency(sample.EFFICIENCY)],
    ['proposal', records.PROPOSAL_ENTRY, sample.PROPOSAL, records.encodeProposalEntry(sample.PROPOSAL)],
  ] as [string, RecordCodec<Record<string, unknown>>, object, FieldList][])(
    'is what was written: %s',
    (_name, codec, decision, fields) => {
      const { record, problem } = decodeRecord(codec, ofPairs(fields), Object.keys(codec));
      expect(problem).toBeNull();
      expect(decision).toMatchObject(record!);
      expect(Object.keys(record!)).toEqual(Object.keys(codec));
    },
  );

  it('keeps contributions in order, whatever their names', () => {
    const fields = ofPairs(records.encodeAttribution(sample.ATTRIBUTION));
    const { record } = decodeRecord(records.ATTRIBUTION, fields, ['regime_contrib']);
    expect([...record!.regime_contrib]).toEqual([...sample.ATTRIBUTION.regime_contrib]);
  });

  it('needs only what the reader asks for: another program may write less, or more', () => {
    const fields = new Map([
      ['performance_factor', '0.5'],
      ['confidence', '1'],
      ['ts', '1700000000'],
      ['pf_range', '0_1'],
      ['constructor', 'x'],
      ['source', 'elsewhere'],
    ]);
    const { record } = decodeRecord(records.ATTRIBUTION, fields, ['performance_factor', 'confidence', 'ts']);
    expect(record).toEqual({ performance_factor: 0.5, confidence: 1, ts: 1_700_000_000, pf_range: '0_1' });
  });

  it.each(['', 'NaN', 'nan', 'Infinity', 'inf', '0x10', '1e999', '1_000', ' 1', '１', 'true'])(
    'is refused where a needed number is %j, and says which',
    (text) => {
      const fields = ofPairs(records.encodeBudget(sample.BUDGET)).set('budget_usd', text);
      expect(decodeRecord(records.BUDGET, fields, ['budget_usd'])).toEqual({
        record: null,
        problem: `budget_usd holds ${text}`,
      });
    },
  );

  it('is refused where a needed field is missing or its value unknown', () => {
    const fields = ofPairs(records.encodeBudget(sample.BUDGET));
    fields.delete('budget_usd');
    expect(decodeRecord(records.BUDGET, fields, ['budget_usd']).problem).toBe('budget_usd is missing');
    fields.set('mode', 'ENFORCE');
    expect(decodeRecord(records.BUDGET, fields, ['mode']).problem).toBe('mode holds ENFORCE');
  });
});

describe('the codecs', () => {
  it('read every finite number back to the same double', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        expect(decimal.parse(decimal.format(value))).toBe(value + 0);
      }),
    );
  });

  it('read any contributions back, in order', () => {
    const names = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', '10', '2', '', '"', '\\', '}', ','),
    );
    const values = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    fc.assert(
      fc.property(fc.array(fc.tuple(names, values)), (pairs) => {
        const map = new Map(pairs);
        expect([...contributions.parse(contributions.format(map))!]).toEqual([...map]);
      }),
    );
  });

  it.each([
    '',
    '[]',
    '{',
    '{"a"}',
    '{"a":}',
    '{"a":1,}',
    '{,}',
    '{"a":1 "b":2}',
    '{"a":"1"}',
    '{"a":NaN}',
    '{"a":0x1}',
    '{"a":1e999}',
    '{"a":1}x',
    '{"a":1,"a":2}',
    '{"\\x":1}',
    '{"a\u0000":1}',
    'null',
  ])('refuse %j as contributions', (text) => {
    expect(contributions.parse(text)).toBeUndefined();
  });

  it('take white space between contributions', () => {
    expect([...contributions.parse(' { "b" : 1 ,\n "a": -2.5e-3 } ')!]).toEqual([
      ['b', 1],
      ['a', -0.0025],
    ]);
  });

  it('take linear time over hostile text', () => {
    const hostile = `{"${'\\'.repeat(65_536)}":1}`;
    const start = performance.now();
    contributions.parse(hostile);
    contributions.parse(`{${' '.repeat(65_536)}`);
    contributions.parse(`{${'"a":1,'.repeat(10_000)}`);
    expect(performance.now() - start).toBeLessThan(500);
  });

  it('leave what they encode untouched', () => {
    const before = structuredClone(sample.ATTRIBUTION);
    records.encodeAttributionEntry(sample.ATTRIBUTION);
    expect(sample.ATTRIBUTION).toEqual(before);
  });
});
