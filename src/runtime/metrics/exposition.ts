/**
 * Metrics as Prometheus reads them, through prom-client. Its own metrics look a series up by text at every call and would
 * take `a="1,b:2"` for two labels; ours answer the registry from plain fields when it asks for their values. Nothing
 * is kept in prom-client, and its global registry stays empty.
 */
import type { Gauge, MetricType, Registry } from 'prom-client';
import type { MetricKind } from '../../contract/metrics.ts';
import type { Sample } from './series.ts';

/** What `/metrics` answers with. */
export const METRICS_CONTENT_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export interface ExposedMetric {
  readonly name: string;
  readonly help: string;
  readonly kind: MetricKind;
  /** Called at each scrape. */
  readonly samples: () => readonly Sample[];
}

/** A registry of these metrics and no others. prom-client takes 25 ms to load, so it does when first asked for. */
export async function exposed(metrics: readonly ExposedMetric[]): Promise<Registry> {
  const { Gauge, Registry } = await import('prom-client');

  /** prom-client writes whatever type and values `get` gives it: `untyped` too, for which it has no class. */
  class FieldMetric extends Gauge {
    readonly #metric: ExposedMetric;

    constructor(metric: ExposedMetric) {
      super({ name: metric.name, help: metric.help, registers: [] });
      this.#metric = metric;
    }

    override async get(): ReturnType<Gauge['get']> {
      const { name, kind, samples } = this.#metric;
      const values = samples().map(({ suffix, labels, value }) => ({
        metricName: name + suffix,
        labels,
        value,
      }));
      // Its types say an enum of numbers, its code compares and writes text.
      return { ...(await super.get()), type: kind as unknown as MetricType, values };
    }
  }

  const registry = new Registry();
  for (const metric of metrics) registry.registerMetric(new FieldMetric(metric));
  return registry;
}
