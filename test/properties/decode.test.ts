/** Decoding: whatever comes in, an event with finite numbers or a reason from the closed list; never an exception. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEvent, tradingState, type Decoded } from '../../src/contract/decode.ts';
import { encodeDecision } from '../../src/contract/encode.ts';
import { REJECT_REASONS } from '../../src/contract/reject.ts';
import { T0 } from '../support/engine-events.ts';
import { runEvents, testSettings, verdicts } from '../support/engine-run.ts';
import type { InputEvent } from '../../src/core/event.ts';

type Fields = Record<string, unknown>;

const OPTIONS = { aliases: new Map([['XBTUSD', 'BTCUSD']]) };
const decode = (fields: Fields): Decoded => decodeEvent(fields, OPTIONS);

/** One good entry of every type, with every field that is read. */
const GOOD: readonly Fields[] = [
  {
    type: 'execution',
    ts: T0,
    timestamp: T0 - 1,
    symbol: 'BTC/USDT:USDT',
    realized_pnl: '-1.5',
    execution_id: 'x',
    bot: 'b',
    plan_id: 'p',
    regime: 'TREND',
    cluster: 'L1',
    signal: 's',
    side: 'BUY',
    filled_qty: '1',
    price: '2',
    stake_usd: '3',
    hold_sec: '4',
    order_id: 'o',
    exit_reason: 'roi',
  },
  { type: 'execution', ts_ms: T0 * 1000, symbol: 'ETH', kind: 'open' },
  {
    type: 'plan',
    ts: T0,
    plan_id: 'p',
    symbol: 'BTCUSDT',
    action: 'OPEN_PROPOSED',
    decision: 'EXECUTE',
    side: 'BUY',
    qty: '1',
    price: '100',
    notional_usd: '100',
    kill_score: '0.7',
    confidence: '0.6',
    k_regime_flip: '0',
    reduceOnly: 'false',
    bot: 'b',
    timestamp: T0,
  },
  { type: 'regime', ts: T0, regime: 'CHOP', confidence: '0.4', symbol: 'BTC', timestamp: T0 - 5 },
  { type: 'market', ts: T0, symbol: 'BTC', mark_price: '5', vol_regime: 'LOW_VOL', sigma: '0.01' },
  { type: 'cluster', ts: T0, symbol: 'BTC', cluster: 'L1' },
  { type: 'cluster_stress', ts: T0, cluster: 'L1', stress: '0.5', alpha: '1' },
  { type: 'position', ts: T0, symbol: 'BTC', position_amt: '-2', mark_price: '5', notional_usd: '-10' },
  { type: 'portfolio', ts: T0, equity_usd: '1000', drawdown: '0.1', heat: '0.2' },
  { type: 'cashflow', ts: T0, amount_usd: '-5' },
  { type: 'take', ts: T0, plan_id: 'p' },
  { type: 'result', ts: T0, plan_id: 'p', executed: 'true' },
  { type: 'kill', ts: T0, state: 'reduce' },
  { type: 'rearm', ts: T0, symbol: 'BTC' },
];

/** One character more than a label may have. */
const LONG = 'x'.repeat(257);

const NUMERIC: readonly string[] = [
  ...['realized_pnl', 'filled_qty', 'price', 'stake_usd', 'hold_sec', 'qty', 'notional_usd', 'kill_score'],
  ...['confidence', 'k_regime_flip', 'mark_price', 'sigma', 'stress', 'position_amt', 'equity_usd'],
  ...['drawdown', 'heat', 'amount_usd'],
];
const NOT_NUMBERS: readonly unknown[] = [
  ...['NaN', 'Infinity', '-Infinity', '', ' ', '0x10', '1e999', '1_000', '１２', '+1', '1,5', ' 1', '1 '],
  ...['--1', '1e', 'e1', '.', '-', '1.2.3', '0b1', 'null', 'true', '9'.repeat(65), NaN, Infinity, -Infinity],
  ...[true, [], {}, [1], { valueOf: 1 }],
];
const NUMBERS: readonly unknown[] = [
  ...[
    '0',
    '-0',
    '1',
    '-1',
    '0.1',
    '.5',
    '1.',
    '1e5',
    '1E-5',
    '1e308',
    '-1e308',
    '1e-400',
    '9007199254740993',
  ],
  ...['0.1000000000000000055511151231257827', 0, -0, 1e308, -1e308, 5e-324, 2 ** 53 + 2, Number.MAX_VALUE],
];

