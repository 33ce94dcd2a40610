/** Every metric of the contract (spec/contract.md, Metrics): one table, read by whatever exposes or documents them. */
import type { ComponentName } from './components.ts';

export type MetricKind = 'counter' | 'gauge' | 'histogram' | 'untyped';

export interface MetricSpec {
  readonly kind: MetricKind;
  /** Whose it is; `all`: every component has it. */
  readonly component: ComponentName | 'all';
  readonly labels: readonly string[];
  /** One sentence, with the unit where the name does not end in it. */
  readonly help: string;
  /** Upper bounds of a histogram's buckets. */
  readonly buckets?: readonly number[];
}

/** The label past the bound of `METRICS_MAX_SYMBOLS`. */
export const OTHER_SYMBOLS = '_other';

/** Upper bounds of the duration of a loop and of the latency of a permit, seconds. */
const LOOP_BUCKETS_SEC = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
const LATENCY_BUCKETS_SEC = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

export const METRICS = {
  p30_attributions_computed_total: counter('attribution', 'Attributions computed.', 'symbol'),
  p30_alpha_score: gauge('attribution', 'Alpha score, -1 to 1.', 'symbol'),
  p30_performance_factor: gauge('attribution', 'Smoothed alpha score, -1 to 1.', 'symbol'),
  p30_confidence: gauge('attribution', 'Share of the window that is filled, 0 to 1.', 'symbol'),
  p30_lkg_used_total: counter('attribution', 'Attributions published again for want of input.', 'symbol'),
  p30_execution_pnl_total: {
    ...gauge('attribution', 'Realised profit so far in USD; falls with losses.', 'symbol'),
    kind: 'untyped',
  },
  p30_loop_duration_seconds: histogram('attribution', 'Duration of a tick.', LOOP_BUCKETS_SEC),

  p28_enforce_mode: gauge('budget', '1 in enforce, 0 in shadow.'),
  p28_budget_computed_total: counter('budget', 'Budgets computed.', 'symbol'),
  p28_budget_value_usd: gauge('budget', 'Budget of a symbol.', 'symbol'),
  p28_stress_factor: gauge('budget', 'Stress that lowers the budget, 0 to 1.', 'symbol'),
  p28_stale_input_total: counter('budget', 'Inputs that were too old to count as fresh.', 'input_type'),
  p28_lkg_cache_used_total: counter('budget', 'Budgets from a portfolio that is not fresh.'),
  p28_portfolio_too_old_total: counter('budget', 'Ticks without a budget: the portfolio is too old.'),

  p29_targets_computed_total: counter('allocation', 'Targets computed.', 'symbol'),
  p29_shadow_pass_total: counter('allocation', 'Ticks in shadow: targets computed, none enforced.'),
  p29_enforce_overrides_total: counter('allocation', 'Targets written for others to act on.', 'symbol'),
  p29_stale_fallback_total: counter(
    'allocation',
    'Values that were missing or too old and were replaced.',
    'data_source',
  ),
  p29_allocation_confidence: gauge('allocation', 'Confidence in a target, 0 to 1.', 'symbol'),
  p29_target_usd: gauge('allocation', 'Target of a symbol.', 'symbol'),
  p29_regime_factor: gauge('allocation', 'Factor of the general regime.'),
  p29_cluster_factor: gauge('allocation', 'Factor of a cluster by its stress.', 'cluster'),
  p29_drawdown_factor: gauge('allocation', 'Factor by the drawdown.'),
  p29_loop_duration_seconds: histogram('allocation', 'Duration of a tick.', LOOP_BUCKETS_SEC),

  p31_loops_total: counter('efficiency', 'Ticks.'),
  p31_loop_duration_seconds: histogram('efficiency', 'Duration of a tick.', LOOP_BUCKETS_SEC),
  p31_exec_events_total: counter('efficiency', 'Executions applied.', 'symbol'),
  p31_efficiency_score: gauge('efficiency', 'Efficiency score, 0 to 1.', 'symbol'),
  p31_confidence: gauge('efficiency', 'Confidence in the score, 0 to 1.', 'symbol'),
  p31_inputs_missing_total: counter('efficiency', 'Inputs that were missing.', 'symbol', 'which'),
  p31_inputs_stale_total: counter('efficiency', 'Inputs that were too old.', 'symbol', 'which'),
  p31_written_total: counter('efficiency', 'Efficiencies written.', 'symbol'),
  p31_lkg_used_total: counter('efficiency', 'Scores from the last good value of an input.', 'symbol'),

  p29_shadow_loops_total: counter('proposer', 'Ticks.'),
  p29_shadow_proposed_total: counter('proposer', 'Targets proposed.', 'reason'),
  p29_shadow_multiplier: gauge('proposer', 'Proposed target over base target.', 'symbol'),
  p29_shadow_eff_confidence: gauge('proposer', 'Confidence of the efficiency read, 0 to 1.', 'symbol'),
  p29_shadow_eff_score: gauge('proposer', 'Efficiency score read, 0 to 1.', 'symbol'),

  quantum_govern_allow_total: counter('governor', 'Plans permitted.', 'symbol'),
  quantum_govern_block_total: counter('governor', 'Plans blocked.', 'symbol', 'reason'),
  quantum_govern_disarm_total: counter('governor', 'Disarms.', 'reason'),
  quantum_govern_exec_count_hour: gauge('governor', 'Opening permits within the last hour.', 'symbol'),
  quantum_govern_exec_count_5min: gauge('governor', 'Opening permits within the last 5 minutes.', 'symbol'),
  gov_p29_checked_total: counter(
    'governor',
    'Plans held against an enforced target that was fresh.',
    'symbol',
  ),
  gov_p29_block_total: counter('governor', 'Plans blocked by their target.', 'symbol'),
  gov_p29_missing_total: counter('governor', 'Plans that found no enforced target.', 'symbol'),
  gov_p29_stale_total: counter('governor', 'Plans whose target was too old.', 'symbol'),
  p32_eff_apply_total: counter('governor', 'Downsize hints given.', 'action', 'reason'),
  p32_eff_factor: gauge('governor', 'Downsize factor of the last permit.', 'symbol'),
  gov_permit_latency_seconds: histogram(
    'governor',
    'From the arrival of a plan in the store to its permit or block being stored.',
    LATENCY_BUCKETS_SEC,
  ),
  gov_unpermitted_total: counter('governor', 'Executions that no permit covers.', 'reason'),
  gov_would_block_total: counter('governor', 'Blocks of gates in shadow, of plans permitted.', 'reason'),
  gov_permits_taken_total: counter('governor', 'Permits taken.'),
  gov_permits_expired_total: counter('governor', 'Permits nobody took in time.'),
  gov_trading_state: gauge('governor', '0 ACTIVE, 1 REDUCING, 2 HALTED.'),
  gov_disarmed_symbols: gauge('governor', 'Symbols whose openings are stopped until they are re-armed.'),

  dashboard_clients: gauge('dashboard', 'Pages and programs that follow the stream of changes.'),
  dashboard_requests_total: counter('dashboard', 'Requests answered.', 'route', 'status'),
  dashboard_actions_total: counter('dashboard', 'Actions done: entries stopped, halted, re-armed.', 'action'),
  dashboard_refused_total: counter('dashboard', 'Requests that were not allowed.', 'reason'),
  dashboard_feed_age_seconds: gauge('dashboard', 'Real time since the store was last read.'),
  dashboard_csp_reports_total: counter(
    'dashboard',
    'Things a browser kept the page from doing that the page should not have tried.',
  ),

  ballast_input_rejected_total: counter('all', 'Input entries that could not be used.', 'stream', 'reason'),
  ballast_input_lag_seconds: gauge('all', 'Age of the oldest entry not yet applied.', 'stream'),
  ballast_store_errors_total: counter('all', 'Store operations that failed.', 'op'),
  ballast_build_info: gauge('all', 'Always 1; the label says which version runs.', 'version'),
} as const satisfies Record<string, MetricSpec>;

export type MetricName = keyof typeof METRICS;

type Spec<Kind, Labels> = MetricSpec & { readonly kind: Kind; readonly labels: Labels };

function counter<Labels extends readonly string[]>(
  component: MetricSpec['component'],
  help: string,
  ...labels: Labels
): Spec<'counter', Labels> {
  return { kind: 'counter', component, labels, help };
}

function gauge<Labels extends readonly string[]>(
  component: MetricSpec['component'],
  help: string,
  ...labels: Labels
): Spec<'gauge', Labels> {
  return { kind: 'gauge', component, labels, help };
}

function histogram(
  component: MetricSpec['component'],
  help: string,
  buckets: readonly number[],
): Spec<'histogram', []> {
  return { kind: 'histogram', component, labels: [], help, buckets };
}
