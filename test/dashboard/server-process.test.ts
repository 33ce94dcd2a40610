/** The dashboard in the commands: `run dashboard`, `up`, `demo`; where they listen (S01), when they refuse, and that nobody who looks changes what is decided. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { demoDashboard, type DemoDashboard } from '../../src/cli/dashboard.ts';
import { runDemo, type DemoOptions } from '../../src/demo/run.ts';
import { buildProgram, runCli } from '../support/cli.ts';
import { endLives, startLive } from '../support/live-process.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import type { Snapshot } from '../../src/dashboard/wire.ts';

let program: ReturnType<typeof buildProgram>;
let redis: RedisServer;
beforeAll(async () => {
  program = buildProgram();
  redis = await startRedis();
}, 60_000);
afterAll(async () => {
  await endLives();
  program.remove();
  await redis.stop();
});

/** Local addresses a process listens on, as the kernel writes them. */
function listening(pid: number): string[] {
  const inodes = new Set(
    readdirSync(`/proc/${pid}/fd`).flatMap((fd) => /^socket:\[(\d+)\]$/.exec(linkOf(pid, fd))?.[1] ?? []),
  );
  return ['tcp', 'tcp6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter((parts) => parts[3] === '0A' && inodes.has(parts[9] ?? ''))
      .map(([, local]) => `${kind} ${local!.split(':')[0]!}`),
  );
}

/** A file that is closed meanwhile has no link. */
function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function takenPort(): Promise<number> {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void taken.close());
  return (taken.address() as AddressInfo).port;
}

describe('ballast run dashboard', () => {
  it('serves what Redis holds on the loopback address only, and ends when told to', async () => {
    const live = startLive({ main: program.main, words: ['run', 'dashboard'], url: redis.url });
    const { url } = await live.untilSaid(/^serving http/);
    expect(listening(live.pid)).toEqual(['tcp 0100007F']);
    await live.untilSaid(/^serving/);
    const snapshot = async (): Promise<Snapshot | null> => {
      const answer = await fetch(`${url}/api/v1/snapshot`);
      return answer.ok ? ((await answer.json()) as Snapshot) : null;
    };
    let read: Snapshot | null = null;
    for (const endMs = performance.now() + 5000; read === null && performance.now() < endMs;)
      read = await snapshot();
    expect(read?.overview).toMatchObject({ kind: 'live', rate: 1, store: { kind: 'redis', error: null } });
    expect(read?.overview.store.where).toBe(redis.url);
    expect(await (await fetch(`${url}/health`)).json()).toMatchObject({ service: 'dashboard', status: 'ok' });
    expect((await fetch(`${url}/ready`)).status).toBe(200);
    expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  });

  it('needs Redis', async () => {
    const { code, errors } = await runCli(['run', 'dashboard']);
    expect([code, errors]).toEqual([2, [expect.stringMatching(/^ballast: run dashboard needs Redis/)]]);
  });

  it('refuses another address without a token for reading, and a port that is taken, in one line each', async () => {
    const words = ['run', 'dashboard'];
    const open = startLive({
      main: program.main,
      words,
      url: redis.url,
      sets: { DASHBOARD_HOST: '0.0.0.0' },
    });
    expect(await open.ended).toEqual({ code: 2, signal: null });
    expect(open.errors).toMatch(
      /^ballast: DASHBOARD_HOST 0\.0\.0\.0 can be reached .* set DASHBOARD_READ_TOKEN .*\n$/,
    );
    const port = await takenPort();
    const late = startLive({
      main: program.main,
      words,
      url: redis.url,
      sets: { DASHBOARD_METRICS_PORT: port },
    });
    expect(await late.ended).toEqual({ code: 1, signal: null });
    expect(late.errors).toMatch(
      new RegExp(`^ballast: DASHBOARD_METRICS_PORT ${port} on 127\\.0\\.0\\.1 is in use: [^\\n]+\\n$`),
    );
  });
});

