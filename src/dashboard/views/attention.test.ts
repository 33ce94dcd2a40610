import { describe, expect, it } from 'vitest';
import { attentionOf } from './attention.ts';
import { ACTIVE, componentRow, NOW, overviewOf } from '../../../test/support/dashboard-overview.ts';
import type { Overview } from '../wire.ts';

const keysOf = (different: Partial<Overview>, now = NOW, isLost = false): string[] =>
  attentionOf(overviewOf(different), now, isLost).map(({ tone, key }) => `${tone} ${key}`);

describe('what needs attention', () => {
  it('is nothing where all is well', () => {
    expect(keysOf({})).toEqual([]);
  });

  it('is a lost connection before all else, and not the store behind it', () => {
    const store = { kind: 'redis', where: 'redis', error: 'refused' } as const;
    expect(keysOf({ store }, NOW, true)).toEqual(['bad link']);
    const [item] = attentionOf(overviewOf({ store }), NOW, false);
    expect(item).toMatchObject({ key: 'store', since: NOW, what: 'The store redis does not answer' });
    expect(item?.detail).toMatch(/^Refused\. /);
  });

  it('is a trading state that is not known, and a key that cannot be read', () => {
    expect(keysOf({ trading: null })).toEqual(['bad trading']);
    expect(keysOf({ trading: { ...ACTIVE, state: 'HALTED', flag_error: 'WRONGTYPE' } })).toEqual([
      'bad flag',
    ]);
  });

  it('is that trading is halted or entries are stopped, since when and why', () => {
    const halted = { ...ACTIVE, state: 'HALTED', since: NOW - 60, why: 'exchange looks wrong' } as const;
    const [item] = attentionOf(overviewOf({ trading: halted }), NOW, false);
    expect(item).toMatchObject({ tone: 'bad', what: 'Trading is halted', since: NOW - 60 });
    expect(item?.detail).toMatch(/^Exchange looks wrong\. /);
    expect(keysOf({ trading: { ...ACTIVE, state: 'REDUCING' } })).toEqual(['warn state']);
  });

  it('sums up components that do not run, where there are several', () => {
    const components = ['budget', 'allocation', 'governor'].map((component) =>
      componentRow({ component, state: 'stopped', last_tick: component === 'governor' ? null : NOW - 9 }),
    );
    const items = attentionOf(overviewOf({ components }), NOW, false);
    expect(items.map(({ what }) => what)).toEqual(['3 components do not run']);
    expect(items[0]).toMatchObject({ tone: 'bad', since: NOW - 9 });
    expect(items[0]?.detail).toMatch(/^Budget, allocation, governor\. /);
  });

  it('is every execution without a permit, with the way to them', () => {
    const { totals } = overviewOf();
    const [item] = attentionOf(overviewOf({ totals: { ...totals, unpermitted: 3 } }), NOW, false);
    expect(item).toMatchObject({
      tone: 'bad',
      what: '3 executions without a permit in the last hour',
      href: '/events?show=unpermitted',
    });
  });

  it('is a component that is late, down or degraded, but not one that stands by', () => {
    const components = [
      componentRow({ component: 'budget', degraded: ['state:portfolio is 80 s old, limit 60 s'] }),
      componentRow({ component: 'allocation', state: 'absent', last_tick: null }),
      componentRow({ component: 'attribution', state: 'standby' }),
      componentRow({ component: 'efficiency', last_tick: NOW - 60 }),
    ];
    expect(keysOf({ components })).toEqual([
      'bad component:allocation',
      'bad component:efficiency',
      'warn component:budget',
    ]);
    const [absent] = attentionOf(overviewOf({ components }), NOW, false);
    expect(absent?.detail).toContain('ballast status');
  });

  it('is an input beyond its limit, also one that grows old between two readings', () => {
    expect(keysOf({}, NOW + 58)).not.toContain('warn input:state:portfolio');
    expect(keysOf({ components: [] }, NOW + 59)).toEqual(['warn input:state:portfolio']);
    const [item] = attentionOf(overviewOf({ components: [] }), NOW + 98, false);
    expect(item).toMatchObject({ what: 'state:portfolio is stale: 100 seconds old', since: NOW - 2 });
  });

  it('is that nothing came in, where nothing did', () => {
    expect(keysOf({ inputs: [], streams: [] })).toEqual(['info inputs']);
  });

  it('is equity that is stale or not known', () => {
    const { account } = overviewOf();
    expect(keysOf({ account: { ...account!, stale: true } })).toEqual(['warn account']);
    expect(keysOf({ account: null })).toEqual(['info account']);
  });

  it('names the first disarmed symbols and counts the rest', () => {
    const disarmed = (count: number): typeof ACTIVE.disarmed =>
      Array.from({ length: count }, (_, i) => ({
        symbol: `S${i}`,
        reason: 'burst_limit_exceeded',
        since: NOW,
      }));
    expect(keysOf({ trading: { ...ACTIVE, disarmed: disarmed(4) } })).toEqual(
      [0, 1, 2, 3].map((i) => `warn disarmed:S${i}`),
    );
    const many = attentionOf(overviewOf({ trading: { ...ACTIVE, disarmed: disarmed(9) } }), NOW, false);
    expect(many.map(({ what }) => what)).toEqual([
      'S0 is disarmed',
      'S1 is disarmed',
      'S2 is disarmed',
      '6 more symbols are disarmed',
    ]);
    expect(many[0]?.detail).toBe('Too many permits in 5 minutes. It opens nothing until it is re-armed.');
  });
});
