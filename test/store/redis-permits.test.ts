/** Permits on Redis: what only a real server can do to them. What every store keeps is in test/conformance. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisStore } from '../../src/store/redis/redis-store.ts';
import type { Deciding } from '../../src/store/permits.ts';
import { blockOf, governing, issueOf } from '../support/permit-steps.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore, untilItWorks } from '../support/redis-store.ts';
import { startProxy, type Direction, type TcpProxy } from '../support/tcp-proxy.ts';

let server: RedisServer;
let spaces = 1000;
const opened: RedisStore[] = [];

beforeAll(async () => {
  server = await startRedis();
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store[Symbol.asyncDispose]();
  await server.send('FLUSHALL');
});
afterAll(() => server.stop());

interface Desk {
  readonly namespace: string;
  readonly store: RedisStore;
  readonly at: Deciding;
}

async function openStore(namespace: string, url = server.url): Promise<RedisStore> {
  const store = await connectedStore({ url, namespace });
  opened.push(store);
  return store;
}

/** A namespace of its own, a store and the governor's place. */
async function desk(): Promise<Desk> {
  const namespace = `n${spaces++}`;
  const store = await openStore(namespace);
  return { namespace, store, at: await governing(store) };
}

function after({ at }: Desk, steps: number): Deciding {
  return { ...at, sequence: at.sequence + steps };
}

/** Everything below the namespace, to the byte. */
async function everything({ namespace }: Pick<Desk, 'namespace'>): Promise<Record<string, string>> {
  const keys = (await server.send('KEYS', `${namespace}:*`)) as string[];
  const dumps = await Promise.all(
    keys.toSorted().map(async (key) => [key, String(await server.send('DUMP', key))]),
  );
  return Object.fromEntries(dumps) as Record<string, string>;
}

/** Puts something of another type under a key. */
async function spoil(key: string): Promise<void> {
  await server.send('DEL', key);
  await server.send('PFADD', key, 'a');
  if (String(await server.send('TYPE', key)) !== 'string') throw new Error('it is no string');
}

