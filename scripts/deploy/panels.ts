/** What several dashboards have in common: expressions that are written alike, and panels of every component. */
import type { Panel, Row } from './grafana.ts';

export const STATE_WORDS: NonNullable<Panel['words']> = [
  [0, 'ACTIVE', 'green'],
  [1, 'REDUCING', 'orange'],
  [2, 'HALTED', 'red'],
];

/** A counter's rise a second, of all copies of its component. */
export function rate(counter: string, ...by: readonly string[]): string {
  const labels = by.length === 0 ? '' : ` by (${by.join(', ')})`;
  return `sum${labels} (rate(${counter}[$__rate_interval]))`;
}

/** A metric of the symbols that are chosen: a counter's rate, or a gauge. */
export function symbols(kind: 'rate' | 'max' | 'min', metric: string): string {
  const chosen = `${metric}{symbol=~"$symbol"}`;
  return kind === 'rate'
    ? `sum by (symbol) (rate(${chosen}[$__rate_interval]))`
    : `${kind} by (symbol) (${chosen})`;
}

/** A gauge of symbols over time: the 20 largest. */
export function bySymbol(
  title: string,
  description: string,
  metric: string,
  rest: Partial<Panel> = {},
): Panel {
  return {
    title,
    description,
    kind: 'timeseries',
    unit: 'none',
    queries: [{ expr: `topk(20, ${symbols('max', metric)})`, legend: '{{symbol}}' }],
    ...rest,
  };
}

/** How long ticks take. */
export function tickDuration(histogram: string): Panel {
  const quantile = (q: number): string =>
    `histogram_quantile(${q}, sum by (le) (rate(${histogram}_bucket[$__rate_interval])))`;
  return {
    title: 'Duration of ticks',
    description: 'From reading the inputs to what was decided being committed.',
    kind: 'timeseries',
    unit: 's',
    min: 0,
    thresholds: { warning: 1 },
    queries: [
      { expr: quantile(0.5), legend: 'p50' },
      { expr: quantile(0.99), legend: 'p99' },
    ],
  };
}

export function ticks(component: string): Panel {
  return {
    title: 'Ticks',
    description: 'A second, over 2 minutes. At 0 the component stands still.',
    kind: 'timeseries',
    unit: 'cps',
    min: 0,
    queries: [{ expr: `component:ballast_ticks:rate2m{component="${component}"}`, legend: 'ticks' }],
  };
}

/** What every component exports about itself. `readsStreams`: it has inputs of its own. */
export function troubles(component: string, readsStreams = true): Row {
  const only = `{component="${component}"}`;
  return {
    title: 'The component itself',
    panels: [
      {
        title: 'Copies',
        description: 'Each process that is scraped. Of several one works, the others stand by.',
        kind: 'stat',
        unit: 'none',
        width: 6,
        words: [
          [0, 'DOWN', 'red'],
          [1, 'up', 'green'],
        ],
        queries: [{ expr: `up{job="ballast", component="${component}"}`, legend: '{{instance}}' }],
      },
      ...(readsStreams ? streamPanels(component) : []),
      {
        title: 'Errors of the store',
        description: 'Operations of the store that failed, a second.',
        kind: 'timeseries',
        unit: 'cps',
        width: 6,
        min: 0,
        queries: [{ expr: rate(`ballast_store_errors_total${only}`, 'op'), legend: '{{op}}' }],
      },
    ],
  };
}

function streamPanels(component: string): readonly Panel[] {
  const only = `{component="${component}"}`;
  return [
    {
      title: 'Lag of inputs',
      description: 'Age of the oldest entry not yet applied.',
      kind: 'timeseries',
      unit: 's',
      width: 6,
      min: 0,
      thresholds: { warning: component === 'governor' ? 5 : 30 },
      queries: [{ expr: `max by (stream) (ballast_input_lag_seconds${only})`, legend: '{{stream}}' }],
    },
    {
      title: 'Entries refused',
      description: 'Within 10 minutes, by stream and reason.',
      kind: 'timeseries',
      unit: 'none',
      width: 6,
      min: 0,
      queries: [
        {
          expr: `component_stream_reason:ballast_input_rejected:increase10m${only}`,
          legend: '{{stream}} {{reason}}',
        },
      ],
    },
  ];
}
