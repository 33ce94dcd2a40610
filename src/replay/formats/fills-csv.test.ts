import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fillsCsv } from './fills-csv.ts';
import { InputError, type BallastRecord, type FormatOptions, type ReadItem, type Source } from './format.ts';
import { tradesCsv } from './trades-csv.ts';

const sourceOf = (data: string | Uint8Array): Source => ({
  name: 'fills.csv',
  path: null,
  async *bytes() {
    const bytes = Buffer.from(data);
    for (let at = 0; at < bytes.length; at += 4096) yield bytes.subarray(at, at + 4096);
  },
});

async function read(data: string | Uint8Array, options: Partial<FormatOptions> = {}): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  const all = {
    timeZone: 'UTC',
    columns: new Map<string, string>(),
    usdPer: new Map<string, number>(),
    ...options,
  };
  for await (const batch of fillsCsv.read(sourceOf(data), all)) items.push(...batch);
  return items;
}

const records = (items: readonly ReadItem[]): BallastRecord[] =>
  items.flatMap((item) => ('record' in item ? [item.record] : []));
const closes = (items: readonly ReadItem[]): BallastRecord[] =>
  records(items).filter((each) => each['kind'] !== 'open');
const profits = (items: readonly ReadItem[]): number[] =>
  closes(items).map((each) => Number(each['realized_pnl']));
const refusals = (items: readonly ReadItem[]): [number, string][] =>
  items.flatMap((item) => ('reason' in item ? [[item.line, item.reason] as [number, string]] : []));
const recognised = (text: string): string | null => fillsCsv.recognise(Buffer.from(text), sourceOf(text));

const BINANCE_FUTURES = `Uid,Time,Symbol,Side,Price,Quantity,Amount,Fee,Realized Profit,Buyer,Maker,Trade ID,Order ID
7,26-03-17 10:00:00,BTCUSDT,SELL,110,3,330,0.3 USDT,20,false,false,103,12
7,26-03-17 09:30:00,BTCUSDT,BUY,120,1,120,0.1 USDT,0,true,false,102,11
7,26-03-17 09:00:00,BTCUSDT,BUY,90,1,90,0.1 USDT,0,true,false,101,10
`;

describe('Binance', () => {
  test('a futures file that lists the newest first is netted from its end, and a flip gives two records', async () => {
    expect(recognised(BINANCE_FUTURES)).toBe('a Binance futures fill history');
    const items = await read(BINANCE_FUTURES);
    expect(items.map((item) => item.line)).toEqual([4, 3, 2, 2]);
    const [first, , close, flip] = records(items);
    expect(first).toMatchObject({
      kind: 'open',
      ts_ms: Date.UTC(2026, 2, 17, 9),
      bot: '7',
      side: 'LONG',
      qty: 1,
    });
    expect(close).toMatchObject({
      side: 'LONG',
      qty: 2,
      price: 110,
      order_id: '12',
      execution_id: '7-BTCUSDT-103',
      hold_sec: 3600,
      entry_ts_ms: Date.UTC(2026, 2, 17, 9),
    });
    // 220 − 210, less 0.2 of entry fees and two thirds of the exit's 0.3
    expect(close?.['realized_pnl']).toBeCloseTo(10 - 0.2 - 0.2, 10);
    expect(flip).toMatchObject({ kind: 'open', side: 'SHORT', qty: 1, execution_id: '7-BTCUSDT-103-open' });
  });

  test('a sale that realizes profit without a position closes one from before the file', async () => {
    const header = BINANCE_FUTURES.split('\n')[0];
    const items = await read(
      `${header}\n7,26-03-17 09:00:00,ETHUSDT,SELL,2000,1,2000,1 USDT,50,false,false,1,1\n`,
    );
    expect(closes(items)).toMatchObject([{ symbol: 'ETHUSDT', side: 'LONG', realized_pnl: 49 }]);
  });

  test('spot fees in the coin, in USDT and in BNB all count', async () => {
    const items = await read(`Date(UTC),Pair,Side,Price,Executed,Amount,Fee
2024-01-01 00:00:00,BNBUSDT,BUY,300,1BNB,300USDT,0.3USDT
2024-01-02 00:00:00,ADAUSDT,BUY,0.5,1000ADA,500USDT,1ADA
2024-01-03 00:00:00,ADAUSDT,SELL,0.6,999ADA,599.4USDT,0.001BNB
`);
    expect(profits(items)).toHaveLength(1);
    // Bought 999 net at 0.5 with a fee of 1 × 0.5; sold with a fee of 0.001 × 300.
    expect(profits(items)[0]).toBeCloseTo(999 * 0.1 - 0.5 - 0.3, 10);
    expect(refusals(items)).toEqual([]);
  });

  test('a fee in a coin of unknown value keeps the fill and says so; --usd-per values it', async () => {
    const text = `Time,Pair,Side,Price,Executed,Amount,Fee
24-01-01 00:00:00,C98USDT,BUY,1,10C98,10USDT,0.01BNB
24-01-02 00:00:00,C98USDT,SELL,2,10C98,20USDT,0.01BNB
`;
    const items = await read(text);
    expect(refusals(items)).toEqual([
      [2, 'fee_not_usd'],
      [3, 'fee_not_usd'],
    ]);
    expect(profits(items)).toEqual([10]);
    expect(profits(await read(text, { usdPer: new Map([['BNB', 300]]) }))[0]).toBeCloseTo(10 - 6, 10);
  });

  test('a spot sale of coins bought before the file is refused, not shorted', async () => {
    const items = await read(`Time,Pair,Side,Price,Executed,Amount,Fee
24-01-01 00:00:00,BTCUSDT,BUY,100,1BTC,100USDT,0USDT
24-01-02 00:00:00,BTCUSDT,SELL,110,3BTC,330USDT,0USDT
`);
    expect(profits(items)).toEqual([10]);
    expect(refusals(items)).toEqual([[3, 'unbalanced_fills']]);
  });

  test('a quote that is no dollar is refused with its currency, or converted', async () => {
    const text = `Time,Pair,Side,Price,Executed,Amount,Fee
24-01-01 00:00:00,ETHBTC,BUY,0.05,2ETH,0.1BTC,0.0001BTC
24-01-02 00:00:00,ETHBTC,SELL,0.06,2ETH,0.12BTC,0.0001BTC
`;
    const refused = await read(text);
    expect(profits(refused)).toEqual([]);
    expect(refused.at(-1)).toMatchObject({
      reason: 'not_usd',
      detail: expect.stringContaining('--usd-per BTC=RATE'),
    });
    expect(profits(await read(text, { usdPer: new Map([['BTC', 50_000]]) }))[0]).toBeCloseTo(
      0.0198 * 50_000,
      8,
    );
  });
});

