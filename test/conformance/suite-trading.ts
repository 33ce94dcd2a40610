/** The trading state: the kill flag by hand and by change, what is latched, what is voided, and re-arming. */
import { describe, expect, it } from 'vitest';
import { keyOf, ownKeyOf } from '../../src/contract/keys.ts';
import type { Trading, TradingChanged } from '../../src/store/permits.ts';
import type { TradingState } from '../../src/core/event.ts';
import { eventsIn, GovernorRig, permitOf, setFlag, SYMBOL, useOf } from './permit-support.ts';
import { bench, hashOf, type Open } from './suite-support.ts';

const FLAGS = { ACTIVE: '0', REDUCING: 'reduce', HALTED: '1' } as const;
const STATES = Object.keys(FLAGS) as (keyof typeof FLAGS)[];

export function describeTrading(open: Open): void {
  const test = bench(open);
  const trading = async (): Promise<Trading> => (await test.store.permits.look([])).trading;
  const change = async (state: TradingState): Promise<TradingChanged> =>
    await test.store.permits.change({ kind: 'switch', state, by: 'ann', reason: 'drill' });
  const note = async (): Promise<TradingChanged> =>
    await test.store.permits.change({ kind: 'note', state: null, by: 'watch', reason: 'by hand' });
  const text = (value: string | null): { kind: 'text'; text: string | null } => ({
    kind: 'text',
    text: value,
  });
  /** An opening and an exit that are outstanding. */
  const outstanding = async (): Promise<GovernorRig> => {
    const governor = await GovernorRig.claim(test.store);
    await governor.grant('opening');
    await governor.grant('exit', { opens: false });
    return governor;
  };
  const disarmed = async (governor: GovernorRig, ...symbols: readonly string[]): Promise<void> => {
    for (const symbol of symbols)
      await governor.decide(
        await governor.block('disarms', { disarm: { symbol, text: `{"reason":"${symbol}"}` } }),
      );
  };

  describe('switching the trading state', () => {
    it.each(STATES.flatMap((from) => STATES.map((to) => [from, to] as const)))(
      'from %s to %s',
      async (from, to) => {
        await change(from);
        const answer = await change(to);
        expect(answer).toEqual({ changed: true, state: to, revision: 2, voided: 0 });
        expect(await trading()).toMatchObject({
          flag: text(FLAGS[to]),
          latched: to,
          noted: text(FLAGS[to]),
          revision: 2,
        });
        const told = (await eventsIn(test)).map(({ timestamp, ...rest }) => {
          expect(Number(timestamp)).toBeGreaterThan(1_700_000_000);
          return rest;
        });
        const event = { event: 'KILL_SWITCH', by: 'ann', reason: 'drill', how: 'switch', voided: '0' };
        expect(told).toEqual([from, to].map((state) => ({ ...event, state })));
        expect(await note()).toEqual({ changed: false, state: to, revision: 2, voided: 0 });
      },
    );

    it('to HALTED voids every outstanding permit at once', async () => {
      await outstanding();
      expect(await change('HALTED')).toMatchObject({ voided: 2 });
      for (const planId of ['opening', 'exit']) {
        expect(await permitOf(test.store, planId)).toBeNull();
        const use = (await useOf(test.store, planId))!;
        expect(use.outcome).toBe('voided');
        expect(use.ended_at).toBeGreaterThanOrEqual(use.issued_at);
        expect(await test.store.permits.take(planId)).toEqual({ taken: false, why: 'voided' });
      }
      expect(await trading()).toMatchObject({ voidAllBelow: 1 });
      expect((await eventsIn(test)).at(-1)).toMatchObject({ event: 'KILL_SWITCH', voided: '2' });
      expect(await change('HALTED')).toMatchObject({ voided: 0 });
    });

    it('to REDUCING voids outstanding openings and leaves exits', async () => {
      await outstanding();
      expect(await change('REDUCING')).toMatchObject({ voided: 1 });
      expect(await useOf(test.store, 'opening')).toMatchObject({ outcome: 'voided' });
      expect(await trading()).toMatchObject({ voidAllBelow: 0, voidOpeningsBelow: 1 });
      expect(await test.store.permits.take('exit')).toMatchObject({ taken: true });
    });

    it('to ACTIVE voids nothing and re-arms everything', async () => {
      const governor = await outstanding();
      await disarmed(governor, SYMBOL, 'ETHUSDT');
      expect(await change('ACTIVE')).toMatchObject({ voided: 0 });
      expect((await trading()).disarmed).toEqual(new Map());
      expect(await test.store.permits.take('opening')).toMatchObject({ taken: true });
    });

    it('does not call void what was taken without us, or ran out', async () => {
      const governor = await outstanding();
      await test.store.setText(keyOf(test.under.namespace, 'permit', 'opening'), null);
      await governor.grant('short', { lifeMs: 1 });
      await expect.poll(async () => await permitOf(test.store, 'short')).toBeNull();
      expect(await change('HALTED')).toMatchObject({ voided: 1 });
      expect(await useOf(test.store, 'opening')).toMatchObject({ outcome: 'issued' });
      expect(await useOf(test.store, 'short')).toMatchObject({ outcome: 'issued' });
    });

    it('puts the flag in the place of whatever lies there', async () => {
      await test.store.writeFields(keyOf(test.under.namespace, 'kill'), [['a', 'hash']]);
      expect(await change('HALTED')).toMatchObject({ state: 'HALTED' });
      expect((await trading()).flag).toEqual(text('1'));
      expect(await change('ACTIVE')).toMatchObject({ state: 'ACTIVE' });
    });

    it('to HALTED is done though the stream of events is none', async () => {
      await outstanding();
      const key = keyOf(test.under.namespace, 'governorEvents');
      await test.store.commit({ owner: 'one', parts: [], outputs: [{ kind: 'delete', key }] });
      await test.store.setText(key, 'text');
      expect(await change('HALTED')).toMatchObject({ changed: true, voided: 2 });
      await expect(change('ACTIVE')).rejects.toMatchObject({ kind: 'refused' });
      expect(await trading()).toMatchObject({ latched: 'HALTED' });
    });

    it('sets the flag to halt even where the rest cannot be done', async () => {
      await test.store.setText(ownKeyOf(test.under.namespace, 'trading'), 'text');
      await expect(change('HALTED')).rejects.toMatchObject({ name: 'StoreError' });
      await test.store.setText(ownKeyOf(test.under.namespace, 'trading'), null);
      expect((await trading()).flag).toEqual(text('1'));
    });

    it('lies in the hash of the trading state', async () => {
      await change('REDUCING');
      expect(await hashOf(test.store, ownKeyOf(test.under.namespace, 'trading'))).toEqual({
        revision: '1',
        latched: 'REDUCING',
        noted: '=reduce',
        void_openings: '1',
      });
    });

    it('needs to know to which', async () => {
      await expect(
        test.store.permits.change({ kind: 'switch', state: null, by: 'ann', reason: '' }),
      ).rejects.toThrow(RangeError);
    });
  });

  describe('noting a flag set by hand', () => {
    it.each([null, '0'])('%j, the first ever, is no change', async (flag) => {
      await setFlag(test, flag);
      expect(await note()).toEqual({ changed: false, state: 'ACTIVE', revision: 0, voided: 0 });
      expect(await trading()).toMatchObject({ noted: text(flag), revision: 0 });
      expect(await eventsIn(test)).toEqual([]);
      expect(await note()).toMatchObject({ changed: false });
    });

    it.each([
      ['1', 'HALTED', 2],
      ['', 'HALTED', 2],
      ['on', 'HALTED', 2],
      ['reduce', 'REDUCING', 1],
    ] as const)('%j latches %s and voids %d', async (flag, state, voided) => {
      await outstanding();
      await setFlag(test, flag);
      expect(await note()).toEqual({ changed: true, state, revision: 1, voided });
      expect(await trading()).toMatchObject({ latched: state, noted: text(flag), revision: 1 });
      const event = {
        event: 'KILL_SWITCH',
        state,
        by: 'watch',
        reason: 'by hand',
        how: 'note',
        voided: String(voided),
      };
      expect((await eventsIn(test)).at(-1)).toMatchObject(event);
      expect(await note()).toMatchObject({ changed: false, state, revision: 1, voided: 0 });
    });

    it('that cannot be read halts', async () => {
      await outstanding();
      await test.store.writeFields(keyOf(test.under.namespace, 'kill'), [['a', 'hash']]);
      expect(await note()).toEqual({ changed: true, state: 'HALTED', revision: 1, voided: 2 });
      expect((await trading()).noted).toMatchObject({ kind: 'unreadable' });
      expect(await note()).toMatchObject({ changed: false, state: 'HALTED' });
    });

    it.each(['REDUCING', 'HALTED'] as const)('that is gone ends nothing: %s stays latched', async (state) => {
      await change(state);
      await setFlag(test, null);
      expect(await note()).toEqual({ changed: true, state, revision: 2, voided: 0 });
      expect(await trading()).toMatchObject({ flag: text(null), latched: state, noted: text(null) });
      expect((await eventsIn(test)).at(-1)).toMatchObject({ how: 'note', state });
      expect(await note()).toMatchObject({ changed: false, state });
    });

    it.each(['REDUCING', 'HALTED'] as const)('“0” after %s re-arms everything', async (state) => {
      const governor = await GovernorRig.claim(test.store);
      await disarmed(governor, SYMBOL);
      await change(state);
      await setFlag(test, '0');
      expect(await note()).toMatchObject({ changed: true, state: 'ACTIVE', revision: 2 });
      expect(await trading()).toMatchObject({ latched: 'ACTIVE', noted: text('0'), disarmed: new Map() });
    });

    it('“reduce” does not end a halt', async () => {
      await change('HALTED');
      await setFlag(test, 'reduce');
      expect(await note()).toMatchObject({ changed: true, state: 'HALTED', revision: 2 });
      expect(await trading()).toMatchObject({ latched: 'HALTED', noted: text('reduce') });
    });

    it('“1” after “reduce” voids the exits as well', async () => {
      await outstanding();
      await setFlag(test, 'reduce');
      expect(await note()).toMatchObject({ voided: 1 });
      await setFlag(test, '1');
      expect(await note()).toMatchObject({ state: 'HALTED', voided: 1 });
    });
  });

  describe('voiding', () => {
    it('ends every outstanding permit and leaves the trading state', async () => {
      const governor = await outstanding();
      const answer = await test.store.permits.change({
        kind: 'void',
        state: null,
        by: 'clock',
        reason: 'set back',
      });
      expect(answer).toEqual({ changed: true, state: 'ACTIVE', revision: 1, voided: 2 });
      expect(await trading()).toMatchObject({ latched: 'ACTIVE', noted: undefined, voidAllBelow: 1 });
      expect((await eventsIn(test)).at(-1)).toMatchObject({
        event: 'KILL_SWITCH',
        state: 'ACTIVE',
        by: 'clock',
        reason: 'set back',
        voided: '2',
      });
      await governor.grant('next');
      expect(await test.store.permits.take('next')).toMatchObject({ taken: true });
    });
  });

  describe('re-arming', () => {
    it('a symbol leaves the others disarmed', async () => {
      const governor = await GovernorRig.claim(test.store);
      await disarmed(governor, SYMBOL, 'ETHUSDT');
      expect(await test.store.permits.rearm(SYMBOL, 'ann', 'checked')).toEqual([SYMBOL]);
      expect(await trading()).toMatchObject({
        revision: 1,
        disarmed: new Map([['ETHUSDT', '{"reason":"ETHUSDT"}']]),
      });
      const { timestamp: _timestamp, ...event } = (await eventsIn(test)).at(-1)!;
      expect(event).toEqual({ event: 'REARM', symbol: SYMBOL, by: 'ann', reason: 'checked' });
      expect(await test.store.permits.rearm(SYMBOL, 'ann', 'again')).toEqual([]);
      await governor.grant('plan-1');
    });

    it('all gives those that were disarmed', async () => {
      const governor = await GovernorRig.claim(test.store);
      await disarmed(governor, SYMBOL, 'ETHUSDT');
      expect((await test.store.permits.rearm(null, 'ann', 'checked')).toSorted()).toEqual([
        SYMBOL,
        'ETHUSDT',
      ]);
      expect((await trading()).disarmed).toEqual(new Map());
      expect((await eventsIn(test)).at(-1)).toMatchObject({ event: 'REARM', symbol: '' });
      expect(await test.store.permits.rearm(null, 'ann', 'again')).toEqual([]);
    });

    it('does not end what is latched', async () => {
      await change('REDUCING');
      await test.store.permits.rearm(null, 'ann', '');
      expect(await trading()).toMatchObject({ latched: 'REDUCING', revision: 2 });
    });
  });
}
