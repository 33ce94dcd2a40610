/**
 * What the dashboard's server says: the schemas of its HTTP API, from which its OpenAPI document is made, and their types.
 * The page imports the types only. Money in USD, times Unix seconds of the store's clock, ids those of stream entries;
 * null: not known. Nothing in here is markup, whatever a name or a reason holds.
 */
import { z } from 'zod';

const usd = z.number().nullable();
const ts = z.number().nullable();
const text = z.string().nullable();
const mode = z.enum(['shadow', 'enforce']);

export const TRADING_STATES = ['ACTIVE', 'REDUCING', 'HALTED'] as const;

export const tradingSchema = z.object({
  state: z.enum(TRADING_STATES),
  flag: text,
  flag_error: text,
  latched: z.enum(TRADING_STATES),
  /** Since when it holds, who wanted it and why. */
  since: ts,
  by: text,
  why: text,
  disarmed: z.array(z.object({ symbol: z.string(), reason: text, since: ts })),
  outstanding: z.object({ openings: z.number(), exits: z.number() }).nullable(),
});

export const componentSchema = z.object({
  component: z.string(),
  id: text,
  state: z.enum(['running', 'standby', 'stopped', 'absent']),
  mode: text,
  mode_why: text,
  owner: text,
  last_tick: ts,
  tick_age_sec: z.number().nullable(),
  interval_sec: z.number().nullable(),
  symbols: z.number().nullable(),
  lag_sec: z.number().nullable(),
  /** What is stale or amiss, a sentence each. */
  degraded: z.array(z.string()),
});

export const overviewSchema = z.object({
  version: z.string(),
  namespace: z.string(),
  /** `paper`: the demo's exchange, prices and money are invented. */
  kind: z.enum(['live', 'paper']),
  /** Seconds of the store's clock that pass in a real one: ages are told between two readings by it. */
  rate: z.number(),
  /** The store's clock at the last reading that succeeded. */
  read_at: z.number(),
  store: z.object({
    kind: z.enum(['redis', 'memory']),
    where: z.string(),
    /** Null: it answers. Else what is wrong, and everything else here is as old as `read_at`. */
    error: text,
  }),
  /** `testnet`, `production`, `dry_run`. */
  apply_mode: z.string(),
  trading: tradingSchema.nullable(),
  account: z
    .object({
      equity_usd: z.number(),
      peak_usd: z.number(),
      /** Fraction of the peak. */
      drawdown: z.number(),
      /** `fed` by another program, or `own`: counted from executions. */
      source: z.enum(['fed', 'own']),
      ts,
      stale: z.boolean(),
    })
    .nullable(),
  components: z.array(componentSchema),
  inputs: z.array(
    z.object({ input: z.string(), age_sec: z.number(), limit_sec: z.number(), stale: z.boolean() }),
  ),
  streams: z.array(
    z.object({
      input: z.string(),
      entries: z.number(),
      newest_age_sec: z.number(),
      per_minute: z.number(),
    }),
  ),
  totals: z.object({
    symbols: z.number(),
    /** Of the executions that are known here, since `profit_since`. */
    profit_usd: z.number(),
    profit_since: ts,
    executions: z.number(),
    budget_usd: z.number(),
    target_usd: z.number(),
    position_usd: z.number(),
    /** Of the last hour. */
    permits: z.number(),
    blocks: z.number(),
    unpermitted: z.number(),
  }),
});

