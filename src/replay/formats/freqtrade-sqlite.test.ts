import initSqlJs from 'sql.js';
import { describe, expect, it } from 'vitest';
import { InputError } from './format.ts';
import type { FormatOptions, ReadItem, Source } from './format.ts';
import { freqtrade } from './freqtrade.ts';
import { databaseFills } from './freqtrade-sqlite.ts';
import type { BotFill } from './freqtrade-sqlite.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };

const TRADES = `CREATE TABLE trades (id INTEGER PRIMARY KEY, pair VARCHAR, stake_currency VARCHAR, is_open BOOLEAN,
  fee_open FLOAT, fee_close FLOAT, open_rate FLOAT, close_rate FLOAT, realized_profit FLOAT, close_profit_abs FLOAT,
  stake_amount FLOAT, amount FLOAT, open_date DATETIME, close_date DATETIME, exit_reason VARCHAR, strategy VARCHAR,
  enter_tag VARCHAR, is_short BOOLEAN, funding_fees FLOAT);`;
const ORDERS = `CREATE TABLE orders (id INTEGER PRIMARY KEY, ft_trade_id INTEGER, ft_order_side VARCHAR,
  ft_is_open BOOLEAN, order_id VARCHAR, side VARCHAR, price FLOAT, average FLOAT, filled FLOAT, cost FLOAT,
  order_filled_date DATETIME, funding_fee FLOAT, ft_fee_base FLOAT);`;

/**
 * Trade 1: a short closed in two parts. It sells 4 at 100 and buys back 1 at 90 and 3 at 95, paying 0.1 % each way and
 * 0.5 of funding. Trade 2 is open after a partial exit. Trade 3 is in BTC.
 */
const BOT = `${TRADES}${ORDERS}
  INSERT INTO trades VALUES
  (1, 'ETH/USDT:USDT', 'USDT', 0, 0.001, 0.001, 100, 95, 23.725, 23.725, 80, 3, '2024-01-01 00:00:00.250000',
   '2024-01-01 02:00:00.500000', 'roi', 'Grid', NULL, 1, -0.5),
  (2, 'SOL/USDT:USDT', 'USDT', 1, 0.001, 0.001, 50, NULL, 4, 4, 10, 1, '2024-01-01 00:00:00', NULL, NULL, 'Grid', 'up', 0, 0),
  (3, 'LTC/BTC', 'BTC', 0, 0.001, 0.001, 0.002, 0.003, 0.001, 0.001, 0.002, 1, '2024-01-01 00:00:00',
   '2024-01-01 01:00:00', 'roi', 'Grid', 'up', 0, 0);
  INSERT INTO orders VALUES
  (1, 1, 'sell', 0, 'e1', 'sell', 101, 100, 4, 400, '2024-01-01 00:00:01', NULL, NULL),
  (2, 1, 'buy', 0, 'x0', 'buy', 90, NULL, 0, 0, NULL, NULL, NULL),
  (3, 1, 'buy', 0, 'x1', 'buy', 90, NULL, 1, 90, '2024-01-01 01:00:00', -0.2, NULL),
  (4, 2, 'buy', 0, 'e2', 'buy', 50, 50, 2.5, 125, '2024-01-01 00:00:00', NULL, 0.5),
  (5, 1, 'stoploss', 0, 'x2', 'buy', 99, 95, 3, 285, '2024-01-01 02:00:00', -0.3, NULL),
  (6, 2, 'sell', 1, 'x3', 'sell', 60, NULL, 0.5, 30, NULL, NULL, NULL),
  (7, 9, 'buy', 0, 'lost', 'buy', 1, 1, 1, 1, '2024-01-01 00:00:00', NULL, NULL),
  (8, 3, 'buy', 0, 'btc', 'buy', 0.002, 0.002, 1, 0.002, '2024-01-01 00:30:00', NULL, NULL);`;

async function image(sql: string): Promise<Uint8Array> {
  const engine = await initSqlJs();
  const database = new engine.Database();
  database.run(sql);
  const bytes = database.export();
  database.close();
  return bytes;
}

async function source(sql: string): Promise<Source> {
  return bytesSource(await image(sql));
}

function bytesSource(bytes: Uint8Array): Source {
  return {
    name: 'bot.sqlite',
    path: null,
    async *bytes() {
      // In two parts, as a file comes in.
      yield bytes.subarray(0, 50);
      yield bytes.subarray(50);
    },
  };
}

async function read(from: Source, options = OPTIONS): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const batch of freqtrade.read(from, options)) items.push(...batch);
  return items;
}

async function fills(from: Source, options = OPTIONS): Promise<BotFill[]> {
  return (await databaseFills(from, options)).flatMap((item) => ('fill' in item ? [item.fill] : []));
}

