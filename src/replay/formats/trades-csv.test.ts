import { describe, expect, test } from 'vitest';
import { InputError, type BallastRecord, type FormatOptions, type ReadItem, type Source } from './format.ts';
import { tradesCsv } from './trades-csv.ts';

const sourceOf = (text: string): Source => ({
  name: 'trades.csv',
  path: null,
  async *bytes() {
    yield Buffer.from(text);
  },
});

async function read(text: string, options: Partial<FormatOptions> = {}): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  const all = {
    timeZone: 'UTC',
    columns: new Map<string, string>(),
    usdPer: new Map<string, number>(),
    ...options,
  };
  for await (const batch of tradesCsv.read(sourceOf(text), all)) items.push(...batch);
  return items;
}

const records = (items: readonly ReadItem[]): BallastRecord[] =>
  items.flatMap((item) => ('record' in item ? [item.record] : []));
const profits = (items: readonly ReadItem[]): unknown[] => records(items).map((each) => each['realized_pnl']);
const refusals = (items: readonly ReadItem[]): [number, string, string][] =>
  items.flatMap((item) =>
    'reason' in item ? [[item.line, item.reason, item.detail] as [number, string, string]] : [],
  );

describe('closed trades as a table', () => {
  test('the usual columns become the fields of an execution', async () => {
    const items =
      await read(`Pair,Side,Open Time,Close Time,Size,Entry Price,Exit Price,Net Profit,PnL %,Strategy,Exit Reason,Regime,Fee
BTC/USDT,long,2024-01-01 10:00:00,2024-01-01 11:00:00,0.5,40000,41000,"$1,499.50",2.5,breakout,roi,TREND,0.5
`);
    expect(records(items)).toEqual([
      {
        ts_ms: Date.UTC(2024, 0, 1, 11),
        symbol: 'BTC/USDT',
        realized_pnl: 1499.5,
        fee_usd: 0.5,
        qty: 0.5,
        price: 41000,
        entry_price: 40000,
        side: 'LONG',
        signal: 'breakout',
        exit_reason: 'roi',
        regime: 'TREND',
        entry_ts_ms: Date.UTC(2024, 0, 1, 10),
        hold_sec: 3600,
      },
    ]);
  });

  test('losses in parentheses, thousands and comma decimals follow the rest of the file', async () => {
    const dots = await read(
      'date,symbol,pnl\n2024-01-01,A,(12.50)\n2024-01-02,A,"1,234"\n2024-01-03,A,-$3\n',
    );
    expect(profits(dots)).toEqual([-12.5, 1234, -3]);
    const commas = await read(
      'date;symbol;pnl\n01.01.2024;A;12,50\n02.01.2024;A;1.234\n03.01.2024;A;-1.000,25\n',
    );
    expect(profits(commas)).toEqual([12.5, 1234, -1000.25]);
  });

  test('a number that reads two ways is refused with its column and row', async () => {
    const items = await read('date,symbol,pnl\n2024-01-01,A,"1,234"\n2024-01-02,A,7\n');
    expect(profits(items)).toEqual([7]);
    expect(refusals(items)).toMatchObject([[2, 'bad_number', expect.stringMatching(/row 2, column pnl/)]]);
  });

  test('Bybit names the closing side, Binance and OKX the position', async () => {
    const bybit = `Contracts,Closing Direction,Qty,Entry Price,Exit Price,Closed P&L,Exit Type,Trade Time(UTC+0)
BTCUSDT,Sell,0.5,64000,63200,-400.25,Trade,2026-03-10 14:05:00
`;
    expect(records(await read(bybit, { timeZone: 'Asia/Tokyo' }))).toMatchObject([
      { side: 'LONG', realized_pnl: -400.25, ts_ms: Date.UTC(2026, 2, 10, 14, 5), exit_reason: 'Trade' },
    ]);
    const binance = `Symbol,Margin Mode,Position Side,Entry Price,Avg. Close Price,Max Open Interest,Closed Vol.,Closing PNL,Opened,Closed,Status
ETHUSDT,Isolated,Short,1926.51,1889.76,0.092,0.092,3.381,2026-06-02 23:35:35,2026-06-03 02:34:56,Closed
`;
    expect(records(await read(binance))).toMatchObject([
      { side: 'SHORT', realized_pnl: 3.381, qty: 0.092, price: 1889.76 },
    ]);
    const okx = `Position Create Time,Position Update Time,Instrument Name,Direction,Total Close Quantity,Average Open Price,Average Close Price,Margin Currency,Pnl,Fee,Funding Fee
2026-01-10 09:00:00,2026-01-10 18:00:00,AAA-USDT-SWAP,Long,5,100,110,USDT,5,-0.5,-0.02
`;
    const [trade] = records(await read(okx));
    expect(trade).toMatchObject({ side: 'LONG', fee_usd: 0.5, hold_sec: 32_400 });
    expect(trade?.['realized_pnl']).toBeCloseTo(4.48, 12);
  });

  test('profit in another currency needs its rate', async () => {
    const text =
      'date,symbol,pnl\n2024-01-01,ETHBTC,0.01\n2024-01-02,BTC-EUR,10\n2024-01-03,BTCUSDT,5 USDT\n';
    const refused = await read(text);
    expect(profits(refused)).toEqual([5]);
    expect(refusals(refused)).toMatchObject([
      [2, 'not_usd', expect.stringContaining('--usd-per BTC=RATE')],
      [3, 'not_usd', expect.stringContaining('--usd-per EUR=RATE')],
    ]);
    const usdPer = new Map([
      ['BTC', 40_000],
      ['EUR', 1.1],
    ]);
    expect(profits(await read(text, { usdPer }))).toEqual([400, 11, 5]);
  });

  test('bad rows are refused one by one', async () => {
    const items = await read(
      'date,symbol,pnl,qty\n2024-01-01,A,,1\n2024-01-01,,1,1\n,A,1,1\n06/01/2024,A,1,1\n2024-01-01,A,1\n2024-01-01,A,x,1\n2024-01-01,A,1,1\n',
    );
    expect(refusals(items).map(([line, reason]) => [line, reason])).toEqual([
      [2, 'missing_pnl'],
      [3, 'missing_symbol'],
      [4, 'missing_time'],
      [5, 'bad_time'],
      [6, 'bad_row'],
      [7, 'bad_number'],
    ]);
    expect(profits(items)).toEqual([1]);
  });

  test('the order of day and month is learnt from the file or given', async () => {
    const learnt = await read('date,symbol,pnl\n06/01/2024,A,1\n25/01/2024,A,1\n');
    expect(records(learnt)[0]).toMatchObject({ ts_ms: Date.UTC(2024, 0, 6) });
    const given = await read('date,symbol,pnl\n06/01/2024,A,1\n', {
      columns: new Map([['date-order', 'month_first']]),
    });
    expect(records(given)).toMatchObject([{ ts_ms: Date.UTC(2024, 5, 1) }]);
  });

  test('columns can be named, and a wrong name is said', async () => {
    const text = 'Quand,Quoi,Gain net\n2024-01-01,A,1\n';
    const columns = new Map([
      ['time', 'Quand'],
      ['symbol', 'quoi'],
      ['profit', 'Gain net'],
    ]);
    expect(profits(await read(text, { columns }))).toEqual([1]);
    await expect(read(text)).rejects.toThrow(InputError);
    await expect(read(text)).rejects.toThrow(
      /missing time, symbol, profit.*found the columns Quand, Quoi, Gain net/,
    );
    await expect(read('date,symbol,pnl\n', { columns: new Map([['fee', 'Kosten']]) })).rejects.toThrow(
      /no such column/,
    );
  });

  test('names from a file are never taken for properties', async () => {
    const items = await read('date,__proto__,symbol,pnl\n2024-01-01,x,__proto__,1\n');
    expect(records(items)).toMatchObject([{ symbol: '__proto__', realized_pnl: 1 }]);
  });
});
