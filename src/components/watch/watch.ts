/**
 * The one place that reports what happens in a process: it moves the metrics, writes the log lines and answers /health
 * and /ready. Everything is told to it; it decides nothing and waits for nothing.
 */
import { kindLabel, kindOfKey, readersOf } from './key-kinds.ts';
import { ComponentWatch } from './component-watch.ts';
import { healthOf, lagsNow, readinessOf } from './health.ts';
import { holdingIn, isSameHolding, UNKNOWN_HOLDING, type Holding } from './holding.ts';
import { Incidents } from './incidents.ts';
import { RunLog } from './run-log.ts';
import { StoreTrouble } from './store-trouble.ts';
import type { ComponentHealth, HealthFacts } from './health.ts';
import type { InputStream } from '../../contract/keys.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { TickDecision } from '../../core/decision.ts';
import type { InputEvent } from '../../core/event.ts';
import type { Modes } from '../../core/pipeline/engine.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Readiness } from '../../runtime/http/serve.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { InputState } from '../../runtime/machine.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';
import type { Gap } from '../../runtime/positions.ts';
import type { Round } from '../../runtime/runner-options.ts';
import type { Phase, SupervisorEvents } from '../../runtime/supervisor.ts';
import type { StoreError, StreamEntry } from '../../store/store.ts';
import { DECLARATIONS, type Declaration, type TickingComponent } from '../declarations.ts';
import type { MachineListener, TradingMachine } from '../machine.ts';

export interface WatchOptions {
  /** Those this process would run; the first speaks for the process. */
  readonly components: readonly TickingComponent[];
  readonly log: (component: TickingComponent) => Log;
  /** `METRICS_MAX_SYMBOLS`. */
  readonly maxSymbols: number;
  /** For people: where the store is, without secrets. */
  readonly storeWhere: string;
  readonly storeKind: 'redis' | 'memory';
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** How the archive does; null: there is none. */
  readonly archive: (() => { readonly state: string; readonly linesLost: number }) | null;
}

const NO_LAGS: ReadonlyMap<string, number> = new Map();

export class Watch implements MachineListener, SupervisorEvents {
  readonly #options: WatchOptions;
  readonly #components: readonly ComponentWatch[];
  /** By input: those in the machine that read it. */
  readonly #readers = new Map<InputStream, readonly ComponentWatch[]>();
  readonly #log: RunLog;
  readonly #store = new StoreTrouble();
  readonly #incidents = new Incidents();
  readonly #holdings = new Map<TickingComponent, Holding>();
  #machine: TradingMachine | null = null;
  #round: { readonly round: Round; readonly atMs: number } | null = null;
  /** When the first machine began, and what was applied since. */
  #startedMs: number | null = null;
  #entries = 0;
  #wasCaughtUp = false;