describe('the database of a bot', () => {
  it('gives a closed trade once, with the profit of all its exits and the order that closed it', async () => {
    expect(await read(await source(BOT))).toMatchObject([
      {
        line: 1,
        record: {
          ts_ms: Date.UTC(2024, 0, 1, 2, 0, 0, 500),
          symbol: 'ETH/USDT:USDT',
          realized_pnl: 23.725,
          side: 'SHORT',
          signal: 'Grid',
          bot: 'Grid',
          hold_sec: 7200.25,
          order_id: 'x2',
        },
      },
      { line: 3, reason: 'not_usd', detail: expect.stringMatching(/^trade 3: amounts are in BTC/) },
    ]);
  });

  it('converts with the rate the user gave', async () => {
    const items = await read(await source(BOT), { ...OPTIONS, usdPer: new Map([['BTC', 40000]]) });
    expect(items).toMatchObject([
      { line: 1 },
      { line: 3, record: { realized_pnl: 40, stake_usd: 80, qty: 1 } },
    ]);
  });

  it('is read in the schema of the first versions, without profit, tags and orders', async () => {
    const old = `CREATE TABLE trades (id INTEGER PRIMARY KEY, pair VARCHAR, is_open BOOLEAN, fee_open FLOAT,
      fee_close FLOAT, open_rate FLOAT, close_rate FLOAT, amount FLOAT, stake_amount FLOAT, open_date DATETIME,
      close_date DATETIME, sell_reason VARCHAR, strategy VARCHAR);
      INSERT INTO trades VALUES (4, 'ETH/USDT', 0, 0, 0.01, 100, 110, 2, 200, '2018-01-01 00:00:00.000000',
      '2018-01-01 00:01:00.000000', 'roi', 'First');`;
    const items = await read(await source(old));
    expect(items).toMatchObject([
      { record: { signal: 'First', exit_reason: 'roi', hold_sec: 60, side: 'LONG' } },
    ]);
    expect(items[0]).toHaveProperty('record.realized_pnl', expect.closeTo(17.8, 9));
    expect(items[0]).not.toHaveProperty('record.order_id');
    expect(await databaseFills(await source(old), OPTIONS)).toEqual([]);
  });

  it('that is cut off, of another program, or no database inside is an error', async () => {
    const bytes = await image(BOT);
    for (const length of [100, 4096, bytes.length - 4096]) {
      await expect(read(bytesSource(bytes.subarray(0, length)))).rejects.toThrow(
        /^bot\.sqlite: .*(damaged|not freqtrade)/,
      );
    }
    const other = read(await source('CREATE TABLE notes (id INTEGER)'));
    await expect(other).rejects.toThrow(
      new InputError('bot.sqlite: a SQLite database, but not freqtrade\'s: it has no table "trades"'),
    );
    await expect(read(await source('CREATE TABLE trades (id INTEGER, pair TEXT)'))).rejects.toThrow(
      'its table "trades" has no is_open, close_date',
    );
  });
});

describe('the fills of a bot', () => {
  it('are its filled orders in order of time, at the price paid, with fees and funding', async () => {
    expect(await fills(await source(BOT))).toEqual([
      {
        ts_ms: Date.UTC(2024, 0, 1),
        symbol: 'SOL/USDT:USDT',
        side: 'BUY',
        qty: 2,
        price: 50,
        fee_usd: 0.1,
        funding_usd: 0,
        trade_id: 2,
        order_id: 'e2',
        signal: 'up',
        bot: 'Grid',
      },
      expect.objectContaining({
        order_id: 'e1',
        side: 'SELL',
        qty: 4,
        price: 100,
        fee_usd: 0.4,
        funding_usd: 0,
      }),
      expect.objectContaining({
        order_id: 'x1',
        side: 'BUY',
        qty: 1,
        price: 90,
        fee_usd: 0.09,
        funding_usd: -0.2,
      }),
      expect.objectContaining({ order_id: 'x2', side: 'BUY', qty: 3, price: 95, funding_usd: -0.3 }),
    ]);
  });

  it('add up to the profit of the closed trade', async () => {
    const own = (await fills(await source(BOT))).filter((fill) => fill.trade_id === 1);
    const profit = own.reduce((sum, fill) => {
      const cash = fill.qty * fill.price * (fill.side === 'SELL' ? 1 : -1);
      return sum + cash - fill.fee_usd + fill.funding_usd;
    }, 0);
    expect(profit).toBeCloseTo(23.725, 12);
  });

  it('are refused without a trade or in a currency that is not the dollar', async () => {
    const items = await databaseFills(await source(BOT), OPTIONS);
    expect(items.filter((item) => 'reason' in item)).toMatchObject([
      { line: 7, reason: 'bad_row' },
      { line: 8, reason: 'not_usd' },
    ]);
  });

  it('of older versions have the entry left after a fee in base coin, and all funding with the last', async () => {
    const old = BOT.replace(', funding_fee FLOAT, ft_fee_base FLOAT', '')
      .replace(/'roi', 'Grid', NULL, 1, -0\.5/, "'roi', 'Grid', NULL, 0, -0.5")
      .replace(
        /INSERT INTO orders[\s\S]*/,
        `INSERT INTO orders VALUES
        (1, 1, 'buy', 0, 'e1', 'buy', 101, 100, 3.003, 300.3, '2024-01-01 00:00:01'),
        (2, 1, 'sell', 0, 'x1', 'sell', 90, NULL, 3, 330, '2024-01-01 01:00:00');`,
      );
    expect(await fills(await source(old))).toMatchObject([
      { order_id: 'e1', qty: 3, price: 100, funding_usd: 0 },
      { order_id: 'x1', qty: 3, price: 110, funding_usd: -0.5 },
    ]);
  });
});