/** One symbol. `*_ts` is when its component decided it; `*_mode` the mode it was decided in. */
export const symbolSchema = z.object({
  symbol: z.string(),
  cluster: text,
  regime: text,
  /** Of the executions that are known here. */
  profit_usd: z.number(),
  executions: z.number(),
  last_execution_ts: ts,
  /** Running profit after each of the newest executions, oldest first, at most 32. */
  spark: z.array(z.number()),
  performance_factor: z.number().nullable(),
  alpha_score: z.number().nullable(),
  performance_confidence: z.number().nullable(),
  performance_ts: ts,
  performance_mode: mode.nullable(),
  budget_usd: usd,
  budget_ts: ts,
  target_usd: usd,
  base_target_usd: usd,
  target_confidence: z.number().nullable(),
  target_ts: ts,
  target_mode: mode.nullable(),
  /** What P2.9 writes in shadow, where it does; null in enforce. */
  shadow_target_usd: usd,
  shadow_target_ts: ts,
  proposed_usd: usd,
  multiplier: z.number().nullable(),
  proposed_reason: text,
  proposed_ts: ts,
  efficiency: z.number().nullable(),
  efficiency_ewma: z.number().nullable(),
  pressure: text,
  reallocation_weight: z.number().nullable(),
  efficiency_confidence: z.number().nullable(),
  stale_flags: z.string(),
  efficiency_ts: ts,
  efficiency_mode: mode.nullable(),
  position_amt: z.number().nullable(),
  /** Signed. */
  position_usd: usd,
  position_ts: ts,
  mark_price: z.number().nullable(),
  mark_ts: ts,
  disarmed: z.object({ reason: text, since: ts }).nullable(),
});

export const gateSchema = z.object({
  gate: z.string(),
  enforced: z.boolean(),
  outcome: z.enum(['pass', 'block', 'would_block', 'not_evaluated']),
  reason: text,
  value: z.number().nullable(),
  limit: z.number().nullable(),
  setting: text,
  note: text,
});

/** A permit or a block as the governor told it. */
export const verdictSchema = z.object({
  id: z.string(),
  ts: z.number(),
  outcome: z.enum(['permitted', 'blocked']),
  plan_id: z.string(),
  symbol: z.string(),
  bot: text,
  action: text,
  side: text,
  reduce_only: z.boolean(),
  qty: z.number().nullable(),
  notional_usd: usd,
  downsize_factor: z.number().nullable(),
  expires_at: ts,
  reason: text,
  gate: text,
  value: z.number().nullable(),
  limit: z.number().nullable(),
  setting: text,
  gates: z.array(gateSchema),
});

/** Any other entry of the governor's events, and budget violations: fields as they were written. */
export const eventSchema = z.object({
  id: z.string(),
  ts: z.number(),
  event: z.string(),
  symbol: text,
  fields: z.record(z.string(), z.string()),
});

export const equityPointSchema = z.tuple([
  z.number().describe('Unix seconds'),
  z.number().describe('equity, USD'),
  z.number().describe('drawdown, a fraction of the peak'),
]);

/** Everything, to begin with. */
export const snapshotSchema = z.object({
  overview: overviewSchema,
  /** In code-unit order of their names. */
  symbols: z.array(symbolSchema),
  /** Oldest first, the newest few hundred. */
  verdicts: z.array(verdictSchema),
  events: z.array(eventSchema),
  equity: z.array(equityPointSchema),
});

/** What changed since the one before: applied in order to a snapshot it gives the next snapshot. */
export const patchSchema = z.object({
  /** Top-level fields that changed, whole. */
  overview: overviewSchema.partial().optional(),
  /** Rows that changed, whole. */
  symbols: z.array(symbolSchema).optional(),
  removed: z.array(z.string()).optional(),
  /** New ones. */
  verdicts: z.array(verdictSchema).optional(),
  events: z.array(eventSchema).optional(),
  equity: z.array(equityPointSchema).optional(),
});

export type Trading = z.infer<typeof tradingSchema>;
export type ComponentRow = z.infer<typeof componentSchema>;
export type Overview = z.infer<typeof overviewSchema>;
export type SymbolRow = z.infer<typeof symbolSchema>;
export type GateRow = z.infer<typeof gateSchema>;
export type Verdict = z.infer<typeof verdictSchema>;
export type EventRow = z.infer<typeof eventSchema>;
export type EquityPoint = z.infer<typeof equityPointSchema>;
export type Snapshot = z.infer<typeof snapshotSchema>;
export type Patch = z.infer<typeof patchSchema>;

const point = z.tuple([z.number().describe('Unix seconds'), z.number()]);

