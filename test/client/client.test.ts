/** The client as a program that places orders uses it: on the store of this process, and on a real Redis with a connection of its own. */
import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { encodePermit, type Permit } from '../../src/contract/permit-record.ts';
import { keyOf } from '../../src/contract/keys.ts';
import {
  clientOn,
  openClient,
  permittedQty,
  StoreError,
  type Client,
  type ClientOptions,
  type Plan,
} from '../../src/client/index.ts';
import { openSigner, type Signer } from '../../src/signing/signer.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { scratchFiles } from '../support/cli.ts';
import { startRedis, type RedisServer } from '../support/redis-server.ts';
import { connectedStore } from '../support/redis-store.ts';
import { fieldsOf, startGovernor, type HandGovernor, type PlanFields, type Saying } from './hand-governor.ts';
import type { Store } from '../../src/store/store.ts';

const PLAN: Plan = {
  planId: 'plan-1',
  symbol: 'BTCUSDT',
  action: 'OPEN_PROPOSED',
  side: 'BUY',
  qty: 0.04,
  price: 40_000,
};
const SECRET = 'a secret of exactly 32 bytes, ok';
const pair = generateKeyPairSync('ed25519');
const PUBLIC_PEM = pair.publicKey.export({ type: 'spki', format: 'pem' }) as string;

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(async () => {
  await redis.stop();
});

/** A store, and clients of it as another program would have them. */
interface Place {
  readonly namespace: string;
  readonly store: Store;
  client(options?: ClientOptions): Promise<Client>;
}

let namespaces = 0;

async function memoryPlace(): Promise<Place> {
  const namespace = 'test';
  const store = await openMemoryStore({ namespace, folder: null });
  onTestFinished(async () => await store[Symbol.asyncDispose]());
  return {
    namespace,
    store,
    client: (options) => Promise.resolve(clientOn(store, { namespace, ...options })),
  };
}

async function redisPlace(): Promise<Place> {
  const namespace = `test${++namespaces}`;
  const store: Store = await connectedStore({ url: redis.url, namespace, deadlineMs: 5000 });
  onTestFinished(async () => await store[Symbol.asyncDispose]());
  return {
    namespace,
    store,
    client: async (options) => {
      const client = await openClient({ url: redis.url, namespace, deadlineMs: 5000, ...options });
      onTestFinished(async () => await client.close());
      return client;
    },
  };
}

