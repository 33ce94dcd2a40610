/**
 * A process of one or more components: the composition root. Opens the ports, watches, and supervises until it is told to
 * stop; what is opened here is closed here. The governor has a loop of its own beside those that tick.
 */
import { allOf } from './listeners.ts';
import { TradingMachine, type MachineListener } from './machine.ts';
import { notedEvents, type Note } from './noted-events.ts';
import { runGovernor } from './governor/run.ts';
import { GovernorWatch } from './watch/governor-watch.ts';
import { Watch } from './watch/watch.ts';
import { COMPONENTS } from '../contract/components.ts';
import { systemClock } from '../runtime/clock.ts';
import { serveComponent } from '../runtime/http/serve.ts';
import { supervise } from '../runtime/supervisor.ts';
import { TICKING_COMPONENTS, type LiveComponent, type TickingComponent } from './declarations.ts';
import type { Sign } from './governor/steps.ts';
import type { MetricBook } from '../runtime/metrics/book.ts';
import type { ComponentHealth } from './watch/health.ts';
import type { Readiness } from '../runtime/http/serve.ts';
import type { Log } from '../runtime/log/log.ts';
import type { WatchOptions } from './watch/watch.ts';
import type { RuntimeSettings } from '../contract/runtime-settings.ts';
import type { Settings } from '../core/settings.ts';
import type { Listening } from '../runtime/http/listen.ts';
import type { Store } from '../store/store.ts';

export interface ProcessOptions extends Pick<WatchOptions, 'archive' | 'storeWhere'> {
  readonly components: readonly LiveComponent[];
  readonly log: (component: LiveComponent) => Log;
  /** Signs permits; null: they are not signed. */
  readonly sign: Sign | null;
  readonly store: Store;
  readonly settings: Settings;
  readonly runtime: RuntimeSettings;
  /** Names of the settings that were set anywhere. */
  readonly given: ReadonlySet<string>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly clusters: ReadonlyMap<string, string>;
  /** Names this process among all. */
  readonly owner: string;
  /** Told everything that happens, as the watch is; null: nobody. */
  readonly recorder: (MachineListener & { readonly note: Note }) | null;
}

/** Runs until `signal` aborts. Rejects where a port cannot be had, or what was committed cannot be used. */
export async function runProcess(options: ProcessOptions, signal: AbortSignal): Promise<void> {
  const ticking = TICKING_COMPONENTS.filter((name) => options.components.includes(name));
  const pages: Listening[] = [];
  // Whatever ends first ends the rest, so that a failure of one is not the silence of the other.
  const over = new AbortController();
  const running = AbortSignal.any([signal, over.signal]);
  const parts: Promise<void>[] = [];
  try {
    const starts: (() => Promise<void>)[] = [];
    if (ticking.length > 0) starts.push(await prepareTicking(ticking, options, pages, running));
    if (options.components.includes('governor')) starts.push(await prepareGovernor(options, pages, running));
    for (const start of starts) parts.push(start());
    await Promise.all(parts);
  } finally {
    over.abort();
    await Promise.allSettled(parts);
    await Promise.all(pages.map((page) => page.close()));
  }
}

async function prepareTicking(
  components: readonly TickingComponent[],
  options: ProcessOptions,
  pages: Listening[],
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { store, runtime, recorder } = options;
  const watch = new Watch({
    ...options,
    components,
    maxSymbols: runtime.METRICS_MAX_SYMBOLS,
    storeKind: store.kind,
    clock: systemClock,
  });
  const listener = recorder === null ? watch : allOf([watch, recorder]);
  const events = recorder === null ? watch : notedEvents(watch, recorder.note);
  for (const component of components) {
    const watched = {
      book: watch.book(component),
      health: () => watch.health(component),
      ready: () => watch.ready(component),
    };
    await serve(component, watched, options, pages);
  }
  return () =>
    supervise(
      {
        store,
        components,
        owner: options.owner,
        clock: systemClock,
        events,
        makeMachine: (names) =>
          new TradingMachine({
            components: names as readonly TickingComponent[],
            namespace: runtime.BALLAST_NAMESPACE,
            settings: options.settings,
            modesSet: options.given,
            aliases: options.aliases,
            clusters: options.clusters,
            maxSymbols: runtime.BALLAST_MAX_SYMBOLS,
            listener,
          }),
      },
      signal,
    );
}

async function prepareGovernor(
  options: ProcessOptions,
  pages: Listening[],
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const { store, settings, runtime, log, archive, storeWhere } = options;
  const watch = new GovernorWatch({
    log: log('governor'),
    settings,
    maxSymbols: runtime.METRICS_MAX_SYMBOLS,
    storeWhere,
    storeKind: store.kind,
    clock: systemClock,
    archive,
  });
  const watched = { book: watch.book, health: () => watch.health(), ready: () => watch.ready() };
  await serve('governor', watched, options, pages);
  return () =>
    runGovernor(
      {
        store,
        namespace: runtime.BALLAST_NAMESPACE,
        settings,
        aliases: options.aliases,
        maxSymbols: runtime.BALLAST_MAX_SYMBOLS,
        owner: options.owner,
        clock: systemClock,
        sign: options.sign,
        listener: watch,
      },
      signal,
    );
}

/** What is watched of a component, for its pages. */
interface Watched {
  readonly book: MetricBook;
  readonly health: () => ComponentHealth;
  readonly ready: () => Readiness;
}

/** The component's port, and the second one where it has one: each in `pages` as soon as it listens, so that it can be closed. */
async function serve(
  component: LiveComponent,
  { book, health, ready }: Watched,
  { runtime, log }: ProcessOptions,
  pages: Listening[],
): Promise<void> {
  const { metricsPortSetting, metricsPort, extraHealthPort } = COMPONENTS[component];
  const port = runtime[metricsPortSetting];
  const shared = {
    host: runtime.METRICS_HOST,
    portSetting: metricsPortSetting,
    health,
    ready,
    onError: (error: Error) => log(component).error({ err: error }, 'a page could not be served'),
  };
  const first = await serveComponent({ ...shared, port, metricsText: () => book.text() });
  pages.push(first);
  log(component).info({ url: first.url }, `serving ${first.url}/metrics, /health and /ready`);
  if (extraHealthPort === null) return;
  // It keeps its distance where the metrics port was changed; of a port the system chose there is none.
  const extra = port === 0 ? 0 : port + (extraHealthPort - metricsPort);
  pages.push(await serveComponent({ ...shared, port: extra, metricsText: null }));
}