describe('a key of another type', () => {
  const STRINGS = ['permit:P', 'permit:used:P', 'governor:daily:BTCUSDT:2026-11-21'];
  const OTHERS = [
    ...['ballast:owner:governor', 'ballast:meta:governor', 'ballast:records:governor', 'ballast:trading'],
    ...['governor:disarmed', 'permit:reply:P', 'stream:governor.events', 'governor:exec:BTCUSDT'],
    'ballast:outstanding.openings',
  ];

  it.each([...STRINGS, ...OTHERS])('keeps a permit from being issued: %s', async (name) => {
    const it = await desk();
    const key = `${it.namespace}:${name}`;
    await server.send('DEL', key);
    if (STRINGS.includes(name)) await server.send('SADD', key, 'a');
    else await spoil(key);
    const before = await everything(it);
    const answer = await it.store.permits.decide(it.at, [issueOf('P'), issueOf('Q')]);
    expect(answer).toMatchObject({ done: 0, stopped: { why: 'refused' } });
    expect(answer.stopped!.detail).toContain('WRONGTYPE');
    expect(answer.stopped!.detail).toContain(key);
    expect(await everything(it)).toEqual(before);
  });

  it.each(['governor:block:P', 'governor:disarmed', 'permit:reply:P', 'ballast:trading'])(
    'keeps a block from being written: %s',
    async (name) => {
      const it = await desk();
      const key = `${it.namespace}:${name}`;
      await server.send('SADD', key, 'a');
      const before = await everything(it);
      const step = blockOf('P', { disarm: { symbol: 'BTCUSDT', text: '{}' }, reduces: true });
      expect(await it.store.permits.decide(it.at, [step])).toMatchObject({
        done: 0,
        stopped: { why: 'refused' },
      });
      expect(await everything(it)).toEqual(before);
    },
  );

  it.each([
    ...['permit:used:P', 'ballast:takes', 'stream:governor.events', 'ballast:outstanding.openings'],
    ...['ballast:outstanding.exits', 'ballast:trading', 'ballast:records:governor'],
  ])('keeps a permit from being taken: %s', async (name) => {
    const it = await desk();
    await it.store.permits.decide(it.at, [issueOf('P')]);
    const key = `${it.namespace}:${name}`;
    await server.send('DEL', key);
    await server.send('SADD', key, 'a');
    const before = await everything(it);
    await expect(it.store.permits.take('P')).rejects.toMatchObject({ kind: 'refused', code: 'WRONGTYPE' });
    expect(await everything(it)).toEqual(before);
  });

  it('under the permit is not what was issued', async () => {
    const it = await desk();
    await it.store.permits.decide(it.at, [issueOf('P')]);
    await server.send('DEL', `${it.namespace}:permit:P`);
    await server.send('SADD', `${it.namespace}:permit:P`, 'a');
    expect(await it.store.permits.take('P')).toEqual({ taken: false, why: 'altered' });
  });

  it('does not stand in the way of a halt', async () => {
    const it = await desk();
    await it.store.permits.decide(it.at, [issueOf('P'), issueOf('Q', { opens: false })]);
    for (const name of ['kill', 'stream:governor.events', 'ballast:outstanding.openings']) {
      await server.send('DEL', `${it.namespace}:${name}`);
      await server.send('SADD', `${it.namespace}:${name}`, 'a');
    }
    const change = { kind: 'switch', state: 'HALTED', by: 'me', reason: 'test' } as const;
    expect(await it.store.permits.change(change)).toEqual({
      changed: true,
      state: 'HALTED',
      revision: 1,
      voided: 1,
    });
    expect(await server.send('GET', `${it.namespace}:kill`)).toBe('1');
    expect(await it.store.permits.take('P')).toMatchObject({ taken: false });
    await server.send('DEL', `${it.namespace}:kill`, `${it.namespace}:ballast:trading`);
    await server.send('SADD', `${it.namespace}:ballast:trading`, 'a');
    await expect(it.store.permits.change(change)).rejects.toMatchObject({ code: 'WRONGTYPE' });
    expect(await server.send('GET', `${it.namespace}:kill`)).toBe('1');
  });

  it('under one reply leaves the others', async () => {
    const it = await desk();
    await server.send('SADD', `${it.namespace}:permit:reply:A`, 'a');
    const replies = ['A', 'B'].map((planId) => ({ planId, reply: '{}' }));
    await expect(it.store.permits.reply(replies)).rejects.toMatchObject({ code: 'WRONGTYPE' });
    expect(await server.send('LRANGE', `${it.namespace}:permit:reply:B`, '0', '-1')).toEqual(['{}']);
  });
});