describe('Bybit', () => {
  test('derivative fills, funding and a liquidation in one file', async () => {
    const text = `Market,Filled Type,Filled Quantity,Filled Price,Order Price,Fee Rate,Trading Fee,feeCoin,ExecFeeV2,Direction,Order Type,Trasaction ID,Order No.,Transaction Time(UTC+0)
AAAUSDT,Trade,2,100,100,0.0005,0.1,USDT,0.1,Long,Market,a1,o1,10:00 2026-01-10
AAAUSDT,Funding,2,100,0,0.0001,0.02,USDT,0.02,Long,--,f1,g1,16:00 2026-01-10
AAAUSDT,Funding,2,100,0,-0.0001,-0.05,USDT,0,Long,--,f2,g2,20:00 2026-01-10
AAAUSDT,Trade,1,110,110,0.0005,-0.01,USDT,0,Short,Limit,a2,o2,21:00 2026-01-10
AAAUSDT,Liquidation,1,50,50,0.0005,0.025,USDT,0,Short,Market,a3,o3,22:00 2026-01-10
`;
    const items = closes(await read(text));
    expect(items.map((each) => each['exit_reason'])).toEqual([
      'funding',
      'funding',
      undefined,
      'liquidation',
    ]);
    const numbers = items.map((each) => Number(each['realized_pnl']));
    [-0.02, 0.05, 10 + 0.01 - 0.05, -50 - 0.025 - 0.05].forEach((value, i) =>
      expect(numbers[i]).toBeCloseTo(value, 10),
    );
    expect(items[0]).toMatchObject({ side: 'LONG', symbol: 'AAAUSDT' });
  });

  test('spot takes an unnamed fee from what was received', async () => {
    const items = await read(`UID: 1,Company Name: ,Country:
Uid,Spot Pairs,Order Type,Direction,Filled Value,Filled Price,Filled Quantity,Fees,Transaction ID,Order No.,Timestamp (UTC+0)
1,LTCUSDT,LIMIT,BUY,100,100,1,0.001,1,1,2024-12-09 19:48:23
1,LTCUSDT,LIMIT,SELL,109.89,110,0.999,0.10989,2,2,2024-12-10 19:48:23
`);
    expect(items.map((item) => item.line)).toEqual([3, 4]);
    expect(profits(items)[0]).toBeCloseTo(0.999 * 10 - 0.1 - 0.10989, 10);
  });

  test('the transaction log signs fees and funding as changes of balance', async () => {
    const items =
      await read(`Uid,Currency,Contract,Type,Direction,Quantity,Position,Filled Price,Funding,Fee Paid,Cash Flow,Change,Wallet Balance,Action,Time(UTC)
1,USDT,XUSDT,TRADE,BUY,2,2,100,0,-0.11,0,-0.11,1000,OPEN,2026-09-22 10:00:00
1,USDT,XUSDT,SETTLEMENT,BUY,--,2,--,-0.02,0,0,-0.02,1000,SETTLEMENT,2026-09-22 16:00:00
1,USDT,XUSDT,TRADE,SELL,2,0,110,0,-0.12,20,19.88,1000,CLOSE,2026-09-22 18:00:00
1,USDT,,TRANSFER_IN,--,5,0,0,0,0,5,5,1000,--,2026-09-22 19:00:00
`);
    expect(profits(items)[0]).toBeCloseTo(-0.02, 12);
    expect(profits(items)[1]).toBeCloseTo(20 - 0.23, 10);
    expect(refusals(items)).toEqual([]);
  });
});

