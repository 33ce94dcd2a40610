import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Names } from '../../core/names.ts';
import {
  isExcluded,
  parseExclude,
  QUALITY_FLAGS,
  QUALITY_MEANING,
  QualityWatch,
  type QualityFlag,
  type QualityObservation,
} from './quality.ts';

const SHARED = new URL('../../../../shared/data/executions/', import.meta.url);

describe('QualityWatch', () => {
  test('finds a zero profit whose percentage says otherwise, with an identity too', () => {
    expect(flags([row({ pnlUsd: 0, pnlPct: -100 })])).toEqual(['zero_against_percent']);
    expect(flags([row({ pnlUsd: 0, pnlPct: -100, hasIdentity: true })])).toEqual(['zero_against_percent']);
  });

  test('finds a zero profit that nothing supports, but takes a break-even trade with a price for what it is', () => {
    expect(flags([row({ pnlUsd: 0 }), row({ pnlUsd: 0, pnlPct: 0.0007 })])).toEqual([
      'zero_profit',
      'zero_profit',
    ]);
    expect(flags([row({ pnlUsd: 0, price: 100 }), row({ pnlUsd: 0, hasIdentity: true })])).toEqual([
      null,
      null,
    ]);
  });

  test('finds a placeholder at its third appearance, and counts the first two late', () => {
    const watch = new QualityWatch();
    const rows = [0, 1000, 2000, 3000].map((eventSec) => row({ pnlUsd: 123.45, eventSec }));
    expect(rows.map((one) => watch.observe(one))).toEqual([null, null, 'placeholder', 'placeholder']);
    expect(watch.summary().flags.get('placeholder')).toEqual({
      count: 2,
      pnlMicroUsd: 246_900_000,
      late: { count: 2, pnlMicroUsd: 246_900_000 },
    });
  });

  test('counts no row twice when a look-alike turns out to be a placeholder', () => {
    const watch = new QualityWatch();
    const rows = [0, 1, 2000].map((eventSec) => row({ pnlUsd: 50, eventSec }));
    expect(rows.map((one) => watch.observe(one))).toEqual([null, 'look_alike', 'placeholder']);
    expect(watch.summary().flags.get('placeholder')?.late.count).toBe(1);
    expect(watch.summary().flags.get('look_alike')?.count).toBe(1);
  });

  test('does not take equal small cents for placeholders where chance explains them', () => {
    // Profits of up to 0.50 in either direction: a hundred values, each met about twenty times.
    const rows = Array.from({ length: 2000 }, (_, n) =>
      row({ pnlUsd: (((n * 7919) % 101) - 50) / 100, eventSec: n * 1000 }),
    );
    expect(flags(rows)).not.toContain('placeholder');
  });

  test('leaves a fixed profit target alone where the rows carry quantities, prices or ids', () => {
    const details = [{ qty: 2 }, { price: 10 }, { holdSec: 60 }, { pnlPct: 1 }, { hasIdentity: true }];
    for (const detail of details) {
      const rows = Array.from({ length: 9 }, (_, n) => row({ pnlUsd: 100, eventSec: n * 5000, ...detail }));
      expect(flags(rows)).toEqual(rows.map(() => null));
    }
  });

  test('says that equal profit within a minute looks like a repeat, not after it', () => {
    const at = (eventSec: number): QualityObservation => row({ pnlUsd: 1.2345, eventSec });
    expect(flags([at(0), at(60), at(121)])).toEqual([null, 'look_alike', null]);
  });

  test('reaches an hour back where the percentage agrees as well', () => {
    const at = (eventSec: number, pnlPct: number): QualityObservation =>
      row({ pnlUsd: 1.2345, pnlPct, eventSec });
    expect(flags([at(0, 0.25), at(3600, 0.25), at(3610, 0.26)])).toEqual([null, 'look_alike', null]);
  });

  test('finds a bare repeat of an execution with an id, and never flags the one with the id', () => {
    const real = row({ pnlUsd: 7.445879, hasIdentity: true });
    const bare = row({ pnlUsd: 7.445879, eventSec: 2 });
    expect(flags([real, bare])).toEqual([null, 'look_alike']);
    expect(flags([bare, real])).toEqual([null, null]);
    expect(flags([real, real])).toEqual([null, null]);
  });

  test('takes rows for different ones when anything both have tells them apart', () => {
    const known = { botId: 1, signalId: 1, qty: 1, price: 1, holdSec: 1, pnlPct: 1 };
    for (const field of ['signalId', 'qty', 'price', 'holdSec', 'pnlPct'] as const) {
      const first = row({ pnlUsd: 5.4, ...known });
      expect(flags([first, first])).toEqual([null, 'look_alike']);
      expect(flags([first, { ...first, [field]: 2 }])).toEqual([null, null]);
      expect(flags([first, { ...first, [field]: Number.NaN }])).toEqual([null, 'look_alike']);
    }
    expect(flags([row({ pnlUsd: 5.4, symbolId: 1 }), row({ pnlUsd: 5.4, symbolId: 2 })])).toEqual([
      null,
      null,
    ]);
  });

  test('finds profit against its percentage, and a gain after fees from a loss before them', () => {
    expect(flags([row({ pnlUsd: -1.93, pnlPct: 0.32 })])).toEqual(['contradicts_percent']);
    expect(flags([row({ pnlUsd: 1.93, grossUsd: -2 })])).toEqual(['contradicts_gross']);
    expect(flags([row({ pnlUsd: -0.0029, grossUsd: 0.047 })])).toEqual([null]);
  });

  test('misses an identity only where ten others of the same bot and source have one', () => {
    const watch = new QualityWatch();
    const seen = (n: number, other: Partial<QualityObservation>): QualityFlag | null =>
      watch.observe(row({ pnlUsd: n + 0.123456, eventSec: n, ...other }));
    expect(seen(100, {})).toBeNull();
    for (let n = 1; n <= 9; n += 1) expect(seen(n, { hasIdentity: true })).toBeNull();
    expect(seen(101, {})).toBeNull();
    expect(seen(10, { hasIdentity: true })).toBeNull();
    expect([seen(102, {}), seen(103, { sourceId: 1 }), seen(104, { botId: 1 })]).toEqual([
      'no_identity',
      null,
      null,
    ]);
    expect(watch.summary().flags.get('no_identity')).toEqual({
      count: 1,
      pnlMicroUsd: 102_123_456,
      late: { count: 2, pnlMicroUsd: 201_246_912 },
    });
  });

  test('a second pass that begins with what the first learned flags every row at once', () => {
    const rows = [
      ...[0, 1000, 2000].map((eventSec) => row({ pnlUsd: 123.45, eventSec })),
      ...Array.from({ length: 10 }, (_, n) =>
        row({ pnlUsd: n + 0.5, eventSec: 3000 + n, hasIdentity: true }),
      ),
      row({ pnlUsd: 77.123, eventSec: 4000 }),
    ];
    const first = new QualityWatch();
    for (const one of rows) first.observe(one);
    const second = new QualityWatch(JSON.parse(JSON.stringify(first.learned())));
    const found = rows.map((one) => second.observe(one));
    expect(found.slice(0, 3)).toEqual(['placeholder', 'placeholder', 'placeholder']);
    expect(found.at(-1)).toBe('no_identity');
    for (const { late } of second.summary().flags.values()) expect(late.count).toBe(0);
  });

  test('stays correct for more bots than it keeps apart', () => {
    const watch = new QualityWatch();
    for (let botId = 0; botId < 3000; botId += 1) watch.observe(row({ pnlUsd: botId + 0.001, botId }));
    expect(watch.summary().observed).toBe(3000);
    expect(watch.save().scopes).toHaveLength(1024);
  });

  test('saved as JSON and loaded anywhere, it goes on as if never cut', () => {
    const observation: fc.Arbitrary<QualityObservation> = fc.record({
      symbolId: fc.nat(3),
      eventSec: fc.integer({ min: 0, max: 5000 }),
      pnlUsd: fc.constantFrom(0, 123.45, 50, -0.42, 1.23456, -7),
      pnlPct: fc.constantFrom(undefined, Number.NaN, -100, 0.5),
      grossUsd: fc.constantFrom(undefined, -3, 3),
      hasIdentity: fc.boolean(),
      botId: fc.nat(2),
      qty: fc.constantFrom(undefined, undefined, 1, 2),
    });
    fc.assert(
      fc.property(fc.array(observation, { maxLength: 200 }), fc.nat(200), (all, cut) => {
        const whole = new QualityWatch();
        const wholeFlags = all.map((one) => whole.observe(one));
        const first = new QualityWatch();
        const firstFlags = all.slice(0, cut).map((one) => first.observe(one));
        const second = QualityWatch.load(JSON.parse(JSON.stringify(first.save())));
        const secondFlags = all.slice(cut).map((one) => second.observe(one));
        expect([...firstFlags, ...secondFlags]).toEqual(wholeFlags);
        expect(JSON.stringify(second.save())).toBe(JSON.stringify(whole.save()));
      }),
      { numRuns: 100 },
    );
  });
});

