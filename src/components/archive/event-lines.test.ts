import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEntry, decodeEvent } from '../../contract/decode.ts';
import { decodeRecorded, encodeEvent } from './event-lines.ts';
import type { EventType, InputEvent } from '../../core/event.ts';

const T0 = 1_795_218_600.123;

const recorded = (line: string): InputEvent | null =>
  decodeRecorded(JSON.parse(line) as Record<string, unknown>).event;

const number = fc.oneof(
  fc.double({ min: -1e9, max: 1e9, noNaN: true }).map((value) => value + 0),
  fc.constantFrom(0, 5e-324, 1e300, -1e300, 0.1),
);
const positive = fc.double({ min: 0, max: 1e9, noNaN: true });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const label = fc.oneof(
  fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
  fc.constantFrom('__proto__', 'grüße', '\u2028', '\ud800', 'x'.repeat(256)),
);
const symbol = fc.constantFrom('BTCUSDT', '__PROTO', 'A.B-C', 'BTC/USDT:USDT', 'eth').map((name) => name);
const time = fc.oneof(
  fc.double({ min: T0 - 1e7, max: T0 + 60, noNaN: true }),
  fc.double({ min: T0 + 61, max: T0 + 1e6, noNaN: true }),
);
const maybe = <Value>(value: fc.Arbitrary<Value>): fc.Arbitrary<Value | undefined> =>
  fc.option(value, { nil: undefined });

/** Entries as a producer may send them, of every type. */
const FIELDS: { readonly [Type in EventType]: fc.Arbitrary<Record<string, unknown>> } = {
  execution: fc.record({
    symbol,
    realized_pnl: number,
    kind: maybe(fc.constantFrom('open', 'close')),
    timestamp: maybe(time),
    execution_id: maybe(label),
    bot: maybe(label),
    regime: maybe(label),
    cluster: maybe(label),
    signal: maybe(label),
    exit_reason: maybe(label),
    side: maybe(label),
    plan_id: maybe(fc.constantFrom('p-1', 'P.2')),
    order_id: maybe(label),
    filled_qty: maybe(number),
    qty: maybe(number),
    price: maybe(number),
    stake_usd: maybe(number),
    hold_sec: maybe(number),
    entry_ts: maybe(fc.oneof(time, fc.constant('never'))),
    entry_price: maybe(fc.oneof(number, fc.constant('?'))),
    pnl_pct: maybe(number),
    pnl_gross_usd: maybe(number),
  }),
  plan: fc.record({
    plan_id: fc.oneof(label, fc.constant('p1')),
    symbol: fc.oneof(symbol, label, fc.constant('ALIASED')),
    action: maybe(label),
    decision: maybe(label),
    side: maybe(label),
    reduceOnly: maybe(fc.constantFrom(true, 'false', '1')),
    bot: maybe(label),
    qty: maybe(fc.oneof(number, fc.constant('1,5'))),
    price: maybe(number),
    notional_usd: maybe(fc.oneof(number, fc.constant(''))),
    kill_score: maybe(number),
    confidence: maybe(number),
    k_regime_flip: maybe(number),
    timestamp: maybe(fc.oneof(time, fc.constant('soon'))),
  }),
  regime: fc.record({
    regime: fc.constantFrom('TREND', 'MEAN_REVERSION', 'CHOP'),
    confidence: maybe(fraction),
    symbol: maybe(symbol),
    timestamp: maybe(time),
  }),
  market: fc.record({
    symbol,
    mark_price: maybe(positive),
    vol_regime: maybe(label),
    sigma: maybe(positive),
    timestamp: maybe(time),
  }),
  cluster: fc.record({ symbol, cluster: label }),
  cluster_stress: fc.record({ cluster: label, stress: fraction, timestamp: maybe(time) }),
  position: fc.record({
    symbol,
    position_amt: number,
    mark_price: maybe(positive),
    notional_usd: maybe(number),
    timestamp: maybe(time),
  }),
  portfolio: fc.record({
    equity_usd: number,
    drawdown: maybe(fraction),
    heat: maybe(fraction),
    timestamp: maybe(time),
  }),
  cashflow: fc.record({ amount_usd: number }),
  take: fc.record({ plan_id: fc.constantFrom('p1', 'a.b-c') }),
  result: fc.record({ plan_id: fc.constant('p1'), executed: fc.boolean() }),
  kill: fc.record({ state: maybe(fc.constantFrom('0', '1', 'reduce', 'what')) }),
  rearm: fc.record({ symbol: maybe(symbol) }),
};
const OPTIONS = {
  aliases: new Map([
    ['ALIASED', 'no symbol'],
    ['BTCUSDT', 'XBTUSD'],
  ]),
};

const events: fc.Arbitrary<InputEvent> = fc
  .oneof(
    ...Object.entries(FIELDS).map(([type, fields]) =>
      fields.map((given) => ({ type: type as EventType, given })),
    ),
  )
  .map(({ type, given }) => decodeEntry(type, given, T0, OPTIONS).event)
  .filter((event) => event !== null);

describe('an event as a line', () => {
  it('comes back as it was, whatever was decoded', () => {
    fc.assert(
      fc.property(events, (event) => {
        expect(recorded(encodeEvent(event, { id: '1-0', repeat: true }))).toEqual(event);
      }),
      { numRuns: 3000 },
    );
  });

  it('of every type was tried', () => {
    const types = new Set(fc.sample(events, { numRuns: 500, seed: 1 }).map(({ type }) => type));
    expect([...types].sort()).toEqual(Object.keys(FIELDS).sort());
  });

  it('keeps its own time where it counts as of a tick long before it', () => {
    const event: InputEvent = {
      type: 'portfolio',
      ts: T0,
      stateTs: T0 + 7200.5,
      equityUsd: 1000,
      drawdown: null,
      heat: 0.25,
    };
    expect(recorded(encodeEvent(event))).toEqual(event);
    // A reader of files takes the arrival instead.
    const fields = JSON.parse(encodeEvent(event)) as Record<string, unknown>;
    expect(decodeEvent(fields, { aliases: new Map() }).event).toEqual({ ...event, stateTs: T0 });
  });

  it('keeps a cluster the operators named in any way', () => {
    for (const cluster of ['', 'x'.repeat(1000), 'UNKNOWN']) {
      const event: InputEvent = { type: 'cluster', ts: T0, symbol: 'BTCUSDT', cluster };
      expect(recorded(encodeEvent(event))).toEqual(event);
    }
  });

  it('is one line that begins with its type, and names only what is there', () => {
    const event = decodeEntry(
      'execution',
      { symbol: 'btc', pnl: '-1.50', signal: 'a\nb' },
      T0,
      OPTIONS,
    ).event!;
    expect(encodeEvent(event, { id: '5-1' })).toBe(
      `{"type":"execution","ts":${T0},"symbol":"BTC","realized_pnl":-1.5,"signal":"a\\nb","id":"5-1"}`,
    );
  });
});
