/**
 * Live processes inside a test: the supervisor, the runner and the machine as they run in production, on a store whose
 * clock is simulated, with everything they decide, reject and say kept for the test.
 */
import { openMemoryStore } from '../../src/store/memory/memory-store.ts';
import { supervise, type Phase } from '../../src/runtime/supervisor.ts';
import { decisionOf, publishedAt } from '../../src/core/pipeline/decisions.ts';
import {
  DECLARATIONS,
  TICKING_COMPONENTS,
  type TickingComponent,
} from '../../src/components/declarations.ts';
import { TradingMachine, type MachineListener } from '../../src/components/machine.ts';
import { encodeDecision } from '../../src/contract/encode.ts';
import { keyOf, type InputStream } from '../../src/contract/keys.ts';
import { allOf } from '../../src/components/listeners.ts';
import { DEAF } from './recorded-run.ts';
import { connectedStore } from './redis-store.ts';
import type { RedisServer } from './redis-server.ts';
import { SimulatedTime } from './simulated-time.ts';
import { testSettings } from './engine-run.ts';
import type { Watch } from '../../src/components/watch/watch.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { Mode, Settings } from '../../src/core/settings.ts';
import type { Gap } from '../../src/runtime/positions.ts';
import type { EntryId, HashAnswer, Store } from '../../src/store/store.ts';

export const NAMESPACE = 'quantum';

export interface LiveOptions {
  readonly components?: readonly TickingComponent[];
  readonly settings?: Settings;
  /** Default: the four modes. */
  readonly modesSet?: readonly string[];
  readonly maxSymbols?: number;
  readonly readCount?: number;
  readonly aliases?: ReadonlyMap<string, string>;
  readonly clusters?: ReadonlyMap<string, string>;
  readonly owner?: string;
  /** Keeps every decision of every tick as JSON; default true. */
  readonly keepsDecisions?: boolean;
  readonly listener?: Partial<MachineListener>;
  /** Told everything, as in a process of its own. */
  readonly watch?: Watch;
}

export class LiveWorld {
  readonly store: Store;
  readonly time: SimulatedTime;
  readonly #server: RedisServer | null;
  #lastMs = 0;
  #sequence = 0;

  constructor(store: Store, time: SimulatedTime, server: RedisServer | null = null) {
    this.store = store;
    this.time = time;
    this.#server = server;
  }

  static async inMemory(startMs: number): Promise<LiveWorld> {
    const time = new SimulatedTime(startMs);
    const store = await openMemoryStore({
      namespace: NAMESPACE,
      folder: null,
      nowMs: () => time.nowMs + time.shiftMs,
      monotonicMs: () => time.nowMs,
    });
    return new LiveWorld(withClock(store, time), time);
  }

  /** On a real server; what its clock says is simulated, and entries get the ids it would have given. */
  static async onRedis(server: RedisServer, startMs: number): Promise<LiveWorld> {
    const time = new SimulatedTime(startMs);
    const store = await connectedStore({ url: server.url, namespace: NAMESPACE });
    return new LiveWorld(withClock(store, time), time, server);
  }

  /** An entry at this moment. */
  async add(stream: InputStream, fields: Readonly<Record<string, string>>): Promise<EntryId> {
    const flat = Object.entries(fields).flat();
    if (this.#server !== null) {
      const ms = Math.floor(this.time.nowMs);
      this.#sequence = ms === this.#lastMs ? this.#sequence + 1 : 0;
      this.#lastMs = ms;
      const id = `${ms}-${this.#sequence}`;
      return (await this.#server.send('XADD', keyOf(NAMESPACE, stream), id, ...flat)) as EntryId;
    }
    const request = { stream: keyOf(NAMESPACE, stream), fields: flat, maxLength: null };
    return (await this.store.append([request]))[0]!;
  }

  /** A hash as another program writes it: these fields and no others. */
  async put(key: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const before = (await this.hash(key)) ?? new Map<string, string>();
    const gone = [...before.keys()].filter((name) => !Object.hasOwn(fields, name));
    await this.store.writeFields(`${NAMESPACE}:${key}`, [
      ...gone.map((name) => [name, null] as const),
      ...Object.entries(fields),
    ]);
  }

  async hash(key: string): Promise<HashAnswer> {
    return (await this.store.hashes([{ key: `${NAMESPACE}:${key}`, fields: null }]))[0]!;
  }

  /** Every entry of a stream as an object. */
  async entries(key: string): Promise<Record<string, string>[]> {
    const position = { stream: `${NAMESPACE}:${key}`, after: '0-0', count: 1_000_000 };
    const { streams } = await this.store.read([position]);
    return streams[0]!.entries.map(({ fields }) => {
      const record: Record<string, string> = Object.create(null) as Record<string, string>;
      for (let i = 0; i < fields.length; i += 2) record[fields[i]!] = fields[i + 1]!;
      return record;
    });
  }

  /** Every key below the namespace. */
  async keys(): Promise<string[]> {
    const found = new Set<string>();
    let cursor = '0';
    do {
      const step = await this.store.scan(`${NAMESPACE}:`, cursor);
      for (const key of step.keys) found.add(key.slice(NAMESPACE.length + 1));
      ({ cursor } = step);
    } while (cursor !== '0');
    return [...found].toSorted();
  }

  start(options: LiveOptions = {}): LiveProcess {
    return new LiveProcess(this, options);
  }

  /** What the components committed, whatever number of commits that took. */
  async committed(components: readonly string[] = TICKING_COMPONENTS): Promise<string> {
    const all = [];
    for (const component of components) {
      const saved = (await this.store.load(component))!;
      const seen = saved.seen.flatMap((chunk) => JSON.parse(chunk) as string[]);
      all.push([component, sortedTexts(saved.meta), sortedTexts(saved.records), seen]);
    }
    return JSON.stringify(all);
  }
}

export class LiveProcess {
  readonly decisions: string[] = [];
  readonly rejected: { where: string; reason: string; detail: string; id: string | null }[] = [];
  readonly gaps: { input: string; gap: Gap }[] = [];
  readonly failures: string[] = [];
  readonly said: string[] = [];
  readonly phases: Phase['state'][] = [];
  applied = 0;
  repeats = 0;
  ahead = 0;
  futureTimes = 0;
  machine: TradingMachine | null = null;
  readonly done: Promise<void>;
  readonly #abort = new AbortController();
  readonly #options: LiveOptions;

