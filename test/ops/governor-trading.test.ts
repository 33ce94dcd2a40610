/** `kill` and `rearm` as reports, and what `status` reads of the trading state. */
import { describe, expect, it } from 'vitest';
import { encodeDisarmed } from '../../src/contract/governor-records.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { drillPermit } from '../../src/ops/governor/drill-permit.ts';
import { collectTrading } from '../../src/ops/governor/trading-collect.ts';
import { rearm, switchTrading } from '../../src/ops/governor/trading.ts';
import { deployed, NAMESPACE, startGovernor, withOther } from '../support/live-governor.ts';
import { StoreError } from '../../src/store/store.ts';
import type { Deployment } from '../../src/ops/governor/operation.ts';
import type { TradingState } from '../../src/core/event.ts';

const why = 'exchange is down';
const killed = (deployment: Deployment, state: TradingState, by: string | null = 'ann') =>
  switchTrading(deployment, { state, by, reason: why });

async function disarm({ store }: Deployment, ...symbols: readonly string[]): Promise<void> {
  await store.writeFields(
    keyOf(NAMESPACE, 'disarmed'),
    symbols.map((symbol) => [symbol, encodeDisarmed({ reason: 'burst_limit_exceeded', timestamp: 5 })]),
  );
}

/** Permits as the governor would have issued them: an opening and an exit. */
async function permitted({ store }: Deployment): Promise<void> {
  const { held } = await store.claim('host-1', ['governor']);
  const { nowMs, trading } = await store.permits.look([]);
  const shared = { symbol: 'A', isTakeable: true, nowSec: nowMs / 1000, judgedOn: trading };
  const steps = [
    drillPermit({ ...shared, planId: 'opening', reduces: false, entryId: '1-0' }),
    drillPermit({ ...shared, planId: 'exit', reduces: true, entryId: '2-0' }),
  ];
  const answer = await store.permits.decide({ owner: 'host-1', epoch: held[0]!.epoch, sequence: 0 }, steps);
  expect(answer).toMatchObject({ done: 2, stopped: null });
}

describe('kill', () => {
  it('on halts, voids every permit, and says who, why and what', async () => {
    const deployment = await deployed();
    await permitted(deployment);
    expect(await killed(deployment, 'HALTED', null)).toEqual({
      state: 'HALTED',
      before: 'ACTIVE',
      is_rearming: false,
      by: 'operator',
      reason: why,
      voided: 2,
      rearmed: [],
      disarmed: [],
      revision: 1,
      governor: 'host-1',
      took_ms: expect.any(Number) as number,
    });
    expect(await deployment.store.permits.take('exit')).toEqual({ taken: false, why: 'voided' });
  });

  it('reduce voids openings only, and exits are taken', async () => {
    const deployment = await deployed();
    await permitted(deployment);
    expect(await killed(deployment, 'REDUCING', null)).toMatchObject({ state: 'REDUCING', voided: 1 });
    expect(await deployment.store.permits.take('opening')).toMatchObject({ taken: false });
    expect(await deployment.store.permits.take('exit')).toMatchObject({ taken: true });
  });

  it('twice is as once', async () => {
    const deployment = await deployed();
    for (const before of ['ACTIVE', 'HALTED', 'HALTED'])
      expect(await killed(deployment, 'HALTED', null)).toMatchObject({ state: 'HALTED', before, voided: 0 });
    expect(await collectTrading(deployment.store, NAMESPACE)).toMatchObject({ state: 'HALTED', flag: '1' });
  });

  it('off and whatever else allows more takes a name, and nothing is changed without', async () => {
    const deployment = await deployed();
    await killed(deployment, 'HALTED');
    for (const state of ['REDUCING', 'ACTIVE'] as const)
      await expect(killed(deployment, state, null)).rejects.toThrow(/trading is HALTED.*add --by NAME/);
    expect(await collectTrading(deployment.store, NAMESPACE)).toMatchObject({ state: 'HALTED' });
    expect(await killed(deployment, 'REDUCING')).toMatchObject({ before: 'HALTED', is_rearming: true });
    expect(await killed(deployment, 'ACTIVE')).toMatchObject({ before: 'REDUCING', is_rearming: true });
  });

  it('off arms every symbol again, on and reduce none', async () => {
    const deployment = await deployed();
    await disarm(deployment, 'B', 'A');
    expect(await killed(deployment, 'REDUCING')).toMatchObject({ rearmed: [], disarmed: ['A', 'B'] });
    expect(await killed(deployment, 'ACTIVE')).toMatchObject({ rearmed: ['A', 'B'], disarmed: [] });
    expect(await collectTrading(deployment.store, NAMESPACE)).toMatchObject({ disarmed: [] });
  });

  it('on halts even where nothing can be read, and says what holds where it fails', async () => {
    const deployment = await deployed();
    const { store } = deployment;
    const permits = withOther(store.permits, {
      look: async () => await Promise.reject(new StoreError('refused', 'NOPERM', 'no look')),
    });
    const blind = { ...deployment, store: withOther(store, { permits }) };
    expect(await killed(blind, 'HALTED', null)).toMatchObject({
      state: 'HALTED',
      before: null,
      governor: null,
    });
    expect((await store.permits.look([])).trading.latched).toBe('HALTED');
    await expect(killed(blind, 'ACTIVE')).rejects.toThrow('no look');

    const change = async () => await Promise.reject(new StoreError('refused', 'OOM', 'no memory'));
    const full = {
      ...deployment,
      store: withOther(store, { permits: withOther(store.permits, { change }) }),
    };
    await expect(killed(full, 'REDUCING')).rejects.toThrow('no memory; trading is HALTED now');
    const neither = { ...blind, store: withOther(store, { permits: withOther(permits, { change }) }) };
    await expect(killed(neither, 'HALTED')).rejects.toThrow('no memory; what holds is not known');
  });

  it('says that no governor runs', async () => {
    expect(await killed(await deployed(), 'HALTED')).toMatchObject({ governor: null });
  });
});