describe('Hyperliquid', () => {
  const HEADER =
    'Account,Coin,Execution Price,Size Tokens,Size USD,Side,Timestamp IST,Start Position,Direction,Closed PnL,Transaction Hash,Order ID,Crossed,Fee,Trade ID,Timestamp';

  test('start positions order the fills of a minute, and the header names the zone', async () => {
    const items = await read(`${HEADER}
0xa,BTC,110,1,110,SELL,02-12-2024 5:30,3,Close Long,10,0x,1,TRUE,0,8.95E+14,1.73E+12
0xa,BTC,90,2,180,BUY,02-12-2024 5:30,1,Open Long,0,0x,1,TRUE,0,8.95E+14,1.73E+12
0xa,BTC,120,1,120,BUY,02-12-2024 5:30,0,Open Long,0,0x,1,TRUE,0,8.95E+14,1.73E+12
0xa,@107,8,10,80,BUY,02-12-2024 5:31,0,Buy,0,0x,1,TRUE,0.01,8.95E+14,1.73E+12
0xa,@107,9,9.99,90,SELL,02-12-2024 5:32,9.99,Sell,0,0x,1,TRUE,0.03,8.95E+14,1.73E+12
`);
    expect(items.map((item) => item.line)).toEqual([4, 3, 2, 5, 6]);
    expect(closes(items)).toMatchObject([
      { symbol: 'BTCUSD', ts_ms: Date.UTC(2024, 11, 2), bot: '0xa', entry_price: 100 },
      { symbol: 'SPOT107USD' },
    ]);
    expect(profits(items)[0]).toBeCloseTo(10, 10);
    expect(profits(items)[1]).toBeCloseTo(9.99 - 0.08 - 0.03, 10);
    expect(closes(items)[0]).not.toHaveProperty('execution_id');
  });

  test('a position from before the file counts by the closed profit the venue wrote', async () => {
    const items = await read(`${HEADER}
0xa,BTC,110,1,110,SELL,02-12-2024 5:30,5,Close Long,10,0x,1,TRUE,0.5,1,1
`);
    expect(profits(items)).toEqual([9.5]);
  });

  test('the export of the site has the side in its direction', async () => {
    const text = `time,coin,dir,px,sz,ntl,fee,closedPnl
13/03/2026 - 11:15:00,ETH,Open Short,2000,0.1,200,0.02,-0.02
13/03/2026 - 12:00:00,ETH,Close Short,1990,0.1,199,0.02,0.98
`;
    expect(recognised(text)).toBe('a Hyperliquid fill history');
    const items = await read(text);
    expect(closes(items)).toMatchObject([{ side: 'SHORT', symbol: 'ETHUSD' }]);
    expect(profits(items)[0]).toBeCloseTo(0.96, 10);
  });
});

