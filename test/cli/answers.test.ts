/** What replay answers to small cases a person can check by hand. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { runCli, scratchFolder } from '../support/cli.ts';

const T0 = 1_769_558_400;

interface Answer {
  readonly final: object | null;
  readonly drawdown: { readonly max_usd: number };
  readonly equity_curve: readonly (readonly [number, number])[];
  readonly duplicates: number;
  readonly would_block: Readonly<Record<string, number>>;
  readonly over_budget_usd: Readonly<Record<string, number>>;
  readonly as_plans: { readonly blocked_closes: object; readonly closes: number };
  readonly data_quality: { readonly flags: object };
}

async function answer(events: readonly object[], ...options: string[]): Promise<Answer> {
  const path = join(scratchFolder(), 'events.jsonl');
  writeFileSync(path, events.map((event) => JSON.stringify(event)).join('\n'));
  const { code, out, errors } = await runCli(['replay', path, '--json', ...options]);
  expect(errors).toEqual([]);
  expect(code).toBe(0);
  return JSON.parse(out) as Answer;
}

const trade = (ts: number, pnl: number, rest: object = {}): object => ({
  ts: T0 + ts,
  symbol: 'BTCUSDT',
  realized_pnl: pnl,
  ...rest,
});

describe('the drawdown', () => {
  it('counts from the equity before the first trade', async () => {
    expect((await answer([trade(0, -100)])).drawdown.max_usd).toBe(100);
  });
  it('is moved by no withdrawal and hidden by no deposit', async () => {
    const withdrawal = { type: 'cashflow', ts: T0 + 5, amount_usd: -50_000 };
    expect((await answer([trade(0, 100), withdrawal, trade(9, -10)])).drawdown.max_usd).toBeCloseTo(10, 6);
    const { equity_curve } = await answer([trade(0, 100), withdrawal, trade(9, -10)]);
    expect(equity_curve.map(([, usd]) => usd)).toEqual([50_000, 50_100, 50_090]);
    const deposit = { type: 'cashflow', ts: T0 + 5, amount_usd: 50_000 };
    expect((await answer([trade(0, -100), deposit, trade(9, -10)])).drawdown.max_usd).toBeCloseTo(110, 6);
  });
  it('follows a fed account, whatever the trades say', async () => {
    const fed = (ts: number, equity: number): object => ({
      type: 'portfolio',
      ts: T0 + ts,
      equity_usd: equity,
    });
    const found = await answer([fed(0, 1000), trade(1, -100), fed(2, 900), trade(3, -300), fed(4, 600)]);
    expect(found.drawdown.max_usd).toBe(400);
    expect(found.equity_curve.at(-1)).toEqual([T0 + 4, 600]);
  });
});

describe('--as-plans', () => {
  it('closes trades that say no quantity, or no size at all', async () => {
    const sizeless = [trade(4000, 5, { hold_sec: 600 }), trade(9000, 5, { hold_sec: 600, stake_usd: 1000 })];
    const { as_plans } = await answer(sizeless, '--as-plans');
    expect(as_plans.closes).toBe(2);
    expect(as_plans.blocked_closes).toEqual({});
  });
});

describe('a run with --save', () => {
  it('shows no final states, for the ticks that make them are not computed yet', async () => {
    const state = join(scratchFolder(), 'state');
    expect((await answer([trade(0, 1)], '--save', state)).final).toBeNull();
    expect((await answer([trade(9, 1)], '--load', state)).final).not.toBeNull();
  });
});

describe('a repeat of an execution id', () => {
  it('is dropped before anything looks at it', async () => {
    const odd = trade(0, 0, { execution_id: 'a', pnl_pct: 2 });
    const found = await answer([odd, odd]);
    expect(found.duplicates).toBe(1);
    expect(found.data_quality.flags).toMatchObject({ zero_against_percent: { count: 1 } });
  });
});

describe('plans in the file', () => {
  it('show what gates that are not enforced would have blocked, and positions over their budget', async () => {
    const position = {
      type: 'position',
      ts: T0 + 1,
      symbol: 'BTCUSDT',
      position_amt: 1,
      mark_price: 5000,
      notional_usd: 5000,
    };
    const plan = {
      type: 'plan',
      ts: T0 + 20,
      plan_id: 'p',
      symbol: 'BTCUSDT',
      action: 'OPEN_PROPOSED',
      decision: 'EXECUTE',
      side: 'BUY',
      qty: 1,
      price: 100,
    };
    const found = await answer([trade(0, 1), position, plan]);
    expect(found.would_block).toMatchObject({ p28_budget_violation: 1 });
    expect(found.over_budget_usd['BTCUSDT']).toBeGreaterThan(3000);
  });
});

describe('a JSON list', () => {
  it('is refused with what to do', async () => {
    const path = join(scratchFolder(), 'list.json');
    writeFileSync(path, JSON.stringify([{ ts: T0, symbol: 'BTCUSDT', pnl: 1 }]));
    const { code, errors } = await runCli(['replay', path]);
    expect(code).toBe(1);
    expect(errors.join(' ')).toMatch(/one JSON list.*jq/);
  });
});

describe('a run that fails', () => {
  it('leaves no output folder that was not there before', async () => {
    const folder = scratchFolder();
    const path = join(folder, 'bad.jsonl');
    writeFileSync(path, 'no json\n');
    const out = join(folder, 'out');
    expect((await runCli(['replay', path, '--strict', '--out', out])).code).toBe(1);
    expect(existsSync(out)).toBe(false);
  });
});

describe('a file without a profit', () => {
  it('shows no rates of nothing', async () => {
    const path = join(scratchFolder(), 'position.jsonl');
    writeFileSync(path, JSON.stringify({ type: 'position', ts: T0, symbol: 'BTCUSDT', position_amt: 1 }));
    expect((await runCli(['replay', path])).out).toContain('no execution realised a profit');
  });
});
