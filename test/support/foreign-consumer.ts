/**
 * A program that reads what Ballast publishes, written from spec/contract.md alone: every field by its name, its type and
 * its range, nothing missing and nothing more. It knows Redis and no code of ours.
 */
import type { RedisServer } from './redis-server.ts';

type Check = (text: string) => boolean;

const DECIMAL = /^-?\d+(\.\d+)?(e[+-]\d+)?$/;
const number =
  (from: number, to: number): Check =>
  (text) =>
    DECIMAL.test(text) && Number(text) >= from && Number(text) <= to && String(Number(text)) === text;
const any = number(-Number.MAX_VALUE, Number.MAX_VALUE);
const usd = number(0, Number.MAX_VALUE);
const share = number(0, 1);
const signed = number(-1, 1);
const oneOf =
  (...allowed: string[]): Check =>
  (text) =>
    allowed.includes(text);
const seconds = number(946_684_800, 4_102_444_800);
const symbol: Check = (text) => /^[A-Z0-9][A-Z0-9._-]{0,63}$/.test(text);
const name: Check = (text) => text.length > 0;
const mode = oneOf('shadow', 'enforce');
const orEmpty =
  (check: Check): Check =>
  (text) =>
    text === '' || check(text);
const fourDecimals: Check = (text) => /^\d+\.\d{4}$/.test(text);
const list =
  (...allowed: string[]): Check =>
  (text) =>
    text === '' || text.split(',').every((one) => allowed.includes(one));
const contributions: Check = (text) => {
  const value = JSON.parse(text) as unknown;
  return (
    typeof value === 'object' && value !== null && Object.values(value).every((sum) => Number.isFinite(sum))
  );
};

const ATTRIBUTION: Readonly<Record<string, Check>> = {
  alpha_score: signed,
  performance_factor: signed,
  confidence: share,
  window: number(1, 20),
  ts_utc: seconds,
  ts: seconds,
  source: oneOf('live', 'LKG'),
  mode,
  regime_contrib: contributions,
  cluster_contrib: contributions,
  signal_contrib: contributions,
  time_contrib: contributions,
  pf_range: oneOf('-1_1'),
  last_exec_ts: seconds,
};
const BUDGET: Readonly<Record<string, Check>> = {
  symbol,
  budget_usd: usd,
  stress_factor: share,
  equity_usd: any,
  portfolio_heat: share,
  cluster_stress: share,
  vol_regime: share,
  mode,
  timestamp: seconds,
  base_risk_pct: share,
};
const VIOLATION: Readonly<Record<string, Check>> = {
  symbol,
  position_notional_usd: usd,
  budget_usd: usd,
  over_budget: usd,
  mode,
  timestamp: seconds,
};
const TARGET: Readonly<Record<string, Check>> = {
  target_usd: usd,
  base_target_usd: usd,
  weight: number(0, 0.4),
  cluster_id: name,
  regime: oneOf('TREND', 'MEAN_REVERSION', 'CHOP', 'UNKNOWN'),
  drawdown_zone: oneOf('LOW', 'MID', 'HIGH', 'UNKNOWN'),
  confidence: share,
  timestamp: seconds,
  ts: seconds,
  mode,
};
const ALLOCATION: Readonly<Record<string, Check>> = {
  ...TARGET,
  symbol,
  base_budget_usd: usd,
  regime_factor: number(0.6, 1.2),
  cluster_factor: number(0.3, 1),
  drawdown_factor: number(0.4, 1),
  performance_factor: number(0.5, 1.5),
  performance_source: oneOf('P3.0', 'fallback'),
  caps: list('symbol', 'cluster', 'gross'),
};
const FLAGS = list('P30_MISSING', 'P30_STALE', 'P29_MISSING', 'P29_STALE');
const EFFICIENCY: Readonly<Record<string, Check>> = {
  efficiency_score: share,
  efficiency_raw: any,
  efficiency_ewma: share,
  capital_pressure: oneOf('INCREASE', 'HOLD', 'DECREASE'),
  reallocation_weight: signed,
  confidence: share,
  inputs_ok: oneOf('0', '1'),
  stale_flags: FLAGS,
  p30_perf: signed,
  p30_conf: share,
  p29_target_usd: usd,
  volatility_ewma: usd,
  dd_proxy: usd,
  volatility_ratio: usd,
  dd_ratio: usd,
  hold_time_penalty: share,
  ts: seconds,
  mode,
  version: oneOf('p31_v1'),
};
const EFFICIENCY_ENTRY: Readonly<Record<string, Check>> = {
  symbol,
  efficiency_score: share,
  capital_pressure: EFFICIENCY['capital_pressure']!,
  reallocation_weight: signed,
  confidence: share,
  stale_flags: FLAGS,
  ts: seconds,
  mode,
  trace: (text) => /^p30_conf=\d\.\d\d,p29_tgt=\d+,inputs_ok=[01]$/.test(text),
  efficiency_raw: share,
  efficiency_ewma: share,
  p30_perf: signed,
  p29_target_usd: usd,
  volatility_ratio: usd,
  dd_ratio: usd,
  hold_time_penalty: share,
};
const PROPOSAL_ENTRY: Readonly<Record<string, Check>> = {
  ts_epoch: seconds,
  symbol,
  base_target: usd,
  proposed_target: usd,
  multiplier: (text) => fourDecimals(text) && Number(text) >= 0.5 && Number(text) <= 1.5,
  eff_score: orEmpty(share),
  eff_confidence: orEmpty(share),
  eff_stale: oneOf('0', '1'),
  reason: oneOf('ok', 'missing_eff', 'stale_eff', 'low_conf', 'redis_error'),
  mode: oneOf('shadow'),
};
const PROPOSAL = { ...PROPOSAL_ENTRY, last_update_ts_epoch: seconds };

