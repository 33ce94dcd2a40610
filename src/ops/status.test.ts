import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../contract/settings.ts';
import { seconds, statusOf, type Status, type StatusSources } from './status.ts';
import type { ComponentRecord, InputLag } from './status-collect.ts';
import type { HealthAnswer } from './status-health.ts';

const NOW = 1_700_000_000;
const settings = defaultSettings();
const budget: ComponentRecord = {
  name: 'budget',
  owner: 'host-1',
  epoch: 3,
  isHeld: true,
  meta: new Map([
    ['mode', 'shadow'],
    ['mode_why', 'the settings say shadow'],
    ['tick', String(NOW - 4)],
    ['symbols', '12'],
  ]),
  inputs: [],
  trouble: null,
};
const lag: InputLag = {
  input: 'execution.result',
  stream: 'quantum:stream:execution.result',
  waiting: 0,
  oldestWaitingMs: null,
  gap: null,
  error: null,
};
const health: HealthAnswer = {
  component: 'budget',
  url: 'http://127.0.0.1:8049/health',
  status: 'ok',
  mode: 'enforce',
  version: '0.1.0',
  redis: 'connected',
  lastTick: NOW - 2,
  lagSec: 1.5,
  modeWhy: 'the settings say enforce',
  epoch: 9,
  symbols: 40,
  degraded: [],
};

function status(
  record: Partial<ComponentRecord> | null,
  answers: readonly HealthAnswer[] = [],
  more: Partial<NonNullable<StatusSources['stored']>> = {},
): Status {
  const stored: StatusSources['stored'] = {
    facts: { kind: 'redis', version: '7.0.15', where: 'h:1/0', nowMs: NOW * 1000, details: new Map() },
    reading: { nowMs: NOW * 1000, components: record === null ? [] : [{ ...budget, ...record }] },
    portfolio: null,
    paces: [],
    ...more,
  };
  return statusOf({
    settings,
    nowMs: 5,
    stored,
    storeError: null,
    trading: null,
    tradingError: null,
    health: answers,
  });
}

const first = ({ components }: Status): Status['components'][number] => components[0]!;

describe('the status of a component', () => {
  it('is what it committed, by the clock of the store', () => {
    const found = status({ inputs: [{ ...lag, waiting: 2, oldestWaitingMs: NOW * 1000 - 2500 }] });
    expect(found).toMatchObject({ now: NOW, running: 1, store_error: null });
    expect(first(found)).toEqual({
      component: 'budget',
      id: 'P2.8',
      state: 'running',
      owner: 'host-1',
      epoch: 3,
      mode: 'shadow',
      mode_why: 'the settings say shadow',
      last_tick: NOW - 4,
      tick_age_sec: 4,
      interval_sec: 5,
      symbols: 12,
      lag_sec: 2.5,
      streams: [{ input: 'execution.result', waiting: 2, oldest_waiting_sec: 2.5 }],
      version: null,
      degraded: [],
    });
  });

  it.each([
    ['running, where it is held', { isHeld: true }, [], 'running'],
    [
      'running, where its port answers for a store that cannot be read',
      { isHeld: false },
      [health],
      'running',
    ],
    ['standby, where its port says so', { isHeld: false }, [{ ...health, status: 'standby' }], 'standby'],
    [
      'running, where one copy stands by and another has it',
      {},
      [{ ...health, status: 'standby' }],
      'running',
    ],
    ['stopped, where it was held once', { isHeld: false }, [], 'stopped'],
    ['absent, where nobody ever had it', { isHeld: false, epoch: null, meta: null }, [], 'absent'],
  ] as const)('is %s', (_what, record, answers, state) => {
    expect(first(status(record, answers)).state).toBe(state);
  });

  it('takes from its port what the store does not say', () => {
    const found = statusOf({
      settings,
      nowMs: NOW * 1000,
      stored: null,
      storeError: 'locked',
      trading: null,
      tradingError: null,
      health: [health],
    });
    expect(found).toMatchObject({ running: 1, store: null, store_error: 'locked', answered: [health.url] });
    expect(first(found)).toMatchObject({
      mode: 'enforce',
      mode_why: 'the settings say enforce',
      epoch: 9,
      symbols: 40,
      last_tick: NOW - 2,
      lag_sec: 1.5,
      version: '0.1.0',
    });
  });

  it('says what is late, behind, missing or unreadable', () => {
    const inputs: readonly InputLag[] = [
      { ...lag, waiting: 7, oldestWaitingMs: (NOW - 300) * 1000 },
      { ...lag, gap: { kind: 'trimmed', lost: 4 } },
      { ...lag, gap: { kind: 'recreated' } },
      { ...lag, error: 'WRONGTYPE' },
    ];
    const meta = new Map([['tick', String(NOW - 60)]]);
    const answer = {
      ...health,
      status: 'degraded',
      redis: 'disconnected',
      lastTick: null,
      degraded: ['no archive'],
    };
    expect(first(status({ inputs, meta, trouble: 'bad' }, [answer])).degraded).toEqual([
      'last tick 60 s ago, due every 5 s',
      'it has 7 entries of execution.result to read, the oldest for 5 min',
      '4 entries of execution.result went before it read them',
      'execution.result was deleted and made anew since it read it',
      'execution.result cannot be read: WRONGTYPE',
      'what it committed cannot be read: bad',
      'its port says that Redis does not answer it',
      'no archive',
    ]);
  });

  it('names inputs that grew old, where it reads them', () => {
    const found = status({}, [], {
      portfolio: new Map([['timestamp', String(NOW - 61)]]),
      paces: [{ input: 'regime.state', length: 3, newestMs: (NOW - 600) * 1000, perMinute: 0 }],
    });
    expect(found.inputs).toEqual([
      { input: 'state:portfolio', age_sec: 61, limit_sec: 60, stale: true },
      { input: 'stream:regime.state', age_sec: 600, limit_sec: 60, stale: true },
    ]);
    expect(first(found).degraded).toEqual(['state:portfolio is 61 s old, limit 60 s']);
    expect(found.streams).toEqual([
      { input: 'regime.state', entries: 3, newest_age_sec: 600, per_minute: 0 },
    ]);
  });

  it('leaves the governor out until there is something to say of it', () => {
    expect(status(null).components.map(({ component }) => component)).not.toContain('governor');
    const answers = [{ ...health, component: 'governor' } as const];
    expect(status(null, answers).components.map(({ component }) => component)).toContain('governor');
  });
});

describe('a time for people', () => {
  it.each([
    [0.04, '0.0 s'],
    [11.6, '12 s'],
    [600, '10 min'],
    [7200, '2.0 h'],
    [259_200, '3.0 d'],
  ])('%d s is %s', (sec, text) => {
    expect(seconds(sec)).toBe(text);
  });
});
