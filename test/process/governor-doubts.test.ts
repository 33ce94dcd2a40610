/** Whatever is missing, unreadable or not understood, there is no permit; and once it is right again, there is. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GOVERNED } from '../support/governor-run.ts';
import { AskedGovernor, KEY } from '../support/asked-governor.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';

/** Long enough for the governor to meet what was done, and for plans put before it to be answered. */
const WHILE_MS = 160;
const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' };

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
});
beforeEach(() => redis.send('FLUSHALL'));
afterAll(() => redis.stop());

/** Plans of both kinds, while something is wrong: those that were published, of which none may have a permit. */
async function putPlans(asked: AskedGovernor): Promise<string[]> {
  const planIds: (string | null)[] = [];
  const endMs = performance.now() + WHILE_MS;
  while (performance.now() < endMs) {
    planIds.push(await asked.publish(), await asked.publish(EXIT));
    await sleep(15);
  }
  return planIds.filter((planId) => planId !== null);
}

interface Case {
  readonly what: string;
  readonly spoil: () => Promise<unknown>;
  readonly repair: () => Promise<unknown>;
  /** The governor ends: what it is to go by was written by something else, and only a person can set that right. */
  readonly isTheEnd?: boolean;
  /** Exits have a key of their own. */
  readonly stopsOnlyOpenings?: boolean;
}

const setFlag = (value: string | Buffer) => (): Promise<unknown> => redis.send('SET', KEY('kill'), value);
const armed = setFlag('0');

/** A key of another type, its true content aside until it is repaired. */
function displaced(name: string, also: () => Promise<unknown> = () => Promise.resolve()): Omit<Case, 'what'> {
  const [key, aside] = [KEY(name), `aside:${name}`];
  return {
    spoil: async () => {
      if (Number(await redis.send('EXISTS', key)) === 1) await redis.send('RENAME', key, aside);
      await redis.send('PFADD', 'aside:other', 'a');
      // One that is neither a hash nor a stream nor a list.
      await redis.send('COPY', 'aside:other', key, 'REPLACE');
    },
    repair: async () => {
      await redis.send('DEL', key);
      if (Number(await redis.send('EXISTS', aside)) === 1) await redis.send('RENAME', aside, key);
      await also();
    },
  };
}

const FLAGS: readonly (string | Buffer)[] = [
  ...['', 'nan', '2', ' 1', 'TRUE', '1', '00', '0 ', '0.0', 'off', 'ACTIVE', 'REDUCE', 'reduce\n', '-0'],
  Buffer.from([0xff, 0xfe]),
  Buffer.from([0x30, 0x00]),
];

const FLAG_CASES: readonly Case[] = FLAGS.map((value) => ({
  what: `the flag is ${JSON.stringify(value.toString('latin1'))}`,
  spoil: setFlag(value),
  repair: armed,
}));

const OTHER_CASES: readonly Case[] = [
  {
    what: 'the flag is a set',
    spoil: () => redis.send('SADD', KEY('kill'), '0'),
    repair: async () => {
      await redis.send('DEL', KEY('kill'));
      await armed();
    },
  },
  {
    what: 'the flag is a list',
    spoil: () => redis.send('RPUSH', KEY('kill'), '0'),
    repair: async () => {
      await redis.send('DEL', KEY('kill'));
      await armed();
    },
  },
  { what: 'the trading state is of another type', ...displaced('ballast:trading') },
  {
    what: 'the trading state holds no number',
    spoil: () => redis.send('HSET', KEY('ballast:trading'), 'revision', 'nan'),
    repair: () => redis.send('HSET', KEY('ballast:trading'), 'revision', '0'),
    isTheEnd: true,
  },
  {
    what: 'the trading state is latched in a word nobody knows',
    spoil: () => redis.send('HSET', KEY('ballast:trading'), 'latched', 'active'),
    repair: () => redis.send('HSET', KEY('ballast:trading'), 'latched', 'ACTIVE'),
  },
  { what: 'the disarmed symbols are of another type', ...displaced('governor:disarmed') },
  { what: 'the stream of events is of another type', ...displaced('stream:governor.events') },
  { what: 'the records of permits are of another type', ...displaced('ballast:records:governor') },
  { what: 'the owner of the governor is of another type', ...displaced('ballast:owner:governor') },
  {
    what: 'the outstanding openings are of another type',
    ...displaced('ballast:outstanding.openings'),
    stopsOnlyOpenings: true,
  },
  { what: 'the stream of plans is of another type', ...displaced('stream:apply.plan') },
  {
    what: 'memory is short',
    spoil: () => redis.send('CONFIG', 'SET', 'maxmemory', '1'),
    repair: () => redis.send('CONFIG', 'SET', 'maxmemory', '0'),
  },
  {
    what: 'Redis became a replica of nobody it can reach',
    spoil: () => redis.send('REPLICAOF', '127.0.0.1', '1'),
    repair: () => redis.send('REPLICAOF', 'NO', 'ONE'),
  },
  {
    what: 'Redis is gone',
    spoil: () => redis.kill('SIGKILL'),
    repair: () => redis.restart(),
  },
];

