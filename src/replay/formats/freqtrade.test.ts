import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { BallastRecord, FormatOptions, ReadItem, Source } from './format.ts';
import { freqtrade } from './freqtrade.ts';
import { databaseFills } from './freqtrade-sqlite.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };
const DATA = fileURLToPath(new URL('../../../../shared/data/', import.meta.url));

function source(bytes: Uint8Array, path: string | null = null): Source {
  return {
    name: 'file',
    path,
    async *bytes() {
      yield bytes;
    },
  };
}

async function read(from: Source, options = OPTIONS): Promise<(readonly ReadItem[])[]> {
  const batches: (readonly ReadItem[])[] = [];
  for await (const batch of freqtrade.read(from, options)) batches.push(batch);
  return batches;
}

describe('a freqtrade file', () => {
  it('comes in batches, in the order of the file', async () => {
    const trades = Array.from({ length: 2500 }, (_, index) => ({
      pair: 'X/USDT',
      profit_abs: index,
      close_date: '2024-01-02 04:30:00',
    }));
    const batches = await read(source(Buffer.from(JSON.stringify(trades))));
    expect(batches.map((batch) => batch.length)).toEqual([1000, 1000, 500]);
    expect(batches.flat().map((item) => item.line)).toEqual(trades.map((_, index) => index + 1));
  });

  it('is recognised by its first bytes, and nothing else is', () => {
    const kind = (head: string): string | null =>
      freqtrade.recognise(Buffer.from(head, 'latin1'), source(Buffer.alloc(0)));
    expect(kind('PK\x03\x04rest')).toBe('freqtrade backtest result in a zip');
    expect(kind('SQLite format 3\0')).toBe('freqtrade database');
    expect(kind('{"strategy":{')).toBe('freqtrade backtest result');
    expect(kind('time,symbol,pnl\n')).toBeNull();
    expect(kind('')).toBeNull();
  });

  it('that is empty or no freqtrade file is an error', async () => {
    await expect(read(source(Buffer.alloc(0)))).rejects.toThrow('file: is empty');
    await expect(read(source(Buffer.from('time,pnl\n')))).rejects.toThrow('file: no JSON');
  });
});

