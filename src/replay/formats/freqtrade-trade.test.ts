import { describe, expect, it } from 'vitest';
import type { FormatOptions } from './format.ts';
import { momentMs, readTrade } from './freqtrade-trade.ts';
import type { TradeOrigin } from './freqtrade-trade.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };
const BACKTEST: TradeOrigin = { strategy: 'Momentum', stakeCurrency: 'USDT', closesLeftOpen: true };
const LIST: TradeOrigin = { strategy: null, stakeCurrency: null, closesLeftOpen: false };

const TRADE = {
  pair: 'ETH/USDT:USDT',
  stake_amount: 100,
  amount: 0.5,
  open_date: '2024-01-02 03:00:00+00:00',
  close_date: '2024-01-02 04:30:00+00:00',
  open_rate: 2000,
  close_rate: 1990,
  trade_duration: 90,
  profit_abs: 4.25,
  exit_reason: 'roi',
  is_open: false,
  enter_tag: 'dip ',
  is_short: true,
};

function read(changes: Record<string, unknown> = {}, origin = BACKTEST, options = OPTIONS) {
  const fields = new Map<string, unknown>(Object.entries({ ...TRADE, ...changes }));
  return readTrade((name) => fields.get(name), origin, options);
}

function record(changes: Record<string, unknown> = {}, origin = BACKTEST, options = OPTIONS) {
  const reading = read(changes, origin, options);
  if (reading === 'open' || !('record' in reading)) throw new Error(`no record: ${JSON.stringify(reading)}`);
  return reading.record;
}

describe('a closed trade', () => {
  it('is one execution at its close, with the fields of the ballast format and no identity', () => {
    expect(record()).toEqual({
      type: 'execution',
      ts_ms: Date.UTC(2024, 0, 2, 4, 30),
      symbol: 'ETH/USDT:USDT',
      realized_pnl: 4.25,
      side: 'SHORT',
      qty: 0.5,
      price: 1990,
      stake_usd: 100,
      signal: 'dip',
      bot: 'Momentum',
      hold_sec: 5400,
      exit_reason: 'roi',
      entry_ts_ms: Date.UTC(2024, 0, 2, 3),
      entry_price: 2000,
    });
  });

  it('leaves out what the file does not say', () => {
    const bare = record(
      {
        stake_amount: null,
        amount: undefined,
        open_date: null,
        trade_duration: null,
        exit_reason: '',
        enter_tag: null,
      },
      LIST,
    );
    expect(Object.keys(bare)).toEqual([
      'type',
      'ts_ms',
      'symbol',
      'realized_pnl',
      'side',
      'price',
      'entry_price',
    ]);
  });

  it('is read by the names older versions gave to its tag and its exit', () => {
    const old = record({
      enter_tag: undefined,
      exit_reason: undefined,
      buy_tag: 'cross',
      sell_reason: 'stop_loss',
    });
    expect(old).toMatchObject({ signal: 'cross', exit_reason: 'stop_loss' });
  });

  it('has the name of its strategy as signal where it has no tag', () => {
    expect(record({ enter_tag: '' })['signal']).toBe('Momentum');
    expect(record({ enter_tag: null, strategy: 'Own' }, LIST)).toMatchObject({ signal: 'Own', bot: 'Own' });
  });

  it('takes the holding time from the duration in minutes where the entry time is missing', () => {
    expect(record({ open_date: undefined })['hold_sec']).toBe(5400);
  });

  it('is long before freqtrade knew shorts', () => {
    expect(record({ is_short: undefined })['side']).toBe('LONG');
  });

  it('gets the profit that databases of the first versions do not keep, by the rule of freqtrade itself', () => {
    const old = {
      profit_abs: undefined,
      fee_open: 0.001,
      fee_close: 0.002,
      open_rate: 10,
      close_rate: 12,
      amount: 5,
    };
    expect(record(old)['realized_pnl']).toBeCloseTo(5 * 12 * 0.998 - 5 * 10 * 1.001, 12);
    expect(read({ ...old, profit_abs: null })).toMatchObject({ reason: 'missing_pnl' });
  });
});