describe('a kill flag that cannot be read', () => {
  it('of another type halts issues, takes, and whoever notes it', async () => {
    const it = await desk();
    await it.store.permits.decide(it.at, [issueOf('P', { opens: false })]);
    await server.send('SADD', `${it.namespace}:kill`, 'a');
    const { trading } = await it.store.permits.look([]);
    expect(trading.flag.kind).toBe('unreadable');
    const judgedOn = { flag: trading.flag, revision: 0 };
    const exit = issueOf('Q', { opens: false, judgedOn });
    const answer = await it.store.permits.decide(after(it, 1), [exit]);
    expect(answer).toMatchObject({ done: 0, stopped: { why: 'moved' } });
    expect(await it.store.permits.take('P')).toEqual({ taken: false, why: 'halted' });
    const block = blockOf('Q', { judgedOn });
    expect(await it.store.permits.decide(after(it, 1), [block])).toMatchObject({ done: 1, stopped: null });
    const note = { kind: 'note', state: null, by: 'clock', reason: 'seen' } as const;
    expect(await it.store.permits.change(note)).toMatchObject({ changed: true, state: 'HALTED', voided: 1 });
    expect(await it.store.permits.change(note)).toMatchObject({ changed: false, state: 'HALTED' });
    expect((await it.store.permits.look([])).trading).toMatchObject({
      latched: 'HALTED',
      noted: { kind: 'unreadable' },
      voidAllBelow: 1,
    });
  });

  it('for want of a right halts too', async () => {
    const it = await desk();
    await it.store.permits.decide(it.at, [issueOf('P')]);
    const patterns = ['b', 'g', 'p', 's'].map((first) => `~${it.namespace}:${first}*`);
    await server.send('ACL', 'SETUSER', 'app', 'reset', 'on', '>word', '+@all', ...patterns);
    const store = await openStore(it.namespace, server.url.replace('//', '//app:word@'));
    const { trading } = await store.permits.look([]);
    expect(trading.flag).toMatchObject({ kind: 'unreadable' });
    expect(await store.permits.take('P')).toEqual({ taken: false, why: 'halted' });
    const answer = await store.permits.decide(after(it, 1), [issueOf('Q')]);
    expect(answer).toMatchObject({ done: 0, stopped: { why: 'moved' } });
  });

  it('is compared even where its bytes are no text', async () => {
    const it = await desk();
    await server.send('SET', `${it.namespace}:kill`, Buffer.from([0xff, 0xfe]));
    const { trading } = await it.store.permits.look([]);
    const judgedOn = { flag: trading.flag, revision: 0 };
    expect(await it.store.permits.decide(it.at, [blockOf('P', { judgedOn })])).toMatchObject({ done: 1 });
    const issue = issueOf('Q', { judgedOn });
    expect(await it.store.permits.decide(after(it, 1), [issue])).toMatchObject({ stopped: { why: 'moved' } });
  });
});

describe('a user who lacks a right', () => {
  it.each(['zadd', 'xadd', 'incrbyfloat', 'lpush'])(
    'to %s issues nothing, not half of it',
    async (command) => {
      const it = await desk();
      await server.send('ACL', 'SETUSER', 'app', 'reset', 'on', '>word', '~*', '+@all', `-${command}`);
      const store = await openStore(it.namespace, server.url.replace('//', '//app:word@'));
      const before = await everything(it);
      const answer = await store.permits.decide(it.at, [issueOf('P')]);
      expect(answer).toMatchObject({ done: 0, stopped: { why: 'refused' } });
      expect(answer.stopped!.detail).toContain('NOPERM');
      expect(await everything(it)).toEqual(before);
    },
  );

  it('to write the kill flag stops openings all the same', async () => {
    const it = await desk();
    const { namespace } = it;
    const patterns = ['b', 'g', 'p', 's'].map((first) => `~${namespace}:${first}*`);
    const keys = [...patterns, `%R~${namespace}:kill`];
    await server.send('ACL', 'SETUSER', 'app', 'reset', 'on', '>word', '+@all', ...keys);
    const store = await openStore(namespace, server.url.replace('//', '//app:word@'));
    expect(await store.permits.decide(it.at, [issueOf('P'), blockOf('Q', { reduces: true })])).toEqual({
      done: 2,
      stopped: null,
      revision: 1,
    });
    expect(await server.send('EXISTS', `${namespace}:kill`)).toBe(0);
    expect((await store.permits.look([])).trading).toMatchObject({
      latched: 'REDUCING',
      voidOpeningsBelow: 1,
    });
    expect(await store.permits.take('P')).toEqual({ taken: false, why: 'voided' });
  });
});