  constructor(world: LiveWorld, options: LiveOptions) {
    this.#options = options;
    world.time.runnerCame();
    this.done = this.#run(world, options).finally(() => world.time.runnerWent());
    // Whoever waits for it is told; until then it is nobody's unhandled rejection.
    this.done.catch(() => undefined);
  }

  /** The newest decision of a component about a symbol, as others see it; null: none. */
  latest(type: Decision['type'], symbol: string): Record<string, unknown> | null {
    const start = `{"type":"${type}","tick":`;
    const text = this.decisions.findLast(
      (one) => one.startsWith(start) && one.includes(`"symbol":${JSON.stringify(symbol)}`),
    );
    return text === undefined ? null : (JSON.parse(text) as Record<string, unknown>);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await this.done;
  }

  #run(world: LiveWorld, options: LiveOptions): Promise<void> {
    return supervise(
      {
        store: world.store,
        components: options.components ?? TICKING_COMPONENTS,
        owner: options.owner ?? 'one',
        clock: world.time.clock,
        ...(options.readCount === undefined ? {} : { readCount: options.readCount }),
        events: {
          storeFailed: (operation, error) => void this.failures.push(`${operation}: ${error.message}`),
          gap: (input, gap) => void this.gaps.push({ input, gap }),
          inputState: (input, state, why) => void this.said.push(`${input} ${state} ${why ?? ''}`.trim()),
          entryAhead: () => void this.ahead++,
          clockSetBack: (byMs) => void this.said.push(`clock set back by ${byMs} ms`),
          round: (round) => options.watch?.round(round),
          outputRefused: (key, error) => void this.failures.push(`${key}: ${error}`),
          phase: (phase) => {
            this.phases.push(phase.state);
            options.watch?.phase(phase);
          },
        },
        makeMachine: (names) => {
          this.machine = new TradingMachine({
            components: names as readonly TickingComponent[],
            namespace: NAMESPACE,
            settings: options.settings ?? testSettings(),
            modesSet: new Set(options.modesSet ?? ['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE']),
            aliases: options.aliases ?? new Map(),
            clusters: options.clusters ?? new Map(),
            maxSymbols: options.maxSymbols ?? 20_000,
            listener: allOf([this.#listener(), ...(options.watch === undefined ? [] : [options.watch])]),
          });
          return this.machine;
        },
      },
      this.#abort.signal,
    );
  }

  #listener(): MachineListener {
    const { listener = {}, keepsDecisions = true } = this.#options;
    return {
      ...DEAF,
      ...listener,
      applied: (input, id, event, isRepeat) => {
        if (isRepeat) this.repeats++;
        else if (id !== null) this.applied++;
        listener.applied?.(input, id, event, isRepeat);
      },
      rejected: (where, reason, detail, entry) => {
        this.rejected.push({ where, reason, detail, id: entry?.id ?? null });
        listener.rejected?.(where, reason, detail, entry);
      },
      futureTime: (input) => {
        this.futureTimes++;
        listener.futureTime?.(input);
      },
      ticked: (components, tick) => {
        if (keepsDecisions) this.#keep(components, tick);
        listener.ticked?.(components, tick);
      },
    };
  }

  #keep(components: readonly TickingComponent[], tick: number): void {
    const { engine } = this.machine!.live;
    for (const component of components) {
      const { ticking } = DECLARATIONS[component];
      for (const symbol of engine.symbols.all())
        if (publishedAt(engine, ticking, symbol) === tick)
          this.decisions.push(encodeDecision(decisionOf(engine, ticking, symbol)!));
    }
  }
}

/** The same store, whose clock is as the test set it. */
function withClock(store: Store, time: SimulatedTime): Store {
  const read = store.read.bind(store);
  store.read = async (positions) => {
    const reading = await read(positions);
    return { ...reading, nowMs: Math.floor(time.nowMs + time.shiftMs) };
  };
  return store;
}

/** A map as text, whatever order its entries came in. */
export function sortedTexts(map: ReadonlyMap<string, string>): string[] {
  return [...map].map((pair) => JSON.stringify(pair)).toSorted();
}

/** Settings with modes as one word a component: `enforce`, or the component's own. */
export function withModes(modes: Partial<Record<'P28' | 'P29' | 'P30' | 'P31', Mode>>): Settings {
  return testSettings(
    Object.fromEntries(Object.entries(modes).map(([name, mode]) => [`${name}_MODE`, mode])),
  );
}
