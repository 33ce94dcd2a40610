/** Ten million executions through Redis and every component: the heap stays flat, nothing is lost. */
import { spawn } from 'node:child_process';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { TICKING_COMPONENTS } from '../../src/components/declarations.ts';
import { TradingMachine } from '../../src/components/machine.ts';
import { Watch } from '../../src/components/watch/watch.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { createLog } from '../../src/runtime/log/log.ts';
import { supervise } from '../../src/runtime/supervisor.ts';
import { testSettings } from '../support/engine-run.ts';
import { startRedis } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';
import type { Round } from '../../src/runtime/runner-options.ts';

const EXECUTIONS = Number(process.env['EXECUTIONS'] ?? 10_000_000);
const SAMPLE_EVERY = EXECUTIONS / 20;
const NAMESPACE = 'quantum';

/** Adds executions as fast as Redis takes them, never more than a million ahead of who reads. */
const PRODUCER = `
import { createClient } from '@redis/client';
const [url, count] = [process.argv[1], Number(process.argv[2])];
const client = createClient({ url, RESP: 2 });
await client.connect();
const key = '${NAMESPACE}:stream:execution.result';
for (let from = 0; from < count; from += 10000) {
  if (from % 100000 === 0)
    for (;;) {
      const inputs = await client.sendCommand(['HGET', '${NAMESPACE}:ballast:meta:budget', 'inputs']);
      const read = inputs === null ? 0 : JSON.parse(inputs)['execution.result'][1] ?? 0;
      if (from - read < 1_000_000) break;
      await new Promise((done) => setTimeout(done, 50));
    }
  await Promise.all(Array.from({ length: Math.min(10000, count - from) }, (_, i) => {
    const n = from + i;
    return client.sendCommand(['XADD', key, 'MAXLEN', '~', '2000000', '*', 'symbol', 'S' + (n % 500) + 'USDT',
      'pnl', String(((n * 7919) % 2001 - 1000) / 10), 'execution_id', 'execution-' + n, 'regime', n % 2 ? 'CHOP' : 'TREND', 'signal', 'signal-' + (n % 7)]);
  }));
}
await client.close();
`;

it(`${EXECUTIONS} executions leave a flat heap`, async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const redis = await startRedis();
  const store = await connectedStore({ url: redis.url, namespace: NAMESPACE });
  const log = createLog({ level: 'error', service: 'test' });
  const watch = new Watch({
    components: TICKING_COMPONENTS,
    log: () => log,
    maxSymbols: 1000,
    storeWhere: redis.url,
    storeKind: 'redis',
    clock: systemClock,
    archive: null,
  });
  const heapsMb: number[] = [];
  const gaps: string[] = [];
  const stop = new AbortController();
  let applied = 0;
  const round = watch.round.bind(watch);
  watch.round = (told: Round): void => {
    round(told);
    applied += told.applied;
    if (applied >= (heapsMb.length + 1) * SAMPLE_EVERY) {
      collectGarbage();
      heapsMb.push(process.memoryUsage().heapUsed / 1e6);
    }
    if (applied >= EXECUTIONS) stop.abort();
  };
  watch.gap = (input): void => void gaps.push(input);
  const modes = ['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE'];
  const producer = spawn(
    process.execPath,
    ['--input-type=module', '-e', PRODUCER, redis.url, String(EXECUTIONS)],
    { stdio: 'inherit' },
  );
  try {
    await supervise(
      {
        store,
        components: TICKING_COMPONENTS,
        owner: 'ten-million',
        clock: systemClock,
        events: watch,
        makeMachine: () =>
          new TradingMachine({
            components: TICKING_COMPONENTS,
            namespace: NAMESPACE,
            settings: testSettings(),
            modesSet: new Set(modes),
            aliases: new Map(),
            clusters: new Map(),
            maxSymbols: 20_000,
            listener: watch,
          }),
      },
      stop.signal,
    );
  } finally {
    producer.kill('SIGKILL');
    await store[Symbol.asyncDispose]();
    await redis.stop();
  }
  expect(applied).toBe(EXECUTIONS);
  expect(gaps).toEqual([]);
  // The ids remembered fill up first; from then on nothing may grow.
  const settled = heapsMb.slice(Math.ceil(heapsMb.length * 0.2));
  const half = settled.length >>> 1;
  const growthMb = median(settled.slice(half)) - median(settled.slice(0, half));
  const perMillion = growthMb / ((EXECUTIONS * 0.4) / 1e6);
  process.stdout.write(
    `heap, MB: ${heapsMb.map((mb) => mb.toFixed(1)).join(' ')}; ${perMillion.toFixed(3)} MB a million\n`,
  );
  expect(perMillion).toBeLessThan(0.1);
}, 1_800_000);

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1]!;
}