describe.each([
  ['in this process', memoryPlace],
  ['on Redis', redisPlace],
])('a client %s', (_where, makePlace) => {
  let place: Place;
  let client: Client;
  beforeEach(async () => {
    place = await makePlace();
    client = await place.client();
  });

  const governed = async (say: (plan: PlanFields) => Saying): Promise<HandGovernor> => {
    const governor = await startGovernor(place.store, place.namespace, say);
    onTestFinished(async () => await governor.stop());
    return governor;
  };
  const entries = async (key: 'executions' | 'results' | 'plans'): Promise<object[]> => {
    const stream = keyOf(place.namespace, key);
    const { streams } = await place.store.read([{ stream, after: '0-0', count: 100 }]);
    return streams[0]!.entries.map((entry) => Object.fromEntries(fieldsOf(entry)));
  };

  it('puts a plan with all its fields before the governor, and hears that it was granted', async () => {
    const governor = await governed(() => ({ grant: {} }));
    const plan: Required<Plan> = {
      planId: 'Plan_1.a-b',
      symbol: 'BTCUSDT',
      action: 'PARTIAL_50',
      side: 'SELL',
      qty: 1e-7,
      price: 40_000.1,
      notionalUsd: 1e21,
      killScore: 0.1,
      confidence: 0.9,
      regimeFlip: 0,
      reduceOnly: true,
      bot: 'grid, "the" first',
      timestamp: 1_700_000_000.25,
    };
    expect(await client.requestPermit(plan)).toEqual({ granted: true });
    expect(Object.fromEntries(governor.plans[0]!)).toEqual({
      plan_id: 'Plan_1.a-b',
      symbol: 'BTCUSDT',
      action: 'PARTIAL_50',
      decision: 'EXECUTE',
      side: 'SELL',
      qty: '1e-7',
      price: '40000.1',
      notional_usd: '1e+21',
      kill_score: '0.1',
      confidence: '0.9',
      k_regime_flip: '0',
      reduceOnly: 'true',
      bot: 'grid, "the" first',
      timestamp: '1700000000.25',
    });
  });

  it('leaves out what is not known, and says when the plan was made', async () => {
    const governor = await governed(() => ({ grant: {} }));
    const timed = await place.client({ nowMs: () => 1_700_000_000_123 });
    await timed.requestPermit({ ...PLAN, price: null, qty: null });
    expect(Object.fromEntries(governor.plans[0]!)).toEqual({
      plan_id: 'plan-1',
      symbol: 'BTCUSDT',
      action: 'OPEN_PROPOSED',
      decision: 'EXECUTE',
      side: 'BUY',
      timestamp: '1700000000.123',
    });
  });

  it('hears why a plan was blocked, when it could pass and how much would', async () => {
    await governed(() => ({
      block: {
        reason: 'symbol_cooldown',
        gate: 'caps',
        value: 12,
        limit: 60,
        setting: 'GOV_SYMBOL_COOLDOWN_SECONDS',
      },
      advice: { nextEligibleAt: 1_900_000_000, maxQty: 0.01 },
    }));
    expect(await client.requestPermit(PLAN)).toMatchObject({
      granted: false,
      reason: 'symbol_cooldown',
      block: {
        gate: 'caps',
        symbol: 'BTCUSDT',
        value: 12,
        limit: 60,
        next_eligible_at: 1_900_000_000,
        max_qty: 0.01,
      },
    });
    expect(await client.takePermit('plan-1')).toMatchObject({ taken: false, reason: 'unknown' });
  });

  it('hears the reason alone where there is no block of this time', async () => {
    await governed(() => 'silent');
    await place.store.permits.reply([{ planId: 'plan-1', reply: '{"granted":false,"reason":"not_a_plan"}' }]);
    expect(await client.requestPermit(PLAN)).toEqual({ granted: false, reason: 'not_a_plan', block: null });
  });

  it('says that nobody answered, or that the waiting was ended', async () => {
    await governed(() => 'silent');
    const nobody = { granted: null, reason: 'no_answer' };
    expect(await client.requestPermit(PLAN, { waitMs: 20 })).toEqual(nobody);
    const ending = new AbortController();
    const waiting = client.requestPermit(
      { ...PLAN, planId: 'plan-2' },
      { waitMs: 60_000, signal: ending.signal },
    );
    setTimeout(() => ending.abort(), 20);
    expect(await waiting).toEqual(nobody);
    expect(await entries('plans')).toHaveLength(2);
  });

  it('takes an answer it cannot read for none', async () => {
    await governed(() => 'silent');
    await place.store.permits.reply([{ planId: 'plan-1', reply: 'granted!' }]);
    expect(await client.requestPermit(PLAN)).toEqual({ granted: null, reason: 'no_answer' });
  });

  it('asks for fifty at once, and each hears its own answer', async () => {
    await governed((plan) => (Number(plan.get('qty')) % 2 === 0 ? { grant: {} } : { block: {} }));
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, i) =>
        client.requestPermit({ ...PLAN, planId: `plan-${i}`, qty: i + 1 }, { waitMs: 20_000 }),
      ),
    );
    expect(answers.map(({ granted }) => granted)).toEqual(answers.map((_, i) => i % 2 === 1));
    const takes = await Promise.all(answers.map((_, i) => client.takePermit(`plan-${i}`)));
    expect(takes.map(({ taken }) => taken)).toEqual(answers.map(({ granted }) => granted));
    expect(takes.flatMap((take) => (take.taken ? [take.permit.plan_id] : []))).toEqual(
      Array.from({ length: 25 }, (_, i) => `plan-${2 * i + 1}`),
    );
  });

  it('refuses a plan with a bad name or number before anything is sent', async () => {
    const bad: [Partial<Plan>, RegExp][] = [
      [{ planId: '' }, /^plan id ""/],
      [{ planId: 'a b' }, /^plan id "a b" is outside the grammar/],
      [{ planId: 'x'.repeat(129) }, /^plan id/],
      [{ symbol: 'BTC/USDT' }, /^symbol "BTC\/USDT"/],
      [{ symbol: 'btcusdt' }, /^symbol/],
      [{ qty: Number.NaN }, /^qty is NaN/],
      [{ notionalUsd: Infinity }, /^notional_usd is Infinity/],
      [{ action: '' }, /^action is empty/],
    ];
    for (const [wrong, message] of bad) {
      await expect(client.requestPermit({ ...PLAN, ...wrong })).rejects.toThrow(RangeError);
      await expect(client.requestPermit({ ...PLAN, ...wrong })).rejects.toThrow(message);
    }
    await expect(client.requestPermit(PLAN, { waitMs: 0 })).rejects.toThrow(/^waitMs is 0/);
    await expect(client.takePermit('a:b')).rejects.toThrow(/^plan id "a:b"/);
    expect(await entries('plans')).toEqual([]);
  });

  it('takes a permit once, checked, with what it allows', async () => {
    const signer = openSigner({ keyFile: null, secret: SECRET })!;
    await governed(() => ({ grant: { computed_qty: 0.03, downsize_factor: 0.5 }, sign: signer.sign }));
    const checking = await place.client({ secrets: [SECRET] });
    await checking.requestPermit(PLAN);
    const [first, second] = await Promise.all([checking.takePermit('plan-1'), checking.takePermit('plan-1')]);
    const taken = first.taken ? first : second;
    const other = first.taken ? second : first;
    expect(taken).toMatchObject({
      taken: true,
      verified: true,
      permittedQty: 0.015,
      permit: { kid: signer.kid },
    });
    expect(other).toMatchObject({ taken: false, reason: 'used' });
    expect(taken.taken && taken.isStillGood()).toBe(true);
    expect(await checking.takePermit('plan-1')).toMatchObject({ taken: false, reason: 'used' });
  });

  it('says that it checked no signature where it has no key', async () => {
    await governed(() => ({ grant: {} }));
    await client.requestPermit(PLAN);
    expect(await client.takePermit('plan-1')).toMatchObject({ taken: true, verified: false });
  });

  it('refuses a permit that was not signed as it should be, and it is used up', async () => {
    const other = openSigner({ keyFile: null, secret: 'another secret, of 32 bytes or so' })!;
    const signer = openSigner({ keyFile: null, secret: SECRET })!;
    const sayings = new Map<string, Saying>([
      ['unsigned', { grant: {} }],
      ['unknown_key', { grant: {}, sign: other.sign }],
      ['bad_signature', { grant: {}, sign: (permit) => ({ ...signer.sign(permit), computed_qty: 5 }) }],
      ['malformed', { grant: {}, textOf: (permit) => `${encodePermit(signer.sign(permit))} ` }],
      [
        'unknown_version',
        { grant: {}, textOf: (permit) => encodePermit(signer.sign(permit)).replace('"v":1', '"v":2') },
      ],
      ['other_plan', { grant: { plan_id: 'plan-2' }, sign: signer.sign }],
      ['dry_run', { grant: { apply_mode: 'dry_run' }, sign: signer.sign }],
      ['unknown_mode', { grant: { apply_mode: 'paper' }, sign: signer.sign }],
    ]);
    await governed((plan) => sayings.get(plan.get('plan_id')!)!);
    const checking = await place.client({ secrets: [SECRET] });
    for (const planId of sayings.keys()) {
      expect(await checking.requestPermit({ ...PLAN, planId })).toEqual({ granted: true });
      expect(await checking.takePermit(planId)).toMatchObject({ taken: false, reason: planId });
      expect(await checking.takePermit(planId)).toMatchObject({ taken: false, reason: 'used' });
    }
  });

  it('goes on while keys are changed: both hold for a while', async () => {
    const path = scratchFiles({ 'key.pem': pair.privateKey.export({ type: 'pkcs8', format: 'pem' }) })[
      'key.pem'
    ];
    const older = openSigner({ keyFile: null, secret: SECRET })!;
    const newer = openSigner({ keyFile: path, secret: SECRET })!;
    const signers: Signer[] = [older, newer];
    await governed((plan) => ({ grant: {}, sign: signers[Number(plan.get('qty')) - 1]!.sign }));
    const both = await place.client({ publicKeys: [PUBLIC_PEM], secrets: [SECRET] });
    const newOnly = await place.client({ publicKeys: [PUBLIC_PEM] });
    const outcome = async (planId: string, qty: number, taker: Client): Promise<string> => {
      await taker.requestPermit({ ...PLAN, planId, qty });
      const take = await taker.takePermit(planId);
      return take.taken ? 'taken' : take.reason;
    };
    expect(await outcome('a', 1, both)).toBe('taken');
    expect(await outcome('b', 2, both)).toBe('taken');
    expect(await outcome('c', 2, newOnly)).toBe('taken');
    expect(await outcome('d', 1, newOnly)).toBe('unknown_key');
  });

  it('takes no permit while trading is halted', async () => {
    await governed(() => ({ grant: {} }));
    await client.requestPermit(PLAN);
    await place.store.permits.change({ kind: 'switch', state: 'HALTED', by: 'test', reason: 'test' });
    expect(await client.takePermit('plan-1')).toMatchObject({ taken: false, reason: 'voided' });
  });

  it('tells of fills, results and positions as the components read them', async () => {
    const told = await place.client({ nowMs: () => 1_700_000_000_500 });
    await told.publishExecution({
      symbol: 'BTCUSDT',
      realizedPnlUsd: null,
      planId: 'plan-1',
      filledQty: 0.03,
      side: 'BUY',
      price: 40_000,
      executionId: 'x-1',
    });
    await told.publishExecution({
      symbol: 'BTCUSDT',
      realizedPnlUsd: -1.5,
      timestamp: 1_700_000_000,
      exitReason: 'stop',
      holdSec: 60,
    });
    await told.publishResult({ planId: 'plan-1', symbol: 'BTCUSDT', executed: true });
    await told.publishResult({ planId: 'plan-2', symbol: 'BTCUSDT', executed: false, error: 'rejected' });
    expect(await entries('executions')).toEqual([
      {
        execution_id: 'x-1',
        symbol: 'BTCUSDT',
        kind: 'open',
        timestamp: '1700000000.5',
        plan_id: 'plan-1',
        filled_qty: '0.03',
        side: 'BUY',
        price: '40000',
      },
      {
        symbol: 'BTCUSDT',
        realized_pnl: '-1.5',
        timestamp: '1700000000',
        exit_reason: 'stop',
        hold_sec: '60',
      },
    ]);
    expect(await entries('results')).toEqual([
      { plan_id: 'plan-1', symbol: 'BTCUSDT', executed: 'true', timestamp: '1700000000.5' },
      {
        plan_id: 'plan-2',
        symbol: 'BTCUSDT',
        executed: 'false',
        error: 'rejected',
        timestamp: '1700000000.5',
      },
    ]);
  });

  it('replaces the whole snapshot of a position', async () => {
    const told = await place.client({ nowMs: () => 1_700_000_000_500 });
    const key = keyOf(place.namespace, 'position', 'BTCUSDT');
    const held = async (): Promise<unknown> => {
      const [hash] = await place.store.hashes([{ key, fields: null }]);
      return Object.fromEntries(hash ?? []);
    };
    await told.publishPosition({
      symbol: 'BTCUSDT',
      amount: -0.03,
      markPriceUsd: 40_000,
      notionalUsd: 1200,
      timestamp: 1_700_000_000,
    });
    expect(await held()).toEqual({
      position_amt: '-0.03',
      mark_price: '40000',
      notional_usd: '1200',
      timestamp: '1700000000',
    });
    await told.publishPosition({ symbol: 'BTCUSDT', amount: 0 });
    expect(await held()).toEqual({ position_amt: '0', timestamp: '1700000000.5' });
  });

  it('refuses to tell what nobody could read', async () => {
    const execution = { symbol: 'BTCUSDT', realizedPnlUsd: 1 };
    await expect(client.publishExecution({ ...execution, symbol: 'a b' })).rejects.toThrow(/^symbol "a b"/);
    await expect(client.publishExecution({ ...execution, realizedPnlUsd: Number.NaN })).rejects.toThrow(
      /^realized_pnl is NaN/,
    );
    await expect(client.publishExecution({ ...execution, timestamp: 5 })).rejects.toThrow(
      /no usable execution: timestamp/,
    );
    await expect(client.publishExecution({ ...execution, planId: 'a b' })).rejects.toThrow(
      /no usable execution: plan_id/,
    );
    await expect(client.publishResult({ planId: '', symbol: 'BTCUSDT', executed: true })).rejects.toThrow(
      /^plan id/,
    );
    await expect(client.publishPosition({ symbol: 'BTCUSDT', amount: Infinity })).rejects.toThrow(
      /^position_amt/,
    );
    await expect(client.publishPosition({ symbol: 'BTCUSDT', amount: 1, markPriceUsd: -1 })).rejects.toThrow(
      /mark_price/,
    );
    expect([await entries('executions'), await entries('results')]).toEqual([[], []]);
  });

  it('reads a target that is enforced and fresh, and no other', async () => {
    const { nowMs } = await place.store.read([]);
    const key = keyOf(place.namespace, 'target', 'BTCUSDT');
    const write = async (fields: Readonly<Record<string, string | null>>): Promise<void> =>
      await place.store.writeFields(key, Object.entries(fields));
    expect(await client.readTarget('BTCUSDT')).toBeNull();
    await write({
      target_usd: '349.5',
      mode: 'enforce',
      timestamp: String(nowMs / 1000 - 10),
      regime: 'TREND',
      zone: 'x',
    });
    const target = await client.readTarget('BTCUSDT');
    expect(target).toMatchObject({ target_usd: 349.5, regime: 'TREND', mode: 'enforce' });
    expect(target!.ageSec).toBeGreaterThanOrEqual(10);
    expect(target!.ageSec).toBeLessThan(300);
    for (const wrong of [
      { mode: 'shadow' },
      { mode: null },
      { timestamp: String(nowMs / 1000 - 400) },
      { target_usd: 'NaN' },
    ]) {
      await write({ target_usd: '349.5', mode: 'enforce', timestamp: String(nowMs / 1000) });
      expect(await client.readTarget('BTCUSDT')).not.toBeNull();
      await write(wrong);
      expect(await client.readTarget('BTCUSDT'), JSON.stringify(wrong)).toBeNull();
    }
    await expect(client.readTarget('btc')).rejects.toThrow(RangeError);
  });
});