describe.skipIf(!existsSync(DATA))('real freqtrade files (skipped where ../shared/data is absent)', () => {
  async function file(path: string): Promise<Source> {
    return source(gunzipSync(await readFile(DATA + path)), DATA + path);
  }

  async function records(path: string): Promise<BallastRecord[]> {
    const items = (await read(await file(path))).flat();
    return items.map((item) => {
      if ('reason' in item) throw new Error(`refused: ${item.reason} ${item.detail}`);
      return item.record;
    });
  }

  async function expected(set: string): Promise<BallastRecord[]> {
    const lines = gunzipSync(await readFile(`${DATA}executions/${set}.jsonl.gz`)).toString();
    return lines
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as BallastRecord);
  }

  interface Essence {
    readonly trade: string;
    readonly profit: number;
  }

  /** What both sides say of their trades, in one order; the sets rename pairs and round profit. */
  function essences(trades: BallastRecord[]): Essence[] {
    const list = trades.map((record) => {
      const symbol = String(record['symbol']).split(':')[0]?.replace('/', '');
      const trade = [record['ts_ms'], symbol, record['side'], record['signal'], record['exit_reason']].join(
        ' ',
      );
      return { trade, profit: Number(record['realized_pnl'] ?? record['pnl_usd']) };
    });
    return list.sort((a, b) => (a.trade < b.trade ? -1 : a.trade > b.trade ? 1 : a.profit - b.profit));
  }

  function expectSame(trades: BallastRecord[], wanted: BallastRecord[]): void {
    const [own, theirs] = [essences(trades), essences(wanted)];
    expect(own.map(({ trade }) => trade)).toEqual(theirs.map(({ trade }) => trade));
    const differences = own.map(({ profit }, index) => Math.abs(profit - (theirs[index]?.profit ?? NaN)));
    expect(Math.max(...differences)).toBeLessThan(1e-6);
  }

  function sum(values: BallastRecord[], name: string): number {
    return values.reduce((total, value) => total + Number(value[name]), 0);
  }

  const RESULT = 'raw/freqtrade-backtest/user_data__backtest_results__backtest-result-';

  it.each([
    ['2021-06-02_13-15-58', 'bt_multistrat_2021', 'SampleStrategy', 999],
    ['2021-06-02_13-17-02', 'bt_multistrat_2021', 'BBRSISimpleStrategy', 2603],
    ['2024-05-14_16-19-12', 'bt_catman_longshort', 'MeanReversionStrategy', 1414],
  ])('the backtest of %s gives its trades of %s', async (name, set, signal, count) => {
    const trades = await records(`${RESULT}${name}.json.gz`);
    const wanted = (await expected(set)).filter((trade) => trade['signal'] === signal);
    expect(trades).toHaveLength(count);
    expectSame(trades, wanted);
    expect(sum(trades, 'realized_pnl')).toBeCloseTo(sum(wanted, 'pnl_usd'), 4);
  });

  it.each([
    ['backtest-result', 179],
    ['backtest-result_multistrat', 358],
  ])('the result %s in BTC is refused trade by trade, and read with a rate', async (name, count) => {
    const from = await file(`raw/freqtrade-backtest/tests__testdata__backtest_results__${name}.json.gz`);
    const refused = (await read(from)).flat();
    expect(refused.filter((item) => 'reason' in item && item.reason === 'not_usd')).toHaveLength(count);
    const taken = (await read(from, { ...OPTIONS, usdPer: new Map([['BTC', 1]]) })).flat();
    expect(taken.filter((item) => 'record' in item)).toHaveLength(count);
  });

  it.each([
    ['tradesv3', 'live_juanma_btcperp', 261, -224.28],
    ['ngblaze-tradesv3', 'live_ngblaze_perps', 80, -90.96],
    ['dutchcryptodad-tradesv3', 'live_dutchcryptodad_spot', 47, -122.24],
  ])('the database %s, with its log, gives the trades of %s', async (name, set, count, total) => {
    const trades = await records(`raw/freqtrade-db/${name}.sqlite.gz`);
    expect(trades).toHaveLength(count);
    expectSame(trades, await expected(set));
    expect(sum(trades, 'realized_pnl')).toBeCloseTo(total, 2);
  });

  it.each([
    ['tradesv3', 'fills_juanma_btcperp'],
    ['ngblaze-tradesv3', 'fills_ngblaze_perps'],
  ])(
    'the fills of %s are those of %s and give each trade its profit to a hundred millionth',
    async (name, set) => {
      const path = `raw/freqtrade-db/${name}.sqlite.gz`;
      const items = await databaseFills(await file(path), OPTIONS);
      const fills = items.flatMap((item) => ('fill' in item ? [item.fill] : []));
      const wanted = await expected(set);
      expect(fills.map((fill) => [fill.ts_ms, fill.order_id, fill.qty])).toEqual(
        wanted.map((fill) => [fill['ts_ms'], fill['order_id'], fill['qty']]),
      );

      const byOrder = new Map(fills.map((fill) => [fill.order_id, fill.trade_id]));
      const profits = new Map<number, number>();
      for (const fill of fills) {
        const cash = fill.qty * fill.price * (fill.side === 'SELL' ? 1 : -1);
        const profit = (profits.get(fill.trade_id) ?? 0) + cash - fill.fee_usd + fill.funding_usd;
        profits.set(fill.trade_id, profit);
      }
      for (const trade of await records(path)) {
        const tradeId = byOrder.get(String(trade['order_id']));
        const difference = (profits.get(tradeId ?? NaN) ?? NaN) - Number(trade['realized_pnl']);
        expect(Math.abs(difference)).toBeLessThan(1e-8);
      }
    },
  );

  it('the fills of an older spot bot give each profit but for the dust its exchange would not sell', async () => {
    const path = 'raw/freqtrade-db/dutchcryptodad-tradesv3.sqlite.gz';
    const items = await databaseFills(await file(path), OPTIONS);
    const fills = items.flatMap((item) => ('fill' in item ? [item.fill] : []));
    for (const trade of await records(path)) {
      const exit = fills.findLast((fill) => fill.order_id === trade['order_id']);
      const own = fills.filter((fill) => fill.trade_id === exit?.trade_id);
      const signed = own.map((fill) => ({ ...fill, sign: fill.side === 'SELL' ? 1 : -1 }));
      const cash = signed.reduce((sum, fill) => sum + fill.sign * fill.qty * fill.price - fill.fee_usd, 0);
      const dust = -signed.reduce((sum, fill) => sum + fill.sign * fill.qty, 0);
      const feeRate = (exit?.fee_usd ?? NaN) / ((exit?.qty ?? NaN) * (exit?.price ?? NaN));
      const profit = cash + dust * (exit?.price ?? NaN) * (1 - feeRate);
      expect(Math.abs(profit - Number(trade['realized_pnl']))).toBeLessThan(1e-6);
    }
  });
});
