/** The order loop of examples/executor.ts, before a governor that answers by hand. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { inventFill, OrderRejected, trade, type Order, type Outcome } from '../../examples/executor.ts';
import { clientOn } from '../../src/client/index.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { fieldsOf, startGovernor, type PlanFields, type Saying } from './hand-governor.ts';

const NAMESPACE = 'test';
const WISH = { symbol: 'BTCUSDT', side: 'BUY', qty: 0.04, price: 40_000, bot: 'grid' } as const;
const PATIENCE = { tries: 3, waitMs: 5000 };

interface Run {
  readonly outcome: Outcome;
  readonly orders: readonly Order[];
  readonly plans: readonly PlanFields[];
  readonly results: readonly object[];
  readonly executions: readonly object[];
  readonly position: Readonly<Record<string, string>>;
}

async function run(
  say: (plan: PlanFields, count: number) => Saying,
  place: typeof inventFill = inventFill,
  monotonicMs?: () => number,
): Promise<Run> {
  const store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
  onTestFinished(async () => await store[Symbol.asyncDispose]());
  let count = 0;
  const governor = await startGovernor(store, NAMESPACE, (plan) => say(plan, ++count));
  const client = clientOn(store, {
    namespace: NAMESPACE,
    ...(monotonicMs === undefined ? {} : { monotonicMs }),
  });
  const orders: Order[] = [];
  const outcome = await trade(
    client,
    async (order) => {
      orders.push(order);
      return await place(order);
    },
    WISH,
    PATIENCE,
  );
  await governor.stop();
  const told = async (name: 'results' | 'executions'): Promise<object[]> => {
    const { streams } = await store.read([{ stream: keyOf(NAMESPACE, name), after: '0-0', count: 10 }]);
    return streams[0]!.entries.map((entry) => Object.fromEntries(fieldsOf(entry)));
  };
  const [position] = await store.hashes([{ key: keyOf(NAMESPACE, 'position', 'BTCUSDT'), fields: null }]);
  return {
    outcome,
    orders,
    plans: governor.plans,
    results: await told('results'),
    executions: await told('executions'),
    position: Object.fromEntries(position ?? []),
  };
}

describe('the executor of the examples', () => {
  it('places what the permit allows, and tells of it', async () => {
    const granted: Saying = {
      grant: { computed_qty: 0.03, downsize_factor: 0.5, extra_cooldown_sec: 96 },
    };
    const { outcome, orders, plans, results, executions, position } = await run(() => granted);
    const planId = plans[0]!.get('plan_id')!;
    expect(outcome).toEqual({ kind: 'filled', qty: 0.015, nextOpeningAfterSec: 96 });
    expect(orders).toMatchObject([{ planId, symbol: 'BTCUSDT', side: 'BUY', qty: 0.015, reduceOnly: false }]);
    expect(orders[0]!.timeoutMs).toBeLessThanOrEqual(59_000);
    expect(results).toMatchObject([{ plan_id: planId, executed: 'true' }]);
    expect(executions).toMatchObject([
      { plan_id: planId, kind: 'open', filled_qty: '0.015', stake_usd: '600' },
    ]);
    expect(position).toMatchObject({ position_amt: '0.015', mark_price: '40000' });
  });

  it('asks again for what would fit', async () => {
    const { outcome, plans } = await run((plan) =>
      plan.get('qty') === '0.04'
        ? { block: {}, advice: { maxQty: 0.01 } }
        : { grant: { computed_qty: Number(plan.get('qty')), downsize_factor: 1 } },
    );
    expect(plans.map((plan) => plan.get('qty'))).toEqual(['0.04', '0.01']);
    expect(new Set(plans.map((plan) => plan.get('plan_id'))).size).toBe(2);
    expect(outcome).toMatchObject({ kind: 'filled', qty: 0.01 });
  });

  it('waits until the plan could pass', async () => {
    const eligibleMs = Date.now() + 300;
    const { outcome } = await run((_plan, count) =>
      count === 1
        ? { block: { reason: 'symbol_cooldown' }, advice: { nextEligibleAt: eligibleMs / 1000 } }
        : { grant: {} },
    );
    expect(outcome.kind).toBe('filled');
    expect(Date.now()).toBeGreaterThanOrEqual(eligibleMs - 1);
  });

  it('gives up where neither a smaller order nor time helps', async () => {
    const { outcome, plans, orders } = await run(() => ({ block: { reason: 'symbol_disarmed' } }));
    expect(outcome).toEqual({ kind: 'not_placed', why: 'symbol_disarmed' });
    expect([plans.length, orders.length]).toEqual([1, 0]);
  });

  it('places nothing where nobody answers', async () => {
    const { outcome, orders, results } = await run(() => 'silent');
    expect(outcome).toEqual({ kind: 'not_placed', why: 'no_answer' });
    expect([orders, results]).toEqual([[], []]);
  });

  it('places nothing with a permit that is not for what was wished, and frees it', async () => {
    const { outcome, orders, results } = await run(() => ({ grant: { side: 'SELL' } }));
    expect(outcome).toEqual({ kind: 'not_placed', why: 'the permit is not for what was wished' });
    expect(orders).toEqual([]);
    expect(results).toMatchObject([{ executed: 'false' }]);
  });

  it('places nothing once it stood still between take and order', async () => {
    // Read at the start of the take and when its answer is there; frozen after that.
    let reads = 0;
    const { outcome, orders, results } = await run(
      () => ({ grant: {} }),
      inventFill,
      () => (++reads <= 2 ? 0 : 90_000),
    );
    expect(outcome).toEqual({ kind: 'not_placed', why: 'the permit ran out before the order' });
    expect(orders).toEqual([]);
    expect(results).toMatchObject([{ executed: 'false' }]);
  });

  it('says that a rejected order was not executed, and of one nobody knows that it was', async () => {
    const rejected = await run(
      () => ({ grant: {} }),
      () => Promise.reject(new OrderRejected('too small')),
    );
    expect(rejected.outcome).toEqual({ kind: 'not_placed', why: 'too small' });
    expect(rejected.results).toMatchObject([{ executed: 'false', error: 'too small' }]);
    const lost = await run(
      () => ({ grant: {} }),
      () => Promise.reject(new Error('timeout')),
    );
    expect(lost.outcome).toEqual({ kind: 'unknown', why: 'timeout' });
    expect(lost.results).toMatchObject([{ executed: 'true', error: 'unknown: timeout' }]);
    expect([...rejected.executions, ...lost.executions]).toEqual([]);
  });
});
