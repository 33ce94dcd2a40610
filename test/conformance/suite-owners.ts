/** Who holds a component: claims, leases, epochs, and that an owner who was replaced changes nothing. */
import { describe, expect, it } from 'vitest';
import { LEASE_MS, type CommitResult, type Ownership, type Store } from '../../src/store/store.ts';
import {
  bench,
  DONE,
  fieldsIn,
  hashOf,
  own,
  ownerRecord,
  part,
  put,
  wait,
  type Open,
} from './suite-support.ts';

export function describeOwners(open: Open): void {
  const test = bench(open);

  describe('a claim', () => {
    it('takes what nobody holds, each component with an epoch', async () => {
      const { held, others } = await test.store.claim('one', ['budget', 'allocation']);
      expect(held.map(({ component }) => component)).toEqual(['budget', 'allocation']);
      for (const { epoch } of held) expect(epoch).toBeGreaterThanOrEqual(1);
      expect(others).toEqual([]);
      expect(await test.store.claim('one', [])).toEqual({ held: [], others: [] });
    });

    it('does not take what another holds, and says who does', async () => {
      const { epoch } = await own(test.store, 'one', 'budget');
      const other = await test.second();
      expect(await other.claim('two', ['budget'])).toEqual({
        held: [],
        others: [{ component: 'budget', owner: 'one', epoch }],
      });
    });

    it('takes some of several: those that are free', async () => {
      await own(test.store, 'one', 'budget');
      const { held, others } = await (await test.second()).claim('two', ['allocation', 'budget', 'proposer']);
      expect(held.map(({ component }) => component)).toEqual(['allocation', 'proposer']);
      expect(others.map(({ component, owner }) => [component, owner])).toEqual([['budget', 'one']]);
    });

    it('by the holder keeps the epoch', async () => {
      const first = await own(test.store, 'one', 'budget');
      expect(await own(test.store, 'one', 'budget')).toEqual(first);
      expect(await own(await test.second(), 'one', 'budget')).toEqual(first);
    });

    it('after a release takes it at once, with a higher epoch', async () => {
      const first = await own(test.store, 'one', 'budget');
      await test.store.release('one', [first]);
      const second = await own(await test.second(), 'two', 'budget');
      expect(second.epoch).toBeGreaterThan(first.epoch);
    });

    it('of several at once from two sides gives each component to one of them', async () => {
      const other = await test.second();
      const names = Array.from({ length: 20 }, (_, n) => `c${n}`);
      const claims = await Promise.all([
        test.store.claim('one', names),
        other.claim('two', names.toReversed()),
      ]);
      const held = claims.flatMap((claim) => claim.held.map(({ component }) => component));
      expect(held.toSorted()).toEqual(names.toSorted());
    });

    it('shows in the owner record', async () => {
      const before = Date.now();
      const { epoch } = await own(test.store, 'one', 'budget');
      const record = await ownerRecord(test.store, test.under.namespace, 'budget');
      expect(record).toMatchObject({
        owner: 'one',
        epoch: String(epoch),
        beat: expect.stringMatching(/^\d+$/) as string,
      });
      expect(Number(record!['expires_ms'])).toBeGreaterThan(before);
    });
  });

  describe('a release', () => {
    it('by one who does not hold it, or with another epoch, changes nothing', async () => {
      const held = await own(test.store, 'one', 'budget');
      await test.store.release('two', [held]);
      await test.store.release('one', [{ ...held, epoch: held.epoch + 1 }]);
      await test.store.release('one', [{ component: 'none', epoch: 1 }]);
      const { others } = await (await test.second()).claim('two', ['budget']);
      expect(others).toEqual([{ component: 'budget', owner: 'one', epoch: held.epoch }]);
    });

    it('of one of several leaves the rest', async () => {
      const { held } = await test.store.claim('one', ['budget', 'allocation']);
      await test.store.release('one', [held[0]!]);
      const claims = await (await test.second()).claim('two', ['budget', 'allocation']);
      expect(claims.held.map(({ component }) => component)).toEqual(['budget']);
      expect(claims.others.map(({ component }) => component)).toEqual(['allocation']);
    });

    it('ends the right to commit', async () => {
      const held = await own(test.store, 'one', 'budget');
      await test.store.release('one', [held]);
      const result = await test.store.commit({ owner: 'one', parts: [part(held, 0)], outputs: [] });
      expect(result).toEqual(fencedOf('budget'));
    });
  });

  describe('a lease', () => {
    it('that ran out lets another in, with a higher epoch', { timeout: 20_000 }, async () => {
      const first = await own(test.store, 'one', 'budget');
      const other = await test.second();
      const second = await claimWithin(other, 'two', 'budget', LEASE_MS + 2000);
      expect(second.epoch).toBeGreaterThan(first.epoch);
      await expectFenced(test.store, first, test.key('k'));
    });

    it('goes on with every commit and every claim', { timeout: 20_000 }, async () => {
      const { held } = await test.store.claim('one', ['budget', 'allocation']);
      const other = await test.second();
      for (let sequence = 0; sequence < 5; sequence++) {
        await wait(900);
        const parts = [part(held[0]!, sequence)];
        expect(await test.store.commit({ owner: 'one', parts, outputs: [] })).toEqual(DONE);
        await test.store.claim('one', ['allocation']);
        expect((await other.claim('two', ['budget', 'allocation'])).held).toEqual([]);
      }
    });

    it('that ran out while nobody else came is still the holder’s', { timeout: 20_000 }, async () => {
      const first = await own(test.store, 'one', 'budget');
      await wait(LEASE_MS + 300);
      expect(await test.store.commit({ owner: 'one', parts: [part(first, 0)], outputs: [] })).toEqual(DONE);
      expect(await own(test.store, 'one', 'budget')).toEqual(first);
    });
  });

  describe('an owner who was replaced', () => {
    it('is fenced, and nothing of the commit is there', async () => {
      const first = await own(test.store, 'one', 'budget');
      await test.store.release('one', [first]);
      const second = await own(await test.second(), 'two', 'budget');
      await expectFenced(test.store, first, test.key('k'));
      // Nor does the epoch of another help, or the name alone.
      await expectFenced(test.store, second, test.key('k'));
      expect(await test.store.commit({ owner: 'two', parts: [part(second, 0)], outputs: [] })).toEqual(DONE);
    });

    it('of one component of several is fenced with all of them', async () => {
      const { held } = await test.store.claim('one', ['attribution', 'budget', 'allocation']);
      await test.store.release('one', [held[1]!]);
      const taken = await own(await test.second(), 'two', 'budget');
      const parts = held.map((ownership) =>
        part(ownership, 0, { meta: ['a', '1'], records: ['BTCUSDT', 'r'] }),
      );
      const key = test.key('k');
      expect(await test.store.commit({ owner: 'one', parts, outputs: [put(key, ['a', '1'])] })).toEqual(
        fencedOf('budget'),
      );
      for (const { component } of held) expect(await test.store.load(component)).toBeNull();
      expect(await hashOf(test.store, key)).toBeNull();
      expect(await test.store.commit({ owner: 'one', parts: [parts[0]!, parts[2]!], outputs: [] })).toEqual(
        DONE,
      );
      expect(await test.store.commit({ owner: 'two', parts: [part(taken, 0)], outputs: [] })).toEqual(DONE);
    });

    it('names every component that has another', async () => {
      const { held } = await test.store.claim('one', ['attribution', 'budget', 'allocation']);
      await test.store.release('one', [held[0]!, held[2]!]);
      await test.store.claim('two', ['attribution', 'allocation']);
      const result = await test.store.commit({
        owner: 'one',
        parts: held.map((o) => part(o, 0)),
        outputs: [],
      });
      expect(result.outcome).toBe('fenced');
      const names = result.outcome === 'fenced' ? result.components : [];
      expect(names.toSorted()).toEqual(['allocation', 'attribution']);
    });

    it('cannot commit what nobody ever claimed', async () => {
      await expectFenced(test.store, { component: 'budget', epoch: 0 }, test.key('k'));
      await expectFenced(test.store, { component: 'budget', epoch: 1 }, test.key('k'));
    });
  });
}

