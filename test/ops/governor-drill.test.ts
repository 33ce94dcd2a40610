/** The drill, against the governor that runs and on a store of its own. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { drillCases } from '../../src/core/governor/drill.ts';
import { drillSteps } from '../../src/ops/governor/drill-steps.ts';
import { drill, removeNamespace } from '../../src/ops/governor/drill.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { deployed, NAMESPACE, startGovernor, withOther } from '../support/live-governor.ts';
import { connectedStore } from '../support/redis-store.ts';
import { startRedis } from '../support/redis-server.ts';
import { scratchFolder } from '../support/cli.ts';
import type { ApplyMode } from '../../src/core/settings.ts';
import type { Store } from '../../src/store/store.ts';

const NEVER = new AbortController().signal;
const SCRATCH = 'quantum:ballast:drill:1';

const keysBelow = async (store: Store, prefix: string): Promise<readonly string[]> =>
  (await store.scan(prefix, '0')).keys;

describe('the drill of the gates', () => {
  it.each(['dry_run', 'testnet', 'production'] satisfies ApplyMode[])(
    'has every case answered by the governor that runs, in %s',
    async (mode) => {
      const deployment = await deployed({ APPLY_MODE: mode });
      await startGovernor(deployment);
      const report = await drill(deployment, NEVER);
      expect(report.gates.map((gate) => gate.case)).toEqual(
        drillCases(deployment.settings).map(({ plan }) => plan.planId.replace('drill-', '')),
      );
      expect(report.gates.filter(({ passed, ms }) => !passed || ms === null)).toEqual([]);
      expect(report).toMatchObject({ passed: true, governor: 'host-1', left_keys: 0 });
      const burst = report.gates.find(({ expected }) => expected === 'burst_limit_exceeded');
      expect(burst).toMatchObject({ fired: true, enforced: mode === 'production', value: 2, limit: 2 });
    },
  );

  it('leaves no permit, no block, no event and no symbol behind', async () => {
    const deployment = await deployed({ APPLY_MODE: 'production' });
    await startGovernor(deployment);
    await drill(deployment, NEVER);
    const keys = await keysBelow(deployment.store, `${NAMESPACE}:`);
    const made = keys.filter((key) =>
      /permit|governor:(?:block|exec|daily|disarmed)|takes|outstanding/.test(key),
    );
    expect(made).toEqual([]);
    expect(keys).not.toContain(keyOf(NAMESPACE, 'kill'));
    const stream = keyOf(NAMESPACE, 'governorEvents');
    const { streams } = await deployment.store.read([{ stream, after: '0-0', count: 10 }]);
    expect(streams[0]!.entries).toEqual([]);
  });

  it('fails where no governor answers, and asks it nothing more', async () => {
    const deployment = await deployed();
    const report = await drill(deployment, NEVER, 20);
    expect(report).toMatchObject({ passed: false, governor: null });
    expect(report.gates[0]).toMatchObject({ passed: false, ms: null, note: 'no governor answered' });
    const plans = keyOf(NAMESPACE, 'plans');
    const { streams } = await deployment.store.read([{ stream: plans, after: '0-0', count: 100 }]);
    expect(streams[0]!.entries).toHaveLength(1);
    expect(report.steps.every(({ passed }) => passed)).toBe(true);
  });

  it.each([
    [
      '{"granted":false,"reason":"drill","drill":{"case":"x","note":"there is no such case"}}',
      'there is no such case',
    ],
    ['{"granted":true}', 'the governor answered {"granted":true}'],
    [
      '{"granted":false,"drill":{"expected":"kill_switch_active","found":null,"fired":true,"note":null}}',
      null,
    ],
  ])('fails where the answer is %s', async (reply, note) => {
    const deployment = await deployed();
    const stop = new AbortController();
    const stream = keyOf(NAMESPACE, 'plans');
    const answering = (async () => {
      const [answer] = await deployment.store.wait([{ stream, after: '0-0', count: 1 }], 5000, stop.signal);
      const fields = answer!.entries[0]!.fields;
      await deployment.store.permits.reply([{ planId: fields[fields.indexOf('plan_id') + 1]!, reply }]);
    })();
    const report = await drill(deployment, NEVER, 5000);
    await answering;
    stop.abort();
    expect(report.gates[0]).toMatchObject({ passed: false, note });
    expect(report.passed).toBe(false);
  });
});

describe('the drill of the steps', () => {
  it('comes out as it must on the memory store, with a journal and without', async () => {
    for (const folder of [null, scratchFolder()]) {
      const store = await openMemoryStore({ namespace: SCRATCH, folder });
      const steps = await drillSteps(store, SCRATCH);
      expect(steps.filter(({ passed }) => !passed)).toEqual([]);
      expect(steps.length).toBeGreaterThan(20);
      await store[Symbol.asyncDispose]();
    }
  });

  it('comes out as it must on Redis, touches nothing else there, and leaves no key', async () => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    await redis.send('SET', 'quantum:kill', '0');
    await using store = await connectedStore({ url: redis.url, namespace: SCRATCH });
    const steps = await drillSteps(store, SCRATCH);
    expect(steps.filter(({ passed }) => !passed)).toEqual([]);
    expect(await removeNamespace(store, SCRATCH)).toBe(0);
    expect(await redis.send('KEYS', '*')).toEqual(['quantum:kill']);
    expect(await redis.send('GET', 'quantum:kill')).toBe('0');
  });

  it('says which step did not come out, where the store does it wrongly', async () => {
    await using store = await openMemoryStore({ namespace: SCRATCH, folder: null });
    const broken = withOther(store, {
      permits: withOther(store.permits, { take: async () => ({ taken: true, permit: '{}', nowMs: 0 }) }),
    });
    const failed = (await drillSteps(broken, SCRATCH)).filter(({ passed }) => !passed);
    expect(failed.map(({ step }) => step)).toEqual(
      expect.arrayContaining([
        'take it twice',
        'an exit voided by halting cannot be taken',
        'a flag set by hand halts a take',
      ]),
    );
  });
});
