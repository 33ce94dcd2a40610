/** The governor's gates and reasons: closed lists in order of precedence, the same in spec/model.md, the metrics and the tests. */

export const GATES = [
  'kill',
  'plan',
  'budget',
  'allocation',
  'kill_score',
  'loss',
  'hourly',
  'burst',
  'caps',
  'daily',
] as const;
export type GateName = (typeof GATES)[number];

/** Reason → the gate that gives it, in the order they are tried. */
export const REASON_GATES = {
  kill_switch_active: 'kill',
  kill_switch_reducing: 'kill',
  symbol_disarmed: 'kill',
  invalid_plan: 'plan',
  stale_plan: 'plan',
  would_increase: 'plan',
  nothing_to_close: 'plan',
  notional_mismatch: 'plan',
  price_out_of_range: 'plan',
  p28_budget_violation: 'budget',
  p29_allocation_cap: 'allocation',
  kill_score_critical_non_close: 'kill_score',
  daily_loss_limit: 'loss',
  hourly_limit_exceeded: 'hourly',
  burst_limit_exceeded: 'burst',
  symbol_cooldown: 'caps',
  max_positions_reached: 'caps',
  notional_unknown: 'caps',
  equity_unknown: 'caps',
  notional_per_trade_exceeded: 'caps',
  total_notional_exceeded: 'caps',
  daily_limit_exceeded: 'daily',
} as const satisfies Record<string, GateName>;

/** An error inside any gate but `budget` and `allocation` blocks with `evaluation_error`, whichever gate it was. */
export type BlockReason = keyof typeof REASON_GATES | 'evaluation_error';

export const BLOCK_REASONS: readonly BlockReason[] = [
  ...(Object.keys(REASON_GATES) as (keyof typeof REASON_GATES)[]),
  'evaluation_error',
];
