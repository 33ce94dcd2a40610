/** The dashboards of deploy/grafana as Grafana would read them, and the expressions in them. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

const FOLDER = new URL('../../deploy/grafana/dashboards/', import.meta.url);

/** As much of Grafana's format as these dashboards use; what is not in here is refused. */
const DATASOURCE = z.strictObject({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const GRID = z.strictObject({
  h: z.int().min(1),
  w: z.int().min(1).max(24),
  x: z.int().min(0).max(23),
  y: z.int().min(0),
});
const TARGET = z.strictObject({
  refId: z.string().regex(/^[A-Z]$/),
  datasource: DATASOURCE,
  editorMode: z.literal('code'),
  expr: z.string().min(1),
  legendFormat: z.string().min(1),
  range: z.boolean(),
  instant: z.boolean(),
  format: z.enum(['time_series', 'heatmap', 'table']),
});
const STEP = z.strictObject({ color: z.string(), value: z.number().nullable() });
const DEFAULTS = z.looseObject({
  unit: z.enum(['short', 'currencyUSD', 'percentunit', 's', 'cps', 'none']),
  thresholds: z.strictObject({ mode: z.literal('absolute'), steps: z.array(STEP).min(1) }),
});
const PANEL = z.looseObject({
  id: z.int().min(1),
  type: z.enum(['stat', 'timeseries', 'bargauge', 'table', 'heatmap']),
  title: z.string().min(1),
  description: z.string().min(20),
  datasource: DATASOURCE,
  gridPos: GRID,
  targets: z.array(TARGET).min(1),
  fieldConfig: z.strictObject({ defaults: DEFAULTS, overrides: z.array(z.unknown()) }),
  links: z.array(z.strictObject({ title: z.string(), url: z.string(), targetBlank: z.boolean() })).optional(),
});
const ROW = z.strictObject({
  id: z.int().min(1),
  type: z.literal('row'),
  title: z.string().min(1),
  collapsed: z.literal(false),
  gridPos: GRID,
  panels: z.tuple([]),
});
const DASHBOARD = z.looseObject({
  uid: z.string().regex(/^[a-z-]{1,40}$/),
  title: z.string().min(1),
  description: z.string().min(1),
  schemaVersion: z.literal(39),
  tags: z.tuple([z.literal('ballast')]),
  links: z
    .array(z.looseObject({ type: z.literal('dashboards'), tags: z.tuple([z.literal('ballast')]) }))
    .min(1),
  annotations: z.strictObject({ list: z.array(z.looseObject({ expr: z.string().optional() })) }),
  templating: z.strictObject({
    list: z.array(z.looseObject({ name: z.string(), type: z.string(), definition: z.string().optional() })),
  }),
  panels: z.array(z.union([ROW, PANEL])),
});

export type DashboardFile = z.infer<typeof DASHBOARD> & { readonly path: string };
export type PanelOfFile = z.infer<typeof PANEL>;

export function dashboards(): DashboardFile[] {
  return readdirSync(FOLDER)
    .toSorted()
    .map((file) => {
      const path = `deploy/grafana/dashboards/${file}`;
      const text = readFileSync(fileURLToPath(new URL(file, FOLDER)), 'utf8');
      return { ...DASHBOARD.parse(JSON.parse(text), { error: () => `${path} is no dashboard` }), path };
    });
}

export function panelsOf({ panels }: DashboardFile): PanelOfFile[] {
  return panels.filter((panel): panel is PanelOfFile => panel.type !== 'row');
}

/** With Grafana's variables replaced by what they may stand for. */
export function filledIn(expr: string): string {
  const text = expr
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '10m')
    .replaceAll('$symbol', '.*');
  if (text.includes('$')) throw new Error(`a variable that is not known: ${expr}`);
  return text;
}

/** The labels a legend names. */
export function labelsOfLegend(legend: string): string[] {
  return [...legend.matchAll(/\{\{\s*(\w+)\s*\}\}/g)].map(([, label]) => label!);
}