describe('a connection cut while something is underway', () => {
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await startProxy(server.port);
  });
  afterAll(() => proxy.stop());

  /** Calls through the proxy, cut after so many bytes, again until it is answered. */
  const retried = async <Answer>(
    namespace: string,
    cut: { readonly direction: Direction; readonly bytes: number } | null,
    call: (store: RedisStore) => Promise<Answer>,
  ): Promise<{ answer: Answer; tries: number; sizes: Record<Direction, number> }> => {
    await using store = await connectedStore({ url: `redis://127.0.0.1:${proxy.port}`, namespace });
    const before = { ...proxy.passed };
    if (cut !== null) proxy.cutAfter(cut.direction, cut.bytes);
    let tries = 0;
    const { value } = await untilItWorks(() => {
      tries++;
      return call(store);
    });
    const size = (direction: Direction): number => proxy.passed[direction] - before[direction];
    return { answer: value, tries, sizes: { request: size('request'), reply: size('reply') } };
  };

  it.each<Direction>(['request', 'reply'])('in the %s of steps: each is done once', async (direction) => {
    const decided = async (bytes: number | null): Promise<{ size: number; tries: number }> => {
      const it = await desk();
      const steps = [issueOf('A'), blockOf('B'), issueOf('C')];
      const cut = bytes === null ? null : { direction, bytes };
      const run = await retried(it.namespace, cut, (store) => store.permits.decide(it.at, steps));
      expect(run.answer, `cut after ${bytes}`).toEqual({ done: 3, stopped: null, revision: 0 });
      const key = (name: string): string => `${it.namespace}:${name}`;
      expect(await server.send('HGET', key('ballast:meta:governor'), '#sequence')).toBe('3');
      expect(await server.send('XLEN', key('stream:governor.events'))).toBe(3);
      expect(await server.send('GET', key('governor:daily:BTCUSDT:2026-11-21'))).toBe('201');
      expect(await server.send('LLEN', key('governor:exec:BTCUSDT'))).toBe(2);
      return { size: run.sizes[direction], tries: run.tries };
    };
    const { size } = await decided(null);
    const step = direction === 'request' ? 150 : 3;
    let repeated = 0;
    for (let bytes = 0; bytes < size; bytes += step) if ((await decided(bytes)).tries > 1) repeated++;
    expect(repeated).toBeGreaterThan(size / step / 2);
  });

  it.each<Direction>(['request', 'reply'])('in the %s of a take: it is taken once', async (direction) => {
    const it = await desk();
    const taken = async (planId: string, bytes: number | null): Promise<number> => {
      await it.store.permits.decide(await governing(it.store), [issueOf(planId)]);
      const cut = bytes === null ? null : { direction, bytes };
      const { answer, tries, sizes } = await retried(it.namespace, cut, (store) =>
        store.permits.take(planId),
      );
      if (!answer.taken) expect(answer.why).toBe('used');
      expect(answer.taken || tries > 1).toBe(true);
      return sizes[direction];
    };
    const size = await taken('P000', null);
    let count = 1;
    for (let bytes = 0; bytes < size; bytes += 20) await taken(`P${100 + count++}`, bytes);
    expect(count).toBeGreaterThan(4);
    const takes = (await server.send('XRANGE', `${it.namespace}:ballast:takes`, '-', '+')) as [
      string,
      string[],
    ][];
    expect(new Set(takes.map(([, fields]) => fields[1])).size).toBe(count);
    expect(takes).toHaveLength(count);
  });

  it('after a large commit was decided: it is completed before the next step', async () => {
    const it = await desk();
    const records = Array.from({ length: 4000 }, (_, i) => [`s:S${i}`, 'record '.repeat(10)]).flat();
    const part = { component: 'governor', ...it.at, meta: ['a', '1'], records, seen: null, dropSeen: 0 };
    await using store = await connectedStore({
      url: `redis://127.0.0.1:${proxy.port}`,
      namespace: it.namespace,
    });
    const sealed = (): Promise<unknown> =>
      server.send('HGET', `${it.namespace}:ballast:meta:governor`, '#pending');
    // The answer to the sealing and no more: cut once the mark is there.
    proxy.latency(5);
    const commit = store
      .commit({ owner: 'one', parts: [part], outputs: [] })
      .catch((error: unknown) => error);
    while ((await sealed()) === null) await sleep(1);
    proxy.reset();
    await commit;
    expect(await sealed()).not.toBeNull();
    const answer = await it.store.permits.decide(after(it, 1), [issueOf('P'), issueOf('Q')]);
    expect(answer).toEqual({ done: 2, stopped: null, revision: 0 });
    expect(await sealed()).toBeNull();
    expect(await server.send('HLEN', `${it.namespace}:ballast:records:governor`)).toBe(4002);
  });
});