describe('an open trade', () => {
  it('realises nothing, even after a partial exit', () => {
    expect(read({ is_open: true, close_date: null, realized_profit: 3 })).toBe('open');
    expect(read({ is_open: 1 }, LIST)).toBe('open');
  });

  it('is closed where a backtest closed it at the end but kept the mark', () => {
    expect(record({ is_open: true, exit_reason: 'force_exit' })['realized_pnl']).toBe(4.25);
  });
});

describe('a trade that cannot be used', () => {
  it.each([
    [{ pair: undefined }, 'missing_symbol'],
    [{ pair: 7 }, 'bad_symbol'],
    [{ close_date: undefined }, 'missing_time'],
    [{ close_date: '2024-02-30 00:00:00' }, 'bad_time'],
    [{ close_date: 'soon' }, 'bad_time'],
    [{ open_date: 'then' }, 'bad_time'],
    [{ profit_abs: null }, 'missing_pnl'],
    [{ profit_abs: '4.25' }, 'bad_number'],
    [{ amount: Infinity }, 'bad_number'],
  ])('is refused: %j is %s', (changes, reason) => {
    expect(read(changes)).toMatchObject({ reason });
  });

  it('names the field and the value that are wrong', () => {
    expect(read({ close_rate: '1,990' })).toMatchObject({ detail: 'close_rate is "1,990"' });
  });
});

describe('the currency of a trade', () => {
  it.each(['USD', 'USDT', 'USDC', 'BUSD', 'DAI', 'TUSD', 'FDUSD', 'USDP', 'usdt'])(
    'is a dollar if it is %s',
    (currency) => {
      expect(record({}, { ...BACKTEST, stakeCurrency: currency })['realized_pnl']).toBe(4.25);
    },
  );

  it('is refused otherwise, with the option that converts it', () => {
    expect(read({}, { ...BACKTEST, stakeCurrency: 'BTC' })).toEqual({
      reason: 'not_usd',
      detail:
        'amounts are in BTC, not USD: --usd-per BTC=RATE converts them (--usd-per BTC=1 takes them as they are)',
    });
  });

  it('is converted with the rate the user gave: profit, stake and prices, not quantity', () => {
    const options = { ...OPTIONS, usdPer: new Map([['EUR', 1.5]]) };
    expect(record({ pair: 'ETH/EUR' }, LIST, options)).toMatchObject({
      realized_pnl: 6.375,
      stake_usd: 150,
      price: 2985,
      entry_price: 3000,
      qty: 0.5,
    });
  });

  it('is that of the trade before that of the file before the quote of the pair', () => {
    const quoted = { pair: 'ETH/BTC' };
    expect(read(quoted, LIST)).toMatchObject({ reason: 'not_usd' });
    expect(read(quoted, BACKTEST)).toHaveProperty('record');
    expect(read({ ...quoted, stake_currency: 'BNB' }, BACKTEST)).toMatchObject({
      detail: expect.stringContaining('in BNB'),
    });
  });

  it('is unknown where neither file nor pair names one', () => {
    expect(read({ pair: 'ETH' }, LIST)).toMatchObject({
      reason: 'not_usd',
      detail: expect.stringContaining('"ETH"'),
    });
  });
});

describe('a moment', () => {
  it.each([
    ['2023-10-19 01:42:06.893160', Date.UTC(2023, 9, 19, 1, 42, 6, 893)],
    ['2023-10-19 01:42:06.893900', Date.UTC(2023, 9, 19, 1, 42, 6, 894)],
    ['2023-10-19T01:42:06Z', Date.UTC(2023, 9, 19, 1, 42, 6)],
    ['2023-10-19 01:42:06+02:00', Date.UTC(2023, 9, 18, 23, 42, 6)],
    [1515568500, 1515568500000],
    [1515568500123, 1515568500123],
  ])('is UTC unless it says otherwise, to the millisecond: %s', (date, expected) => {
    expect(momentMs(date)).toBe(expected);
  });

  it('takes the milliseconds of a timestamp that agrees with the date, and not one that is hours away', () => {
    const seconds = Date.UTC(2023, 9, 19, 1, 42, 6);
    expect(momentMs('2023-10-19 01:42:06', seconds + 321)).toBe(seconds + 321);
    expect(momentMs('2023-10-19 01:42:06', seconds - 7_200_000)).toBe(seconds);
    expect(momentMs(null, seconds)).toBe(seconds);
    expect(momentMs(null, null)).toBeNull();
  });
});