/** A symbol over time, oldest first, as far back as it is known here. `explanation` is asked for on its own. */
export const symbolDetailSchema = z.object({
  row: symbolSchema,
  series: z.object({
    /** Running profit by execution. */
    profit: z.array(point),
    efficiency: z.array(
      z.object({
        ts: z.number(),
        score: z.number(),
        ewma: z.number().nullable(),
        confidence: z.number(),
        pressure: z.string(),
        volatility_ratio: z.number().nullable(),
        dd_ratio: z.number().nullable(),
        hold_time_penalty: z.number().nullable(),
        performance_factor: z.number().nullable(),
      }),
    ),
    target: z.array(point),
    budget: z.array(point),
    proposed: z.array(point),
    position: z.array(point),
  }),
  contributions: z.object({
    regime: z.record(z.string(), z.number()),
    cluster: z.record(z.string(), z.number()),
    signal: z.record(z.string(), z.number()),
    time: z.record(z.string(), z.number()),
  }),
});

/** As `ballast replay --by` knows them. */
export const ATTRIBUTION_DIMENSIONS = [
  'symbol',
  'bot',
  'signal',
  'regime',
  'cluster',
  'hour',
  'hour_bucket',
  'weekday',
  'exit_reason',
  'side',
] as const;

export const attributionSchema = z.object({
  x: z.enum(ATTRIBUTION_DIMENSIONS),
  y: z.enum(ATTRIBUTION_DIMENSIONS),
  from: ts,
  to: ts,
  executions: z.number(),
  profit_usd: z.number(),
  /** Names in their order: hours and weekdays naturally, others by profit. */
  x_names: z.array(z.string()),
  y_names: z.array(z.string()),
  /** Only those with executions. */
  cells: z.array(
    z.object({ x: z.string(), y: z.string(), profit_usd: z.number(), count: z.number(), wins: z.number() }),
  ),
  x_totals: z.array(z.object({ name: z.string(), profit_usd: z.number(), count: z.number() })),
  y_totals: z.array(z.object({ name: z.string(), profit_usd: z.number(), count: z.number() })),
});

export type SymbolDetail = z.infer<typeof symbolDetailSchema>;
export type AttributionDimension = (typeof ATTRIBUTION_DIMENSIONS)[number];
export type Attribution = z.infer<typeof attributionSchema>;

/** What whoever asks may do. `none` where reading needs a token too. */
export const RIGHTS = ['none', 'read', 'stop'] as const;

export const sessionSchema = z.object({
  rights: z.enum(RIGHTS),
  /** To be sent back as `X-CSRF-Token` with every action of a session; null with a bearer token or without a session. */
  csrf: text,
  /** Whether actions are possible at all, and re-arming: a token for them is set. */
  can_stop: z.boolean(),
  can_rearm: z.boolean(),
});

export const loginSchema = z.strictObject({ token: z.string().min(1).max(512) });

/** A nonce for re-arming, to be used once within a minute. */
export const challengeSchema = z.object({ nonce: z.string(), expires_in_sec: z.number() });

const by = z.string().trim().min(1).max(64);
const reason = z.string().trim().min(1).max(300);

/** `confirm` is what the operator typed: the name of the action, `STOP`, `HALT`, or of a re-arming the symbol or `ALL`. */
export const stopSchema = z.strictObject({ by, reason, confirm: z.string().max(64) });
export const rearmSchema = z.strictObject({
  /** Null: everything, and the trading state goes to ACTIVE. */
  symbol: z.string().min(1).max(64).nullable(),
  by,
  reason,
  confirm: z.string().max(64),
  nonce: z.string().min(1).max(128),
  /** The second secret: a session or token that may stop cannot re-arm without it. */
  rearm_token: z.string().min(1).max(512),
});

export const actionSchema = z.object({
  state: z.enum(TRADING_STATES),
  rearmed: z.array(z.string()),
  voided: z.number(),
  took_ms: z.number(),
});

export const errorSchema = z.object({
  /** What was wrong and what to do, for people. */
  error: z.string(),
  /** For programs: `forbidden`, `csrf`, `confirm`, `nonce`, `rate_limited`, `not_found`, `invalid`, `store`, `internal`. */
  code: z.string(),
});

export type Session = z.infer<typeof sessionSchema>;
export type ActionResult = z.infer<typeof actionSchema>;
export type ApiError = z.infer<typeof errorSchema>;
