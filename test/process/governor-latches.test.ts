/** What was switched off stays off: over restarts, deleted keys, old commands and events told again; and what a breach disarms stays disarmed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { AskedGovernor, KEY } from '../support/asked-governor.ts';
import { entriesOf, hashOf } from '../support/bare-client.ts';
import { buildProgram, runCli, scratchFolder } from '../support/cli.ts';
import { endLives, startLive, until } from '../support/live-process.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import type { GateName } from '../../src/core/governor/reasons.ts';
import type { Mode } from '../../src/core/settings.ts';

const HALT = { kind: 'switch', state: 'HALTED', by: 'me', reason: 'test' } as const;
const ARM = { ...HALT, state: 'ACTIVE' } as const;
const EXIT = { action: 'FULL_CLOSE_PROPOSED', side: 'SELL' };
/** Rate limits that count, and no other gate in the way. */
const LIMITED = {
  GOV_GATE_MODES: new Map([
    ['hourly', 'shadow'],
    ['burst', 'enforce'],
  ] as const),
  GOV_MAX_EXEC_PER_5MIN: 2,
};

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis({ appendonly: true, args: ['--appendfsync', 'always'] });
});
beforeEach(() => redis.send('FLUSHALL'));
afterAll(async () => {
  await endLives();
  await redis.stop();
});

describe('a halt is not ended by', () => {
  const WAYS: readonly (readonly [what: string, happens: (asked: AskedGovernor) => Promise<unknown>])[] = [
    ['a restart of the governor', (asked) => asked.restart()],
    [
      'a restart of Redis',
      async (asked) => {
        await redis.restart();
        await until('the governor being there again', async () =>
          (await asked.ask({}, 500).catch(() => 'no answer')) === 'no answer' ? undefined : true,
        );
      },
    ],
    ['the flag being deleted', () => redis.send('DEL', KEY('kill'))],
    [
      'the flag being deleted while the governor is away',
      async (asked) => {
        await asked.governor.stop();
        await redis.send('DEL', KEY('kill'));
        await asked.restart();
      },
    ],
    ['the trading state being deleted', () => redis.send('DEL', KEY('ballast:trading'))],
    [
      'the trading state being deleted, and a restart',
      async (asked) => {
        await redis.send('DEL', KEY('ballast:trading'));
        await asked.restart();
      },
    ],
    [
      'its events and those of an earlier re-arming being told again',
      async () => {
        for (const { fields } of await entriesOf(redis, KEY('stream:governor.events')))
          await redis.send('XADD', KEY('stream:governor.events'), '*', ...Object.entries(fields).flat());
      },
    ],
    ['a flag that says reduce', () => redis.send('SET', KEY('kill'), 'reduce')],
    [
      'a symbol being re-armed',
      async (asked) => asked.store.permits.rearm(null, 'somebody', 'to see what happens'),
    ],
  ];

  it.each(WAYS)('%s', async (_what, happens) => {
    await using asked = await AskedGovernor.on(redis);
    await asked.store.permits.change(ARM);
    await asked.untilGranted();
    await asked.store.permits.change(HALT);
    expect(await asked.ask()).toBe('kill_switch_active');
    await happens(asked);
    // Long enough for a governor to look at the flag several times.
    await sleep(220);
    expect(await asked.ask()).toBe('kill_switch_active');
    expect(await asked.ask(EXIT)).toBe('kill_switch_active');
    // An operator ends it.
    await asked.store.permits.change(ARM);
    expect(await asked.ask()).toBe('granted');
  });

  it('a request of the control folder that was there before the process', { timeout: 60_000 }, async () => {
    const program = buildProgram();
    try {
      const folder = scratchFolder();
      {
        await using store = await openMemoryStore({ namespace: 'quantum', folder });
        await store.permits.change(HALT);
      }
      mkdirSync(join(folder, 'control'), { recursive: true });
      const operation = { command: 'kill', state: 'ACTIVE', reason: 'an old wish', by: 'ann' };
      writeFileSync(
        join(folder, 'control', 'earlier.request.json'),
        JSON.stringify({ namespace: 'quantum', operation }),
      );
      const words = ['up', '--data', folder];
      const live = startLive({ main: program.main, words, sets: { GOV_METRICS_PORT: 0 } });
      await live.untilReady();
      await sleep(220);
      const { code, out } = await runCli(['status', '--data', folder, '--json']);
      expect(code).toBe(0);
      expect(out).toContain('HALTED');
      expect(await live.kill('SIGTERM')).toEqual({ code: 0, signal: null });
      await using store = await openMemoryStore({ namespace: 'quantum', folder });
      expect((await store.permits.look([])).trading).toMatchObject({
        latched: 'HALTED',
        flag: { kind: 'text', text: '1' },
      });
    } finally {
      program.remove();
    }
  });
});

