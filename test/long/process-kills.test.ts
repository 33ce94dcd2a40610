/** A million executions for a process that runs undisturbed and for one that is killed forty times at random: the same state, nothing twice. */
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { entriesOf, xaddAll } from '../support/bare-client.ts';
import { buildProgram, scratchFolder } from '../support/cli.ts';
import { seededRandom } from '../support/event-lines.ts';
import { ALL_ENFORCE, endLives, EVERY_SECOND, startLive } from '../support/live-process.ts';
import {
  appliedCount,
  differences,
  digestsIn,
  OutputReader,
  statesAtOneTick,
} from '../support/live-state.ts';
import { startRedis } from '../support/redis-server.ts';
import { sampleExecutions } from '../support/sample-executions.ts';

const COUNT = 1_000_000;
const KILLS = 40;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it(`a million executions and ${KILLS} kills, SEED=${seed}`, async () => {
  process.stdout.write(`SEED=${seed}\n`);
  const random = seededRandom(seed);
  const program = buildProgram();
  const redis = await startRedis();
  try {
    const folder = scratchFolder();
    const nowMs = Date.now();
    const sample = sampleExecutions({
      seed,
      count: COUNT,
      symbols: 300,
      fromMs: nowMs - 3 * 3_600_000,
      toMs: nowMs - 1000,
    });
    for (const namespace of ['calm', 'killed'])
      await xaddAll(redis, `${namespace}:stream:execution.result`, sample.entries);
    const start = (namespace: string) =>
      startLive({
        main: program.main,
        words: ['up', '--archive', join(folder, namespace)],
        url: redis.url,
        namespace,
        sets: { ...EVERY_SECOND, ...ALL_ENFORCE },
      });
    const outputs = new OutputReader(redis, 'killed', 20 * 60_000);
    const calm = start('calm');
    let kills = 0;
    let midway = 0;
    for (; kills < KILLS; kills++) {
      const before = await appliedCount(redis, 'killed', 'attribution');
      if (before < COUNT) midway++;
      const live = start('killed');
      await live.untilSaid(/^runs here/);
      await sleep(random() * 600);
      expect(await live.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    }
    expect(midway).toBeGreaterThan(KILLS / 4);
    const last = start('killed');
    await Promise.all([calm.untilReady(300_000), last.untilReady(300_000)]);
    const [one, other] = await statesAtOneTick(redis, ['calm', 'killed'], ({ attribution }) =>
      attribution.meta['inputs']!.includes(`,${COUNT}]`),
    );
    expect(differences(one!, other!)).toEqual([]);
    // A repeat of an execution that is not remembered any more counts again, for both alike.
    expect(one!.attribution.seen).toHaveLength(200_000);
    const letters = await entriesOf(redis, 'killed:stream:execution.result.dlq');
    const sources = letters.map(({ fields }) => fields['source_id']);
    expect(sources).toEqual(sample.unusable.slice(-sources.length));
    expect((await outputs.finish()).twice).toEqual([]);
    await Promise.all([calm, last].map((live) => live.kill('SIGTERM')));
    const digests = await digestsIn(folder);
    expect([...digests.values()].filter((found) => found.length > 1).length).toBeGreaterThan(1000);
    expect([...digests].filter(([, found]) => new Set(found).size > 1)).toEqual([]);
  } finally {
    await endLives();
    program.remove();
    await redis.stop();
  }
});
