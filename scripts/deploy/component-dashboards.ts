/** One dashboard for each component that ticks. */
import { bySymbol, rate, symbols, tickDuration, ticks, troubles } from './panels.ts';
import type { Dashboard } from './grafana.ts';

const USD = { unit: 'currencyUSD', min: 0 } as const;
const SHARE = { min: 0, max: 1, decimals: 2 } as const;

export const COMPONENT_DASHBOARDS: readonly Dashboard[] = [
  {
    name: 'budget',
    title: 'Ballast budget (P2.8)',
    description: 'How much each symbol may carry, and whether that is computed from data of now.',
    symbolsOf: 'p28_budget_value_usd',
    rows: [
      {
        title: 'Budgets',
        panels: [
          bySymbol('Budgets', 'The 20 largest of the symbols chosen.', 'p28_budget_value_usd', USD),
          bySymbol(
            'Stress',
            'Heat, stress of the cluster and volatility together, 0 to 1: the higher, the smaller the budget. The 20 highest.',
            'p28_stress_factor',
            SHARE,
          ),
        ],
      },
      {
        title: 'What they are computed from',
        panels: [
          {
            title: 'Mode',
            description: 'In shadow budgets are written too, but the governor does not enforce them.',
            kind: 'stat',
            unit: 'none',
            width: 4,
            words: [
              [0, 'shadow', 'blue'],
              [1, 'enforce', 'green'],
            ],
            queries: [{ expr: 'max(p28_enforce_mode)', legend: 'mode' }],
          },
          {
            title: 'Inputs that are too old',
            description: 'A second, by input; divided by the ticks: how many symbols lack it.',
            kind: 'timeseries',
            unit: 'cps',
            width: 10,
            min: 0,
            queries: [{ expr: rate('p28_stale_input_total', 'input_type'), legend: '{{input_type}}' }],
          },
          {
            title: 'Budgets from an old portfolio, and none',
            description:
              'Budgets a second from a portfolio that is not fresh, and ticks a second without a budget, since it is older than P28_MAX_LKG_AGE_SEC.',
            kind: 'timeseries',
            unit: 'cps',
            width: 10,
            min: 0,
            queries: [
              { expr: rate('p28_lkg_cache_used_total'), legend: 'budgets from an old portfolio' },
              { expr: rate('p28_portfolio_too_old_total'), legend: 'ticks without a budget' },
            ],
          },
        ],
      },
      {
        title: 'Work',
        panels: [
          ticks('budget'),
          {
            title: 'Budgets computed',
            description: 'A second, of the symbols chosen.',
            kind: 'timeseries',
            unit: 'cps',
            min: 0,
            queries: [{ expr: `sum(${symbols('rate', 'p28_budget_computed_total')})`, legend: 'budgets' }],
          },
        ],
      },
      troubles('budget'),
    ],
  },
  {
    name: 'allocation',
    title: 'Ballast allocation (P2.9)',
    description: 'The target of each symbol, the factors it is made from, and what had to be replaced.',
    symbolsOf: 'p29_target_usd',
    rows: [
      {
        title: 'Targets',
        panels: [
          bySymbol('Targets', 'The 20 largest of the symbols chosen.', 'p29_target_usd', USD),
          bySymbol(
            'Confidence in targets',
            '0 to 1: falls with everything that is missing or too old. The 20 highest.',
            'p29_allocation_confidence',
            SHARE,
          ),
        ],
      },
      {
        title: 'Factors',
        panels: [
          {
            title: 'Regime and drawdown',
            description: 'What every target is multiplied by: the general regime and the drawdown.',
            kind: 'timeseries',
            unit: 'none',
            min: 0,
            decimals: 2,
            queries: [
              { expr: 'max(p29_regime_factor)', legend: 'regime' },
              { expr: 'max(p29_drawdown_factor)', legend: 'drawdown' },
            ],
          },
          {
            title: 'Clusters',
            description: 'What the targets of a cluster are multiplied by for its stress.',
            kind: 'timeseries',
            unit: 'none',
            min: 0,
            max: 1,
            decimals: 2,
            queries: [{ expr: 'max by (cluster) (p29_cluster_factor)', legend: '{{cluster}}' }],
          },
        ],
      },
      {
        title: 'What was replaced, what was enforced',
        panels: [
          {
            title: 'Values replaced',
            description: 'A second, by what was missing or too old.',
            kind: 'timeseries',
            unit: 'cps',
            min: 0,
            queries: [{ expr: rate('p29_stale_fallback_total', 'data_source'), legend: '{{data_source}}' }],
          },
          {
            title: 'Targets enforced, ticks in shadow',
            description: 'Targets a second that others act on, and ticks a second that only computed them.',
            kind: 'timeseries',
            unit: 'cps',
            min: 0,
            queries: [
              { expr: `sum(${symbols('rate', 'p29_enforce_overrides_total')})`, legend: 'targets enforced' },
              { expr: rate('p29_shadow_pass_total'), legend: 'ticks in shadow' },
            ],
          },
        ],
      },
      {
        title: 'Work',
        panels: [
          { ...ticks('allocation'), width: 8 },
          { ...tickDuration('p29_loop_duration_seconds'), width: 8 },
          {
            title: 'Targets computed',
            description: 'A second, of the symbols chosen.',
            kind: 'timeseries',
            unit: 'cps',
            width: 8,
            min: 0,
            queries: [{ expr: `sum(${symbols('rate', 'p29_targets_computed_total')})`, legend: 'targets' }],
          },
        ],
      },
      troubles('allocation'),
    ],
  },
  {
    name: 'attribution',
    title: 'Ballast attribution (P3.0)',
    description: 'Who earns and who loses, and how sure that is.',
    symbolsOf: 'p30_performance_factor',
    rows: [
      {
        title: 'Profit',
        panels: [
          bySymbol(
            'Realised profit',
            'Since the process was started, the 20 best of the symbols chosen; it falls with losses.',
            'p30_execution_pnl_total',
            { unit: 'currencyUSD' },
          ),
          {
            title: 'Largest losses',
            description: 'Realised profit since the process was started, the 10 worst of the symbols chosen.',
            kind: 'bargauge',
            unit: 'currencyUSD',
            queries: [
              { expr: `bottomk(10, ${symbols('max', 'p30_execution_pnl_total')})`, legend: '{{symbol}}' },
            ],
          },
        ],
      },
      {
        title: 'Scores',
        panels: [
          bySymbol(
            'Performance factor',
            'Smoothed alpha score, -1 to 1; what allocation and efficiency read. The 20 highest.',
            'p30_performance_factor',
            { min: -1, max: 1, decimals: 2, width: 8 },
          ),
          bySymbol('Alpha score', 'Before smoothing, -1 to 1. The 20 highest.', 'p30_alpha_score', {
            min: -1,
            max: 1,
            decimals: 2,
            width: 8,
          }),
          bySymbol('Confidence', 'Share of the window that is filled. The 20 highest.', 'p30_confidence', {
            ...SHARE,
            width: 8,
          }),
        ],
      },
      {
        title: 'Work',
        panels: [
          { ...ticks('attribution'), width: 6 },
          { ...tickDuration('p30_loop_duration_seconds'), width: 6 },
          {
            title: 'Attributions computed',
            description: 'A second, of the symbols chosen.',
            kind: 'timeseries',
            unit: 'cps',
            width: 6,
            min: 0,
            queries: [
              { expr: `sum(${symbols('rate', 'p30_attributions_computed_total')})`, legend: 'attributions' },
            ],
          },
          {
            title: 'Published again',
            description:
              'Attributions a second that were repeated with their own age, since the input cannot be read.',
            kind: 'timeseries',
            unit: 'cps',
            width: 6,
            min: 0,
            queries: [{ expr: `sum(${symbols('rate', 'p30_lkg_used_total')})`, legend: 'repeated' }],
          },
        ],
      },
      troubles('attribution'),
    ],
  },
  {
    name: 'efficiency',
    title: 'Ballast efficiency (P3.1)',
    description: 'What each symbol makes of its capital, how sure that is, and which inputs it lacks.',
    symbolsOf: 'p31_efficiency_score',
    rows: [
      {
        title: 'Scores',
        panels: [
          bySymbol(
            'Efficiency score',
            '0 to 1; by default below 0.35 the pressure is to decrease, above 0.65 to increase. The 20 highest.',
            'p31_efficiency_score',
            SHARE,
          ),
          {
            title: 'Least efficient symbols',
            description: 'The 10 lowest scores of the symbols chosen.',
            kind: 'bargauge',
            unit: 'none',
            ...SHARE,
            thresholds: { warning: 0.65, critical: 0.35, isBelow: true },
            queries: [
              { expr: `bottomk(10, ${symbols('max', 'p31_efficiency_score')})`, legend: '{{symbol}}' },
            ],
          },
          bySymbol(
            'Confidence',
            'Below 0.65 (by default) the governor and the proposer do not act on a score. The 20 highest.',
            'p31_confidence',
            { ...SHARE, width: 24 },
          ),
        ],
      },
      {
        title: 'Inputs',
        panels: [
          {
            title: 'Missing',
            description: 'A second, by input, of the symbols chosen: P30 is attribution, P29 the target.',
            kind: 'timeseries',
            unit: 'cps',
            width: 8,
            min: 0,
            queries: [
              { expr: rate('p31_inputs_missing_total{symbol=~"$symbol"}', 'which'), legend: '{{which}}' },
            ],
          },
          {
            title: 'Too old',
            description: 'A second, by input, of the symbols chosen.',
            kind: 'timeseries',
            unit: 'cps',
            width: 8,
            min: 0,
            queries: [
              { expr: rate('p31_inputs_stale_total{symbol=~"$symbol"}', 'which'), legend: '{{which}}' },
            ],
          },
          {
            title: 'Scores from the last good value',
            description: 'A second, of the symbols chosen.',
            kind: 'timeseries',
            unit: 'cps',
            width: 8,
            min: 0,
            queries: [{ expr: `sum(${symbols('rate', 'p31_lkg_used_total')})`, legend: 'scores' }],
          },
        ],
      },
      {
        title: 'Work',
        panels: [
          {
            title: 'Ticks',
            description: 'A second. At 0 the component stands still.',
            kind: 'timeseries',
            unit: 'cps',
            width: 6,
            min: 0,
            queries: [{ expr: rate('p31_loops_total'), legend: 'ticks' }],
          },
          { ...tickDuration('p31_loop_duration_seconds'), width: 6 },
          {
            title: 'Executions applied',
            description: 'A second, of the symbols chosen.',
            kind: 'timeseries',
            unit: 'cps',
            width: 6,
            min: 0,
            queries: [{ expr: `sum(${symbols('rate', 'p31_exec_events_total')})`, legend: 'executions' }],
          },
          {
            title: 'Efficiencies written',
            description: 'A second, of the symbols chosen.',
            kind: 'timeseries',
            unit: 'cps',
            width: 6,
            min: 0,
            queries: [{ expr: `sum(${symbols('rate', 'p31_written_total')})`, legend: 'written' }],
          },
        ],
      },
      troubles('efficiency'),
    ],
  },
  {
    name: 'proposer',
    title: 'Ballast proposer (P3.1 step 1)',
    description: 'What targets would be if efficiency decided. The proposer is always in shadow.',
    symbolsOf: 'p29_shadow_multiplier',
    rows: [
      {
        title: 'Proposals',
        panels: [
          bySymbol(
            'Multiplier',
            'Proposed over base target: above 1 more capital, below 1 less. The 20 highest.',
            'p29_shadow_multiplier',
            { min: 0, decimals: 2 },
          ),
          {
            title: 'Would lose most',
            description: 'The 10 lowest multipliers of the symbols chosen.',
            kind: 'bargauge',
            unit: 'none',
            min: 0,
            max: 1,
            decimals: 2,
            queries: [
              { expr: `bottomk(10, ${symbols('max', 'p29_shadow_multiplier')})`, legend: '{{symbol}}' },
            ],
          },
        ],
      },
      {
        title: 'What they are made from',
        panels: [
          bySymbol('Efficiency score read', 'The 20 highest of the symbols chosen.', 'p29_shadow_eff_score', {
            ...SHARE,
            width: 8,
          }),
          bySymbol(
            'Confidence read',
            'Below P31_MIN_CONF (0.65) the base target stays. The 20 highest.',
            'p29_shadow_eff_confidence',
            { ...SHARE, width: 8 },
          ),
          {
            title: 'Proposals by reason',
            description: 'A second. Only ok changes a target; the rest proposes the base target.',
            kind: 'timeseries',
            unit: 'cps',
            width: 8,
            min: 0,
            isStacked: true,
            queries: [{ expr: rate('p29_shadow_proposed_total', 'reason'), legend: '{{reason}}' }],
          },
        ],
      },
      {
        title: 'Work',
        panels: [
          {
            title: 'Ticks',
            description: 'A second. At 0 the component stands still.',
            kind: 'timeseries',
            unit: 'cps',
            width: 24,
            min: 0,
            queries: [{ expr: rate('p29_shadow_loops_total'), legend: 'ticks' }],
          },
        ],
      },
      // It reads records only.
      troubles('proposer', false),
    ],
  },
];