function fencedOf(...components: string[]): CommitResult {
  return { outcome: 'fenced', components };
}

/** Claims again and again, as a copy that stands by does. */
async function claimWithin(store: Store, owner: string, component: string, ms: number): Promise<Ownership> {
  const until = Date.now() + ms;
  for (;;) {
    const { held } = await store.claim(owner, [component]);
    if (held.length > 0) return held[0]!;
    expect(Date.now(), `${component} is still held by another`).toBeLessThan(until);
    await wait(100);
  }
}

/** A commit of everything a commit can do, which changes nothing. */
async function expectFenced(store: Store, ownership: Ownership, key: string): Promise<void> {
  const saved = await store.load(ownership.component);
  const result = await store.commit({
    owner: 'one',
    parts: [
      part(ownership, saved?.sequence ?? 0, { meta: ['late', '1'], records: ['LATE', '1'], seen: 'late' }),
    ],
    outputs: [
      put(`${key}:hash`, ['late', '1']),
      { kind: 'append', key: `${key}:stream`, fields: ['late', '1'], maxLength: 10 },
      { kind: 'index', symbols: ['LATE'] },
    ],
  });
  expect(result).toEqual(fencedOf(ownership.component));
  expect(await store.load(ownership.component)).toEqual(saved);
  expect(await hashOf(store, `${key}:hash`)).toBeNull();
  expect(await fieldsIn(store, `${key}:stream`)).toEqual([]);
  expect(await store.knownSymbols(0)).toBeNull();
}
