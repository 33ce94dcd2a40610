/** Producers that make up symbols and names without end: memory, state, metrics and questions stay bounded. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { decodeRow } from '../../src/components/record-text.ts';
import { Watch } from '../../src/components/watch/watch.ts';
import { createLog } from '../../src/runtime/log/log.ts';
import { replayOf, feed, type Told } from '../support/live-feed.ts';
import { LiveWorld } from '../support/live-run.ts';
import { testSettings } from '../support/engine-run.ts';

const START_MS = 1_700_000_000_000;

describe('hostile producers', () => {
  it('cannot name more symbols than allowed: the others are dead letters, memory and metrics stay', async () => {
    const world = await LiveWorld.inMemory(START_MS - 1000);
    const watch = quietWatch();
    const live = world.start({ maxSymbols: 200, keepsDecisions: false, watch });
    let half = 0;
    for (let second = 0; second < 100; second++)
      world.time.at(START_MS + second * 1000, async () => {
        if (second === 50) half = memory();
        await world.store.append(
          Array.from({ length: 1000 }, (_, i) => ({
            stream: 'quantum:stream:execution.result',
            fields: ['symbol', `H${second * 1000 + i}`, 'realized_pnl', '1', 'signal', `s${i}`],
            maxLength: 3000,
          })),
        );
      });
    await world.time.until(START_MS + 102_000);
    await live.stop();
    expect(live.failures).toEqual([]);
    expect(live.gaps).toEqual([]);
    expect(live.applied).toBe(200);
    expect(live.rejected.length).toBe(99_800);
    expect(new Set(live.rejected.map(({ reason }) => reason))).toEqual(new Set(['too_many_symbols']));
    const letters = await world.entries('stream:execution.result.dlq');
    expect(letters.length).toBe(10_000);
    expect(letters.at(-1)).toMatchObject({ symbol: 'H99999', reason: 'too_many_symbols' });
    expect(live.machine!.live.engine.symbols.size).toBe(200);
    expect((await world.store.load('budget'))!.records.size).toBe(200);
    const text = await watch.book('attribution').text();
    expect(text.split('\n').length).toBeLessThan(1500);
    expect(text).toContain('symbol="_other"');
    // What the test itself keeps of 50,000 refusals is some 20 MB of it.
    expect(memory() - half).toBeLessThan(60e6);
  });

  it('cannot make names pile up: labels, clusters and the hashes asked for stay few', async () => {
    const world = await LiveWorld.inMemory(START_MS - 1000);
    let asked = 0;
    const hashes = world.store.hashes.bind(world.store);
    world.store.hashes = (requests) => {
      asked = requests.length;
      return hashes(requests);
    };
    const live = world.start({ keepsDecisions: false });
    for (let second = 0; second < 70; second++)
      world.time.at(START_MS + second * 1000, async () => {
        await world.store.append(
          Array.from({ length: 1000 }, (_, i) => {
            const n = second * 1000 + i;
            const fields = { symbol: `S${n % 5}`, realized_pnl: '1', regime: `r${n}`, cluster: `c${n}` };
            return {
              stream: 'quantum:stream:execution.result',
              fields: Object.entries({ ...fields, signal: `s${n}` }).flat(),
              maxLength: 3000,
            };
          }),
        );
      });
    await world.time.until(START_MS + 75_500);
    const { engine } = live.machine!.live;
    await live.stop();
    expect(live.applied).toBe(70_000);
    expect(engine.labels.size).toBeLessThan(2000);
    expect(engine.context.clusters.size).toBeLessThan(2000);
    expect(asked).toBeLessThan(2000);
  });

  it('commits a cluster that changes after numbers were given anew', async () => {
    const world = await LiveWorld.inMemory(START_MS - 1000);
    const join = async (symbol: string, cluster: string): Promise<void> => {
      await world.add('executions', { symbol, kind: 'open', cluster });
    };
    world.time.at(START_MS, async () => {
      await join('AAA', 'forgotten');
      await join('BBB', 'second');
      for (let i = 0; i < 1100; i++) await join('CCC', `c${i}`);
      await join('AAA', 'c1099');
    });
    // Before the next tick: `second` and `c1099` have the numbers 0 and 1 by then; that of `second` was 1 when it was committed.
    world.time.at(START_MS + 2000, () => join('BBB', 'c1099'));
    const live = world.start();
    await world.time.until(START_MS + 20_900);
    await live.stop();
    expect(live.machine!.live.engine.context.clusters.save()).toEqual(['second', 'c1099']);
    for (const component of ['budget', 'allocation']) {
      const { records } = (await world.store.load(component))!;
      expect(new Set(decodeRow(records.get('BBB')!).names), component).toEqual(new Set(['c1099', '']));
    }
  });

  it('a process that forgets names, stops and starts again decides what replay, which forgets none, decides', async () => {
    const settings = testSettings();
    const told = Array.from({ length: 9000 }, (_, i): Told => {
      const old = i % 7 === 0 ? Math.floor(i / 3) : i;
      const names = { regime: `r${old}`, cluster: `c${old}`, signal: `s${i}` };
      const fields = { symbol: `S${i % 4}`, realized_pnl: String(Math.sin(i) * 90), ...names };
      return { ms: START_MS + i * 50, type: 'execution', stream: 'executions', key: '', fields };
    });
    const replayed = replayOf(told, settings);
    const world = await LiveWorld.inMemory(START_MS - 1000);
    feed(world, told);
    const decisions: string[] = [];
    for (const untilMs of [200_321, 333_000, 460_000]) {
      const live = world.start({ settings });
      await world.time.until(START_MS + untilMs);
      await live.stop();
      decisions.push(...live.decisions);
    }
    const kept = decisions.filter((text) => Number(/"tick":(\d+)/.exec(text)![1]) <= replayed.end);
    expect(kept.length).toBe(replayed.decisions.length);
    expect(kept).toEqual(replayed.decisions);
  });
});

function quietWatch(): Watch {
  return new Watch({
    components: ['budget', 'attribution', 'allocation', 'efficiency', 'proposer'],
    log: (service) => createLog({ level: 'error', service, destination: { write: () => undefined } }),
    maxSymbols: 100,
    storeWhere: 'this process only',
    storeKind: 'memory',
    clock: { monotonicMs: () => 0 },
    archive: null,
  });
}

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** Bytes of the heap that are in use. */
function memory(): number {
  collectGarbage();
  return process.memoryUsage().heapUsed;
}
