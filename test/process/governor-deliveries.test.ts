/** Plans that come again and again, in any order, while governors die and are frozen: each has at most one permit. */
import { expect, it } from 'vitest';
import { seededRandom } from '../support/event-lines.ts';
import { deliverAgainAndAgain } from '../support/governor-deliveries.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';

const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
let given: ProgramOnRedis;
programOnRedis((program) => (given = program));

it(
  `5,000 plans, each up to five times, to two governors that take turns, SEED=${seed}`,
  { timeout: 120_000 },
  async () => {
    const outcome = await deliverAgainAndAgain(given, 'often', 5000, seededRandom(seed), 2);
    expect(outcome.twice).toEqual([]);
    expect(outcome.withoutAnyPermit).toEqual([]);
    expect(outcome.exitsTwice).toBeGreaterThan(0);
    expect(outcome.wrongExits).toEqual([]);
    expect(outcome.turnsOfGovernors).toBeGreaterThan(1);
  },
);