/** Two permits, and the third plan that breaches the burst limit. */
async function burst(asked: AskedGovernor, symbol: string): Promise<string> {
  expect(await asked.ask({ symbol })).toBe('granted');
  expect(await asked.ask({ symbol })).toBe('granted');
  return await asked.ask({ symbol });
}

describe('a burst', () => {
  it('disarms its symbol, also over a restart, until an operator re-arms it', async () => {
    await using asked = await AskedGovernor.on(redis, LIMITED);
    expect(await burst(asked, 'AUSDT')).toBe('burst_limit_exceeded');
    expect(await asked.ask({ symbol: 'AUSDT' })).toBe('symbol_disarmed');
    expect(await asked.ask({ symbol: 'BUSDT' })).toBe('granted');
    // Limits that would allow more do not arm it again.
    await asked.restart({ GOV_GATE_MODES: new Map() });
    expect(await asked.ask({ symbol: 'AUSDT' })).toBe('symbol_disarmed');
    expect(await asked.ask({ symbol: 'AUSDT', ...EXIT })).toBe('granted');
    await asked.store.permits.rearm('AUSDT', 'ann', 'looked into');
    expect(await asked.ask({ symbol: 'AUSDT' })).toBe('granted');
  });

  it('of three symbols stops all openings, latched, and voids those that are out', async () => {
    await using asked = await AskedGovernor.on(redis, LIMITED);
    for (const symbol of ['AUSDT', 'BUSDT']) expect(await burst(asked, symbol)).toBe('burst_limit_exceeded');
    expect(await asked.ask({ symbol: 'OUSDT', plan_id: 'open' })).toBe('granted');
    expect(await asked.ask({ symbol: 'OUSDT', plan_id: 'exit', ...EXIT })).toBe('granted');
    expect(await burst(asked, 'CUSDT')).toBe('burst_limit_exceeded');
    expect(await redis.send('GET', KEY('kill'))).toBe('reduce');
    expect(await asked.store.permits.take('open')).toEqual({ taken: false, why: 'voided' });
    expect(await asked.store.permits.take('exit')).toMatchObject({ taken: true });
    await redis.send('DEL', KEY('kill'));
    await asked.restart();
    expect(await asked.ask({ symbol: 'FREEUSDT' })).toBe('kill_switch_reducing');
    const told = await entriesOf(redis, KEY('stream:governor.events'));
    expect(told.filter(({ fields }) => fields['event'] === 'AUTO_DISARM')).toHaveLength(4);
  });

  it.each(['governor:disarmed', 'ballast:trading'])(
    'whose disarming cannot be written has no permit, and is disarmed once it can: %s',
    async (name) => {
      const may = (...rights: string[]): Promise<unknown> =>
        redis.send('ACL', 'SETUSER', 'app', 'reset', 'on', '>word', '+@all', ...rights);
      await may('~*');
      await using asked = await AskedGovernor.on(redis, LIMITED, redis.url.replace('//', '//app:word@'));
      for (let i = 0; i < 2; i++) expect(await asked.ask({ symbol: 'AUSDT' })).toBe('granted');
      // It may be read, and not written.
      await (name === 'governor:disarmed'
        ? may('~quantum:[^g]*', '~quantum:governor:[^d]*', '~quantum:governor:daily*', `%R~${KEY(name)}`)
        : may('~quantum:[^b]*', '~quantum:ballast:[^t]*', '~quantum:ballast:takes', `%R~${KEY(name)}`));
      expect(['evaluation_error', 'no answer']).toContain(await asked.ask({ symbol: 'AUSDT' }, 500));
      const planIds: string[] = [];
      for (let i = 0; i < 4; i++) {
        planIds.push((await asked.publish({ symbol: 'AUSDT', plan_id: `again${i}` }))!);
        await sleep(30);
      }
      await sleep(300);
      expect(await asked.permitted(planIds)).toEqual([]);
      expect(Object.hasOwn(await hashOf(redis, KEY('governor:disarmed')), 'AUSDT')).toBe(false);
      await may('~*');
      await until('the symbol being disarmed', async () => {
        await asked.publish({ symbol: 'AUSDT' });
        return Object.hasOwn(await hashOf(redis, KEY('governor:disarmed')), 'AUSDT') ? true : undefined;
      });
      await redis.send('ACL', 'DELUSER', 'app');
    },
  );

  it.each([1, 3])(
    'that is judged behind a plan which cannot be written disarms all the same: everything after %i',
    async (most) => {
      await using asked = await AskedGovernor.on(redis, { ...LIMITED, GOV_DISARM_ALL_AFTER: most });
      for (let i = 0; i < 2; i++) expect(await asked.ask({ symbol: 'AUSDT' })).toBe('granted');
      await redis.send('SADD', KEY('permit:stuck'), 'a');
      // Both in one transaction, so that they are judged together.
      const script =
        "for i = 1, 2 do redis.call('XADD', KEYS[1], '*', unpack(cjson.decode(ARGV[i]))) end return 1";
      const plan = (planId: string, symbol: string): string =>
        JSON.stringify(
          Object.entries({
            plan_id: planId,
            symbol,
            action: 'OPEN_PROPOSED',
            decision: 'EXECUTE',
            side: 'BUY',
            qty: '1',
            price: '10',
          }).flat(),
        );
      const plans = [plan('stuck', 'ZUSDT'), plan('third', 'AUSDT')];
      await redis.send('EVAL', script, '1', KEY('stream:apply.plan'), ...plans);
      await until('the symbol being disarmed', async () =>
        Number(await redis.send('HLEN', KEY('governor:disarmed'))) > 0 ? true : undefined,
      );
      expect(Object.keys(await hashOf(redis, KEY('governor:disarmed')))).toEqual(['AUSDT']);
      expect(await redis.send('GET', KEY('kill'))).toBe(most === 1 ? 'reduce' : null);
      expect(await asked.ask({ symbol: 'AUSDT' })).toBe(
        most === 1 ? 'kill_switch_reducing' : 'symbol_disarmed',
      );
      expect(await asked.ask({ symbol: 'ZUSDT', ...EXIT })).toBe('granted');
    },
  );
});