describe('the flags', () => {
  test('each has a meaning in words', () => {
    expect(Object.keys(QUALITY_MEANING)).toEqual([...QUALITY_FLAGS]);
  });

  test('are excluded only when asked for', () => {
    const exclude = parseExclude('look-alike, zero_profit');
    expect([...exclude]).toEqual(['look_alike', 'zero_profit']);
    expect([
      isExcluded('look_alike', exclude),
      isExcluded('placeholder', exclude),
      isExcluded(null, exclude),
    ]).toEqual([true, false, false]);
    expect(() => parseExclude('dirty')).toThrow('"dirty" is no flag; allowed are zero_against_percent,');
  });
});

describe.skipIf(!existsSync(SHARED))('real records (skipped where ../shared/data is absent)', () => {
  test('every bad row of the test exchange is explained, and the 117 real closes are what remains', () => {
    const rows = read('testnet_quantum_trader_stream.jsonl.gz');
    const first = new QualityWatch();
    for (const one of rows) first.observe(one);
    const second = new QualityWatch(first.learned());
    const left = rows.filter((one) => second.observe(one) === null);
    const core = read('testnet_quantum_trader_core.jsonl.gz');
    expect(left.map(({ pnlUsd }) => pnlUsd)).toEqual(core.map(({ pnlUsd }) => pnlUsd));
    const counts = [...second.summary().flags].map(([flag, { count }]) => [flag, count]);
    expect(counts).toContainEqual(['zero_against_percent', 7188]);
    expect(counts).toContainEqual(['placeholder', 134]);
  });

  test('sets of real trades get no flag', () => {
    for (const name of [
      'live_bitmex_2020_2023',
      'bt_multistrat_2021',
      'bt_devilstra_56pairs_2021',
      'paper_ngblaze_perps',
    ]) {
      const watch = new QualityWatch();
      for (const one of read(`${name}.jsonl.gz`)) watch.observe(one);
      expect([name, [...watch.summary().flags]]).toEqual([name, []]);
    }
  });
});

function row(given: Partial<QualityObservation> & { pnlUsd: number }): QualityObservation {
  return { symbolId: 0, eventSec: 0, hasIdentity: false, ...given };
}

function flags(rows: readonly QualityObservation[]): (QualityFlag | null)[] {
  const watch = new QualityWatch();
  return rows.map((one) => watch.observe(one));
}

function read(name: string): QualityObservation[] {
  const symbols = new Names();
  const signals = new Names(['UNKNOWN']);
  const lines = gunzipSync(readFileSync(new URL(name, SHARED)))
    .toString('utf8')
    .trim()
    .split('\n');
  return lines.map((line) => {
    const found = JSON.parse(line) as Record<string, number> & Record<'symbol' | 'signal', string>;
    return {
      symbolId: symbols.id(found.symbol),
      eventSec: (found['ts_ms'] ?? 0) / 1000,
      pnlUsd: found['pnl_usd'] ?? 0,
      pnlPct: found['pnl_pct'],
      grossUsd: found['pnl_gross_usd'],
      hasIdentity: Boolean(found['order_id'] ?? found['trade_id']),
      signalId: found.signal ? signals.id(found.signal) : 0,
      qty: found['qty'],
      price: found['price'],
      holdSec: found['hold_sec'],
    };
  });
}
