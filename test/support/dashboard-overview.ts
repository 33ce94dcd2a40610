/** An overview in which all is well, for tests of what the page shows: each says what is different. */
import type { ComponentRow, Overview, Trading } from '../../src/dashboard/wire.ts';

export const NOW = 1_780_000_000;

export const ACTIVE: Trading = {
  state: 'ACTIVE',
  flag: null,
  flag_error: null,
  latched: 'ACTIVE',
  since: null,
  by: null,
  why: null,
  disarmed: [],
  outstanding: { openings: 0, exits: 0 },
};

export function componentRow(different: Partial<ComponentRow> = {}): ComponentRow {
  return {
    component: 'budget',
    id: 'P2.8',
    state: 'running',
    mode: 'enforce',
    mode_why: null,
    owner: 'host-1',
    last_tick: NOW - 2,
    tick_age_sec: 2,
    interval_sec: 5,
    symbols: 7,
    lag_sec: 0,
    degraded: [],
    ...different,
  };
}

export function overviewOf(different: Partial<Overview> = {}): Overview {
  return {
    version: '0.1.0',
    namespace: 'quantum',
    kind: 'live',
    rate: 1,
    read_at: NOW,
    store: { kind: 'redis', where: 'redis on 127.0.0.1', error: null },
    apply_mode: 'testnet',
    trading: ACTIVE,
    account: {
      equity_usd: 100_000,
      peak_usd: 100_000,
      drawdown: 0,
      source: 'fed',
      ts: NOW - 1,
      stale: false,
    },
    components: [componentRow()],
    inputs: [{ input: 'state:portfolio', age_sec: 2, limit_sec: 60, stale: false }],
    streams: [],
    totals: {
      symbols: 7,
      profit_usd: 0,
      profit_since: null,
      executions: 0,
      budget_usd: 0,
      target_usd: 0,
      position_usd: 0,
      permits: 0,
      blocks: 0,
      unpermitted: 0,
    },
    ...different,
  };
}