/** Every number an event holds, but for the loose ones of a plan. */
function numbersOf(event: InputEvent): number[] {
  return Object.values(event).filter((value): value is number => typeof value === 'number');
}

function expectSound(decoded: Decoded): void {
  if (decoded.event === null) {
    expect(REJECT_REASONS).toContain(decoded.rejection.reason);
    expect(decoded.rejection.detail.length).toBeLessThan(400);
    return;
  }
  const { event } = decoded;
  const strict = event.type === 'plan' ? [event.ts] : numbersOf(event);
  for (const value of strict) {
    expect(Number.isFinite(value)).toBe(true);
    expect(Object.is(value, -0)).toBe(false);
  }
}

describe('good entries', () => {
  it.each(GOOD)('of type $type become events', (fields) => {
    expect(decode(fields).event).toMatchObject({ type: fields['type'], ts: T0 });
  });

  it('without a type are executions', () => {
    expect(decode({ ts: T0, symbol: 'btc', pnl: 1 }).event).toMatchObject({
      type: 'execution',
      symbol: 'BTC',
    });
  });
});

describe('a numeric field', () => {
  it.each(NUMERIC)('%s is a number only as a plain decimal', (name) => {
    for (const good of GOOD.filter((fields) => name in fields)) {
      for (const value of NOT_NUMBERS) {
        const decoded = decode({ ...good, [name]: value });
        if (decoded.event?.type === 'plan') expectNoOpening({ ...good, [name]: value });
        else expect(decoded).toMatchObject({ event: null, rejection: { reason: 'bad_number' } });
      }
      for (const value of NUMBERS) expectSound(decode({ ...good, [name]: value }));
    }
  });

  /** An opening with a number that is none is answered with `invalid_plan`. */
  function expectNoOpening(fields: Fields): void {
    const { event } = decode(fields);
    const found = verdicts(runEvents(testSettings({ APPLY_MODE: 'production' }), [event!]));
    expect(found).toMatchObject([{ type: 'block', reason: 'invalid_plan' }]);
  }

  it('reads the profit from the first field that is there', () => {
    const base = { ts: T0, symbol: 'BTC' };
    const pnl = (fields: Fields) => decode({ ...base, ...fields }).event;
    expect(pnl({ pnl: 3, pnl_usd: 2, realized_pnl: 1 })).toMatchObject({ pnlUsd: 1 });
    expect(pnl({ pnl: 3, pnl_usd: 2, realized_pnl: null })).toMatchObject({ pnlUsd: 2 });
    expect(pnl({ pnl: '3' })).toMatchObject({ pnlUsd: 3 });
    expect(pnl({ pnl: 3, realized_pnl: '' })).toBeNull();
  });
});

describe('every reason', () => {
  const CASES: readonly [reason: string, fields: Fields][] = [
    ['unknown_type', { type: 'toString', ts: T0 }],
    ['unknown_type', { type: '__proto__', ts: T0 }],
    ['unknown_type', { type: 7, ts: T0 }],
    ['missing_symbol', { ts: T0, pnl: 1 }],
    ['missing_symbol', { ts: T0, pnl: 1, symbol: '' }],
    ['missing_symbol', { type: 'plan', ts: T0, plan_id: 'p' }],
    ['missing_symbol', { type: 'rearm', ts: T0, symbol: '' }],
    ['bad_symbol', { ts: T0, pnl: 1, symbol: 'A:B' }],
    ['bad_symbol', { ts: T0, pnl: 1, symbol: 12 }],
    ['missing_pnl', { ts: T0, symbol: 'BTC' }],
    ['missing_time', { symbol: 'BTC', pnl: 1 }],
    ['bad_time', { ts: 'soon', symbol: 'BTC', pnl: 1 }],
    ['bad_time', { ts: T0, timestamp: 'soon', symbol: 'BTC', pnl: 1 }],
    ['missing_field', { type: 'cluster', ts: T0, symbol: 'BTC' }],
    ['missing_field', { type: 'result', ts: T0, plan_id: 'p' }],
    ['bad_number', { ts: T0, symbol: 'BTC', pnl: 'x' }],
    ['out_of_range', { type: 'portfolio', ts: T0, equity_usd: 1, drawdown: 1.01 }],
    ['out_of_range', { type: 'portfolio', ts: T0, equity_usd: 1, drawdown: -0.01 }],
    ['out_of_range', { type: 'cluster_stress', ts: T0, cluster: 'a', stress: 1.01 }],
    ['out_of_range', { type: 'market', ts: T0, symbol: 'BTC', mark_price: -1 }],
    ['bad_value', { type: 'regime', ts: T0, regime: 'trend' }],
    ['bad_value', { type: 'result', ts: T0, plan_id: 'p', executed: 'maybe' }],
    ['bad_name', { type: 'take', ts: T0, plan_id: 'a b' }],
    ['bad_name', { ts: T0, symbol: 'BTC', pnl: 1, plan_id: '../x' }],
    ['oversized', { ts: T0, symbol: 'BTC', pnl: 1, signal: LONG }],
  ];

  it.each(CASES)('%s has a case', (reason, fields) => {
    expect(decode(fields)).toMatchObject({ event: null, rejection: { reason } });
  });

  it('that decoding can give has its case', () => {
    const notOfDecoding = [
      'not_json',
      'not_an_object',
      'not_usd',
      'fee_not_usd',
      'unbalanced_fills',
      'bad_row',
      'too_many_symbols',
    ];
    const given = new Set(CASES.map(([reason]) => reason));
    expect(REJECT_REASONS.filter((reason) => !given.has(reason) && !notOfDecoding.includes(reason))).toEqual(
      [],
    );
  });
});