describe('rearm', () => {
  const rearmed = (deployment: Deployment, symbol: string | null) =>
    rearm(deployment, { symbol, by: 'ann', reason: why });

  it('arms one symbol, by any of its names, or all', async () => {
    const deployment = { ...(await deployed()), aliases: new Map([['XBT', 'C']]) };
    await disarm(deployment, 'A', 'B', 'C', 'D');
    expect(await rearmed(deployment, 'a')).toMatchObject({ rearmed: ['A'], disarmed: ['B', 'C', 'D'] });
    expect(await rearmed(deployment, 'XBT')).toMatchObject({ rearmed: ['C'], disarmed: ['B', 'D'] });
    expect((await rearmed(deployment, null)).rearmed.toSorted()).toEqual(['B', 'D']);
    expect(await rearmed(deployment, null)).toMatchObject({ rearmed: [], disarmed: [] });
  });

  it('of a symbol that is not disarmed says which are', async () => {
    const deployment = await deployed();
    await expect(rearmed(deployment, 'A')).rejects.toThrow('A is not disarmed; no symbol is');
    await disarm(deployment, 'B', 'C');
    await expect(rearmed(deployment, 'A')).rejects.toThrow('A is not disarmed; disarmed: B, C');
  });

  it('leaves the trading state as it is, and says it', async () => {
    const deployment = await deployed();
    await disarm(deployment, 'A');
    await killed(deployment, 'REDUCING');
    expect(await rearmed(deployment, 'A')).toMatchObject({ rearmed: ['A'], state: 'REDUCING' });
    expect(await collectTrading(deployment.store, NAMESPACE)).toMatchObject({ state: 'REDUCING' });
  });
});

describe('the trading state for status', () => {
  it('is ACTIVE where nothing was ever said', async () => {
    const { store } = await deployed();
    expect(await collectTrading(store, NAMESPACE)).toEqual({
      state: 'ACTIVE',
      now: expect.any(Number) as number,
      flag: null,
      flag_error: null,
      latched: 'ACTIVE',
      since: null,
      by: null,
      why: null,
      disarmed: [],
      outstanding: { openings: 0, exits: 0 },
    });
  });

  it('counts permits that may still be taken, and names the newest change and what is disarmed', async () => {
    const deployment = await deployed();
    await permitted(deployment);
    const reading = () => collectTrading(deployment.store, NAMESPACE);
    expect(await reading()).toMatchObject({ outstanding: { openings: 1, exits: 1 } });
    await deployment.store.permits.take('exit');
    expect(await reading()).toMatchObject({ outstanding: { openings: 1, exits: 0 } });
    await disarm(deployment, 'A');
    await killed(deployment, 'HALTED');
    expect(await reading()).toMatchObject({
      state: 'HALTED',
      by: 'ann',
      why,
      since: expect.any(Number) as number,
      outstanding: { openings: 0, exits: 0 },
      disarmed: [{ symbol: 'A', reason: 'burst_limit_exceeded', since: 5 }],
    });
  });

  it('does not put a flag set by hand down to the last one who used the command', async () => {
    const deployment = await deployed();
    await killed(deployment, 'ACTIVE');
    await deployment.store.setText(keyOf(NAMESPACE, 'kill'), 'what');
    expect(await collectTrading(deployment.store, NAMESPACE)).toMatchObject({
      state: 'HALTED',
      flag: 'what',
      by: null,
      since: null,
    });
    await deployment.store.setText(keyOf(NAMESPACE, 'kill'), null);
    await deployment.store.writeFields(keyOf(NAMESPACE, 'kill'), [['a', 'b']]);
    const { state, flag_error: error } = await collectTrading(deployment.store, NAMESPACE);
    expect({ state, error }).toEqual({
      state: 'HALTED',
      error: expect.stringContaining('WRONGTYPE') as string,
    });
  });

  it('says of a symbol with an unreadable reason that it is disarmed', async () => {
    const { store } = await deployed();
    await store.writeFields(keyOf(NAMESPACE, 'disarmed'), [['A', 'x']]);
    expect((await collectTrading(store, NAMESPACE)).disarmed).toEqual([
      { symbol: 'A', reason: null, since: null },
    ]);
  });

  it('does not count where what the governor keeps cannot be read', async () => {
    const { store } = await deployed();
    await store.writeFields(`${NAMESPACE}:ballast:records:governor`, [['p:x', '{}']]);
    expect((await collectTrading(store, NAMESPACE)).outstanding).toBeNull();
  });

  it('follows what a governor notes of a flag set by hand', async () => {
    const deployment = await deployed();
    await startGovernor(deployment);
    await deployment.store.setText(keyOf(NAMESPACE, 'kill'), '1');
    await expect
      .poll(async () => (await collectTrading(deployment.store, NAMESPACE)).since, { timeout: 5000 })
      .not.toBeNull();
  });
});
