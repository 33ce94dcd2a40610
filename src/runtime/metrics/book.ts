/**
 * The metrics of one component: those the contract's table gives it and those every component has. Code that runs at
 * every event or tick takes a metric from the book once, then only adds to plain fields.
 */
import type { Registry } from 'prom-client';
import type { ComponentName } from '../../contract/components.ts';
import { METRICS, type MetricName, type MetricSpec } from '../../contract/metrics.ts';
import { VERSION } from '../../contract/version.ts';
import { LabelCounter, PairCounter, PlainCounter } from './counters.ts';
import { exposed } from './exposition.ts';
import { LabelGauge, PlainGauge } from './gauges.ts';
import { Histogram } from './histogram.ts';
import { LabelSlots } from './labels.ts';
import type { Series } from './series.ts';

/** Values of a label that is not the symbol: reasons, streams, clusters. */
const MAX_OTHER_LABELS = 200;
/** Characters a label has on average before long ones cost others their own: a real symbol has 6 to 20. */
const LABEL_CHARACTERS = 24;
const MIN_CHARACTERS = 1000;
/** Pairs of symbol and reason (or input) for each symbol with a label. */
const PAIRS_PER_SYMBOL = 3;

/** Gauges of a symbol that add up: dollars and counts. Of the rest nothing is shown for symbols without a label. */
const SUMS: ReadonlySet<MetricName> = new Set([
  'p30_execution_pnl_total',
  'p28_budget_value_usd',
  'p29_target_usd',
  'quantum_govern_exec_count_hour',
  'quantum_govern_exec_count_5min',
]);

type NamesOf<Kind> = {
  [Name in MetricName]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[MetricName];
export type CounterName = NamesOf<'counter'>;
export type GaugeName = NamesOf<'gauge' | 'untyped'>;
export type HistogramName = NamesOf<'histogram'>;
type LabelsOf<Name extends MetricName> = (typeof METRICS)[Name]['labels'];

/** How a counter is added to, by its labels: by symbol it goes by name or, faster, by id. */
export type CounterOf<Name extends CounterName> = ByLabels<
  LabelsOf<Name>,
  Pick<PlainCounter, 'add'>,
  Pick<LabelCounter, 'add' | 'addAt'>,
  Pick<LabelCounter, 'add'>,
  Pick<PairCounter, 'add' | 'addAt' | 'addOther'>,
  Pick<PairCounter, 'add'>
>;
export type GaugeOf<Name extends GaugeName> = ByLabels<
  LabelsOf<Name>,
  Pick<PlainGauge, 'set'>,
  Pick<LabelGauge, 'set' | 'setAt'>,
  Pick<LabelGauge, 'set'>,
  never,
  never
>;
type ByLabels<Labels, None, Symbol, One, SymbolAndOne, Two> = Labels extends readonly []
  ? None
  : Labels extends readonly ['symbol']
    ? Symbol
    : Labels extends readonly [string]
      ? One
      : Labels extends readonly ['symbol', string]
        ? SymbolAndOne
        : Two;

export interface MetricBookOptions {
  /** `METRICS_MAX_SYMBOLS`: symbols with a label of their own; the rest share `_other`. */
  readonly maxSymbols: number;
  /** The symbol an id stands for. */
  readonly nameOf: (id: number) => string;
}

export class MetricBook {
  readonly component: ComponentName;
  readonly #symbols: LabelSlots;
  readonly #series = new Map<MetricName, Series>();
  readonly #beforeScrape: (() => void)[] = [];
  #registry: Promise<Registry> | null = null;

  constructor(component: ComponentName, { maxSymbols, nameOf }: MetricBookOptions) {
    this.component = component;
    this.#symbols = new LabelSlots(
      { values: maxSymbols, characters: Math.max(MIN_CHARACTERS, maxSymbols * LABEL_CHARACTERS) },
      nameOf,
    );
    for (const name of Object.keys(METRICS) as MetricName[]) {
      const spec: MetricSpec = METRICS[name];
      if (spec.component === component || spec.component === 'all') {
        this.#series.set(name, this.#seriesOf(name, spec, maxSymbols));
      }
    }
    this.gauge('ballast_build_info').set(VERSION, 1);
  }

  counter<Name extends CounterName>(name: Name): CounterOf<Name> {
    return this.#find(name) as unknown as CounterOf<Name>;
  }

  gauge<Name extends GaugeName>(name: Name): GaugeOf<Name> {
    return this.#find(name) as unknown as GaugeOf<Name>;
  }

  histogram(name: HistogramName): Pick<Histogram, 'observe'> {
    return this.#find(name) as Histogram;
  }

  /** Called before each scrape: for gauges that change by time alone, such as an age. */
  beforeScrape(refresh: () => void): void {
    this.#beforeScrape.push(refresh);
  }

  /**
   * The symbol is gone: its series go, and its label is free for the next symbol without one. What it counted under
   * `_other` stays there. Coming back it starts at 0, which Prometheus takes for a restart.
   */
  forget(symbol: string, id: number | null): void {
    const slot = this.#symbols.forget(symbol);
    for (const series of this.#series.values()) series.forgetSymbol?.(slot, id);
  }

  /** Ids stand for other symbols from now on, as after state was loaded anew. Symbols keep their labels and figures. */
  renumber(nameOf: (id: number) => string): void {
    this.#symbols.renumber(nameOf);
    for (const series of this.#series.values()) series.renumber?.();
  }

  /** All of it as Prometheus text. */
  async text(): Promise<string> {
    this.#registry ??= exposed(
      [...this.#series].map(([name, series]) => ({
        name,
        help: METRICS[name].help,
        kind: METRICS[name].kind,
        samples: () => series.samples(),
      })),
    );
    const registry = await this.#registry;
    for (const refresh of this.#beforeScrape) refresh();
    return registry.metrics();
  }

  /** Throws `RangeError` for a metric of another component. */
  #find(name: MetricName): Series {
    const series = this.#series.get(name);
    if (series === undefined) {
      throw new RangeError(`${name} is a metric of ${METRICS[name].component}, not of ${this.component}`);
    }
    return series;
  }

  #seriesOf(name: MetricName, { kind, labels, buckets }: MetricSpec, maxSymbols: number): Series {
    const [first, second] = labels;
    const ofSymbols = first === 'symbol';
    if (kind === 'histogram') return new Histogram(buckets ?? []);
    if (first === undefined) return kind === 'counter' ? new PlainCounter() : new PlainGauge();
    const slots = ofSymbols ? this.#symbols : otherLabels();
    if (kind !== 'counter') return new LabelGauge(first, slots, { ofSymbols, sumsOthers: SUMS.has(name) });
    if (second === undefined) return new LabelCounter(first, slots, ofSymbols);
    const maxPairs = PAIRS_PER_SYMBOL * (ofSymbols ? maxSymbols : MAX_OTHER_LABELS);
    return new PairCounter([first, second], slots, otherLabels(), { ofSymbols, maxPairs });
  }
}

function otherLabels(): LabelSlots {
  return new LabelSlots({ values: MAX_OTHER_LABELS, characters: MAX_OTHER_LABELS * LABEL_CHARACTERS });
}
