import { describe, expect, it } from 'vitest';
import { InputError } from './format.ts';
import type { FormatOptions } from './format.ts';
import { jsonTrades, parseJson, recogniseJson } from './freqtrade-json.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };

function trade(pair: string, profit: number, rest: object = {}) {
  return { pair, profit_abs: profit, close_date: '2024-01-02 04:30:00+00:00', is_open: false, ...rest };
}

function read(value: unknown) {
  return [...jsonTrades(value, 'result.json', OPTIONS)];
}

function parse(content: string): unknown {
  return parseJson(Buffer.from(content), 'result.json');
}

describe('freqtrade JSON', () => {
  it.each([
    ['{"strategy": {"A": {"trades": [', 'freqtrade backtest result'],
    ['{"metadata":{"A":{"run_id":"x"}},"strategy":{"A":', 'freqtrade backtest result'],
    ['\uFEFF[\n {"trade_id": 1, "pair": "A/B", "close_profit_abs": null', 'freqtrade trades'],
    ['{"trades":[{"pair":"A/B","profit_abs":1}],"trades_count":1}', 'freqtrade trades'],
    ['[["TRX/BTC", 0.0399, 1515568500, 1515568800', 'freqtrade backtest result of a very old version'],
  ])('is recognised by what it holds: %s', (head, expected) => {
    expect(recogniseJson(head)).toBe(expected);
  });

  it.each([
    '{"type":"execution","symbol":"A","pair":"A/B","profit_abs":1,"strategy":"A"}\n',
    'time,pair,profit_abs\n',
    '[{"symbol":"A","pnl":1}]',
    '[]',
    '',
  ])('is not taken for what it only resembles: %s', (head) => {
    expect(recogniseJson(head)).toBeNull();
  });

  it('gives the trades of every strategy under its name, numbered over the file', () => {
    const strategy = {
      A: { trades: [trade('X/USDT', 1), trade('Y/USDT', 2)], stake_currency: 'USDT' },
      B: { trades: [trade('Z/BTC', 3, { enter_tag: 'dip' })], stake_currency: 'USDC' },
    };
    expect(read({ strategy, strategy_comparison: [] })).toMatchObject([
      { line: 1, record: { symbol: 'X/USDT', realized_pnl: 1, signal: 'A', bot: 'A' } },
      { line: 2, record: { symbol: 'Y/USDT', realized_pnl: 2, signal: 'A' } },
      { line: 3, record: { symbol: 'Z/BTC', realized_pnl: 3, signal: 'dip', bot: 'B' } },
    ]);
  });

  it('takes a strategy named __proto__ for a name like any other', () => {
    const value = parse(`{"strategy":{"__proto__":{"trades":[${JSON.stringify(trade('X/USDT', 1))}]}}}`);
    expect(read(value)).toMatchObject([{ record: { bot: '__proto__' } }]);
  });

  it('reads exported lists, skips open trades and finds the order that closed one', () => {
    const orders = [
      { order_id: 'in', ft_is_entry: true, is_open: false },
      { order_id: 'out', ft_is_entry: false, is_open: false },
    ];
    const trades = [trade('X/USDT', 5, { is_open: true, close_date: null }), trade('Y/USDT', 2, { orders })];
    for (const value of [trades, { trades, trades_count: 2 }]) {
      expect(read(value)).toMatchObject([{ line: 2, record: { symbol: 'Y/USDT', order_id: 'out' } }]);
    }
  });

  it('refuses a bad trade with its place, and reads on', () => {
    const items = read([trade('X/EUR', 1, { orders: [1, 2, 3] }), 'no trade', trade('Y/USDT', 2)]);
    expect(items).toMatchObject([
      { line: 1, reason: 'not_usd', raw: JSON.stringify(trade('X/EUR', 1)) },
      { line: 2, reason: 'bad_row', raw: '"no trade"' },
      { line: 3, record: { realized_pnl: 2 } },
    ]);
  });

  it('refuses each trade of the oldest results, which hold no profit in money', () => {
    const old = [['TRX/BTC', 0.0399, 1515568500, 1515568800, 63, 5, 9.6e-5, 1.0e-4, false, 'roi']];
    expect(read(old)).toMatchObject([
      { line: 1, reason: 'missing_pnl', detail: expect.stringContaining('percent') },
    ]);
  });

  it.each([
    [{ latest_backtest: 'backtest-result-1.json' }, /read backtest-result-1\.json instead/],
    [{ strategy: { A: {} } }, /strategy "A" holds no list "trades"/],
    [{ strategy: 'A' }, /JSON, but no freqtrade result/],
    [7, /JSON, but no freqtrade result/],
  ])('that holds no trades is an error: %j', (value, message) => {
    expect(() => read(value)).toThrow(InputError);
    expect(() => read(value)).toThrow(message);
  });

  it('of a result without trades is read as nothing', () => {
    expect(read({ strategy: { A: { trades: [] } } })).toEqual([]);
  });
});

describe('parsing', () => {
  it('takes the NaN and Infinity that Python writes as unknown, and leaves text alone', () => {
    const value = parse('\uFEFF{"a": NaN, "b": -Infinity, "c": "NaN \\" NaN", "d": [Infinity]}');
    expect(value).toEqual({ a: null, b: null, c: 'NaN " NaN', d: [null] });
  });

  it.each(['{"strategy": {"A": {"trades": [{"pair": "X/U', '{"a": 1', '{"a":', '[1,'])(
    'says of %s that the file is cut off',
    (content) => {
      expect(() => parse(content)).toThrow('result.json: the JSON ends in the middle');
    },
  );

  it('gives line and column of what is no JSON', () => {
    expect(() => parse('{\n  "a": 1,\n  "b": 2 x\n}')).toThrow(/result\.json: no JSON at line 3, column 10/);
    expect(() => parse('{"a": nope}')).toThrow(InputError);
  });
});