describe('there is no permit while', () => {
  it.each([...FLAG_CASES, ...OTHER_CASES])(
    '$what',
    async ({ spoil, repair, isTheEnd = false, stopsOnlyOpenings = false }) => {
      await using asked = await AskedGovernor.on(redis);
      await asked.untilGranted();
      await spoil();
      const planIds = await putPlans(asked);
      // They come in turns.
      const judged = planIds.filter((_, i) => !stopsOnlyOpenings || i % 2 === 0);
      if (redis.pid !== 0) expect(await asked.permitted(judged)).toEqual([]);
      if (isTheEnd) await expect(asked.governor.over).rejects.toMatchObject({ kind: 'unusable' });
      await repair();
      if (isTheEnd) asked.startAgain();
      await asked.untilGranted();
    },
  );

  it('the right to read the flag is missing', async () => {
    const may = (...patterns: string[]): Promise<unknown> =>
      redis.send('ACL', 'SETUSER', 'app', 'reset', 'on', '>word', '+@all', ...patterns);
    await may('~*');
    await using asked = await AskedGovernor.on(redis, {}, redis.url.replace('//', '//app:word@'));
    await asked.untilGranted();
    await may(...['b', 'g', 'p', 's', 'c', 'm', 'a'].map((first) => `~${GOVERNED}:${first}*`));
    const planIds = await putPlans(asked);
    expect(planIds.length).toBeGreaterThan(5);
    expect(await asked.permitted(planIds)).toEqual([]);
    expect((await asked.store.permits.look([])).trading.flag.kind).toBe('unreadable');
    await may('~*');
    // It was noted as a halt: only an operator ends that.
    expect(await asked.ask()).toBe('kill_switch_active');
    await armed();
    await asked.untilGranted();
    await redis.send('ACL', 'DELUSER', 'app');
  });

  it('Redis is frozen', async () => {
    await using asked = await AskedGovernor.on(redis);
    await asked.untilGranted();
    await redis.kill('SIGSTOP');
    try {
      const plan = { stream: KEY('stream:apply.plan'), fields: ['a', 'b'], maxLength: null };
      await expect(asked.store.append([plan])).rejects.toMatchObject({ kind: 'unreachable' });
      // What was underway is told by then.
      const before = asked.governor.told.permits.length;
      await sleep(WHILE_MS);
      expect(asked.governor.told.permits).toHaveLength(before);
    } finally {
      await redis.kill('SIGCONT');
    }
    await asked.untilGranted();
  });
});

describe('there is a permit where', () => {
  it('there is no flag, or it says 0', async () => {
    await using asked = await AskedGovernor.on(redis);
    expect(await asked.ask()).toBe('granted');
    await armed();
    expect(await asked.ask()).toBe('granted');
    await redis.send('DEL', KEY('kill'));
    expect(await asked.ask()).toBe('granted');
  });
});

describe('one plan that cannot be written', () => {
  it('has no permit and an answer, and holds up none behind it', async () => {
    await using asked = await AskedGovernor.on(redis);
    await asked.untilGranted();
    for (const name of ['permit:', 'permit:used:', 'permit:reply:']) {
      const planId = `x-${name.replaceAll(':', '')}`;
      await redis.send('SADD', KEY(`${name}${planId}`), 'a');
      await asked.publish({ plan_id: planId });
      expect(await asked.ask()).toBe('granted');
      expect(await redis.send('HEXISTS', KEY('ballast:records:governor'), `p:${planId}`)).toBe(0);
    }
  });
});
