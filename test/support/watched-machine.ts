/** A machine and a watch on it, driven by hand: no store, no runner, a clock that stands still until it is moved. */
import { defaultSettings } from '../../src/contract/settings.ts';
import { TradingMachine } from '../../src/components/machine.ts';
import { Watch, type WatchOptions } from '../../src/components/watch/watch.ts';
import { createLog, type LogLevel } from '../../src/runtime/log/log.ts';
import { parsePrometheus } from './prometheus-text.ts';
import { TICKING_COMPONENTS, type TickingComponent } from '../../src/components/declarations.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Changes, InputState } from '../../src/runtime/machine.ts';
import type { SavedComponent } from '../../src/store/store.ts';
import type { Round } from '../../src/runtime/runner-options.ts';

/** A tick of every component. */
export const START_SEC = 1_800_000_000;

export interface SceneOptions extends Partial<Pick<WatchOptions, 'storeKind' | 'archive' | 'maxSymbols'>> {
  readonly components?: readonly TickingComponent[];
  readonly settings?: Partial<Settings>;
  readonly level?: LogLevel;
}

export interface Line {
  readonly level: string;
  readonly service: string;
  readonly msg: string;
}

export class WatchedMachine {
  readonly watch: Watch;
  machine!: TradingMachine;
  readonly lines: Line[] = [];
  /** The hashes other programs wrote. */
  readonly hashes = new Map<string, Record<string, string>>();
  /** Of the process, milliseconds. */
  nowMs = 0;
  readonly #options: SceneOptions;
  #sequence = 0;

  constructor(options: SceneOptions = {}) {
    this.#options = options;
    this.watch = new Watch({
      components: options.components ?? TICKING_COMPONENTS,
      log: (service) =>
        createLog({
          level: options.level ?? 'info',
          service,
          destination: { write: (line) => void this.lines.push(JSON.parse(line) as Line) },
        }),
      maxSymbols: options.maxSymbols ?? 1000,
      storeWhere: 'redis://localhost:6379/0',
      storeKind: options.storeKind ?? 'redis',
      clock: { monotonicMs: () => this.nowMs },
      archive: options.archive ?? null,
    });
  }

  /** The process holds its components, and a machine begins with nothing in it; of some of them where given. */
  begin(components: readonly TickingComponent[] = this.#options.components ?? TICKING_COMPONENTS): this {
    return this.#begin(components, new Map());
  }

  /** A machine begins that holds what the last one did, as after another process went or came. */
  beginAgain(): this {
    const { members, components } = this.machine;
    return this.#begin(
      components,
      new Map(members.map((member) => [member.declaration.name, member.whole()])),
    );
  }

  #begin(components: readonly TickingComponent[], saved: ReadonlyMap<string, SavedComponent>): this {
    const held = this.#options.components ?? TICKING_COMPONENTS;
    this.watch.phase({
      state: 'running',
      held: held.map((component) => ({ component, epoch: 3 })),
      owners: new Map(),
    });
    const settings = { ...defaultSettings(), ...this.#options.settings };
    this.machine = new TradingMachine({
      components,
      namespace: 'quantum',
      settings,
      modesSet: new Set(Object.keys(this.#options.settings ?? {})),
      aliases: new Map(),
      clusters: new Map(),
      maxSymbols: 20_000,
      listener: this.watch,
    });
    this.machine.restore(saved);
    this.machine.begin(START_SEC);
    return this;
  }

  /** An entry of a stream, at the next tick unless it is said when. */
  take(stream: string, fields: Record<string, string>, atSec = this.machine.nextTick): this {
    const input = this.machine.inputs.findIndex(({ name }) => name === stream);
    const id = `${Math.floor(atSec * 1000)}-${this.#sequence++}`;
    this.machine.take(input, { id, fields: Object.entries(fields).flat() }, atSec);
    return this;
  }

  execution(symbol: string, pnl: number, more: Record<string, string> = {}): this {
    return this.take('execution.result', { symbol, pnl: String(pnl), ...more });
  }

  /** The next tick and what follows it; `seconds`: all ticks up to then. Returns the last changes. */
  tick(seconds = 0, states: Record<string, InputState> = {}): Changes {
    const until = this.machine.nextTick + seconds;
    let changes: Changes = { parts: [], outputs: [] };
    while (this.machine.nextTick <= until) {
      const tick = this.machine.nextTick;
      const answers = this.machine.requests('all').map(({ key, fields }) => {
        const hash = this.hashes.get(key);
        if (hash === undefined) return null;
        return new Map(Object.entries(hash).filter(([field]) => fields?.includes(field) ?? true));
      });
      this.machine.absorb(answers, tick);
      this.machine.tick(new Map(Object.entries(states)), tick);
      changes = this.machine.changes();
      this.round({ nowMs: tick * 1000, ticks: 1, cycleSec: 0.002 });
    }
    return changes;
  }

  round(round: Partial<Round> = {}): this {
    const inputs = this.machine.inputs.map(({ name }) => [name, 0] as const);
    this.watch.round({
      nowMs: START_SEC * 1000,
      lagSec: new Map(inputs),
      isCaughtUp: true,
      applied: 0,
      ticks: 0,
      cycleSec: null,
      ...round,
    });
    return this;
  }

  /** The series of one metric, without its name. */
  async series(component: TickingComponent, name: string): Promise<Record<string, number>> {
    const { series } = parsePrometheus(await this.watch.book(component).text()).get(name)!;
    return Object.fromEntries([...series].map(([key, value]) => [key.slice(name.length), value]));
  }

  /** `level service: message` of the lines so far, which are then forgotten. */
  said(): string[] {
    return this.lines.splice(0).map(({ level, service, msg }) => `${level} ${service}: ${msg}`);
  }
}
