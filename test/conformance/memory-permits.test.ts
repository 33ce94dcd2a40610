/** What the memory store keeps of permits over a crash, what ends by the clock, and how waits end without one of the system. */
import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { keyOf } from '../../src/contract/keys.ts';
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { MemoryState } from '../../src/store/memory/state.ts';
import type { Store } from '../../src/store/store.ts';
import { SimulatedTime } from '../support/simulated-time.ts';
import { contents, NAMESPACE, newFolder, openIn } from './memory-support.ts';
import { GovernorRig } from './permit-support.ts';

const START_MS = 1_790_000_000_000;
const DAY_MS = 86_400_000;
const PLANS = Array.from({ length: 40 }, (_, n) => `plan-${n}`);
const never = new AbortController().signal;

describe('permits in a folder', () => {
  it.each([
    ['journal', 64 << 20],
    ['snapshots and the journal after them', 4000],
  ])('are as they were after a crash: %s', async (_name, snapshotBytes) => {
    const [folder, copy] = [newFolder(), newFolder()];
    let wallMs = START_MS;
    const options = { nowMs: () => wallMs, snapshotBytes };
    await using store = await openIn(folder, options);
    await work(store, () => {
      wallMs += 1000;
    });
    // As a kill leaves it: without anything that closing does.
    cpSync(folder, copy, { recursive: true, filter: (path) => !path.includes('lock') });
    if (snapshotBytes < 10_000) expect(existsSync(join(copy, 'journal-00000001'))).toBe(false);
    const before = await everything(store);
    await using again = await openIn(copy, options);
    expect(await everything(again)).toEqual(before);

    // And from then on: the chain, the permits that are alive, their ends.
    const governor = await GovernorRig.claim(again, 'next');
    expect(await again.permits.take('plan-36')).toMatchObject({ taken: true });
    expect(await again.permits.take('plan-36')).toEqual({ taken: false, why: 'used' });
    await governor.grant('next');
    expect(await governor.decide(await governor.issue('plan-37'))).toMatchObject({
      stopped: { why: 'permitted' },
    });
    wallMs += 60_000;
    expect((await again.permits.find(['plan-39', 'next']))[0]!.permit).toBeNull();
    expect(await again.permits.take('plan-39')).toEqual({ taken: false, why: 'expired' });
    wallMs += DAY_MS;
    expect(await again.permits.find(PLANS)).toEqual(
      PLANS.map(() => ({ permit: null, use: null, block: null })),
    );
  });

  it('are seen once they are on the disk, and the repeat of a batch that was is none', async () => {
    const folder = newFolder();
    const first = await openIn(folder);
    const governor = await GovernorRig.claim(first);
    const steps = [
      await governor.issue('plan-1'),
      await governor.block('plan-2'),
      await governor.issue('plan-3'),
    ];
    const decided = governor.decide(...steps);
    expect(await first.permits.find(['plan-1'])).toEqual([{ permit: null, use: null, block: null }]);
    expect(await decided).toMatchObject({ done: 3 });
    await first[Symbol.asyncDispose]();
    await using again = await openIn(folder);
    const { held } = await again.claim('one', ['governor']);
    const deciding = { owner: 'one', epoch: held[0]!.epoch, sequence: 0 };
    expect(await again.permits.decide(deciding, steps)).toEqual({ done: 3, stopped: null, revision: 0 });
    expect((await again.load('governor'))!.sequence).toBe(3);
  });
});

describe('what steps write that the port does not read', () => {
  it('has its content and its life', async () => {
    const state = new MemoryState(NAMESPACE);
    const governor = new GovernorRig(asStore(), 'one', 1);
    state.claim({ op: 'claim', nowMs: START_MS, owner: 'one', components: ['governor'], silent: [] });
    const decide = async (
      nowMs: number,
      planId: string,
      issuedAt: string,
      notional: string,
    ): Promise<void> => {
      const day = '2026-09-21';
      const step = await governor.issue(planId, { issuedAt, daily: { day, notional }, symbol: 'S' });
      const { deciding } = governor;
      expect(state.steps.decide({ op: 'decide', nowMs, deciding, steps: [step] })).toMatchObject({ done: 1 });
      governor.sequence++;
    };
    for (let n = 0; n < 103; n++)
      await decide(START_MS + n, `plan-${n}`, `${n}.5`, n % 2 === 0 ? '0.25' : '100');
    const times = keyOf(NAMESPACE, 'permitTimes', 'S');
    const daily = keyOf(NAMESPACE, 'dailyNotional', 'S', '2026-09-21');
    const nowMs = START_MS + 102;
    expect(state.keys.find(times, 'list', nowMs)).toEqual({
      type: 'list',
      items: Array.from({ length: 100 }, (_, n) => `${102 - n}.5`),
      expiresMs: nowMs + DAY_MS,
    });
    expect(state.keys.find(daily, 'string', nowMs)).toEqual({
      type: 'string',
      text: '5113',
      expiresMs: nowMs + DAY_MS,
    });
    const { deciding } = governor;
    const block = await governor.block('blocked');
    state.steps.decide({ op: 'decide', nowMs, deciding, steps: [block] });
    expect(state.keys.get(keyOf(NAMESPACE, 'block', 'blocked'), nowMs)).toEqual({
      type: 'string',
      text: block.block,
      expiresMs: nowMs + 3_600_000,
    });
    expect(state.keys.get(keyOf(NAMESPACE, 'permitReply', 'blocked'), nowMs)).toEqual({
      type: 'list',
      items: [block.reply],
      expiresMs: nowMs + 60_000,
    });
    // A day later only what has no life is left.
    for (let n = 0; n < 10; n++) state.keys.sweep(nowMs + DAY_MS, 100);
    const left = [...state.keys.entries()].map(([key]) => key.slice(NAMESPACE.length + 1));
    expect(left.toSorted()).toEqual([
      'ballast:meta:governor',
      'ballast:outstanding.openings',
      'ballast:owner:governor',
      'ballast:records:governor',
      'stream:governor.events',
    ]);
  });

  it('holds no more than what is alive, however many permits come and go', async () => {
    let wallMs = START_MS;
    await using store = await openMemoryStore({ namespace: NAMESPACE, folder: null, nowMs: () => wallMs });
    const governor = await GovernorRig.claim(store);
    const like = await governor.block('like');
    const keys = async (): Promise<number> => Number((await store.facts()).details.get('keys'));
    let most = 0;
    for (let second = 0; second < 7200; second += 60) {
      wallMs += 60_000;
      await governor.decide(
        ...Array.from({ length: 50 }, (_, n) => ({ ...like, planId: `b${second}-${n}` })),
      );
      most = Math.max(most, await keys());
    }
    // An hour of blocks, a minute of replies.
    expect(most).toBeLessThan(61 * 50 + 2 * 50 + 10);
    for (let n = 0; n < 100; n++) await store.permits.take('none');
    wallMs += DAY_MS;
    for (let n = 0; n < 100; n++) await store.permits.take('none');
    expect(await keys()).toBeLessThan(10);
  });
});

