/** One small file of every format through the command line: what `auto` takes it for, and what comes out. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import initSqlJs from 'sql.js';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFiles, scratchFolder } from '../support/cli.ts';
import { joinLines } from '../support/replay-runs.ts';
import { storedZip } from '../support/stored-zip.ts';

interface Result {
  executions: number;
  openings: number;
  equity_usd: number;
  rejected: Record<string, number>;
  files: { what: string }[];
  period: { breakdowns: unknown; total: unknown };
  final: Record<string, unknown>;
}

async function replay(path: string, flags: readonly string[] = []): Promise<Result> {
  const { code, out, errors } = await runCli(['replay', path, '--json', ...flags]);
  expect(errors).toEqual([]);
  expect(code).toBe(0);
  return JSON.parse(out) as Result;
}

function trade(pair: string, profit: number, hour: number, tag: string): Record<string, unknown> {
  return {
    ...{ pair, stake_amount: 100, amount: 1, open_rate: 100, close_rate: 100 + profit, profit_abs: profit },
    ...{ profit_ratio: profit / 100, fee_open: 0.001, fee_close: 0.001, is_open: false, is_short: false },
    ...{ open_date: `2024-01-01 0${hour}:00:00+00:00`, close_date: `2024-01-01 0${hour + 1}:00:00+00:00` },
    ...{ open_timestamp: Date.UTC(2024, 0, 1, hour), close_timestamp: Date.UTC(2024, 0, 1, hour + 1) },
    ...{ trade_duration: 60, enter_tag: tag, exit_reason: 'roi', leverage: 1 },
  };
}
function strategy(trades: readonly unknown[]): Record<string, unknown> {
  return { trades, stake_currency: 'USDT', stake_amount: 100, total_trades: trades.length };
}
const ONE = {
  strategy: { Alpha: strategy([trade('BTC/USDT', 5, 1, 'dip'), trade('ETH/USDT', -2, 3, '')]) },
  strategy_comparison: [],
};
const TWO = {
  strategy: {
    Alpha: strategy([trade('BTC/USDT', 5, 1, 'dip'), trade('ETH/USDT', -2, 3, 'dip')]),
    Beta: strategy([trade('BTC/USDT', 1, 2, '')]),
  },
  strategy_comparison: [],
};

async function database(): Promise<Uint8Array> {
  const engine = await initSqlJs();
  const made = new engine.Database();
  made.run(`CREATE TABLE trades (id INTEGER PRIMARY KEY, pair VARCHAR, stake_currency VARCHAR, is_open BOOLEAN,
    fee_open FLOAT, fee_close FLOAT, open_rate FLOAT, close_rate FLOAT, realized_profit FLOAT, close_profit_abs FLOAT,
    stake_amount FLOAT, amount FLOAT, open_date DATETIME, close_date DATETIME, exit_reason VARCHAR, strategy VARCHAR,
    enter_tag VARCHAR, is_short BOOLEAN, funding_fees FLOAT);
    INSERT INTO trades VALUES
    (1, 'BTC/USDT', 'USDT', 0, 0.001, 0.001, 100, 105, 5, 5, 100, 1, '2024-01-01 01:00:00', '2024-01-01 02:00:00', 'roi', 'Alpha', 'dip', 0, 0),
    (2, 'ETH/USDT', 'USDT', 0, 0.001, 0.001, 100, 98, -2, -2, 100, 1, '2024-01-01 03:00:00', '2024-01-01 04:00:00', 'roi', 'Alpha', NULL, 0, 0),
    (3, 'SOL/USDT', 'USDT', 1, 0.001, 0.001, 100, NULL, 0, NULL, 100, 1, '2024-01-01 05:00:00', NULL, NULL, 'Alpha', NULL, 0, 0);`);
  const bytes = made.export();
  made.close();
  return bytes;
}

const FILLS = [
  'time,symbol,side,price,quantity,fee',
  '2024-01-01 01:00:00,BTCUSDT,BUY,100,2,0.2',
  '2024-01-01 02:00:00,BTCUSDT,SELL,110,1,0.1',
  '2024-01-01 03:00:00,BTCUSDT,SELL,90,2,0.2',
  '2024-01-01 04:00:00,BTCUSDT,BUY,80,1,0.1',
];
const TRADES = [
  'time,symbol,side,profit',
  '2024-01-01 01:00:00,BTCUSDT,LONG,5.5',
  '2024-01-01 02:00:00,ETHUSDT,SHORT,-2',
];
const JSON_FILLS = [
  '{"ts":1704070800,"symbol":"BTCUSDT","side":"BUY","qty":2,"price":100,"fee_usd":0.2}',
  '{"ts":1704074400,"symbol":"BTCUSDT","side":"SELL","qty":2,"price":110,"fee_usd":0.2}',
];
const BALLAST = [
  '{"type":"execution","ts":1704070800,"symbol":"BTC/USDT","realized_pnl":5,"signal":"dip"}',
  '{"type":"plan","ts":1704070900,"plan_id":"p","symbol":"BTC/USDT","action":"OPEN_PROPOSED","decision":"EXECUTE","qty":1,"price":3}',
];

const SAMPLES: readonly {
  name: string;
  content: () => string | Uint8Array | Promise<Uint8Array>;
  what: RegExp;
  executions: number;
  openings?: number;
  profit: number;
}[] = [
  { name: 'one.json', content: () => JSON.stringify(ONE), what: /freqtrade/i, executions: 2, profit: 3 },
  {
    name: 'two.json',
    content: () => JSON.stringify(TWO, null, 2),
    what: /freqtrade/i,
    executions: 3,
    profit: 4,
  },
  {
    name: 'result.zip',
    content: () => storedZip('backtest-result-2024.json', JSON.stringify(TWO)),
    what: /freqtrade/i,
    executions: 3,
    profit: 4,
  },
  { name: 'bot.sqlite', content: database, what: /freqtrade/i, executions: 2, profit: 3 },
  // 1 × (110 − 100) − 1 × (100 − 90) + 1 × (90 − 80), less 0.6 of fees.
  {
    name: 'fills.csv',
    content: () => joinLines(FILLS),
    what: /fill/i,
    executions: 3,
    openings: 2,
    profit: 9.4,
  },
  { name: 'trades.csv', content: () => joinLines(TRADES), what: /trades/i, executions: 2, profit: 3.5 },
  {
    name: 'fills.jsonl',
    content: () => joinLines(JSON_FILLS),
    what: /fills/i,
    executions: 1,
    openings: 1,
    profit: 19.6,
  },
  { name: 'own.jsonl', content: () => joinLines(BALLAST), what: /JSON lines/, executions: 1, profit: 5 },
];

describe('a file whose format nobody names', () => {
  it.each(SAMPLES)(
    '$name is recognised, read, and the same gzipped',
    async ({ name, content, what, ...wanted }) => {
      const bytes = await content();
      const paths = scratchFiles({ [name]: bytes, [`${name}.gz`]: gzipSync(bytes) });
      const plain = await replay(paths[name]!);
      expect(plain.files[0]!.what).toMatch(what);
      expect(plain.executions).toBe(wanted.executions);
      expect(plain.openings).toBe(wanted.openings ?? 0);
      expect(plain.equity_usd - 100_000).toBeCloseTo(wanted.profit, 6);
      expect(plain.rejected).toEqual({});
      const zipped = await replay(paths[`${name}.gz`]!);
      expect({ ...zipped, files: null }).toEqual({ ...plain, files: null });
    },
  );

  it.each(SAMPLES)('$name gives the same once imported', async ({ name, content }) => {
    const paths = scratchFiles({ [name]: await content() });
    const imported = join(scratchFolder(), 'imported.jsonl');
    const ran = await runCli(['import', paths[name]!, '--out', imported]);
    expect(ran.code).toBe(0);
    expect(ran.out).toBe('');
    const before = await replay(paths[name]!);
    const after = await replay(imported);
    expect(after.files[0]!.what).toBe('JSON lines');
    expect({ ...after, files: null }).toEqual({ ...before, files: null });
    // Once imported, a file imports to itself.
    const again = await runCli(['import', imported]);
    const { out } = await runCli(['import', paths[name]!]);
    expect(again.out).toBe(out);
  });

  it.each([
    [
      'a plan',
      {
        type: 'plan',
        plan_id: 'p',
        action: 'OPEN_PROPOSED',
        decision: 'EXECUTE',
        side: 'BUY',
        qty: 1,
        price: 5,
      },
    ],
    ['an opening', { type: 'execution', kind: 'open', side: 'BUY', qty: 1, price: 5 }],
  ])(
    'is no list of fills because its first event, %s, has a side, a quantity and a price',
    async (_what, first) => {
      const line = JSON.stringify({ ts: 1_704_070_000, symbol: 'BTC', ...first });
      const alone = scratchFiles({ 'a.jsonl': `${line}\n` })['a.jsonl'];
      expect((await replay(alone)).files[0]!.what).toBe('JSON lines');
      const many = scratchFiles({
        'b.jsonl': joinLines([...Array.from({ length: 60 }, () => line), ...BALLAST]),
      });
      const found = await replay(many['b.jsonl']);
      expect(found.files[0]!.what).toBe('JSON lines');
      expect(found.executions).toBe(1);
    },
  );
});

describe('a CSV file of unknown columns', () => {
  const columns = 'when,what,way,cost,amount\n';
  it.each([
    ['fills-csv', 'time=when,symbol=what,side=way,price=cost,quantity=amount', 'BUY,10,1', 'SELL,12,1', 1],
    ['trades-csv', 'time=when,symbol=what,side=way,profit=cost', 'LONG,5,1', 'SHORT,-3,1', 2],
  ])('is read as %s once they are named', async (format, names, first, second, executions) => {
    const rows = `${columns}2024-01-01 01:00:00,ABCUSDT,${first}\n2024-01-01 02:00:00,ABCUSDT,${second}\n`;
    const paths = scratchFiles({ 'odd.csv': rows });
    const found = await replay(paths['odd.csv'], ['--format', format, '--columns', names]);
    expect(found).toMatchObject({ executions, rejected: {}, equity_usd: 100_002 });
  });
});

describe('files of several formats', () => {
  it('are merged in one run', async () => {
    const folder = scratchFolder();
    const files = await Promise.all(
      SAMPLES.slice(4, 6).map(async ({ name, content }) => {
        writeFileSync(join(folder, name), await content());
        return join(folder, name);
      }),
    );
    const late = join(folder, 'late.jsonl');
    writeFileSync(late, '{"ts":1704153600,"symbol":"BTC","pnl":1}\n');
    const { code, out } = await runCli(['replay', files[0]!, late, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ executions: 4 });
  });

  it('are refused where one is not of the format named', async () => {
    const paths = scratchFiles({ 'a.csv': joinLines(TRADES), 'b.jsonl': joinLines(BALLAST) });
    const { code, errors } = await runCli([
      'replay',
      paths['a.csv'],
      paths['b.jsonl'],
      '--format',
      'trades-csv',
    ]);
    expect(code).toBe(1);
    expect(errors).toHaveLength(1);
    expect(errors[0]).toContain(paths['b.jsonl']);
  });
});