describe('a permit that was taken', () => {
  /** Takes one that lives 60 s, with clocks the test sets. */
  async function takeWith(
    clocks: { wallMs: number; monotonicMs: number },
    options: ClientOptions = {},
    whileTaking: () => void = () => undefined,
  ): ReturnType<Client['takePermit']> {
    const { store, namespace } = await memoryPlace();
    const governor = await startGovernor(store, namespace, () => ({ grant: {} }));
    onTestFinished(async () => await governor.stop());
    const { permits } = store;
    const slow: Store = Object.create(store, {
      permits: {
        value: {
          take: async (planId: string) => {
            const answer = await permits.take(planId);
            whileTaking();
            // As if taken the moment it was issued, whatever the computer the test runs on does.
            return answer.taken ? { ...answer, nowMs: issuedMs(answer.permit) } : answer;
          },
        },
      },
    });
    await clientOn(store, { namespace }).requestPermit(PLAN, { waitMs: 20_000 });
    const clock = { nowMs: () => clocks.wallMs, monotonicMs: () => clocks.monotonicMs };
    return await clientOn(slow, { namespace, ...clock, ...options }).takePermit('plan-1');
  }
  const issuedMs = (text: string): number => (JSON.parse(text) as { created_at: number }).created_at * 1000;

  it('is good until a second before its end, by a clock that nobody sets', async () => {
    const clocks = { wallMs: 1_700_000_000_000, monotonicMs: 5000 };
    const take = await takeWith(clocks);
    expect(take.taken).toBe(true);
    const good = (atMs: number): unknown => {
      clocks.monotonicMs = 5000 + atMs;
      return take.taken && take.isStillGood();
    };
    expect([good(0), good(58_990), good(59_010), good(3_600_000)]).toEqual([true, true, false, false]);
  });

  it('is good no longer after the program was frozen between take and order', async () => {
    const clocks = { wallMs: 1_700_000_000_000, monotonicMs: 0 };
    const take = await takeWith(clocks);
    clocks.monotonicMs += 90_000;
    expect(take).toMatchObject({ taken: true });
    expect(take.taken && [take.isStillGood(), take.msLeft()]).toEqual([false, 0]);
  });

  it('is good no longer after the whole computer slept and only the wall clock went on', async () => {
    const clocks = { wallMs: 1_700_000_000_000, monotonicMs: 0 };
    const take = await takeWith(clocks);
    clocks.wallMs += 90_000;
    expect(take.taken && take.isStillGood()).toBe(false);
  });

  it('does not live longer because the wall clock was set back', async () => {
    const clocks = { wallMs: 1_700_000_000_000, monotonicMs: 0 };
    const take = await takeWith(clocks);
    clocks.wallMs -= 3_600_000;
    clocks.monotonicMs += 60_000;
    expect(take.taken && take.isStillGood()).toBe(false);
  });

  it('is refused where the program was frozen before it read the answer', async () => {
    const clocks = { wallMs: 1_700_000_000_000, monotonicMs: 0 };
    const take = await takeWith(clocks, {}, () => (clocks.monotonicMs += 61_000));
    expect(take).toMatchObject({ taken: false, reason: 'expired' });
  });

  it('keeps the margin it is told to keep', async () => {
    const clocks = { wallMs: 1_700_000_000_000, monotonicMs: 0 };
    const take = await takeWith(clocks, { marginMs: 20_000 });
    clocks.monotonicMs = 39_990;
    expect(take.taken && take.isStillGood()).toBe(true);
    clocks.monotonicMs = 40_010;
    expect(take.taken && take.isStillGood()).toBe(false);
    await expect(takeWith(clocks, { marginMs: -1 })).rejects.toThrow(/^marginMs is -1/);
  });

  it('allows its quantity, made smaller once; null where it names none', () => {
    const permit = (fields: Partial<Permit>): Permit =>
      ({ computed_qty: 2, downsize_factor: 1, ...fields }) as Permit;
    expect(permittedQty(permit({}))).toBe(2);
    expect(permittedQty(permit({ downsize_factor: 0.25 }))).toBe(0.5);
    expect(permittedQty(permit({ computed_qty: null, downsize_factor: 0.25 }))).toBeNull();
  });
});

