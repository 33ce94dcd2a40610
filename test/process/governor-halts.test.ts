/** The kill switch under load: in the order of the stream, nothing is issued and nothing taken after it. */
import { expect, it } from 'vitest';
import { seededRandom } from '../support/event-lines.ts';
import { haltTrials, timesText } from '../support/halt-trials.ts';
import { programOnRedis, type ProgramOnRedis } from '../support/program-on-redis.ts';

const TRIALS = 20;
/** By contract 250 ms; a machine with other things to do is no defect. */
const GENEROUS_MS = 2000;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));
let given: ProgramOnRedis;
programOnRedis((program) => (given = program));

it(
  `${TRIALS} halts among two thousand plans a second, two governors and eight executors, SEED=${seed}`,
  { timeout: 120_000 },
  async () => {
    const trials = await haltTrials(given, 'halts', TRIALS, seededRandom(seed));
    process.stdout.write(`halts: ${timesText(trials)}\n`);
    expect(trials).toHaveLength(TRIALS);
    expect(trials.flatMap(({ after }) => after)).toEqual([]);
    expect(trials.filter(({ issuedBefore }) => issuedBefore === 0)).toEqual([]);
    expect(trials.filter(({ outstanding }) => outstanding !== 0)).toEqual([]);
    expect(trials.filter(({ effectMs }) => effectMs > GENEROUS_MS)).toEqual([]);
  },
);