describe('steps in a pipeline', () => {
  it('are none of them done after something came in between, and the same steps again are repeats', async () => {
    const it = await desk();
    const steps = [issueOf('A'), issueOf('B'), issueOf('C')];
    expect(await it.store.permits.decide(it.at, [blockOf('X')])).toMatchObject({ done: 1 });
    const before = await everything(it);
    expect(await it.store.permits.decide(it.at, steps)).toMatchObject({
      done: 0,
      stopped: { why: 'fenced' },
    });
    expect(await everything(it)).toEqual(before);
    const done = { done: 3, stopped: null, revision: 0 };
    expect(await it.store.permits.decide(after(it, 1), steps)).toEqual(done);
    const then = await everything(it);
    expect(await it.store.permits.decide(after(it, 1), steps)).toEqual(done);
    expect(await everything(it)).toEqual(then);
  });

  it('are done once where the functions are gone in between', async () => {
    const it = await desk();
    await server.send('FUNCTION', 'FLUSH');
    expect(await it.store.permits.decide(it.at, [issueOf('A'), issueOf('B')])).toMatchObject({ done: 2 });
    await server.send('FUNCTION', 'FLUSH');
    const steps = [issueOf('C'), issueOf('D')];
    expect(await it.store.permits.decide(after(it, 2), steps)).toMatchObject({ done: 2 });
    await server.send('FUNCTION', 'FLUSH');
    expect(await it.store.permits.decide(after(it, 2), steps)).toMatchObject({ done: 2 });
    expect(await server.send('XLEN', `${it.namespace}:stream:governor.events`)).toBe(4);
    await server.send('FUNCTION', 'FLUSH');
    expect(await it.store.permits.take('A')).toMatchObject({ taken: true });
  });
});