describe('BitMEX', () => {
  const HEADER =
    'execID,orderID,symbol,side,lastQty,lastPx,settlCurrency,execType,execCost,execComm,transactTime';

  test('inverse contracts realize in bitcoin at the price of the fill; funding and quanto contracts too', async () => {
    const items = await read(`${HEADER}
e1,o1,XBTUSD,Buy,1000,10000,XBt,Trade,-10000000,7500,2020-01-01T00:00:00.000Z
f1,,XBTUSD,,1000,10000,XBt,Funding,-10000000,1000,2020-01-01T04:00:00.000Z
e2,o2,XBTUSD,Sell,1000,12500,XBt,Trade,8000000,-2000,2020-01-01T05:00:00.000Z
e3,o3,ETHUSD,Buy,10,200,XBt,Trade,200000,0,2020-01-01T06:00:00.000Z
e4,o4,ETHUSD,Sell,10,210,XBt,Trade,-210000,0,2020-01-01T07:00:00.000Z
n1,o5,XBTUSD,Sell,,,XBt,New,,,2020-01-01T08:00:00.000Z
`);
    expect(refusals(items)).toEqual([]);
    const [funding, inverse, quanto] = profits(items);
    expect(funding).toBeCloseTo(-0.00001 * 10_000, 10);
    expect(inverse).toBeCloseTo(0.02 * 12_500 - 0.000075 * 10_000 + 0.00002 * 12_500, 8);
    expect(quanto).toBeCloseTo(0.0001 * 12_500, 8);
  });

  test('the same execution twice is counted once and said', async () => {
    const row = 'e1,o1,XBTUSD,Buy,1000,10000,XBt,Trade,-10000000,0,2020-01-01T00:00:00.000Z\n';
    const items = await read(`${HEADER}\n${row}${row}`);
    expect(records(items)).toHaveLength(1);
    expect(items.find((item) => 'reason' in item)).toMatchObject({
      line: 3,
      detail: expect.stringContaining('line 2'),
    });
  });
});

describe('Kraken and OKX', () => {
  test('Kraken spot trades in euro need a rate', async () => {
    const text = `txid,ordertxid,pair,time,type,ordertype,price,cost,fee,vol,margin,misc,ledgers
T1,O1,XXBTZEUR,2024-01-15 10:30:00.1234,buy,limit,40000,400,1,0.01,0,,
T2,O2,XXBTZEUR,2024-01-16 10:30:00.1234,sell,limit,50000,500,1,0.01,0,,
`;
    expect(recognised(text)).toBe('a Kraken fill history');
    const items = await read(text, { usdPer: new Map([['EUR', 1.1]]) });
    expect(profits(items)[0]).toBeCloseTo(98 * 1.1, 9);
    expect(closes(items)[0]).toMatchObject({ ts_ms: Date.UTC(2024, 0, 16, 10, 30, 0, 123) });
  });

  test('OKX names its zone above the header, pays fees as negative numbers and books spot in two rows', async () => {
    const items = await read(`\uFEFFUID:1,\uFEFFAccount Type:Main,\uFEFFTime Zone:UTC+8
\uFEFFid,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit,Position Change,Position Balance,Balance Change,Balance,Balance Unit
1,100,2025-11-29 08:00:00,Spot,BTC-USDT,Buy,0.01,BTC,90000,0,-0.00001,BTC,0,0,0.00999,0.00999,BTC
2,100,2025-11-29 08:00:00,Spot,BTC-USDT,Sell,900,USDT,90000,0,0,USDT,0,0,-900,100,USDT
3,101,2025-11-29 09:00:00,Spot,BTC-USDT,Sell,0.00999,BTC,91000,0,0,USDT,0,0,-0.00999,0,BTC
4,101,2025-11-29 09:00:00,Spot,BTC-USDT,Buy,909.09,USDT,91000,0,-0.9,USDT,0,0,908.19,1,USDT
5,102,2025-11-29 10:00:00,Swap,TAO-USDT-SWAP,Open long,98,cont,204,0,-0.5,USDT,98,98,-0.5,0,USDT
6,103,2025-11-29 11:00:00,Swap,TAO-USDT-SWAP,Funding fee expense,98,cont,204,-0.4,0,USDT,0,98,-0.4,0,USDT
7,104,2025-11-29 12:00:00,Swap,TAO-USDT-SWAP,Close long,98,cont,205.1,1.078,-0.5,USDT,-98,0,0.578,0,USDT
8,105,2025-11-29 13:00:00,Transfer,,Transfer out,0,cont,0,0,0,BTC,0,0,-0.01,0,BTC
`);
    expect(refusals(items)).toEqual([]);
    expect(closes(items)[0]).toMatchObject({ ts_ms: Date.UTC(2025, 10, 29, 1), symbol: 'BTC-USDT' });
    const numbers = profits(items);
    [0.00999 * 1000 - 0.9 - 0.9, -0.4, 1.078 - 1].forEach((value, i) =>
      expect(numbers[i]).toBeCloseTo(value, 9),
    );
  });
});