  constructor(options: WatchOptions) {
    this.#options = options;
    this.#components = options.components.map(
      (name) => new ComponentWatch(name, options.log(name), options.maxSymbols),
    );
    this.#log = new RunLog(this.#components[0]!.log);
    for (const watch of this.#components)
      watch.book.beforeScrape(() => {
        watch.setLag(this.#lagOf(watch));
      });
  }

  book(component: TickingComponent): MetricBook {
    return this.#watchOf(component).book;
  }

  health(component: TickingComponent): ComponentHealth {
    return healthOf(this.#facts(component));
  }

  ready(component: TickingComponent): Readiness {
    return readinessOf(this.#facts(component));
  }

  begins(machine: TradingMachine): void {
    this.#machine = machine;
    this.#round = null;
    this.#startedMs ??= this.#nowMs;
    this.#incidents.begin();
    for (const watch of this.#components) watch.begins(machine);
    this.#readers.clear();
    for (const { key } of machine.inputs) this.#readers.set(key, this.#whoReads(key));
    this.modes(machine.live.engine.modes, false);
  }

  began(nowSec: number, isResync: boolean): void {
    if (isResync) this.#log.resynced(nowSec);
  }

  applied(input: InputStream | null, _id: string | null, event: InputEvent, isRepeat: boolean): void {
    if (input === null) return;
    const { engine } = this.#machine!.live;
    for (const watch of this.#readers.get(input)!) watch.apply(engine, event, isRepeat);
  }

  rejected(where: string, reason: RejectReason, detail: string, entry: StreamEntry | null): void {
    const kind = entry === null ? kindOfKey(where) : null;
    const label = entry === null ? kindLabel(kind) : where;
    const readers = this.#components.filter(
      ({ member, inputs, name }) =>
        member !== null && (entry === null ? readersOf(kind).includes(name) : inputs.includes(where)),
    );
    for (const watch of readers) watch.reject(label, reason);
    const what = entry === null ? where : `entry ${entry.id}`;
    this.#log.rejected(this.#speaker(readers), label, reason, { what, detail }, this.#nowMs);
  }

  futureTime(input: InputStream): void {
    for (const watch of this.#readers.get(input)!) watch.futureTimes++;
  }

  /** Other programs' records show in the decisions made from them. */
  foreignRecord(): void {}

  named(): void {}

  ticked(components: readonly TickingComponent[], tick: number): void {
    const { engine } = this.#machine!.live;
    const nowMs = this.#nowMs;
    for (const component of components) this.#watchOf(component).ticked(engine, tick, nowMs);
  }

  decided({ name }: Declaration, symbol: number, decision: TickDecision, isNew: boolean): void {
    const watch = this.#watchOf(name);
    watch.metrics.decided?.(symbol, decision);
    watch.decisions.decided(symbol, decision, isNew);
  }

  lastKnownGood(symbol: number): void {
    for (const { metrics } of this.#components) metrics.lastKnownGood?.(symbol);
  }

  violation(symbol: number): void {
    const name = this.#machine!.live.engine.symbols.name(symbol);
    this.#log.violation(this.#watchOf('budget').log, name, this.#nowMs);
  }

  modes(modes: Modes, isKnown = true): void {
    for (const watch of this.#components) {
      if (watch.member === null) continue;
      watch.metrics.modes?.(modes);
      if (isKnown) watch.sayMode(false);
    }
  }

  modeChanged(component: TickingComponent): void {
    this.#watchOf(component).sayMode(true);
  }

  storeFailed(operation: string, error: StoreError): void {
    for (const watch of this.#components) watch.storeFailed(operation);
    this.#store.failed(operation, error, this.#nowMs);
    this.#log.storeFailed(operation, error, this.#nowMs);
  }

  gap(input: string, gap: Gap): void {
    this.#incidents.gap(input, gap, this.#nowMs);
    this.#log.gap(this.#speakerOf(input), input, gap);
  }

  inputState(input: string, state: InputState, why: string | null): void {
    this.#incidents.inputState(input, state, why);
    this.#log.inputState(this.#speakerOf(input), input, state, why);
  }

  entryAhead(input: string): void {
    this.#log.entryAhead(this.#speakerOf(input), input, this.#nowMs);
  }

  clockSetBack(byMs: number): void {
    this.#log.clockSetBack(byMs, this.#nowMs);
  }

  outputRefused(key: string, error: string): void {
    this.#incidents.refused(key, error, this.#nowMs);
    this.#log.outputRefused(key, error, this.#nowMs);
  }

  round(round: Round): void {
    const nowMs = this.#nowMs;
    this.#round = { round, atMs: nowMs };
    this.#entries += round.applied;
    this.#storeWorked(nowMs);
    this.#incidents.tellTime(round.nowMs, nowMs);
    for (const watch of this.#components) watch.round(round);
    if (!this.#wasCaughtUp && round.isCaughtUp && !this.#isPartial) {
      this.#wasCaughtUp = true;
      this.#log.caughtUp(this.#entries, (nowMs - (this.#startedMs ?? nowMs)) / 1000);
    }
    this.#log.flush(nowMs);
  }

  phase(phase: Phase): void {
    this.#machine = null;
    this.#round = null;
    for (const watch of this.#components) {
      watch.member = null;
      const before = this.#holdings.get(watch.name) ?? UNKNOWN_HOLDING;
      const now = holdingIn(phase, watch.name);
      this.#holdings.set(watch.name, now);
      if (!isSameHolding(before, now)) this.#log.holding(watch.log, before, now);
    }
    if (phase.state === 'running' || phase.state === 'standby') this.#storeWorked(this.#nowMs);
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  /** Whether the machine holds only some of what this process holds: those that lag behind go alone. */
  get #isPartial(): boolean {
    const held = [...this.#holdings.values()].filter(({ kind }) => kind === 'held').length;
    return this.#machine !== null && this.#machine.components.length < held;
  }

  #storeWorked(nowMs: number): void {
    const over = this.#store.worked(nowMs);
    if (over !== null) this.#log.storeWorks(over);
  }

  #watchOf(component: TickingComponent): ComponentWatch {
    const watch = this.#components.find(({ name }) => name === component);
    if (watch === undefined) throw new RangeError(`${component} is no component of this process`);
    return watch;
  }

  #whoReads(input: InputStream): readonly ComponentWatch[] {
    return this.#components.filter(
      ({ member, name }) => member !== null && DECLARATIONS[name].inputs.includes(input),
    );
  }

  /** One line for all who read an input. */
  #speakerOf(input: string): Log {
    return this.#speaker(
      this.#components.filter((watch) => watch.member !== null && watch.inputs.includes(input)),
    );
  }

  #speaker(watches: readonly ComponentWatch[]): Log {
    return (watches[0] ?? this.#components[0]!).log;
  }

  get #sinceRoundSec(): number | null {
    return this.#round === null ? null : (this.#nowMs - this.#round.atMs) / 1000;
  }

  #lagOf({ inputs, member }: ComponentWatch): ReadonlyMap<string, number> {
    if (member === null || this.#round === null) return NO_LAGS;
    return lagsNow(inputs, this.#round.round.lagSec, this.#sinceRoundSec!);
  }

  #facts(component: TickingComponent): HealthFacts {
    const watch = this.#watchOf(component);
    const { storeKind, storeWhere, archive } = this.#options;
    const nowMs = this.#nowMs;
    const redis = this.#store.isConnected ? 'connected' : 'disconnected';
    return {
      watch,
      holding: this.#holdings.get(component) ?? UNKNOWN_HOLDING,
      redis: storeKind === 'memory' ? 'embedded' : redis,
      storeWhere,
      trouble: this.#store.worst,
      nowMs,
      sinceRoundSec: watch.member === null ? null : this.#sinceRoundSec,
      isCaughtUp: this.#round?.round.isCaughtUp ?? false,
      wasCaughtUp: this.#wasCaughtUp,
      isPartial: this.#isPartial,
      lagSec: this.#lagOf(watch),
      symbols: watch.member === null ? null : this.#machine!.live.engine.symbols.all().length,
      degraded: this.#incidents.sentences(component, watch.inputs, nowMs),
      archive: archive?.() ?? null,
    };
  }
}