/** Modes of the gates that cannot be read: every opening is an error. */
class BrokenModes extends Map<GateName, Mode> {
  override get(): never {
    throw new Error('the modes cannot be read');
  }
}

describe('five errors within an hour', () => {
  const broken = { GOV_GATE_MODES: new BrokenModes() };

  it('stop openings, latched, and let exits pass', async () => {
    await using asked = await AskedGovernor.on(redis, broken);
    for (let i = 0; i < 5; i++) expect(await asked.ask()).toBe('evaluation_error');
    expect(await redis.send('GET', KEY('kill'))).toBe('reduce');
    await redis.send('DEL', KEY('kill'));
    await asked.restart({ GOV_GATE_MODES: new Map() });
    expect(await asked.ask()).toBe('kill_switch_reducing');
    expect(await asked.ask(EXIT)).toBe('granted');
    await asked.store.permits.change(ARM);
    expect(await asked.ask()).toBe('granted');
  });

  it('count over a restart', async () => {
    await using asked = await AskedGovernor.on(redis, broken);
    for (let i = 0; i < 4; i++) expect(await asked.ask()).toBe('evaluation_error');
    expect(await redis.send('GET', KEY('kill'))).toBeNull();
    await asked.restart();
    expect(await asked.ask()).toBe('evaluation_error');
    expect(await redis.send('GET', KEY('kill'))).toBe('reduce');
  });
});

describe('executions that cannot be read', () => {
  it('hide losses: nothing is opened until they can be read again, and exits pass', async () => {
    await using asked = await AskedGovernor.on(redis, { GOV_DISARM_ON_ERROR_COUNT: 1_000_000 });
    await asked.untilGranted();
    await redis.send('SADD', KEY('stream:execution.result'), 'a');
    await until('the first error', async () =>
      (await asked.ask()) === 'evaluation_error' ? true : undefined,
    );
    expect(await asked.ask()).toBe('evaluation_error');
    expect(await asked.ask(EXIT)).toBe('granted');
    await redis.send('DEL', KEY('stream:execution.result'));
    await asked.untilGranted();
  });
});
