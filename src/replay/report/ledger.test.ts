import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { executions } from '../../../test/support/arbitrary-executions.ts';
import { PeriodLedger, type Tally } from './ledger.ts';

const FRIDAY_EVENING = Date.UTC(2024, 0, 5, 23, 59, 59) / 1000;

describe('PeriodLedger', () => {
  test('keeps combinations in order of first appearance', () => {
    const ledger = new PeriodLedger();
    ledger.add(7, 0, 1, 0, 0, 0, 0, 0, 5);
    ledger.add(2, 0, 1, 0, 0, 0, 0, 0, 5);
    ledger.add(7, 0, 1, 0, 0, 0, 0, 0, 5);
    expect([ledger.size, ledger.label(0, 'symbol'), ledger.label(1, 'symbol')]).toEqual([2, 7, 2]);
  });

  test('tells apart combinations that differ in any one label', () => {
    const ledger = new PeriodLedger();
    for (let label = 0; label < 7; label += 1) {
      const ids = [1, 1, 1, 1, 1, 1, 1].map((id, index) => (index === label ? 2 : id));
      const [s = 0, b = 0, g = 0, r = 0, c = 0, x = 0, d = 0] = ids;
      ledger.add(s, b, g, r, c, x, d, 0, 1);
    }
    expect(ledger.size).toBe(7);
    expect(ledger.label(6, 'side')).toBe(2);
    expect(ledger.label(5, 'exit_reason')).toBe(2);
  });

  test('puts an execution into the UTC hour and weekday of its event, before 1970 too', () => {
    const ledger = new PeriodLedger();
    const times = [FRIDAY_EVENING, FRIDAY_EVENING + 1, 0, -1, FRIDAY_EVENING];
    for (const sec of times) ledger.add(0, 0, 0, 0, 0, 0, 0, sec, 1);
    const seen: string[] = [];
    ledger.eachHourOfWeek((weekday, hour, { count }) => seen.push(`${weekday}/${hour}:${count}`));
    expect(seen).toEqual(['2/23:1', '3/0:1', '4/23:2', '5/0:1']);
  });

  test('agrees with the calendar for any time', () => {
    fc.assert(
      fc.property(fc.double({ min: -1e11, max: 1e11, noNaN: true }), (sec) => {
        const ledger = new PeriodLedger();
        ledger.add(0, 0, 0, 0, 0, 0, 0, sec, 1);
        const date = new Date(Math.floor(sec) * 1000);
        ledger.eachHourOfWeek((weekday, hour) => {
          expect([weekday, hour]).toEqual([(date.getUTCDay() + 6) % 7, date.getUTCHours()]);
        });
      }),
    );
  });

  test('counts a profit of zero as neither win nor loss and one below a micro-USD as a win', () => {
    const ledger = new PeriodLedger();
    for (const pnlUsd of [0, -0, 1e-9, -2.5]) ledger.add(0, 0, 0, 0, 0, 0, 0, 0, pnlUsd);
    expect(allTallies(ledger)).toEqual([
      { count: 4, wins: 1, losses: 1, winMicroUsd: 0, lossMicroUsd: -2_500_000 },
    ]);
  });

  test('adds ten thousand dimes up to exactly a thousand dollars', () => {
    const ledger = new PeriodLedger();
    for (let n = 0; n < 10_000; n += 1) ledger.add(0, 0, 0, 0, 0, 0, 0, 0, 0.1);
    expect(allTallies(ledger)[0]?.winMicroUsd).toBe(1_000_000_000);
    expect(ledger.exact).toBe(true);
  });

  test('says so when sums leave the exact range, and never becomes infinite', () => {
    const ledger = new PeriodLedger();
    ledger.add(0, 0, 0, 0, 0, 0, 0, 0, 9e9);
    expect(ledger.exact).toBe(true);
    ledger.add(0, 0, 0, 0, 0, 0, 0, 0, 9e9);
    expect(ledger.exact).toBe(false);
    for (const pnlUsd of [1e308, 1e308, -1e308, -1e308]) ledger.add(0, 0, 0, 0, 0, 0, 0, 0, pnlUsd);
    expect(allTallies(ledger)).toEqual([
      { count: 6, wins: 4, losses: 2, winMicroUsd: Number.MAX_VALUE, lossMicroUsd: -Number.MAX_VALUE },
    ]);
  });

  test('refuses a profit or a time that is no finite number, and counts nothing', () => {
    const ledger = new PeriodLedger();
    for (const wrong of [Number.NaN, Infinity, -Infinity]) {
      expect(() => ledger.add(0, 0, 0, 0, 0, 0, 0, 0, wrong)).toThrow(`profit ${wrong}`);
      expect(() => ledger.add(0, 0, 0, 0, 0, 0, 0, wrong, 1)).toThrow(`event time ${wrong}`);
    }
    expect(ledger.size).toBe(0);
  });

  test('grows past its first tables without losing anything', () => {
    const ledger = new PeriodLedger();
    for (let n = 0; n < 20_000; n += 1) ledger.add(n % 5000, n % 3, 0, 0, 0, 0, 0, n * 60, 1);
    expect(ledger.size).toBe(15_000);
    expect(allTallies(ledger).reduce((sum, tally) => sum + tally.count, 0)).toBe(20_000);
  });

  test('saved as JSON and loaded anywhere, it goes on as if never cut', () => {
    fc.assert(
      fc.property(executions, fc.nat(600), (all, cut) => {
        const whole = new PeriodLedger();
        for (const one of all) whole.add(...one);
        const first = new PeriodLedger();
        for (const one of all.slice(0, cut)) first.add(...one);
        const second = PeriodLedger.load(JSON.parse(JSON.stringify(first.save())));
        for (const one of all.slice(cut)) second.add(...one);
        expect(JSON.stringify(second.save())).toBe(JSON.stringify(whole.save()));
      }),
      { numRuns: 50 },
    );
  });

  test('refuses a damaged state with a word on where', () => {
    const ledger = new PeriodLedger();
    ledger.add(1, 2, 3, 0, 0, 0, 0, 0, 1);
    const state = ledger.save();
    const [combination = { labels: [], hours: [], weekdays: [] }] = state.combinations;
    const load = (changed: object): PeriodLedger => PeriodLedger.load({ ...state, ...changed });
    expect(() => load({ combinations: [combination, combination] })).toThrow('combination 1 repeats 0');
    expect(() => load({ combinations: [{ ...combination, labels: [1] }] })).toThrow(
      'combination 0 is damaged',
    );
    expect(() => load({ combinations: [{ ...combination, hours: [24, 1, 1, 0, 1, 0] }] })).toThrow('damaged');
    expect(() => load({ week: [0, 1, 1] })).toThrow('cell at 0 is damaged');
  });
});

function allTallies(ledger: PeriodLedger): Tally[] {
  const tallies: Tally[] = [];
  ledger.eachHour((_, __, tally) => tallies.push({ ...tally }));
  return tallies;
}
