/** Real trading records: counts and totals to the cent. Skipped where ../shared/data is absent. */
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { databaseFills } from '../../src/replay/formats/freqtrade-sqlite.ts';
import { Netting } from '../../src/replay/formats/netting.ts';
import { openSource } from '../../src/replay/sources.ts';
import { runCli, scratchFolder } from '../support/cli.ts';
import { hasSharedData, sharedData } from '../support/shared-data.ts';

const START_USD = 100_000;
/** Name, rows (each an execution, an opening or refused), total profit in USD where it is given. */
const SETS: readonly (readonly [string, number, number | null])[] = [
  ['bt_multistrat_2021', 11_859, 6060.87],
  ['bt_okx_2022_bear', 17_639, -1471.2],
  ['bt_rapidbot_2017_2026', 7899, 3718.4],
  ['bt_catman_longshort', 1414, 11_081.84],
  ['bt_devilstra_56pairs_2021', 3099, 1947.39],
  ['live_bitmex_2020_2023', 4412, null],
  ['live_juanma_btcperp', 261, -224.28],
  ['live_ngblaze_perps', 80, -90.96],
  ['paper_ngblaze_perps', 384, 3274.25],
  ['live_dutchcryptodad_spot', 47, -122.24],
  ['fills_juanma_btcperp', 522, null],
  ['fills_ngblaze_perps', 160, null],
  ['fills_dutchcryptodad_spot', 95, null],
  ['fills_hyperliquid_3accts', 5879, 739_009.9],
  ['testnet_quantum_trader_stream', 9681, 11_688.81],
  ['testnet_quantum_trader_core', 117, -84.58],
];
const BOTS = [
  ['tradesv3', 'juanma_btcperp'],
  ['ngblaze-tradesv3', 'ngblaze_perps'],
  ['dutchcryptodad-tradesv3', 'dutchcryptodad_spot'],
] as const;

interface Result {
  executions: number;
  openings: number;
  duplicates: number;
  excluded: number;
  rejected: Record<string, number>;
  equity_usd: number;
  period: { total: { profit_usd: number } };
}

async function replay(path: string, flags: readonly string[] = []): Promise<Result> {
  const { code, out, errors } = await runCli(['replay', path, '--json', ...flags]);
  expect(errors).toEqual([]);
  expect(code).toBe(0);
  return JSON.parse(out) as Result;
}

const executions = (set: string): string => sharedData('executions', `${set}.jsonl.gz`);

interface Row {
  ts_ms: number;
  symbol: string;
  side: 'BUY' | 'SELL';
  qty: number;
  price: number;
  fee_rate: number;
  trade_id: number;
  order_id: string;
  pnl_usd: number;
}

