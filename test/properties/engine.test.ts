/** What has to hold of the engine's decisions for any valid events: sums, ranges, caps, finite numbers. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeDecision } from '../../src/contract/encode.ts';
import { applyCaps } from '../../src/core/allocation/caps.ts';
import { alphaScore, Attribution } from '../../src/core/attribution/attribution.ts';
import { Names } from '../../src/core/names.ts';
import { RollingLoss } from '../../src/core/governor/rolling-loss.ts';
import { anyProfit, eventSequences, governorSettings, tickSettings } from '../support/engine-arbitrary.ts';
import { runEvents } from '../support/engine-run.ts';
import type { AllocationDecision } from '../../src/core/decision.ts';

const label = fc.constantFrom('UNKNOWN', 'TREND', '__proto__', 'x');

describe('contributions', () => {
  const executions = fc.array(fc.record({ regime: label, cluster: label, signal: label, hour: fc.nat(23) }), {
    minLength: 1,
    maxLength: 60,
  });
  const total = (sums: ReadonlyMap<string, number>): number =>
    [...sums.values()].reduce((sum, usd) => sum + usd, 0);

  function sumsOf(
    profits: readonly number[],
    labelled: readonly { regime: string; cluster: string; signal: string; hour: number }[],
    window: number,
  ): { sums: number[]; windowUsd: number; alpha: number; factor: number } {
    const attribution = new Attribution(window);
    const labels = new Names(['UNKNOWN']);
    const ids = { regime: 0, cluster: 0, signal: 0 };
    for (const [i, { hour, ...names }] of labelled.entries()) {
      ids.regime = labels.id(names.regime);
      ids.cluster = labels.id(names.cluster);
      ids.signal = labels.id(names.signal);
      const profit = { pnlUsd: profits[i]!, eventTs: 1_700_006_400 + hour * 3600, ...ids };
      attribution.apply(0, profit, { kind: 'usd', value: 100 }, 0.3, 1);
    }
    const dimensions = ['regime', 'cluster', 'signal'] as const;
    return {
      sums: [
        ...dimensions.map((dimension) => total(attribution.contributions(0, dimension, labels))),
        total(attribution.timeContributions(0)),
      ],
      windowUsd: attribution.windowPnlUsd(0),
      alpha: attribution.columns.alpha.get(0),
      factor: attribution.columns.factor.get(0),
    };
  }

  it('of each dimension add up to the window’s profit, exactly where profits are whole', () => {
    fc.assert(
      fc.property(
        executions,
        fc.array(fc.integer({ min: -1e9, max: 1e9 }), { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 25 }),
        (labelled, profits, window) => {
          const { sums, windowUsd } = sumsOf(profits, labelled, window);
          const expected = profits
            .slice(0, labelled.length)
            .slice(-window)
            .reduce((sum, usd) => sum + usd, 0);
          expect([windowUsd, ...sums]).toEqual([expected, expected, expected, expected, expected]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('add up but for rounding where profits are not whole, and the scores stay in their range', () => {
    fc.assert(
      fc.property(
        executions,
        fc.array(anyProfit, { minLength: 60, maxLength: 60 }),
        fc.integer({ min: 1, max: 25 }),
        (labelled, profits, window) => {
          const { sums, windowUsd, alpha, factor } = sumsOf(profits, labelled, window);
          const size = profits.reduce((sum, usd) => sum + Math.abs(usd), 0);
          for (const sum of sums) expect(Math.abs(sum - windowUsd)).toBeLessThanOrEqual(1e-13 * size);
          expect(Math.abs(alpha)).toBeLessThanOrEqual(1);
          expect(Math.abs(factor)).toBeLessThanOrEqual(1);
        },
      ),
      { numRuns: 400 },
    );
  });
});

describe('the alpha score', () => {
  it('lies in −1..1 for any finite profit and any scale above 0, rises with profit and is 0 at 0', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    const scale = fc.double({ min: 5e-324, max: 9e9, noNaN: true });
    fc.assert(
      fc.property(finite, finite, scale, (a, b, scaleUsd) => {
        const [low, high] = [alphaScore(Math.min(a, b), scaleUsd), alphaScore(Math.max(a, b), scaleUsd)];
        expect(low).toBeGreaterThanOrEqual(-1);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(high);
        expect(alphaScore(0, scaleUsd)).toBe(0);
      }),
      { numRuns: 3000 },
    );
  });
});

describe('the caps', () => {
  const target = fc.oneof(
    fc.double({ min: 1e-200, max: 50_000, noNaN: true }),
    fc.constantFrom(0, 500, 10_000, 9e9, 1e-300),
  );
  const limit = fc.oneof(
    fc.double({ min: 1e-200, max: 100_000, noNaN: true }),
    fc.constantFrom(0, 1e-250, 1e300, 40_000, 0.1),
  );

  it('hold strictly, summed in order, for any targets, clusters and limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(target, fc.integer({ min: -1, max: 3 })), { maxLength: 60, size: 'max' }),
        limit,
        limit,
        limit,
        (entries, symbolUsd, clusterUsd, grossUsd) => {
          const before = entries.map(([usd]) => usd);
          const targets = Float64Array.from(before);
          const clusters = Int32Array.from(entries.map(([, cluster]) => cluster));
          const bound = new Uint8Array(entries.length);
          applyCaps(targets, clusters, bound, entries.length, 4, { symbolUsd, clusterUsd, grossUsd });
          const sum = (wanted: (cluster: number) => boolean): number =>
            targets.reduce((total, usd, i) => (wanted(clusters[i]!) ? total + usd : total), 0);
          for (const [i, usd] of targets.entries()) {
            expect(usd).toBeLessThanOrEqual(Math.min(symbolUsd, before[i]!));
            expect(usd).toBeGreaterThanOrEqual(0);
            if (bound[i] === 0) expect(usd).toBe(before[i]);
          }
          for (let one = 0; one < 4; one++)
            expect(sum((cluster) => cluster === one)).toBeLessThanOrEqual(clusterUsd);
          expect(sum(() => true)).toBeLessThanOrEqual(grossUsd);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('come to an end for caps so small that a double below them cannot get smaller by a share of itself', () => {
    // Seven budgets of 0.4 of an equity of 1e-322 USD, in one cluster.
    const targets = watched(
      Float64Array.from({ length: 7 }, () => 4e-323),
      10_000,
    );
    const limits = { symbolUsd: 4e-323, clusterUsd: 6e-323, grossUsd: 1e-322 };
    applyCaps(targets, new Int32Array(7), new Uint8Array(7), 7, 1, limits);
    let sum = 0;
    for (let i = 0; i < 7; i++) sum += targets[i]!;
    expect(sum).toBeLessThanOrEqual(limits.clusterUsd);
  });

  it('scale members alike: what bound only in sum keeps its proportions', () => {
    const targets = Float64Array.from([3000, 1500, 700]);
    applyCaps(targets, Int32Array.from([0, 0, -1]), new Uint8Array(3), 3, 1, {
      symbolUsd: 10_000,
      clusterUsd: 3000,
      grossUsd: 10_000,
    });
    expect(targets[0]! / targets[1]!).toBeCloseTo(2, 12);
    expect(targets[2]).toBe(700);
  });

  it('hold in the allocation of whole runs', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(20, undefined, true), (settings, events) => {
        const run = runEvents({ ...settings, MAX_GROSS_PCT: 0.05, MAX_CLUSTER_PCT: 0.03 }, events, 'all');
        const byTick = new Map<number, AllocationDecision[]>();
        for (const decision of run.decisions)
          if (decision.type === 'allocation')
            byTick.set(decision.tick, [...(byTick.get(decision.tick) ?? []), decision]);
        for (const decisions of byTick.values()) expectWithinCaps(decisions, 0.05, 0.03);
      }),
      { numRuns: 25 },
    );
  });
});

/** The same array, which throws when it was used more than `most` times: an endless loop would never come back. */
function watched(array: Float64Array, most: number): Float64Array {
  let uses = 0;
  const count = (): void => {
    if (++uses > most) throw new Error(`the targets were used more than ${most} times`);
  };
  return new Proxy(array, {
    get: (target, name) => {
      count();
      return Reflect.get(target, name) as unknown;
    },
    set: (target, name, value) => {
      count();
      return Reflect.set(target, name, value);
    },
  });
}