describe('a permit on Redis', () => {
  it('that was used is refused when its bytes are put back', async () => {
    const { store, namespace, client: open } = await redisPlace();
    const signer = openSigner({ keyFile: null, secret: SECRET })!;
    const governor = await startGovernor(store, namespace, () => ({ grant: {}, sign: signer.sign }));
    onTestFinished(async () => await governor.stop());
    const client = await open({ secrets: [SECRET] });
    await client.requestPermit(PLAN);
    const key = keyOf(namespace, 'permit', 'plan-1');
    const text = String(await redis.send('GET', key));
    expect(client.verifyPermit(text)).toMatchObject({ ok: true, verified: true });
    expect(await client.takePermit('plan-1')).toMatchObject({ taken: true });
    await redis.send('SET', key, text);
    expect(await client.takePermit('plan-1')).toMatchObject({ taken: false, reason: 'used' });
  });

  it('is refused where its bytes are those of another plan, or changed by hand', async () => {
    const { store, namespace, client: open } = await redisPlace();
    const governor = await startGovernor(store, namespace, () => ({ grant: {} }));
    onTestFinished(async () => await governor.stop());
    const client = await open();
    await client.requestPermit(PLAN);
    await client.requestPermit({ ...PLAN, planId: 'plan-2' });
    const text = String(await redis.send('GET', keyOf(namespace, 'permit', 'plan-1')));
    await redis.send('SET', keyOf(namespace, 'permit', 'plan-2'), text);
    await redis.send('SET', keyOf(namespace, 'permit', 'plan-1'), text.replace('0.03', '9.03'));
    expect(await client.takePermit('plan-1')).toMatchObject({ taken: false, reason: 'altered' });
    expect(await client.takePermit('plan-2')).toMatchObject({ taken: false, reason: 'altered' });
  });
});

describe('openClient', () => {
  it('rejects where no Redis answers in time, and where a key or the URL cannot be used', async () => {
    const url = 'redis://127.0.0.1:1';
    await expect(openClient({ url, connectMs: 100 })).rejects.toThrow(StoreError);
    await expect(openClient({ url, connectMs: 100 })).rejects.toThrow(
      /^no Redis within 100 ms: cannot connect/,
    );
    await expect(openClient({ url: 'nonsense' })).rejects.toThrow(RangeError);
    await expect(openClient({ url, secrets: ['short'] })).rejects.toThrow(/^secrets\[0\] has 5 bytes/);
  });

  it('closes what it opened, and a client on a store leaves that open', async () => {
    const client = await openClient({ url: redis.url });
    await client.close();
    await expect(client.takePermit('plan-1')).rejects.toThrow(StoreError);
    const { store } = await memoryPlace();
    await clientOn(store).close();
    expect((await store.read([])).streams).toEqual([]);
  });
});
