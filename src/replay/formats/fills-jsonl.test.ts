import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { fillsJsonl } from './fills-jsonl.ts';
import type { BallastRecord, ReadItem, Source } from './format.ts';

const sourceOf = (data: string | Uint8Array): Source => ({
  name: 'fills.jsonl',
  path: null,
  async *bytes() {
    const bytes = Buffer.from(data);
    for (let at = 0; at < bytes.length; at += 1000) yield bytes.subarray(at, at + 1000);
  },
});

async function read(data: string | Uint8Array): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const batch of fillsJsonl.read(sourceOf(data), {
    timeZone: 'UTC',
    columns: new Map(),
    usdPer: new Map(),
  }))
    items.push(...batch);
  return items;
}

const records = (items: readonly ReadItem[]): BallastRecord[] =>
  items.flatMap((item) => ('record' in item ? [item.record] : []));
const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const fill = (more: object): object => ({
  ts_ms: 1_700_000_000_000,
  symbol: 'BTCUSDT',
  side: 'BUY',
  qty: 1,
  price: 100,
  pnl_usd: null,
  ...more,
});

describe('fills as JSON lines', () => {
  test('rows with a profit, or without side and price, are not fills', () => {
    const recognised = (text: string): string | null =>
      fillsJsonl.recognise(Buffer.from(text), sourceOf(text));
    expect(recognised(lines(fill({}), fill({ side: 'SELL' })))).toBe('fills as JSON lines');
    expect(recognised(lines(fill({}), fill({ pnl_usd: 0 })))).toBeNull();
    expect(recognised(lines({ ts_ms: 1, symbol: 'A', pnl_usd: 1 }))).toBeNull();
    expect(recognised('time,symbol\n')).toBeNull();
  });

  test('profit is net of the rates of both fills, and the trade keeps its signal', async () => {
    const items = await read(
      lines(
        fill({ fee_rate: 0.001, signal: 's', trade_id: 1 }),
        fill({
          side: 'SELL',
          price: 110,
          fee_rate: 0.001,
          signal: 's',
          trade_id: 1,
          ts_ms: 1_700_000_060_000,
          order_role: 'stoploss',
        }),
      ),
    );
    const [, close] = records(items);
    expect(close).toMatchObject({ side: 'LONG', signal: 's', hold_sec: 60, exit_reason: 'stoploss' });
    expect(close?.['realized_pnl']).toBeCloseTo(10 - 0.1 - 0.11, 12);
  });

  test('what one trade left over does not move the next', async () => {
    const items = await read(
      lines(
        fill({ trade_id: 1, qty: 1 }),
        fill({ trade_id: 1, side: 'SELL', qty: 0.9, price: 110 }),
        fill({ trade_id: 2, price: 200, ts_ms: 1_700_000_100_000 }),
        fill({ trade_id: 2, side: 'SELL', price: 210, ts_ms: 1_700_000_200_000 }),
      ),
    );
    expect(records(items).at(-1)).toMatchObject({ entry_price: 200, realized_pnl: 10, hold_sec: 100 });
  });

  test('a bad line is refused and the rest is used', async () => {
    const items = await read(`{"ts_ms":\n${lines(fill({ qty: 'x' }), fill({ side: 'HOLD' }), fill({}))}`);
    expect(items.map((item) => ('reason' in item ? [item.line, item.reason] : [item.line, 'used']))).toEqual([
      [1, 'not_json'],
      [2, 'bad_number'],
      [3, 'bad_value'],
      [4, 'used'],
    ]);
  });
});

const DATA = new URL('../../../../shared/data/executions/', import.meta.url);
const rowsOf = (name: string): Buffer => gunzipSync(readFileSync(new URL(`${name}.jsonl.gz`, DATA)));

describe.skipIf(!existsSync(DATA))(
  'real fills against the trades their bot closed (skipped: ../shared/data is absent)',
  () => {
    // What funding leaves over: 0 for ngblaze; −0.5798 USD for juanma, all of it on its one symbol.
    test.each([
      ['juanma_btcperp', -0.5797948],
      ['ngblaze_perps', 0],
    ])('%s differs by its funding of %d USD, symbol by symbol', async (set, funding) => {
      const left = new Map<string, number>();
      for (const line of rowsOf(`live_${set}`).toString().trim().split('\n')) {
        const trade = JSON.parse(line) as { symbol: string; pnl_usd: number };
        left.set(trade.symbol, (left.get(trade.symbol) ?? 0) + trade.pnl_usd);
      }
      const items = await read(rowsOf(`fills_${set}`));
      for (const record of records(items)) {
        const symbol = String(record['symbol']);
        if (record['kind'] !== 'open')
          left.set(symbol, (left.get(symbol) ?? 0) - Number(record['realized_pnl']));
      }
      expect(items.every((item) => 'record' in item)).toBe(true);
      for (const rest of left.values()) expect(Math.abs(rest - funding)).toBeLessThan(1e-6);
    });
  },
);