/** Weights are shares of one equity: no more than the caps, but for the rounding of the division. */
function expectWithinCaps(decisions: readonly AllocationDecision[], gross: number, cluster: number): void {
  const clusters = new Map<string, number>();
  let sum = 0;
  for (const { weight, cluster_id, target_usd } of decisions) {
    expect(target_usd).toBeGreaterThanOrEqual(0);
    sum += weight;
    clusters.set(cluster_id, (clusters.get(cluster_id) ?? 0) + weight);
  }
  expect(sum).toBeLessThanOrEqual(gross * (1 + 1e-12));
  for (const [name, weight] of clusters)
    if (name !== 'UNKNOWN') expect(weight).toBeLessThanOrEqual(cluster * (1 + 1e-12));
}

describe('every decision', () => {
  it('holds finite numbers only, for profits and equities up to 1e300', () => {
    let count = 0;
    fc.assert(
      fc.property(
        tickSettings,
        governorSettings,
        eventSequences(25, undefined, true),
        (ticks, governor, events) => {
          const run = runEvents({ ...ticks, ...governor }, events);
          // Throws on a number that is not finite.
          for (const decision of run.decisions) count += encodeDecision(decision).length > 0 ? 1 : 0;
        },
      ),
      { numRuns: 250 },
    );
    expect(count).toBeGreaterThan(1000);
  });

  it('keeps its scores, shares and weights in their ranges', () => {
    fc.assert(
      fc.property(tickSettings, eventSequences(20, undefined, true), (settings, events) => {
        for (const decision of runEvents(settings, events).decisions) {
          const within = (value: number, low: number, high: number): void => {
            expect(value).toBeGreaterThanOrEqual(low);
            expect(value).toBeLessThanOrEqual(high);
          };
          if (decision.type === 'budget') within(decision.budget_usd, 0, 10_000);
          if (decision.type === 'efficiency') {
            within(decision.efficiency_score, 0, 1);
            within(decision.efficiency_ewma, 0, 1);
            within(decision.confidence, 0, 1);
            within(decision.reallocation_weight, -1, 1);
            within(decision.hold_time_penalty, 0, 1);
          }
          if (decision.type === 'allocation') {
            within(decision.weight, 0, 0.4 * (1 + 1e-12));
            within(decision.confidence, 0, 1);
          }
          if (decision.type === 'proposal') within(decision.multiplier, 0.5, 1.5);
        }
      }),
      { numRuns: 150 },
    );
    expect.hasAssertions();
  });
});

describe('the rolling loss', () => {
  it('is the sum of the profits that arrived less than 24 h ago', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(fc.constantFrom(0, 0, 1, 3600, 40_000, 86_400), fc.integer({ min: -1e9, max: 1e9 })),
          { maxLength: 3000, size: 'max' },
        ),
        fc.constantFrom(0, 1, 86_399, 86_400),
        (steps, laterSec) => {
          const loss = new RollingLoss();
          const arrived: [number, number][] = [];
          let now = 1_700_000_000;
          for (const [gapSec, cents] of steps) {
            now += gapSec;
            loss.add(now, cents / 100);
            arrived.push([now, cents]);
          }
          now += laterSec;
          const cents = arrived.reduce((sum, [ts, one]) => (now - ts < 86_400 ? sum + one : sum), 0);
          expect(loss.lossUsd(now)).toBeCloseTo(-cents / 100, 6);
        },
      ),
      { numRuns: 40 },
    );
  });
});
