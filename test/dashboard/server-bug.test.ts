/** A bug in what reads the store: it ends a dashboard that is alone, and never what trades beside it. */
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it, onTestFinished } from 'vitest';
import { runLiveDashboard } from '../../src/cli/dashboard.ts';
import { defaultRuntimeSettings } from '../../src/contract/runtime-settings.ts';
import { createLog } from '../../src/runtime/log/log.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { testSettings } from '../support/engine-run.ts';
import { NAMESPACE, withOther } from '../support/live-governor.ts';
import { until } from '../support/live-process.ts';

interface Running {
  readonly url: string;
  readonly lines: string[];
  readonly ended: Promise<string>;
  readonly stop: () => void;
}

/** With a store that answers as none does. */
async function run(isAlone: boolean): Promise<Running> {
  const store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
  onTestFinished(async () => await store[Symbol.asyncDispose]());
  const runtime = { ...defaultRuntimeSettings(), DASHBOARD_METRICS_PORT: 0 };
  const lines: string[] = [];
  const over = new AbortController();
  onTestFinished(() => over.abort());
  const running = runLiveDashboard(
    {
      store: withOther(store, { hashes: () => Promise.reject(new TypeError('a bug')) }),
      storeWhere: 'here',
      resolved: { settings: testSettings(), runtime, aliases: new Map(), clusters: new Map() },
      dataFolder: undefined,
      log: createLog({
        level: 'info',
        service: 'dashboard',
        destination: { write: (line) => void lines.push(line) },
      }),
      isAlone,
    },
    over.signal,
  );
  const ended = running.then(
    () => 'stopped',
    (error: unknown) => String(error),
  );
  const url = await until('it listens', () => Promise.resolve(/"url":"([^"]+)"/.exec(lines.join('\n'))?.[1]));
  return { url, lines, ended, stop: () => over.abort() };
}

describe('a bug in what reads the store', () => {
  it('ends a dashboard that is alone', async () => {
    const { ended } = await run(true);
    expect(await ended).toBe('TypeError: a bug');
  });

  it('beside components ends nothing; the log and its health say it, until it is told to stop', async () => {
    const { url, lines, ended, stop } = await run(false);
    await until('the log says it', () =>
      Promise.resolve(lines.some((line) => line.includes('the dashboard reads no more')) || undefined),
    );
    expect(await Promise.race([ended, sleep(300, 'runs')])).toBe('runs');
    const health = await fetch(`${url}/health`);
    expect([health.status, await health.json()]).toMatchObject([503, { status: 'failing' }]);
    stop();
    expect(await ended).toBe('stopped');
  });
});