/** Hashes by what their keys begin with, and how long they live. */
const HASHES: readonly (readonly [
  prefix: string,
  lifeSec: number,
  fields: Readonly<Record<string, Check>>,
])[] = [
  ['alpha:attribution:', 300, ATTRIBUTION],
  ['portfolio:budget:', 300, BUDGET],
  ['allocation:target:proposed:', 600, PROPOSAL],
  ['allocation:target:', 300, TARGET],
  ['capital:efficiency:', 600, EFFICIENCY],
  ['shadow:alpha:attribution:', 300, ATTRIBUTION],
  ['shadow:allocation:target:', 300, TARGET],
  ['shadow:capital:efficiency:', 600, EFFICIENCY],
];
const STREAMS: Readonly<Record<string, readonly [atMost: number, fields: Readonly<Record<string, Check>>]>> =
  {
    'stream:alpha.attribution': [1000, { ...ATTRIBUTION, symbol }],
    'stream:budget.violation': [1000, VIOLATION],
    'stream:allocation.decision': [1000, ALLOCATION],
    'stream:capital.efficiency.decision': [10_000, EFFICIENCY_ENTRY],
    'stream:allocation.target.proposed': [1000, PROPOSAL_ENTRY],
  };

export interface Findings {
  /** Records read, by kind of key. */
  readonly read: Readonly<Record<string, number>>;
  readonly problems: readonly string[];
}

/** Reads everything there is and says what is not as the contract has it. */
export async function consume(server: RedisServer, namespace: string): Promise<Findings> {
  const read: Record<string, number> = {};
  const problems: string[] = [];
  const keys = (await server.send('KEYS', `${namespace}:*`)) as string[];
  for (const key of keys) {
    const plain = key.slice(namespace.length + 1);
    const hash = HASHES.find(([prefix]) => plain.startsWith(prefix));
    if (hash !== undefined) {
      const [prefix, lifeSec, fields] = hash;
      read[prefix] = (read[prefix] ?? 0) + 1;
      problems.push(...differences(key, (await server.send('HGETALL', key)) as string[], fields));
      const ttl = Number(await server.send('TTL', key));
      if (ttl <= 0 || ttl > lifeSec) problems.push(`${key} lives ${ttl} s`);
    }
    const stream = STREAMS[plain];
    if (stream === undefined) continue;
    const entries = (await server.send('XRANGE', key, '-', '+')) as [string, string[]][];
    read[plain] = entries.length;
    // "About": whole nodes of a stream are trimmed.
    if (entries.length > stream[0] + 200) problems.push(`${key} has ${entries.length} entries`);
    for (const [id, flat] of entries) problems.push(...differences(`${key} ${id}`, flat, stream[1]));
  }
  return { read, problems };
}

function differences(
  where: string,
  flat: readonly string[],
  fields: Readonly<Record<string, Check>>,
): string[] {
  const problems: string[] = [];
  const found = new Map<string, string>();
  for (let i = 0; i < flat.length; i += 2) found.set(flat[i]!, flat[i + 1]!);
  for (const [field, check] of Object.entries(fields)) {
    const text = found.get(field);
    if (text === undefined) problems.push(`${where} has no ${field}`);
    else if (!check(text)) problems.push(`${where} ${field} is ${text}`);
  }
  for (const field of found.keys()) if (!Object.hasOwn(fields, field)) problems.push(`${where} has ${field}`);
  return problems;
}