describe('ballast up', () => {
  it('has the dashboard, on the loopback address like everything, unless it is left out', async () => {
    const live = startLive({ main: program.main, words: ['up', '--ephemeral'] });
    const { url } = await live.untilSaid(/^serving \S+\/, its API/);
    expect((await fetch(`${url}/api/v1/session`)).status).toBe(200);
    await live.untilReady();
    expect(new Set(listening(live.pid))).toEqual(new Set(['tcp 0100007F']));
    expect(listening(live.pid)).toHaveLength(8);
    const lean = startLive({ main: program.main, words: ['up', '--ephemeral', '--without', 'dashboard'] });
    await lean.untilReady();
    expect(lean.lines.filter(({ service }) => service === 'dashboard')).toEqual([]);
    expect(listening(lean.pid)).toHaveLength(7);
    for (const one of [live, lean]) expect(await one.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  }, 60_000);
});

describe('the demo', () => {
  const never = new AbortController().signal;
  const base = { seed: 5, simulatedSec: 240, speed: null, onSecond: () => undefined };
  async function decided(onStore?: DemoOptions['onStore']): Promise<{ sha256: string; text: string }> {
    let text = '';
    const result = await runDemo(
      {
        ...base,
        onDecision: (line) => void (text += `${line}\n`),
        ...(onStore === undefined ? {} : { onStore }),
      },
      never,
    );
    return { sha256: result.sha256, text };
  }

  it('decides the same to the last byte, with a dashboard that is read all the time and without', async () => {
    const alone = await decided();
    let asked = 0;
    const watched = await decided(async (opened) => {
      const { running, address } = await demoDashboard(opened, 0);
      const origin = new URL(address).origin;
      const over = new AbortController();
      const paths = [
        'snapshot',
        'symbols/BTCUSDT',
        'symbols/BTCUSDT/explanation',
        'attribution?x=hour&y=bot',
        'verdicts',
      ];
      const poll = async (path: string): Promise<void> => {
        while (!over.signal.aborted) {
          await (await fetch(`${origin}/api/v1/${path}`)).text();
          asked++;
          await sleep(5);
        }
      };
      const polls = paths.map((path) => poll(path));
      return {
        [Symbol.asyncDispose]: async () => {
          over.abort();
          await Promise.all(polls);
          await running[Symbol.asyncDispose]();
        },
      };
    });
    expect(alone.text.length).toBeGreaterThan(50_000);
    expect(watched.text).toBe(alone.text);
    expect(watched.sha256).toBe(alone.sha256);
    expect(asked).toBeGreaterThan(20);
  }, 60_000);

  it('can be stopped and re-armed on its page, with the tokens of its screen', async () => {
    let opened: (page: DemoDashboard) => void = () => undefined;
    const page = new Promise<DemoDashboard>((resolve) => (opened = resolve));
    const stop = new AbortController();
    const ended = runDemo(
      {
        ...{ ...base, simulatedSec: null, speed: 200, onDecision: () => undefined },
        onStore: async (store) => {
          const made = await demoDashboard(store, 0);
          opened(made);
          return made.running;
        },
      },
      stop.signal,
    );
    const { address, rearmToken } = await page;
    const { origin, hash } = new URL(address);
    const headers = {
      Authorization: `Bearer ${hash.slice('#token='.length)}`,
      'Content-Type': 'application/json',
    };
    const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
      const answer = await fetch(`${origin}/api/v1/${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      });
      return (await answer.json()) as Record<string, unknown>;
    };
    const who = { by: 'ann', reason: 'to see it' };
    expect(await post('actions/halt', { ...who, confirm: 'HALT' })).toMatchObject({ state: 'HALTED' });
    const { nonce } = await post('challenge', {});
    const rearm = { ...who, symbol: null, confirm: 'ALL', nonce, rearm_token: rearmToken };
    expect(await post('actions/rearm', rearm)).toMatchObject({ state: 'ACTIVE' });
    stop.abort();
    expect((await ended).story.tradingState).toBe('ACTIVE');
  });

  it('prints where the page is, or that its port is taken, and nothing of it where it is not wanted', async () => {
    const quick = ['demo', '--seconds', '1', '--speed', 'max'];
    const shown = await runCli([...quick, '--port', '0']);
    expect(shown.out.split('\n')[0]).toMatch(
      /^Dashboard {2}http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{16} {2}re-arm token [\w-]{16}$/,
    );
    const without = await runCli([...quick, '--no-dashboard']);
    expect(without.out).not.toMatch(/Dashboard|token/);
    const json = await runCli([...quick, '--json']);
    expect(Object.keys(JSON.parse(json.out) as object)).not.toContain('dashboard');
    const both = await runCli([...quick, '--json', '--port', '0']);
    expect(JSON.parse(both.out)).toMatchObject({
      dashboard: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#token=/) as string,
    });
    const taken = await runCli([...quick, '--port', String(await takenPort())]);
    expect([taken.code, taken.errors]).toEqual([
      1,
      [expect.stringMatching(/^ballast: --port \d+ on 127\.0\.0\.1 is in use/)],
    ]);
    const wrong = await runCli([...quick, '--port', '70000']);
    expect([wrong.code, wrong.errors]).toEqual([
      2,
      ['ballast: --port 70000: has to be a whole number from 0 to 65535'],
    ]);
    const contrary = await runCli([...quick, '--port', '0', '--no-dashboard']);
    expect([contrary.code, contrary.errors]).toEqual([
      2,
      ['ballast: --port and --no-dashboard exclude each other'],
    ]);
  });
});
