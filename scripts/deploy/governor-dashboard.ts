/** The governor's dashboard. */
import { rate, STATE_WORDS, symbols, troubles } from './panels.ts';
import type { Dashboard } from './grafana.ts';

export const GOVERNOR: Dashboard = {
  name: 'governor',
  title: 'Ballast governor (P3.2)',
  description: 'Permits and blocks: what passes, what is stopped and why, and whether anyone trades past it.',
  symbolsOf: 'quantum_govern_allow_total',
  rows: [
    {
      title: 'State',
      panels: [
        {
          title: 'Trading state',
          description: 'As it was over time: 0 ACTIVE, 1 REDUCING, 2 HALTED.',
          kind: 'timeseries',
          unit: 'none',
          width: 8,
          min: 0,
          max: 2,
          decimals: 0,
          words: STATE_WORDS,
          queries: [{ expr: 'max(gov_trading_state)', legend: 'state' }],
        },
        {
          title: 'Disarmed symbols',
          description: 'Symbols whose openings are stopped until an operator re-arms them.',
          kind: 'timeseries',
          unit: 'none',
          width: 8,
          min: 0,
          decimals: 0,
          thresholds: { warning: 1 },
          queries: [{ expr: 'max(gov_disarmed_symbols)', legend: 'symbols' }],
        },
        {
          title: 'Disarms by reason',
          description: 'Within the time shown: what tripped a breaker.',
          kind: 'bargauge',
          unit: 'none',
          width: 8,
          min: 0,
          decimals: 0,
          queries: [
            {
              expr: 'sum by (reason) (increase(quantum_govern_disarm_total[$__range]))',
              legend: '{{reason}}',
            },
          ],
        },
      ],
    },
    {
      title: 'Verdicts',
      panels: [
        {
          title: 'Permits by symbol',
          description: 'A second; the 20 busiest symbols of those chosen.',
          kind: 'timeseries',
          unit: 'cps',
          min: 0,
          queries: [
            { expr: `topk(20, ${symbols('rate', 'quantum_govern_allow_total')})`, legend: '{{symbol}}' },
          ],
        },
        {
          title: 'Blocks by symbol and reason',
          description:
            'A second; the 20 most frequent of the symbols chosen. _other: symbols past METRICS_MAX_SYMBOLS, and names that are none.',
          kind: 'timeseries',
          unit: 'cps',
          min: 0,
          queries: [
            {
              expr: 'topk(20, sum by (symbol, reason) (rate(quantum_govern_block_total{symbol=~"$symbol"}[$__rate_interval])))',
              legend: '{{symbol}} {{reason}}',
            },
          ],
        },
        {
          title: 'Gates in shadow would block',
          description:
            'A second, by reason: plans that were permitted only because the gate that objects is in shadow (GOV_GATE_MODES).',
          kind: 'timeseries',
          unit: 'cps',
          width: 8,
          min: 0,
          queries: [{ expr: rate('gov_would_block_total', 'reason'), legend: '{{reason}}' }],
        },
        {
          title: 'Executions without a permit',
          description:
            'Within 15 minutes, by reason. Anything above 0 means that somebody trades past the governor.',
          kind: 'timeseries',
          unit: 'none',
          width: 8,
          min: 0,
          thresholds: { warning: 0.5 },
          queries: [{ expr: 'sum by (reason) (increase(gov_unpermitted_total[15m]))', legend: '{{reason}}' }],
        },
        {
          title: 'Openings against their limits',
          description:
            'Opening permits of the busiest symbols within an hour and within 5 minutes; the limits are GOV_MAX_EXEC_PER_HOUR and GOV_MAX_EXEC_PER_5MIN.',
          kind: 'bargauge',
          unit: 'none',
          width: 8,
          min: 0,
          decimals: 0,
          queries: [
            {
              expr: `topk(8, ${symbols('max', 'quantum_govern_exec_count_hour')})`,
              legend: '{{symbol}}, an hour',
            },
            {
              expr: `topk(8, ${symbols('max', 'quantum_govern_exec_count_5min')})`,
              legend: '{{symbol}}, 5 minutes',
            },
          ],
        },
      ],
    },
    {
      title: 'Permits',
      panels: [
        {
          title: 'Latency of permits',
          description: 'From the arrival of a plan in the store to its verdict being stored.',
          kind: 'timeseries',
          unit: 's',
          width: 8,
          min: 0,
          thresholds: { warning: 0.1 },
          queries: [
            {
              expr: 'histogram_quantile(0.5, sum by (le) (rate(gov_permit_latency_seconds_bucket[$__rate_interval])))',
              legend: 'p50',
            },
            {
              expr: 'histogram_quantile(0.99, sum by (le) (rate(gov_permit_latency_seconds_bucket[$__rate_interval])))',
              legend: 'p99',
            },
          ],
        },
        {
          title: 'Latency of permits, all',
          description: 'How many verdicts took how long.',
          kind: 'heatmap',
          unit: 'short',
          width: 8,
          queries: [
            {
              expr: 'sum by (le) (increase(gov_permit_latency_seconds_bucket[$__rate_interval]))',
              legend: '{{le}}',
            },
          ],
        },
        {
          title: 'What becomes of permits',
          description:
            'Permits a second that were taken, and that nobody took in time. Many of the latter: an executor is down or slow.',
          kind: 'timeseries',
          unit: 'cps',
          width: 8,
          min: 0,
          queries: [
            { expr: rate('gov_permits_taken_total'), legend: 'taken' },
            { expr: rate('gov_permits_expired_total'), legend: 'expired' },
          ],
        },
        {
          title: 'Share of permits nobody took',
          description: 'Of those that ended within 15 minutes.',
          kind: 'timeseries',
          unit: 'percentunit',
          width: 8,
          min: 0,
          max: 1,
          thresholds: { warning: 0.2 },
          queries: [{ expr: 'component:gov_permits_expired:share15m', legend: 'unused' }],
        },
        {
          title: 'Downsize hints',
          description: 'Permits a second by what efficiency asked for, and why.',
          kind: 'timeseries',
          unit: 'cps',
          width: 8,
          min: 0,
          queries: [
            { expr: rate('p32_eff_apply_total', 'action', 'reason'), legend: '{{action}} {{reason}}' },
          ],
        },
        {
          title: 'Smallest downsize factors',
          description: 'Of the last permit of a symbol; 1 leaves the size as it was.',
          kind: 'bargauge',
          unit: 'none',
          width: 8,
          min: 0,
          max: 1,
          decimals: 2,
          queries: [{ expr: `bottomk(10, ${symbols('min', 'p32_eff_factor')})`, legend: '{{symbol}}' }],
        },
      ],
    },
    {
      title: 'Targets at the gate',
      panels: [
        {
          title: 'Plans held against a target',
          description:
            'A second: held against an enforced target that was fresh, blocked by it, and plans whose target was missing or too old (the gate lets those pass).',
          kind: 'timeseries',
          unit: 'cps',
          width: 24,
          min: 0,
          queries: [
            { expr: rate('gov_p29_checked_total'), legend: 'checked' },
            { expr: rate('gov_p29_block_total'), legend: 'blocked' },
            { expr: rate('gov_p29_missing_total'), legend: 'without a target' },
            { expr: rate('gov_p29_stale_total'), legend: 'target too old' },
          ],
        },
      ],
    },
    troubles('governor'),
  ],
};
