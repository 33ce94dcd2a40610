/** Holds expressions against what is really exported: every metric and label has to exist, and to be of the kind the function around it takes. */
import { COMPONENT_NAMES } from '../../src/contract/components.ts';
import { readExpression, type Selector } from './deploy-promql.ts';
import type { ExportedPages } from './deploy-pages.ts';

export interface Known {
  readonly kind: 'counter' | 'gauge' | 'bucket' | 'untyped';
  readonly labels: ReadonlySet<string>;
}
export type Catalog = ReadonlyMap<string, Known>;

/** What Prometheus adds to every series of a target (deploy/prometheus/prometheus.yml). */
const TARGET_LABELS = ['component', 'instance', 'job'];
const OF_COUNTERS: ReadonlySet<string> = new Set(['rate', 'irate', 'increase', 'resets']);

/** Everything that can be asked for: exported, recorded, or Prometheus' own. */
export function catalogOf(pages: ExportedPages['pages'], recorded: readonly string[]): Catalog {
  const catalog = new Map<string, Known>([
    ['up', { kind: 'gauge', labels: new Set(TARGET_LABELS) }],
    ['ALERTS', { kind: 'gauge', labels: new Set(['alertname', 'alertstate', 'severity', 'component']) }],
  ]);
  for (const page of pages.values())
    for (const [metric, { type, series }] of page)
      for (const key of series.keys()) {
        const name = key.split('{')[0]!;
        const labels = [...key.matchAll(/[{,]([a-zA-Z_]\w*)="/g)].map(([, label]) => label!);
        const seen = catalog.get(name)?.labels ?? TARGET_LABELS;
        const isBucket = name !== metric && name.endsWith('_bucket');
        const kind = isBucket ? 'bucket' : type === 'histogram' ? 'counter' : (type as Known['kind']);
        catalog.set(name, { kind, labels: new Set([...seen, ...labels]) });
      }
  // By the convention of names, `labels:metric:how`.
  for (const name of recorded)
    catalog.set(name, { kind: 'gauge', labels: new Set(name.split(':')[0]!.split('_')) });
  return catalog;
}

/** What is wrong with an expression, as sentences. `isRule`: it may name a counter as it is. */
export function faultsOf(text: string, catalog: Catalog, isRule = false): string[] {
  const { selectors, groups, joins } = readExpression(text);
  const faults = selectors.flatMap((selector) => [
    ...faultsOfSelector(selector, catalog),
    ...(isRule ? [] : faultsOfRawCounter(selector, catalog)),
  ]);
  for (const group of groups)
    for (const label of group.labels)
      for (const { metric, isFilter } of group.selectors)
        if (metric !== null && !isFilter && catalog.get(metric)?.labels.has(label) === false)
          faults.push(`it groups ${metric} by ${label}, which that has not`);
  for (const label of joins)
    if (!selectors.some(({ metric }) => metric !== null && catalog.get(metric)?.labels.has(label) === true))
      faults.push(`it joins on ${label}, which no metric of it has`);
  if (selectors.some(({ within }) => within.includes('histogram_quantile')))
    if (!groups.some(({ labels }) => labels.includes('le'))) faults.push('it takes a quantile and loses le');
  return faults;
}

/** The metrics an expression names; one that names none by name stands for those its pattern fits. */
export function metricsIn(text: string, catalog: Catalog): string[] {
  return readExpression(text).selectors.flatMap(({ metric, matchers }) =>
    metric !== null ? [metric] : [...catalog.keys()].filter((name) => fits(matchers, name)),
  );
}

function fits(matchers: ReadonlyMap<string, string>, name: string): boolean {
  return new RegExp(`^(?:${matchers.get('__name__') ?? ''})$`).test(name);
}

function faultsOfSelector({ metric, matchers, isRange, within }: Selector, catalog: Catalog): string[] {
  if (metric === null)
    return [...catalog.keys()].some((name) => fits(matchers, name)) ? [] : ['it names no metric that exists'];
  const known = catalog.get(metric);
  if (known === undefined) return [`there is no metric ${metric}`];
  const faults: string[] = [];
  for (const [label, value] of matchers) {
    if (!known.labels.has(label)) faults.push(`${metric} has no label ${label}`);
    const components: readonly string[] = COMPONENT_NAMES;
    if (label === 'component' && !components.includes(value)) faults.push(`there is no component ${value}`);
  }
  const [inner = ''] = within;
  const isCounter = known.kind === 'counter' || known.kind === 'bucket';
  if (OF_COUNTERS.has(inner) && !isCounter) faults.push(`${inner} of ${metric}, which is no counter`);
  if (isRange && !OF_COUNTERS.has(inner) && isCounter)
    faults.push(`${inner} of ${metric}, which is a counter`);
  if (within.includes('histogram_quantile') && known.kind !== 'bucket')
    faults.push(`a quantile of ${metric}, which has no buckets`);
  return faults;
}

function faultsOfRawCounter({ metric, isRange }: Selector, catalog: Catalog): string[] {
  const kind = metric === null ? undefined : catalog.get(metric)?.kind;
  const isRaw = (kind === 'counter' || kind === 'bucket') && !isRange;
  return isRaw ? [`${metric} is a counter: it tells nothing as it is`] : [];
}
