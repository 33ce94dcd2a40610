/**
 * A process of one or more components: the composition root. Opens the ports, watches, and supervises until it is told to
 * stop; what is opened here is closed here.
 */
import { allOf } from './listeners.ts';
import { TradingMachine, type MachineListener } from './machine.ts';
import { notedEvents, type Note } from './noted-events.ts';
import { Watch } from './watch/watch.ts';
import { COMPONENTS } from '../contract/components.ts';
import { systemClock } from '../runtime/clock.ts';
import { serveComponent } from '../runtime/http/serve.ts';
import { supervise } from '../runtime/supervisor.ts';
import type { TickingComponent } from './declarations.ts';
import type { WatchOptions } from './watch/watch.ts';
import type { RuntimeSettings } from '../contract/runtime-settings.ts';
import type { Settings } from '../core/settings.ts';
import type { Listening } from '../runtime/http/listen.ts';
import type { Store } from '../store/store.ts';

export interface ProcessOptions extends Pick<WatchOptions, 'log' | 'archive' | 'storeWhere'> {
  readonly components: readonly TickingComponent[];
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
  const { store, components, runtime, recorder } = options;
  const watch = new Watch({
    ...options,
    maxSymbols: runtime.METRICS_MAX_SYMBOLS,
    storeKind: store.kind,
    clock: systemClock,
  });
  const listener = recorder === null ? watch : allOf([watch, recorder]);
  const events = recorder === null ? watch : notedEvents(watch, recorder.note);
  const pages: Listening[] = [];
  try {
    for (const component of components) pages.push(...(await serve(component, watch, options)));
    await supervise(
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
  } finally {
    await Promise.all(pages.map((page) => page.close()));
  }
}

/** The component's port, and the second one where it has one. */
async function serve(
  component: TickingComponent,
  watch: Watch,
  { runtime, log }: ProcessOptions,
): Promise<Listening[]> {
  const { metricsPortSetting, metricsPort, extraHealthPort } = COMPONENTS[component];
  const port = runtime[metricsPortSetting];
  const shared = {
    host: runtime.METRICS_HOST,
    portSetting: metricsPortSetting,
    health: () => watch.health(component),
    ready: () => watch.ready(component),
    onError: (error: Error) => log(component).error({ err: error }, 'a page could not be served'),
  };
  const book = watch.book(component);
  const first = await serveComponent({ ...shared, port, metricsText: () => book.text() });
  log(component).info({ url: first.url }, `serving ${first.url}/metrics, /health and /ready`);
  if (extraHealthPort === null) return [first];
  // It keeps its distance where the metrics port was changed; of a port the system chose there is none.
  const extra = port === 0 ? 0 : port + (extraHealthPort - metricsPort);
  return [first, await serveComponent({ ...shared, port: extra, metricsText: null })];
}