describe('times', () => {
  const at = (ts: unknown): number | null => decode({ ts, symbol: 'BTC', pnl: 1 }).event?.ts ?? null;

  it.each([
    [T0, T0],
    [String(T0), T0],
    [T0 + 0.25, T0 + 0.25],
    [T0 * 1000 + 250, T0 + 0.25],
    ['1700000000250', T0 + 0.25],
    ['2023-11-14T22:13:20Z', T0],
    ['2023-11-14T22:13:20', T0],
    ['2023-11-14 22:13:20.250000', T0 + 0.25],
    ['2023-11-15T03:43:20+05:30', T0],
    ['2023-11-15T03:43:20+0530', T0],
    ['2023-11-14T14:13:20-08', T0],
    ['2023-11-14T22:13:20,25Z', T0 + 0.25],
    ['2023-11-14', 1_699_920_000],
    ['2024-02-29T00:00:00Z', 1_709_164_800],
    ['2000-02-29T00:00:00Z', 951_782_400],
    ['2000-01-01T00:00:00Z', 946_684_800],
    [946_684_800, 946_684_800],
    [4_102_444_800, 4_102_444_800],
    ['2099-12-31T23:59:59.999999Z', 4_102_444_799.999999],
  ])('%s is %s', (text, expected) => {
    expect(at(text)).toBe(expected);
  });

  it.each([
    946_684_799,
    4_102_444_801,
    0,
    -1,
    1e11,
    1e17,
    T0 * 1e6,
    '2023-02-29T00:00:00Z',
    '2100-02-29T00:00:00Z',
    '2023-04-31',
    '2023-13-01',
    '2023-00-10',
    '2023-01-00',
    '2023-11-14T24:00:00Z',
    '2023-11-14T22:60:00Z',
    '2023-11-14T22:13:60Z',
    '2023-11-14T22:13:20+15:00',
    '2023-11-14T22:13:20+05:60',
    '1999-12-31T23:59:59Z',
    '2100-01-01T00:00:00.000001Z',
    '２０２３-11-14',
    '2023-11-14T22:13:20ZZ',
    '20231114',
    'now',
    '',
    'NaN',
    true,
    [[]],
    {},
  ])('%j is none', (text) => {
    expect(at(text)).toBeNull();
  });

  it('agree with the platform’s own for any moment there is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 946_684_800, max: 4_102_444_799 }), fc.nat(999), (seconds, ms) => {
        const text = new Date(seconds * 1000 + ms).toISOString();
        expect(at(text)).toBe(seconds + ms / 1000);
      }),
      { numRuns: 2000 },
    );
  });

  it('of an event more than 60 s after its arrival are the arrival, and counted', () => {
    const seen = (timestamp: number) => decode({ ts: T0, timestamp, symbol: 'BTC', pnl: 1 });
    expect(seen(T0 + 60)).toMatchObject({ event: { eventTs: T0 + 60 }, futureTime: false });
    expect(seen(T0 + 61)).toMatchObject({ event: { eventTs: T0 }, futureTime: true });
    expect(seen(T0 - 1e6)).toMatchObject({ event: { eventTs: T0 - 1e6 }, futureTime: false });
    const state = decode({ type: 'regime', ts: T0, timestamp: T0 + 61, regime: 'CHOP' });
    expect(state).toMatchObject({ event: { stateTs: T0 }, futureTime: true });
    const plan = { type: 'plan', ts: T0, plan_id: 'p', symbol: 'BTC', timestamp: T0 + 61 };
    expect(decode(plan).event).toMatchObject({ madeAt: T0 });
    expect(decode(plan)).toMatchObject({ futureTime: true });
  });
});