describe('waits of the memory store', () => {
  it('end by the clock they are given', async () => {
    const time = new SimulatedTime(START_MS);
    const timer = time.clock;
    time.runnerCame();
    await using store = await openMemoryStore({
      namespace: NAMESPACE,
      folder: null,
      nowMs: () => time.nowMs,
      timer,
    });
    const position = { stream: 'test:s', after: '0-0', count: 10 };
    time.at(START_MS + 3_600_000, async () => {
      await store.append([{ stream: 'test:s', fields: ['n', '1'], maxLength: null }]);
    });
    expect(await store.wait([position], 60_000, never)).toEqual([]);
    expect(time.nowMs).toBe(START_MS + 60_000);
    expect(await store.wait([position], 2 * 3_600_000, never)).toHaveLength(1);
    expect(time.nowMs).toBe(START_MS + 3_600_000);
    expect(await store.permits.awaitReply('a', 1000, never)).toBeNull();
    time.at(time.nowMs + 500, async () => await store.permits.reply([{ planId: 'a', reply: 'yes' }]));
    expect(await store.permits.awaitReply('a', 60_000, never)).toBe('yes');
  });

  it('are refused when the store is closed meanwhile', async () => {
    const store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
    const waiting = [
      store.wait([{ stream: 'test:s', after: '0-0', count: 1 }], 60_000, never),
      store.permits.awaitReply('a', 60_000, never),
    ];
    const ended = Promise.allSettled(waiting);
    await store[Symbol.asyncDispose]();
    for (const end of await ended)
      expect(end).toMatchObject({ status: 'rejected', reason: { code: 'CLOSED' } });
  });

  it('of a stream are refused where it is none', async () => {
    await using store = await openMemoryStore({ namespace: NAMESPACE, folder: null });
    await store.setText('test:s', 'text');
    const position = { stream: 'test:s', after: '0-0', count: 1 };
    await expect(store.wait([position], 60_000, never)).rejects.toMatchObject({ code: 'WRONGTYPE' });
  });
});

/** Permits, blocks, takes and changes of every kind; the last few permits stay alive. */
async function work(store: Store, tick: () => void): Promise<void> {
  const governor = await GovernorRig.claim(store);
  const by = { by: 'test', reason: 'test' };
  for (const [n, planId] of PLANS.entries()) {
    tick();
    const disarm = n % 10 === 3 ? { symbol: `S${n}`, text: '{}' } : null;
    const issue = await governor.issue(planId, { opens: n % 3 !== 0, symbol: `T${n % 4}` });
    await governor.decide(issue, await governor.block(`block-${n}`, { disarm }));
    if (n % 5 === 0) await store.permits.take(planId);
    if (n === 10) await store.permits.change({ kind: 'switch', state: 'REDUCING', ...by });
    if (n === 12) await store.permits.change({ kind: 'switch', state: 'ACTIVE', ...by });
    if (n === 14) await governor.decide(await governor.block('reduces', { reduces: true }));
    if (n === 16) await store.setText(keyOf(NAMESPACE, 'kill'), '0');
    if (n === 16) await store.permits.change({ kind: 'note', state: null, ...by });
    if (n === 20) await store.permits.change({ kind: 'void', state: null, ...by });
    if (n === 22) await store.permits.rearm('S3', 'test', 'test');
    if (n === 24) await store.permits.settle([{ planId: 'plan-23', outcome: 'used' }], '5');
    // Refused: it is refused again when it is read back.
    if (n === 26) await store.setText(keyOf(NAMESPACE, 'permitTimes', 'T9'), 'text');
    if (n === 26) await governor.decide(await governor.issue('refused', { symbol: 'T9' }));
  }
}

/** All that a store holds, but for who owns what. */
async function everything(store: Store): Promise<unknown> {
  const { trading } = await store.permits.look([]);
  const found = await store.permits.find(PLANS);
  expect(found.filter(({ permit }) => permit !== null).length).toBeGreaterThan(3);
  return { ...((await contents(store, ['governor'])) as object), found, trading };
}

/** Only what a governor asks before it decides. */
function asStore(): Store {
  const trading = { flag: { kind: 'text', text: null }, revision: 0 };
  const permits = { look: async () => await Promise.resolve({ nowMs: START_MS, trading }) };
  return { permits } as unknown as Store;
}