function rowsOf(set: string): Row[] {
  const text = gunzipSync(readFileSync(executions(set))).toString('utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row);
}

describe.skipIf(!hasSharedData)('real records (skipped without ../shared/data)', () => {
  it.each(SETS)('%s: %i rows, in all %s USD', async (set, rows, totalUsd) => {
    const found = await replay(executions(set));
    const refused = Object.values(found.rejected).reduce((a, b) => a + b, 0);
    expect(found.executions + found.openings + found.duplicates + refused).toBe(rows);
    expect(refused).toBe(0);
    expect(found.duplicates).toBe(0);
    expect(found.equity_usd - START_USD).toBeCloseTo(found.period.total.profit_usd, 3);
    if (totalUsd !== null) expect(found.period.total.profit_usd).toBeCloseTo(totalUsd, 2);
  });

  it('the test exchange: what looks wrong, left out, leaves its 117 real closes', async () => {
    const flags = 'zero_against_percent,zero_profit,placeholder,look_alike,contradicts_percent,no_identity';
    const found = await replay(executions('testnet_quantum_trader_stream'), ['--exclude', flags]);
    expect(found.executions).toBe(117);
    expect(found.excluded).toBe(9681 - 117);
    expect(found.period.total.profit_usd).toBeCloseTo(-84.58, 2);
  });

  it.each(BOTS)('the database %s holds the closed trades of live_%s', async (database, set) => {
    const { code, out } = await runCli(['import', sharedData('raw/freqtrade-db', `${database}.sqlite.gz`)]);
    expect(code).toBe(0);
    const ours = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { ts_ms: number; symbol: string; realized_pnl: number })
      .map((row) => [row.ts_ms, row.symbol, row.realized_pnl.toFixed(6)].join(' '));
    const theirs = rowsOf(`live_${set}`).map((row) =>
      [row.ts_ms, row.symbol, row.pnl_usd.toFixed(6)].join(' '),
    );
    expect(ours.toSorted()).toEqual(theirs.toSorted());
  });

  it.each(BOTS.slice(0, 2))(
    'the fills of %s with its funding make the profit of live_%s',
    async (database, set) => {
      using source = await openSource(sharedData('raw/freqtrade-db', `${database}.sqlite.gz`));
      const options = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };
      const funding = new Map<number, number>();
      for (const item of await databaseFills(source, options)) {
        if ('fill' in item)
          funding.set(item.fill.trade_id, (funding.get(item.fill.trade_id) ?? 0) + item.fill.funding_usd);
      }
      const closed = new Map(rowsOf(`live_${set}`).map((row) => [row.trade_id, row.pnl_usd]));
      const netting = new Netting();
      const profits = new Map<number, number>();
      for (const { ts_ms: tsMs, symbol, side, qty, price, fee_rate: rate, trade_id: id } of rowsOf(
        `fills_${set}`,
      )) {
        const feeUsd = rate * qty * price;
        for (const part of netting.fill({
          tsMs,
          symbol,
          account: '',
          leg: String(id),
          side,
          qty,
          price,
          feeUsd,
        }))
          if (part.kind === 'close') profits.set(id, (profits.get(id) ?? 0) + (part.realizedUsd ?? NaN));
      }
      expect(new Set(profits.keys())).toEqual(new Set(closed.keys()));
      let apart = 0;
      for (const [id, wanted] of closed) apart += profits.get(id)! + (funding.get(id) ?? 0) - wanted;
      expect(Math.abs(apart)).toBeLessThan(1e-6);
    },
  );

  it('a backtest with several strategies gives each as a signal', async () => {
    const name = 'tests__testdata__backtest_results__backtest-result_multistrat.json.gz';
    const path = sharedData('raw/freqtrade-backtest', name);
    const flags = ['--by', 'signal', '--usd-per', 'BTC=40000'];
    const found = await replay(path, flags);
    expect(found.executions).toBeGreaterThan(100);
    const signals = [...JSON.stringify(found.period).matchAll(/"(\w*Strategy\w*)"/g)].map(
      ([, signal]) => signal,
    );
    expect(new Set(signals).size).toBe(2);
    // Its stakes are in bitcoin: without a rate no dollar is made up.
    const refused = await replay(path);
    expect(refused).toMatchObject({ executions: 0, rejected: { not_usd: found.executions } });
  });

  it('an imported set replays as the original', async () => {
    const imported = join(scratchFolder(), 'imported.jsonl');
    for (const path of [
      executions('fills_juanma_btcperp'),
      executions('testnet_quantum_trader_stream'),
      sharedData('raw/fills-csv/hyperliquid.csv.gz'),
    ]) {
      const { code, out } = await runCli(['import', path, '--time-zone', '+05:30']);
      expect(code).toBe(0);
      writeFileSync(imported, out);
      const before = await replay(path, ['--time-zone', '+05:30']);
      const after = await replay(imported);
      expect(after.executions).toBe(before.executions);
      expect(after.openings).toBe(before.openings);
      expect(after.equity_usd).toBe(before.equity_usd);
      expect(after.period).toEqual(before.period);
    }
  });
});