describe('a permit that was meddled with', () => {
  it('put back with a plain SET after its use is not taken again', async () => {
    const it = await desk();
    const step = issueOf('P');
    await it.store.permits.decide(it.at, [step]);
    expect(await it.store.permits.take('P')).toMatchObject({ taken: true, permit: step.permit });
    await server.send('SET', `${it.namespace}:permit:P`, step.permit);
    expect(await it.store.permits.take('P')).toEqual({ taken: false, why: 'used' });
    await server.send('DEL', `${it.namespace}:permit:used:P`);
    await server.send('SET', `${it.namespace}:permit:P`, `${step.permit} `);
    expect(await it.store.permits.take('P')).toEqual({ taken: false, why: 'altered' });
  });

  it('invented, changed, or without its use record', async () => {
    const it = await desk();
    await it.store.permits.decide(it.at, [issueOf('P'), issueOf('Q')]);
    await server.send('SET', `${it.namespace}:permit:X`, issueOf('X').permit);
    await server.send('SET', `${it.namespace}:permit:P`, issueOf('Q').permit);
    expect(await it.store.permits.take('X')).toEqual({ taken: false, why: 'altered' });
    expect(await it.store.permits.take('P')).toEqual({ taken: false, why: 'altered' });
    await server.send('DEL', `${it.namespace}:permit:used:Q`);
    expect(await it.store.permits.take('Q')).toMatchObject({ taken: true });
    expect((await it.store.permits.find(['Q']))[0]!.use).toContain('"outcome":"used"');
    expect(Number(await server.send('PTTL', `${it.namespace}:permit:used:Q`))).toBeGreaterThan(86_000_000);
  });

  it('taken by someone else with a plain GETDEL is used, and its plan gets no other', async () => {
    const it = await desk();
    await it.store.permits.decide(it.at, [issueOf('P', { opens: false })]);
    expect(await server.send('GETDEL', `${it.namespace}:permit:P`)).toContain('"plan_id":"P"');
    expect(await it.store.permits.take('P')).toEqual({ taken: false, why: 'used' });
    const again = issueOf('P', { opens: false, instead: 'untaken' });
    expect(await it.store.permits.decide(after(it, 1), [again])).toMatchObject({
      stopped: { why: 'permitted' },
    });
    const change = { kind: 'switch', state: 'HALTED', by: 'me', reason: 'test' } as const;
    expect(await it.store.permits.change(change)).toMatchObject({ voided: 0 });
    expect((await it.store.permits.find(['P']))[0]!.use).toContain('"outcome":"issued"');
    await it.store.permits.settle([{ planId: 'P', outcome: 'used' }], '1795000000.5');
    expect((await it.store.permits.find(['P']))[0]!.use).toMatch(/"used".*"ended_at":1795000000.5}$/);
    expect(await it.store.permits.take('P')).toEqual({ taken: false, why: 'used' });
  });

  it('is taken once by many at a time', async () => {
    const it = await desk();
    const planIds = Array.from({ length: 100 }, (_, i) => `P${i}`);
    await it.store.permits.decide(
      it.at,
      planIds.map((planId) => issueOf(planId)),
    );
    const stores = await Promise.all([1, 2, 3, 4].map(() => openStore(it.namespace)));
    const answers = await Promise.all(
      planIds.flatMap((planId) => stores.map((store) => store.permits.take(planId))),
    );
    expect(answers.filter(({ taken }) => taken)).toHaveLength(100);
    expect(answers.filter((answer) => !answer.taken && answer.why === 'used')).toHaveLength(300);
    expect(await server.send('XLEN', `${it.namespace}:ballast:takes`)).toBe(100);
  });
});

describe('a halt', () => {
  it('voids ten thousand permits at once, though memory is short', async () => {
    const it = await desk();
    for (let from = 0; from < 10_000; from += 1000) {
      const steps = Array.from({ length: 1000 }, (_, i) => issueOf(`P${from + i}`, { opens: i % 2 === 0 }));
      expect(await it.store.permits.decide(after(it, from), steps)).toMatchObject({ done: 1000 });
    }
    await server.send('CONFIG', 'SET', 'maxmemory', '1');
    try {
      // It is no fault of the plan's, which may be decided later.
      await expect(it.store.permits.decide(after(it, 10_000), [issueOf('Q')])).rejects.toMatchObject({
        kind: 'refused',
        code: 'OOM',
      });
      expect(await it.store.permits.take('P1')).toMatchObject({ taken: true });
      const change = { kind: 'switch', state: 'HALTED', by: 'me', reason: 'test' } as const;
      expect(await it.store.permits.change(change)).toMatchObject({ state: 'HALTED', voided: 9999 });
    } finally {
      await server.send('CONFIG', 'SET', 'maxmemory', '0');
    }
    const planIds = Array.from({ length: 10_000 }, (_, i) => `P${i}`);
    const found = await it.store.permits.find(planIds);
    expect(found.filter(({ permit }) => permit !== null)).toEqual([]);
    expect(found.filter(({ use }) => use!.includes('"outcome":"voided"'))).toHaveLength(9999);
    expect(await it.store.permits.take('P2')).toEqual({ taken: false, why: 'voided' });
  });
});