describe('symbols', () => {
  const name = (symbol: unknown): string | null => {
    const { event } = decode({ ts: T0, symbol, pnl: 1 });
    return event?.type === 'execution' ? event.symbol : null;
  };

  it.each([
    ['btcusdt', 'BTCUSDT'],
    ['BTC/USDT', 'BTCUSDT'],
    ['btc/usdt:usdt', 'BTCUSDT'],
    ['BTC/USD:BTC', 'BTCUSD'],
    ['BTC/USDT:USDT-241227', 'BTCUSDT-241227'],
    ['BTC/USD:BTC-241227-60000-C', 'BTCUSD-241227-60000-C'],
    ['BTC-USDT-SWAP', 'BTC-USDT-SWAP'],
    ['1000PEPE/USDT:USDT', '1000PEPEUSDT'],
    ['A.B_C-D', 'A.B_C-D'],
    ['XBTUSD', 'BTCUSD'],
    ['xbtusd', 'BTCUSD'],
    ['XBT/USD', 'BTCUSD'],
    ['constructor', 'CONSTRUCTOR'],
    ['A'.repeat(64), 'A'.repeat(64)],
  ])('%s is %s', (raw, expected) => {
    expect(name(raw)).toBe(expected);
  });

  it.each([
    '',
    ' BTC',
    'BTC ',
    'BTC\n',
    'A:B',
    '*',
    'A/B/C',
    '/USDT',
    'BTC/',
    '-BTC',
    '__proto__',
    'BTC\u0000',
    '\u202eBTC',
    'ВТС',
    'A'.repeat(65),
    '\ud800',
  ])('%j is none', (raw) => {
    expect(name(raw)).toBeNull();
  });

  it('by an alias are held to the same grammar', () => {
    for (const target of ['A:B', 'a b', '*', '']) {
      const decoded = decodeEvent({ ts: T0, symbol: 'X', pnl: 1 }, { aliases: new Map([['X', target]]) });
      expect(decoded.event).toBeNull();
    }
  });

  it('take no longer than their length, whatever they look like', () => {
    for (const evil of [
      'A'.repeat(65_536),
      'A-'.repeat(32_768),
      `A/${'B'.repeat(65_000)}!`,
      'A/'.repeat(30_000),
    ]) {
      const from = performance.now();
      expect(name(evil)).toBeNull();
      expect(performance.now() - from).toBeLessThan(50);
    }
  });
});

describe('the kill switch', () => {
  it.each([
    ['0', 'ACTIVE'],
    [0, 'ACTIVE'],
    ['reduce', 'REDUCING'],
    ['1', 'HALTED'],
    ['on', 'HALTED'],
    ['00', 'HALTED'],
    [' 0', 'HALTED'],
    ['nan', 'HALTED'],
    ['REDUCE', 'HALTED'],
    [2, 'HALTED'],
    ['', 'HALTED'],
    [true, 'HALTED'],
    [null, 'HALTED'],
    [{}, 'HALTED'],
  ])('of %j is %s: in doubt it is halted', (state, expected) => {
    expect(decode({ type: 'kill', ts: T0, state }).event).toMatchObject({ type: 'kill', state: expected });
  });

  it('of a text too long for a label is halted', () => {
    expect(decode({ type: 'kill', ts: T0, state: 'x'.repeat(300) }).event).toMatchObject({ state: 'HALTED' });
  });

  it('is read the same from its key', () => {
    expect(['0', '1', 'reduce', '', 'x'].map(tradingState)).toEqual([
      'ACTIVE',
      'HALTED',
      'REDUCING',
      'HALTED',
      'HALTED',
    ]);
  });
});

