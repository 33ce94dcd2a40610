/** The overview: everything an operator wants to see in ten seconds, and where to look further. */
import { rate, STATE_WORDS } from './panels.ts';
import type { Dashboard } from './grafana.ts';

export const OVERVIEW: Dashboard = {
  name: 'overview',
  title: 'Ballast overview',
  description:
    'Is trading allowed, what runs, where is money earned and lost, what is blocked, what is wrong.',
  symbolsOf: null,
  rows: [
    {
      title: 'Is trading allowed',
      panels: [
        {
          title: 'Trading state',
          description:
            'ACTIVE: plans are judged. REDUCING: only plans that reduce pass. HALTED: nothing passes. No data: no governor runs.',
          kind: 'stat',
          unit: 'none',
          width: 8,
          height: 5,
          words: STATE_WORDS,
          leadsTo: 'governor',
          queries: [{ expr: 'max(gov_trading_state)', legend: 'state' }],
        },
        {
          title: 'Disarmed symbols',
          description: 'Symbols whose openings are stopped until an operator re-arms them.',
          kind: 'stat',
          unit: 'none',
          width: 4,
          height: 5,
          thresholds: { warning: 1 },
          leadsTo: 'governor',
          queries: [{ expr: 'max(gov_disarmed_symbols)', legend: 'symbols' }],
        },
        {
          title: 'Executions without a permit',
          description:
            'Within the time shown. Anything above 0 means that somebody trades past the governor.',
          kind: 'stat',
          unit: 'none',
          width: 4,
          height: 5,
          decimals: 0,
          thresholds: { warning: 0.5, critical: 0.5 },
          leadsTo: 'governor',
          queries: [{ expr: 'sum(increase(gov_unpermitted_total[$__range]))', legend: 'executions' }],
        },
        {
          title: 'Firing alerts',
          description:
            'Of the rules in deploy/prometheus/alerts.yml; docs/alerts.md says what to do about each.',
          kind: 'stat',
          unit: 'none',
          width: 4,
          height: 5,
          thresholds: { warning: 1 },
          queries: [
            {
              expr: 'count(ALERTS{alertname=~"Ballast.+", alertstate="firing"}) or vector(0)',
              legend: 'alerts',
            },
          ],
        },
        {
          title: 'Latency of permits, p99',
          description:
            'From the arrival of a plan in the store to its verdict being stored. No data: no plans.',
          kind: 'stat',
          unit: 's',
          width: 4,
          height: 5,
          thresholds: { warning: 0.05, critical: 0.1 },
          leadsTo: 'governor',
          queries: [{ expr: 'component:gov_permit_latency_seconds:p99_5m', legend: 'p99' }],
        },
      ],
    },
    {
      title: 'What runs',
      panels: [
        {
          title: 'Components',
          description: 'Whether each could be scraped. Of several copies one that answers is enough.',
          kind: 'stat',
          unit: 'none',
          width: 8,
          words: [
            [0, 'DOWN', 'red'],
            [1, 'up', 'green'],
          ],
          queries: [{ expr: 'max by (component) (up{job="ballast"})', legend: '{{component}}' }],
        },
        {
          title: 'Ticks',
          description:
            'A second. By default 0.2 (every 5 s), the proposer 0.1. A line at 0 is a component that stands still.',
          kind: 'timeseries',
          unit: 'cps',
          width: 8,
          min: 0,
          queries: [{ expr: 'component:ballast_ticks:rate2m', legend: '{{component}}' }],
        },
        {
          title: 'Lag of inputs',
          description: 'Age of the oldest entry not yet applied.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          min: 0,
          thresholds: { warning: 30 },
          queries: [
            {
              expr: 'max by (component, stream) (ballast_input_lag_seconds)',
              legend: '{{component}} {{stream}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Money',
      panels: [
        {
          title: 'Realised profit, all symbols',
          description: 'Since attribution was started; falls with losses and begins anew with the process.',
          kind: 'timeseries',
          unit: 'currencyUSD',
          width: 8,
          queries: [{ expr: 'sum(max by (symbol) (p30_execution_pnl_total))', legend: 'profit' }],
        },
        {
          title: 'Best and worst symbols',
          description: 'Realised profit since attribution was started, the ten best and the ten worst.',
          kind: 'bargauge',
          unit: 'currencyUSD',
          width: 8,
          leadsTo: 'attribution',
          queries: [
            { expr: 'topk(10, max by (symbol) (p30_execution_pnl_total))', legend: '{{symbol}}' },
            { expr: 'bottomk(10, max by (symbol) (p30_execution_pnl_total))', legend: '{{symbol}}' },
          ],
        },
        {
          title: 'Budgets and targets, all symbols',
          description: 'What risk allows in sum, and what capital allocation would hold in sum.',
          kind: 'timeseries',
          unit: 'currencyUSD',
          width: 8,
          min: 0,
          leadsTo: 'allocation',
          queries: [
            { expr: 'sum(max by (symbol) (p28_budget_value_usd))', legend: 'budgets' },
            { expr: 'sum(max by (symbol) (p29_target_usd))', legend: 'targets' },
          ],
        },
        {
          title: 'Least efficient symbols',
          description:
            'Efficiency score 0 to 1. Below 0.35 the pressure is to decrease, above 0.65 to increase (by default).',
          kind: 'bargauge',
          unit: 'none',
          min: 0,
          max: 1,
          decimals: 2,
          thresholds: { warning: 0.65, critical: 0.35, isBelow: true },
          leadsTo: 'efficiency',
          queries: [{ expr: 'bottomk(10, max by (symbol) (p31_efficiency_score))', legend: '{{symbol}}' }],
        },
        {
          title: 'What the proposer would change most',
          description: 'Proposed over base target: above 1 more capital, below 1 less.',
          kind: 'bargauge',
          unit: 'none',
          min: 0,
          max: 2,
          decimals: 2,
          leadsTo: 'proposer',
          queries: [
            { expr: 'topk(5, max by (symbol) (p29_shadow_multiplier))', legend: '{{symbol}}' },
            { expr: 'bottomk(5, max by (symbol) (p29_shadow_multiplier))', legend: '{{symbol}}' },
          ],
        },
      ],
    },
    {
      title: 'Plans',
      panels: [
        {
          title: 'Plans judged',
          description: 'Permits and blocks a second.',
          kind: 'timeseries',
          unit: 'cps',
          min: 0,
          leadsTo: 'governor',
          queries: [
            { expr: rate('quantum_govern_allow_total'), legend: 'permitted' },
            { expr: rate('quantum_govern_block_total'), legend: 'blocked' },
          ],
        },
        {
          title: 'Why plans are blocked',
          description: 'Blocks within 10 minutes by reason.',
          kind: 'timeseries',
          unit: 'none',
          min: 0,
          isStacked: true,
          leadsTo: 'governor',
          queries: [
            {
              expr: 'sum by (reason) (component_reason:quantum_govern_block:increase10m)',
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Troubles',
      panels: [
        {
          title: 'Errors of the store',
          description: 'Operations of the store that failed, a second.',
          kind: 'timeseries',
          unit: 'cps',
          width: 8,
          min: 0,
          queries: [
            { expr: rate('ballast_store_errors_total', 'component', 'op'), legend: '{{component}} {{op}}' },
          ],
        },
        {
          title: 'Entries refused',
          description:
            'Within 10 minutes. Refused entries of streams are kept with their reason in the stream of the same name that ends in .dlq.',
          kind: 'timeseries',
          unit: 'none',
          width: 8,
          min: 0,
          queries: [
            {
              expr: 'component_stream_reason:ballast_input_rejected:increase10m',
              legend: '{{component}} {{stream}} {{reason}}',
            },
          ],
        },
        {
          title: 'Versions',
          description: 'How many processes run each version of a component.',
          kind: 'table',
          unit: 'none',
          width: 8,
          queries: [{ expr: 'count by (component, version) (ballast_build_info)', legend: '' }],
        },
      ],
    },
    {
      title: 'The page',
      panels: [
        {
          title: 'Age of what the page shows',
          description: 'Since the dashboard read the store last. Above some seconds the page says so itself.',
          kind: 'stat',
          unit: 's',
          width: 4,
          decimals: 0,
          thresholds: { warning: 10, critical: 30 },
          queries: [{ expr: 'max(dashboard_feed_age_seconds)', legend: 'age' }],
        },
        {
          title: 'Who looks',
          description: 'Pages and programs that follow the stream of changes.',
          kind: 'timeseries',
          unit: 'none',
          width: 5,
          min: 0,
          decimals: 0,
          queries: [{ expr: 'sum(dashboard_clients)', legend: 'clients' }],
        },
        {
          title: 'Requests',
          description: 'Answered a second, by route and status.',
          kind: 'timeseries',
          unit: 'cps',
          width: 5,
          min: 0,
          queries: [
            { expr: rate('dashboard_requests_total', 'route', 'status'), legend: '{{route}} {{status}}' },
          ],
        },
        {
          title: 'Actions',
          description:
            'Within the time shown: entries stopped, halted, re-armed. Who and why is in the events.',
          kind: 'bargauge',
          unit: 'none',
          width: 5,
          min: 0,
          decimals: 0,
          queries: [
            { expr: 'sum by (action) (increase(dashboard_actions_total[$__range]))', legend: '{{action}}' },
          ],
        },
        {
          title: 'Refused, and kept back by browsers',
          description:
            'A second: requests that were not allowed, by reason, and what a browser kept the page from doing (the page never tries such things).',
          kind: 'timeseries',
          unit: 'cps',
          width: 5,
          min: 0,
          queries: [
            { expr: rate('dashboard_refused_total', 'reason'), legend: '{{reason}}' },
            { expr: rate('dashboard_csp_reports_total'), legend: 'reports of browsers' },
          ],
        },
      ],
    },
  ],
};
