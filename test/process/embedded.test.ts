/** `ballast up` without Redis: its folder, the files it follows, its sockets, and what it refuses. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { buildProgram, scratchFolder } from '../support/cli.ts';
import { seededRandom } from '../support/event-lines.ts';
import {
  ALL_ENFORCE,
  endLives,
  EVERY_SECOND,
  startLive,
  type LiveOptions,
  type LiveProcess,
} from '../support/live-process.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';

let program: ReturnType<typeof buildProgram>;

beforeAll(() => {
  program = buildProgram();
});

afterAll(async () => {
  await endLives();
  program.remove();
});

function start(folder: string, more: Partial<LiveOptions> = {}): LiveProcess {
  const words = ['up', '--data', 'data', '--follow', 'executions.jsonl'];
  return startLive({ main: program.main, words, folder, sets: { ...EVERY_SECOND, ...ALL_ENFORCE }, ...more });
}

it(
  'applies every complete line of a followed file once, however often it is killed',
  { timeout: 60_000 },
  async () => {
    const folder = scratchFolder();
    const file = join(folder, 'executions.jsonl');
    const random = seededRandom(31);
    let written = 0;
    let pnlUsd = 0;
    /** Every other line says who it is. */
    const line = (): string => {
      const n = written++;
      const pnl = (n % 31) - 14;
      pnlUsd += pnl;
      const own = n % 2 === 0 ? { execution_id: `e${n}` } : {};
      return `${JSON.stringify({ ts: Date.now(), symbol: `S${n % 5}USDT`, pnl, ...own })}\n`;
    };
    const lines = (count: number): string => Array.from({ length: count }, line).join('');
    writeFileSync(file, lines(2000));
    let half = '';
    for (let n = 0; n < 4; n++) {
      const live = start(folder);
      await live.untilSaid(/^runs here/);
      for (const endMs = performance.now() + 500 + random() * 600; performance.now() < endMs;) {
        appendFileSync(file, half + lines(40));
        half = '';
        await sleep(random() * 20);
      }
      // The last line is only half there when it dies.
      const last = line();
      appendFileSync(file, last.slice(0, 20));
      half = last.slice(20);
      await sleep(random() * 300);
      expect(await live.kill('SIGKILL')).toEqual({ code: null, signal: 'SIGKILL' });
    }
    appendFileSync(file, half);
    const live = start(folder);
    await live.untilReady();
    // Profit so far, not of this process only.
    const total = async (): Promise<number> => (await inFolder(folder, live)).ownEquityUsd;
    expect(await total()).toBe(100_000 + pnlUsd);
    const { seen, letters, entries } = await committedIn(folder);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toHaveLength(written);
    expect(letters).toBe(0);
    expect(entries).toBeGreaterThanOrEqual(written);
    expect(written).toBeGreaterThan(3000);
  },
);

/** Waits until everything was read, stops the process, and returns the account. */
async function inFolder(folder: string, live: LiveProcess): Promise<{ ownEquityUsd: number }> {
  let before = -1;
  await live.untilHealth('everything being read', 'attribution', ({ applied, duplicates, last_tick }) => {
    const isStill = applied + duplicates === before && last_tick! > Date.now() / 1000 - 2;
    before = applied + duplicates;
    return isStill;
  });
  await sleep(1500);
  expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
  const { portfolio } = await committedIn(folder);
  return JSON.parse(portfolio) as { ownEquityUsd: number };
}

async function committedIn(folder: string) {
  await using store = await openMemoryStore({ namespace: 'quantum', folder: join(folder, 'data') });
  const { meta, seen } = (await store.load('attribution'))!;
  const { streams } = await store.read(
    ['quantum:stream:execution.result', 'quantum:stream:execution.result.dlq'].map((stream) => ({
      stream,
      after: '0-0',
      count: 1,
    })),
  );
  return {
    portfolio: meta.get('portfolio')!,
    seen: seen.flatMap((chunk) => JSON.parse(chunk) as string[]),
    entries: streams[0]!.facts?.added ?? 0,
    letters: streams[1]!.facts?.added ?? 0,
  };
}

it('shows what a followed file brings in its metrics, and takes what is written while it runs', async () => {
  const folder = scratchFolder();
  const file = join(folder, 'executions.jsonl');
  writeFileSync(file, '{"symbol":"BTCUSDT","pnl":25}\n');
  const live = start(folder);
  await live.untilReady();
  appendFileSync(file, '{"symbol":"BTCUSDT","pnl":-5}\n{"symbol":"ETH/USDT","pnl":7}\nno json\n{"symbol":"X');
  await live.untilHealth('three executions', 'attribution', ({ applied }) => applied === 3);
  expect(await live.metric('attribution', 'p30_execution_pnl_total')).toEqual(
    new Map([
      ['{symbol="BTCUSDT"}', 20],
      ['{symbol="ETHUSDT"}', 7],
    ]),
  );
  expect(await live.health('budget')).toMatchObject({ status: 'ok', redis: 'embedded' });
});

/** Every network socket of a process as `local > remote state`, with the kernel's own names of states (0A: listening). */
function socketsOf(pid: number): string[] {
  const inodes = new Set<string>();
  for (const fd of readdirSync(`/proc/${pid}/fd`)) {
    const [, inode] = /^socket:\[(\d+)\]$/.exec(readlinkOrNothing(`/proc/${pid}/fd/${fd}`)) ?? [];
    if (inode !== undefined) inodes.add(inode);
  }
  return ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6', 'udplite', 'udplite6'].flatMap((kind) =>
    readFileSync(`/proc/${pid}/net/${kind}`, 'utf8')
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter((parts) => inodes.has(parts[9] ?? ''))
      .map(([, local, remote, state]) => `${kind} ${local!.split(':')[0]} > ${remote} ${state}`),
  );
}

/** A file that is closed meanwhile has no link. */
function readlinkOrNothing(path: string): string {
  try {
    return readlinkSync(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

it('has no socket but its pages on the loopback address', async () => {
  const folder = scratchFolder();
  writeFileSync(join(folder, 'executions.jsonl'), '{"symbol":"BTCUSDT","pnl":25}\n');
  const live = start(folder);
  await live.untilSaid(/^caught up/);
  const pages = live.lines.filter(({ msg }) => msg.startsWith('serving ')).length;
  expect(pages).toBe(7);
  // The efficiency answers for its health on a second port.
  for (let n = 0; n < 20; n++) {
    expect(socketsOf(live.pid)).toEqual(Array.from({ length: 8 }, () => 'tcp 0100007F > 00000000:0000 0A'));
    await sleep(50);
  }
});

it('refuses a folder that another process has, and a port that is taken, each in one line that says what to do', async () => {
  const folder = scratchFolder();
  mkdirSync(join(folder, 'data'));
  writeFileSync(join(folder, 'executions.jsonl'), '');
  const first = start(folder);
  await first.untilReady();
  const second = start(folder);
  expect(await second.ended).toEqual({ code: 1, signal: null });
  expect(second.errors).toBe(
    `ballast: ${join(folder, 'data')} is in use by process ${first.pid}: stop that one first, or name another folder\n`,
  );
  expect(await first.isReady('budget')).toBe(true);

  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    taken.close();
  });
  const { port } = taken.address() as AddressInfo;
  const third = start(scratchFolder(), { sets: { P30_METRICS_PORT: port } });
  expect(await third.ended).toEqual({ code: 1, signal: null });
  expect(third.errors).toMatch(
    new RegExp(`^ballast: P30_METRICS_PORT ${port} on 127\\.0\\.0\\.1 is in use: [^\\n]+\\n$`),
  );
});