describe('a plan', () => {
  const plan = { type: 'plan', ts: T0, plan_id: 'p', symbol: 'BTC', decision: 'EXECUTE' };

  it('with a bad name is still a plan, and not valid', () => {
    expect(decode({ ...plan, plan_id: 'a b' }).event).toMatchObject({ namesValid: false });
    expect(decode({ ...plan, symbol: 'A:B' }).event).toMatchObject({ namesValid: false, symbol: 'A:B' });
    expect(decode({ ...plan, plan_id: 'x'.repeat(5000) }).event).toMatchObject({ namesValid: false });
    expect(decode({ ...plan, symbol: 'x'.repeat(5000) }).event).toMatchObject({ namesValid: false });
  });

  it.each([
    ['true', true],
    [true, true],
    ['1', true],
    ['True', true],
    ['false', false],
    ['', false],
    ['yes', false],
    [undefined, false],
  ])('with reduceOnly %j reduces only: %s', (reduceOnly, expected) => {
    expect(decode({ ...plan, reduceOnly }).event).toMatchObject({ reduceOnly: expected });
  });
});

describe('any entry', () => {
  const garbage = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 40 }),
    fc.constantFrom<unknown>(...NOT_NUMBERS, ...NUMBERS, null, undefined, '\ud800x', '\u0000', '__proto__'),
    fc.constantFrom<unknown>('x'.repeat(65_536), '9'.repeat(65_536), [[[]]], { a: { b: 1 } }, T0 + 1e9),
    fc.double(),
    fc.anything({ maxDepth: 2 }).filter((value) => typeof value !== 'bigint'),
  );
  const names = [...new Set(GOOD.flatMap((fields) => Object.keys(fields)))];
  const field = fc.constantFrom(...names, 'type', 'unknown', 'constructor', 'toString', '__proto__');
  const mutation = fc.record({ name: field, value: garbage, remove: fc.boolean() });

  function mutate(
    base: Fields,
    mutations: readonly { name: string; value: unknown; remove: boolean }[],
  ): Fields {
    const fields = { ...base };
    for (const { name, value, remove } of mutations) {
      if (remove) delete fields[name];
      else
        Object.defineProperty(fields, name, { value, enumerable: true, configurable: true, writable: true });
    }
    return fields;
  }

  it('mutated at will is an event with finite numbers or a rejection, and changes no prototype', () => {
    const before = Object.getOwnPropertyNames(Object.prototype).join();
    let rejected = 0;
    fc.assert(
      fc.property(fc.constantFrom(...GOOD), fc.array(mutation, { maxLength: 4 }), (base, mutations) => {
        const decoded = decode(mutate(base, mutations));
        expectSound(decoded);
        if (decoded.event === null) rejected++;
      }),
      { numRuns: 50_000 },
    );
    expect(rejected).toBeGreaterThan(5000);
    expect(Object.getOwnPropertyNames(Object.prototype).join()).toBe(before);
    expect(({} as Fields)['polluted']).toBeUndefined();
  });

  it('that becomes an event leaves the engine with finite decisions', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.constantFrom(...GOOD), fc.array(mutation, { maxLength: 2 })), {
          maxLength: 12,
          size: 'max',
        }),
        (entries) => {
          const events = entries
            .map(([base, mutations]) => decode(mutate(base, mutations)).event)
            .filter((event) => event !== null)
            .filter(({ ts }) => Math.abs(ts - T0) < 3600);
          const inOrder = events.toSorted((a, b) => a.ts - b.ts);
          for (const decision of runEvents(testSettings(), inOrder).decisions)
            // Throws on a number that is not finite.
            expect(encodeDecision(decision).length).toBeGreaterThan(0);
        },
      ),
      { numRuns: 600 },
    );
    expect.hasAssertions();
  });

  it('nested without end is refused, not fatal', () => {
    const deep: unknown = JSON.parse('['.repeat(30_000) + ']'.repeat(30_000));
    for (const name of ['symbol', 'ts', 'pnl', 'type', 'plan_id'])
      expect(decode({ ts: T0, symbol: 'BTC', pnl: 1, [name]: deep }).event).toBeNull();
  });

  it('keeps __proto__ as a name of no meaning', () => {
    const fields = JSON.parse(`{"ts":${T0},"symbol":"BTC","pnl":1,"__proto__":{"symbol":"ETH"}}`) as Fields;
    expect(decode(fields).event).toMatchObject({ symbol: 'BTC' });
    const hidden = JSON.parse(`{"ts":${T0},"pnl":1,"__proto__":{"symbol":"ETH"}}`) as Fields;
    expect(decode(hidden).event).toBeNull();
  });
});
