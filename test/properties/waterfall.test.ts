/** The way from a budget to a target, multiplied: to the last bit, whatever the engine decided, and through the text of its stream. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, fieldsOf } from '../../src/contract/record-codec.ts';
import { ALLOCATION_ENTRY, encodeAllocationEntry } from '../../src/contract/records.ts';
import { exactFactors } from '../../src/ops/explain/exact-factor.ts';
import { waterfallOf } from '../../src/ops/explain/waterfall.ts';
import { eventSequences, tickSettings } from '../support/engine-arbitrary.ts';
import { runEvents } from '../support/engine-run.ts';
import type { AllocationDecision } from '../../src/core/decision.ts';
import type { Settings } from '../../src/core/settings.ts';

/** Reads the decision back from its stream's text, and checks every step of its waterfall. Returns the names of the steps. */
function checked(decision: AllocationDecision): readonly string[] {
  const entry = new Map(encodeAllocationEntry(decision));
  const { record } = decodeRecord(ALLOCATION_ENTRY, entry, fieldsOf(ALLOCATION_ENTRY));
  const { type: _type, tick: _tick, ...row } = decision;
  expect(record).toEqual(row);
  const waterfall = waterfallOf(record!)!;
  let at = decision.base_budget_usd;
  for (const { before_usd: before, factor, after_usd: after } of waterfall.steps) {
    expect(before).toBe(at);
    expect(before * factor).toBe(after);
    at = after;
  }
  expect(at).toBe(decision.target_usd);
  expect(waterfall.target_usd).toBe(decision.target_usd);
  const { regime_factor, cluster_factor, drawdown_factor, performance_factor } = decision;
  expect(waterfall.steps.slice(0, 4).map(({ name, factor }) => [name, factor])).toEqual([
    ['regime', regime_factor],
    ['cluster', cluster_factor],
    ['drawdown', drawdown_factor],
    ['performance', performance_factor],
  ]);
  const { caps, base_target_usd: base, drawdown_zone: zone } = decision;
  // Where nothing capped, replaced or raised it, the factors alone are the target.
  if (caps === '' && base === decision.target_usd && zone !== 'UNKNOWN')
    expect(waterfall.steps.length).toBe(4);
  return waterfall.steps.map(({ name }) => name);
}

/** Caps that bind, factors that are no round numbers, proposals that are applied. */
const tight: fc.Arbitrary<Partial<Settings>> = fc.record({
  MAX_SYMBOL_PCT: fc.constantFrom(0.4, 0.001, 1 / 3000),
  MAX_CLUSTER_PCT: fc.constantFrom(0.6, 0.0017, 1 / 700),
  MAX_GROSS_PCT: fc.constantFrom(1, 0.0023, 1 / 450, 0),
  REGIME_FACTOR_TREND: fc.constantFrom(1.2, 1.1, 0),
  P29_PERF_SCALE: fc.constantFrom(1, 0.37),
  P29_APPLY_PROPOSED: fc.boolean(),
  P31_MIN_CONF: fc.constantFrom(0, 0.65),
  // Budgets that are stale at some of the allocation's ticks.
  P28_INTERVAL_SEC: fc.constantFrom(5, 45),
  STALE_DATA_SEC: fc.constantFrom(60, 31),
});

/** Short, so that a run has few ticks without news. */
const gap = fc.constantFrom(0, 1, 5, 7, 10, 31, 40, 61);

describe('the factors of a waterfall', () => {
  it('multiply exactly to every target the engine decides', () => {
    const names = new Set<string>();
    const seen = new Set<string>();
    fc.assert(
      fc.property(tickSettings, tight, eventSequences(40, gap), (settings, changed, events) => {
        const { decisions } = runEvents({ ...settings, ...changed }, events, 'all');
        for (const decision of decisions) {
          if (decision.type !== 'allocation') continue;
          const { base_budget_usd, base_target_usd, target_usd, performance_factor, caps } = decision;
          // Most ticks decide what the one before them did.
          const key = [base_budget_usd, base_target_usd, target_usd, performance_factor, caps].join(' ');
          if (seen.has(key)) continue;
          seen.add(key);
          for (const name of checked(decision)) names.add(name);
        }
      }),
      { numRuns: 300 },
    );
    expect(seen.size).toBeGreaterThan(800);
    for (const name of ['regime', 'cluster', 'drawdown', 'performance', 'caps', 'last_target', 'proposal'])
      expect([name, names.has(name)]).toEqual([name, true]);
  });

  it('lead from any amount to any other, but from nothing to something', () => {
    const amount = fc.oneof(
      fc.double({ min: 0, max: 1e6, noNaN: true }),
      fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }),
      fc.constantFrom(0, 5e-324, 2 ** -1022, 1, Number.MAX_VALUE, 1.7976931348623155e308),
    );
    let seconds = 0;
    fc.assert(
      fc.property(amount, amount, (before, after) => {
        const factors = exactFactors(before, after);
        if (before === 0 && after !== 0) {
          expect(factors).toBeNull();
          return;
        }
        expect(factors!.reduce((product, factor) => product * factor, before)).toBe(after);
        if (factors!.length > 1) seconds++;
      }),
      { numRuns: 20_000 },
    );
    expect(seconds).toBeGreaterThan(0);
  });

  it('are one beside a second near 1 where the products of doubles jump over the amount', () => {
    // Its next product is 1.5 + 3 · 2^-53, half-way between two doubles, and rounds to the farther one.
    const [before, after] = [1.5, 1.5 + 2 ** -52];
    expect(before * (1 + 2 ** -52)).toBe(1.5 + 2 ** -51);
    const [first, last, ...others] = exactFactors(before, after)!;
    expect(others).toEqual([]);
    expect(Math.abs(last! - 1)).toBeLessThan(1e-15);
    expect(before * first! * last!).toBe(after);
  });
});
