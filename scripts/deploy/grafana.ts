/** Grafana's dashboards as short descriptions, and the JSON Grafana 11 reads made from them. */

export interface Dashboard {
  /** The last part of its uid and of its file's name. */
  readonly name: string;
  readonly title: string;
  readonly description: string;
  /** A metric whose symbols can be chosen from; null: there is nothing to choose. */
  readonly symbolsOf: string | null;
  readonly rows: readonly Row[];
}

export interface Row {
  readonly title: string;
  readonly panels: readonly Panel[];
}

export interface Panel {
  readonly title: string;
  /** What it shows and what to make of it. */
  readonly description: string;
  readonly kind: 'stat' | 'timeseries' | 'bargauge' | 'table' | 'heatmap';
  readonly queries: readonly Query[];
  readonly unit: Unit;
  /** Of 24 columns; half of them unless given. */
  readonly width?: number;
  readonly height?: number;
  readonly min?: number;
  readonly max?: number;
  readonly decimals?: number;
  /** From which value on it is to be looked at; `below`: the other way round. */
  readonly thresholds?: {
    readonly warning: number;
    readonly critical?: number;
    readonly isBelow?: true;
  };
  /** Words for values, with a colour beside them. */
  readonly words?: readonly (readonly [value: number, text: string, colour: string])[];
  readonly isStacked?: true;
  /** The dashboard a click leads to. */
  readonly leadsTo?: string;
}

export interface Query {
  readonly expr: string;
  /** `{{label}}` is replaced; empty: the series' own name. */
  readonly legend: string;
}

export type Unit = 'short' | 'currencyUSD' | 'percentunit' | 's' | 'cps' | 'none';

export const UID_PREFIX = 'ballast-';
/** The version of the JSON that Grafana 11 writes. */
const SCHEMA_VERSION = 39;
const COLUMNS = 24;
const TAG = 'ballast';
const DATASOURCE = { type: 'prometheus', uid: '${datasource}' };
const [GOOD, WARNING, CRITICAL, PLAIN] = ['green', 'orange', 'red', 'blue'];

export function dashboardJson({ name, title, description, symbolsOf, rows }: Dashboard): object {
  return {
    uid: `${UID_PREFIX}${name}`,
    title,
    description,
    tags: [TAG],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: 1,
    refresh: '15s',
    time: { from: 'now-6h', to: 'now' },
    timezone: '',
    weekStart: '',
    fiscalYearStartMonth: 0,
    liveNow: false,
    links: [
      {
        type: 'dashboards',
        title: 'Ballast',
        tags: [TAG],
        asDropdown: false,
        includeVars: false,
        keepTime: true,
        targetBlank: false,
        icon: 'external link',
        tooltip: '',
        url: '',
      },
    ],
    annotations: { list: [builtInAnnotations(), notActive()] },
    templating: { list: [datasourceVariable(), ...(symbolsOf === null ? [] : [symbolVariable(symbolsOf)])] },
    panels: laidOut(rows),
  };
}