describe('who waits', () => {
  const never = new AbortController().signal;
  const position = (namespace: string): { stream: string; after: string; count: number } => ({
    stream: `${namespace}:s`,
    after: '0-0',
    count: 2,
  });

  it('for entries or a reply is told of a frozen server, and goes on after it', async () => {
    const own = await startRedis();
    try {
      await using store = await connectedStore({ url: own.url, namespace: 'n' });
      expect(await store.wait([position('n')], 1, never)).toEqual([]);
      expect(await store.permits.awaitReply('P', 1, never)).toBeNull();
      await own.kill('SIGSTOP');
      const timeout = { kind: 'unreachable', code: 'TIMEOUT' };
      await Promise.all([
        expect(store.wait([position('n')], 50, never)).rejects.toMatchObject(timeout),
        expect(store.permits.awaitReply('P', 50, never)).rejects.toMatchObject(timeout),
      ]);
      await own.kill('SIGCONT');
      await own.send('XADD', 'n:s', '1-1', 'a', 'b');
      await own.send('RPUSH', 'n:permit:reply:P', 'yes');
      const entries = [{ id: '1-1', fields: ['a', 'b'] }];
      expect(await store.wait([position('n')], 5000, never)).toEqual([{ stream: 'n:s', entries }]);
      expect(await store.permits.awaitReply('P', 5000, never)).toBe('yes');
    } finally {
      await own.stop();
    }
  });

  it('is told of a lost connection', async () => {
    const it = await desk();
    const waits = [
      it.store.wait([position(it.namespace)], 60_000, never),
      it.store.permits.awaitReply('P', 60_000, never),
    ];
    const rejected = Promise.all(
      waits.map((wait) => expect(wait).rejects.toMatchObject({ kind: 'unreachable', code: 'CLOSED' })),
    );
    await untilItWorks(async () => {
      const clients = String(await server.send('CLIENT', 'LIST'));
      if (!/cmd=xread/.test(clients) || !/cmd=blpop/.test(clients)) throw new Error('they do not wait yet');
    });
    await server.send('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await rejected;
  });

  it('is told where the key is of another type', async () => {
    const it = await desk();
    await server.send('SET', `${it.namespace}:s`, 'a');
    await server.send('SET', `${it.namespace}:permit:reply:P`, 'a');
    const wrong = { kind: 'refused', code: 'WRONGTYPE' };
    for (let time = 0; time < 3; time++) {
      await expect(it.store.wait([position(it.namespace)], 100, never)).rejects.toMatchObject(wrong);
      await expect(it.store.permits.awaitReply('P', 100, never)).rejects.toMatchObject(wrong);
    }
    // One for commands and one of each kind of waiting, used again.
    const clients = String(await server.send('CLIENT', 'LIST'));
    expect(clients.match(/name=ballast/g)).toHaveLength(3);
  });

  it('gets nothing when it gives up, and others wait for their turn', async () => {
    const it = await desk();
    const giveUp = new AbortController();
    const planIds = Array.from({ length: 20 }, (_, i) => `P${i}`);
    const replies = planIds.map((planId) => it.store.permits.awaitReply(planId, 60_000, never));
    const given = it.store.permits.awaitReply('X', 60_000, giveUp.signal);
    const entries = it.store.wait([position(it.namespace)], 60_000, giveUp.signal);
    await untilItWorks(async () => {
      const clients = String(await server.send('CLIENT', 'LIST'));
      if (clients.match(/cmd=blpop/g)?.length !== 16) throw new Error('they do not wait yet');
    });
    giveUp.abort();
    expect(await given).toBeNull();
    expect(await entries).toEqual([]);
    await it.store.permits.reply(planIds.map((planId) => ({ planId, reply: `to ${planId}` })));
    expect(await Promise.all(replies)).toEqual(planIds.map((planId) => `to ${planId}`));
  });

  it('is told when the store is closed', async () => {
    const it = await desk();
    const waits = [
      it.store.wait([position(it.namespace)], 60_000, never),
      it.store.permits.awaitReply('P', 60_000, never),
    ];
    const rejected = Promise.all(waits.map((wait) => expect(wait).rejects.toMatchObject({ code: 'CLOSED' })));
    await it.store[Symbol.asyncDispose]();
    await rejected;
    await expect(it.store.permits.awaitReply('P', 10, never)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