describe('what cannot be taken for fills or trades', () => {
  test('one row of an OKX spot trade without the other is refused', async () => {
    const items =
      await read(`id,Order id,Time,Trade Type,Symbol,Action,Amount,Trading Unit,Filled Price,PnL,Fee,Fee Unit
2,100,2025-11-29 08:00:00,Spot,BTC-USDT,Sell,900,USDT,90000,0,0,USDT
`);
    expect(refusals(items)).toEqual([[2, 'bad_row']]);
  });

  test("Kraken's futures ledger is neither", () => {
    const header =
      'uid,dateTime,account,type,symbol,contract,change,new balance,new average entry price,trade price,realized pnl,fee,realized funding\n';
    expect(recognised(header)).toBeNull();
    expect(tradesCsv.recognise(Buffer.from(header), sourceOf(header))).toBeNull();
  });
});

describe('any fill history', () => {
  test('columns may be named, decimals may be commas, and local times follow daylight saving', async () => {
    const text = `Wann;Was;Art;Kurs;Menge;Kosten
31.03.2024 01:30;XUSD;buy;100,5;2;0,10
31.03.2024 03:30;XUSD;sell;1.101,5;2;0,10
`;
    const columns = new Map(
      Object.entries({
        time: 'Wann',
        symbol: 'Was',
        side: 'Art',
        price: 'Kurs',
        quantity: 'Menge',
        fee: 'Kosten',
      }),
    );
    const items = await read(text, { columns, timeZone: 'Europe/Berlin' });
    expect(profits(items)[0]).toBeCloseTo(2002 - 0.2, 9);
    expect(closes(items)[0]).toMatchObject({ hold_sec: 3600 });
  });

  test('bad rows are refused with their line and the rest is used', async () => {
    const items = await read(`time,symbol,side,price,qty,fee
2024-01-01 01:00:00 PM,XUSD,buy,100,1,0
2024-01-01,XUSD,hold,100,1,0
soon,XUSD,buy,100,1,0
2024-01-01,XUSD,buy,one,1,0
2024-01-01,XUSD,buy,100,0,0
2024-01-01,,buy,100,1,0
2024-01-01,XUSD,buy,100
2024-01-02 01:00:00 PM,XUSD,sell,101,1,0
`);
    expect(refusals(items)).toEqual([
      [3, 'bad_value'],
      [4, 'bad_time'],
      [5, 'bad_number'],
      [6, 'out_of_range'],
      [7, 'missing_symbol'],
      [8, 'bad_row'],
    ]);
    expect(closes(items)).toMatchObject([{ realized_pnl: 1, ts_ms: Date.UTC(2024, 0, 2, 13) }]);
  });

  test('a file without the columns says what it has, what is missing and how to name it', async () => {
    await expect(read('When,What\n1,2\n')).rejects.toThrow(InputError);
    await expect(read('When,What\n1,2\n')).rejects.toThrow(
      /missing time.*found the columns When, What.*--columns time=NAME/,
    );
    await expect(read(BINANCE_FUTURES, { columns: new Map([['fee', 'Nope']]) })).rejects.toThrow(
      /no such column/,
    );
    await expect(read('')).rejects.toThrow(InputError);
  });

  test('fills and closed trades are told apart by the header', () => {
    const fills = 'time,symbol,side,price,qty,fee\n';
    const trades = 'time,symbol,side,price,qty,fee,pnl\n';
    expect(recognised(fills)).toBe('a fill history');
    expect(recognised(trades)).toBeNull();
    expect(tradesCsv.recognise(Buffer.from(fills), sourceOf(fills))).toBeNull();
    expect(tradesCsv.recognise(Buffer.from(trades), sourceOf(trades))).toBe(
      'a table of closed trades; profit is taken as net of fee',
    );
    expect(tradesCsv.recognise(Buffer.from(BINANCE_FUTURES), sourceOf(BINANCE_FUTURES))).toBeNull();
  });
});

const REAL = new URL('../../../../shared/data/raw/fills-csv/hyperliquid.csv.gz', import.meta.url);

describe.skipIf(!existsSync(REAL))('a real Hyperliquid export (skipped: ../shared/data is absent)', () => {
  test('profit before fees is within 0.04 % of the closed profit of the venue, and no row is refused', async () => {
    const items = await read(gunzipSync(readFileSync(REAL)));
    expect(refusals(items)).toEqual([]);
    const perp = closes(items).filter((each) => !String(each['symbol']).startsWith('SPOT'));
    const gross = (rows: readonly BallastRecord[]): number =>
      rows.reduce((sum, each) => sum + Number(each['realized_pnl']) + Number(each['fee_usd']), 0);
    // The venue counts spot entry fees into the entry; the rest is prices and sizes it rounded.
    expect(gross(closes(items))).toBeCloseTo(739_009.9, -3);
    expect(Math.abs(gross(perp) - 531_716.9224)).toBeLessThan(10);
  });
});
