/** The faults of test/process/governor-*.test.ts at full length: two hundred halts, a hundred thousand plans. */
import { expect, it } from 'vitest';
import { seededRandom } from '../support/event-lines.ts';
import { deliverAgainAndAgain } from '../support/governor-deliveries.ts';
import { haltTrials, quantile, timesText } from '../support/halt-trials.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
let given: ProgramOnRedis;
programOnRedis((program) => (given = program));

it(`200 halts among two thousand plans a second, SEED=${seed}`, async () => {
  const trials = await haltTrials(given, 'halts', 200, seededRandom(seed));
  process.stdout.write(`halts: ${timesText(trials)}\n`);
  expect(trials).toHaveLength(200);
  expect(trials.flatMap(({ after }) => after)).toEqual([]);
  expect(trials.filter(({ outstanding }) => outstanding !== 0)).toEqual([]);
  expect(trials.filter(({ issuedBefore }) => issuedBefore === 0)).toEqual([]);
  expect(
    quantile(
      trials.map(({ effectMs }) => effectMs),
      0.99,
    ),
  ).toBeLessThan(2000);
});

it(`100,000 plans, each up to five times, to two governors that take turns, SEED=${seed}`, async () => {
  const outcome = await deliverAgainAndAgain(given, 'often', 100_000, seededRandom(seed), 5);
  expect(outcome.twice).toEqual([]);
  expect(outcome.withoutAnyPermit).toEqual([]);
  expect(outcome.wrongExits).toEqual([]);
  expect(outcome.exitsTwice).toBeGreaterThan(0);
  expect(outcome.turnsOfGovernors).toBeGreaterThan(1);
});