function laidOut(rows: readonly Row[]): object[] {
  const panels: object[] = [];
  let [id, y] = [1, 0];
  for (const row of rows) {
    const gridPos = { h: 1, w: COLUMNS, x: 0, y };
    panels.push({ id: id++, type: 'row', title: row.title, collapsed: false, gridPos, panels: [] });
    y++;
    let [x, lineHeight] = [0, 0];
    for (const panel of row.panels) {
      const { width = COLUMNS / 2, height = 8 } = panel;
      if (x + width > COLUMNS) [x, y, lineHeight] = [0, y + lineHeight, 0];
      panels.push(panelJson(panel, id++, { h: height, w: width, x, y }));
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return panels;
}

function panelJson(panel: Panel, id: number, gridPos: object): object {
  const { kind, title, description, queries, leadsTo } = panel;
  return {
    id,
    type: kind,
    title,
    description,
    datasource: DATASOURCE,
    gridPos,
    ...(leadsTo === undefined
      ? {}
      : {
          links: [
            {
              title: `Open ${leadsTo}`,
              url: `/d/${UID_PREFIX}${leadsTo}?\${__url_time_range}`,
              targetBlank: false,
            },
          ],
        }),
    targets: queries.map(({ expr, legend }, i) => ({
      refId: String.fromCharCode(65 + i),
      datasource: DATASOURCE,
      editorMode: 'code',
      expr,
      legendFormat: legend === '' ? '__auto' : legend,
      range: !isInstant(kind),
      instant: isInstant(kind),
      format: kind === 'heatmap' ? 'heatmap' : kind === 'table' ? 'table' : 'time_series',
    })),
    fieldConfig: { defaults: fieldDefaults(panel), overrides: [] },
    options: optionsOf(kind),
    ...(kind === 'table'
      ? { transformations: [{ id: 'organize', options: { excludeByName: { Time: true } } }] }
      : {}),
  };
}

const isInstant = (kind: Panel['kind']): boolean =>
  kind === 'stat' || kind === 'bargauge' || kind === 'table';

function fieldDefaults({ kind, unit, min, max, decimals, thresholds, words, isStacked }: Panel): object {
  const style = {
    drawStyle: 'line',
    lineWidth: 1,
    fillOpacity: isStacked ? 40 : 5,
    showPoints: 'never',
    spanNulls: false,
  };
  return {
    unit,
    ...(min === undefined ? {} : { min }),
    ...(max === undefined ? {} : { max }),
    ...(decimals === undefined ? {} : { decimals }),
    noValue: 'no data',
    color: { mode: kind === 'timeseries' ? 'palette-classic' : 'thresholds' },
    mappings:
      words === undefined
        ? []
        : [
            {
              type: 'value',
              options: Object.fromEntries(
                words.map(([value, text, color], index) => [String(value), { text, color, index }]),
              ),
            },
          ],
    thresholds: { mode: 'absolute', steps: stepsOf(thresholds) },
    ...(kind === 'timeseries'
      ? {
          custom: {
            ...style,
            stacking: { mode: isStacked ? 'normal' : 'none', group: 'A' },
            thresholdsStyle: { mode: thresholds === undefined ? 'off' : 'dashed' },
          },
        }
      : {}),
  };
}

function stepsOf(thresholds: Panel['thresholds']): object[] {
  if (thresholds === undefined) return [{ color: PLAIN, value: null }];
  const { warning, critical, isBelow } = thresholds;
  const steps = critical === undefined ? [] : [{ color: CRITICAL, value: critical }];
  if (isBelow !== true) return [{ color: GOOD, value: null }, { color: WARNING, value: warning }, ...steps];
  return [
    { color: critical === undefined ? WARNING : CRITICAL, value: null },
    ...(critical === undefined ? [] : [{ color: WARNING, value: critical }]),
    { color: GOOD, value: warning },
  ];
}

function optionsOf(kind: Panel['kind']): object {
  const reduceOptions = { calcs: ['lastNotNull'], fields: '', values: false };
  if (kind === 'stat')
    return {
      reduceOptions,
      colorMode: 'background',
      graphMode: 'none',
      textMode: 'auto',
      justifyMode: 'auto',
    };
  if (kind === 'bargauge')
    return { reduceOptions, orientation: 'horizontal', displayMode: 'basic', showUnfilled: true };
  if (kind === 'table') return { showHeader: true, cellHeight: 'sm', footer: { show: false } };
  if (kind === 'heatmap')
    return {
      calculate: false,
      cellGap: 1,
      color: { mode: 'scheme', scheme: 'Oranges', steps: 64 },
      yAxis: { unit: 's' },
    };
  return {
    legend: { displayMode: 'table', placement: 'right', showLegend: true, calcs: ['lastNotNull', 'max'] },
    tooltip: { mode: 'multi', sort: 'desc' },
  };
}

function datasourceVariable(): object {
  return {
    name: 'datasource',
    label: 'Data source',
    type: 'datasource',
    query: 'prometheus',
    current: {},
    hide: 0,
    refresh: 1,
  };
}

function symbolVariable(metric: string): object {
  const definition = `label_values(${metric}, symbol)`;
  return {
    name: 'symbol',
    label: 'Symbol',
    type: 'query',
    datasource: DATASOURCE,
    definition,
    query: { query: definition, qryType: 1, refId: 'PrometheusVariableQueryEditor-VariableQuery' },
    current: { text: 'All', value: '$__all' },
    includeAll: true,
    allValue: '.*',
    multi: true,
    refresh: 2,
    sort: 1,
    hide: 0,
    regex: '',
    options: [],
  };
}

function builtInAnnotations(): object {
  return {
    builtIn: 1,
    datasource: { type: 'grafana', uid: '-- Grafana --' },
    enable: true,
    hide: true,
    iconColor: 'rgba(0, 211, 255, 1)',
    name: 'Annotations & Alerts',
    type: 'dashboard',
  };
}

/** Shades the times at which not every plan could trade. */
function notActive(): object {
  return {
    name: 'Trading is not ACTIVE',
    datasource: DATASOURCE,
    enable: true,
    hide: false,
    iconColor: CRITICAL,
    expr: 'max(gov_trading_state) > 0',
    step: '15s',
    titleFormat: 'Trading is not ACTIVE',
    textFormat: '1 REDUCING, 2 HALTED',
    useValueForTime: false,
  };
}
