/**
 * The components of this process around one engine: entries become events, ticks become decisions, decisions become what
 * others read. The runner says when; nothing here waits, reads a clock or touches the store.
 */
import { keyOf, KEYS, type InputStream } from '../contract/keys.ts';
import { LivePipeline } from '../core/pipeline/live.ts';
import { Compactor } from '../core/pipeline/compact.ts';
import { decisionOf } from '../core/pipeline/decisions.ts';
import { deadLetter, inputName, takeEntry } from './intake.ts';
import { DECLARATIONS, TICKING_COMPONENTS, type TickingComponent } from './declarations.ts';
import { Member } from './member.ts';
import { effectiveMode } from './modes.ts';
import { Violations } from './violations.ts';
import { World } from './world.ts';
import type { RejectReason } from '../contract/reject.ts';
import type { AttributionDecision } from '../core/decision.ts';
import type { InputEvent } from '../core/event.ts';
import type { Ticking } from '../core/pipeline/ticking.ts';
import type { Modes } from '../core/pipeline/engine.ts';
import type { Mode, Settings } from '../core/settings.ts';
import type { Changes, InputState, Machine, MachineInput } from '../runtime/machine.ts';
import type { HashAnswer, HashRequest, Output, SavedComponent, StreamEntry } from '../store/store.ts';
import type { DecisionListener } from './publisher.ts';

/**
 * What happens inside, for metrics, log and archive, in the order it happens: whoever repeats it with the same beginning
 * comes to the same decisions. Called for every entry and decision: cheap.
 */
export interface MachineListener extends DecisionListener {
  /** The machine is in place (with what was committed) and nothing has happened yet. */
  begins(machine: TradingMachine): void;
  /** Ticks begin, or go on after the clock was set back, at or after this moment. */
  began(nowSec: number, isResync: boolean): void;
  /** The entry's event was applied (or found to be a repeat); its stream and id, or null where it comes from a hash. */
  applied(input: InputStream | null, id: string | null, event: InputEvent, isRepeat: boolean): void;
  /** `where` is the stream's name or the hash's key; `entry` null: a hash. */
  rejected(where: string, reason: RejectReason, detail: string, entry: StreamEntry | null): void;
  futureTime(input: InputStream): void;
  /** Another program's record is another now; `ts` 0: it is gone. */
  foreignRecord(component: Ticking, symbol: string, mode: Mode, ts: number, values: readonly number[]): void;
  /** A symbol that only other programs' keys name. */
  named(symbol: string): void;
  /** Before anything is published; the components that passed the tick over are not among them. */
  ticked(components: readonly TickingComponent[], tick: number): void;
  lastKnownGood(symbol: number): void;
  violation(symbol: number): void;
  /** The modes the engine goes by from here on. */
  modes(modes: Modes): void;
  modeChanged(component: TickingComponent, mode: Mode, why: string): void;
}

export interface MachineOptions {
  readonly components: readonly TickingComponent[];
  readonly namespace: string;
  readonly settings: Settings;
  /** The modes that were set when the process was started; others are the operators' hash's to decide. */
  readonly modesSet: ReadonlySet<string>;
  readonly aliases: ReadonlyMap<string, string>;
  readonly clusters: ReadonlyMap<string, string>;
  /** Symbols past this many are refused: state, metrics and ticks stay bounded whatever producers send. */
  readonly maxSymbols: number;
  readonly listener: MachineListener;
}

/** Unusable entries are committed before they fill the memory. */
const MAX_DEAD_LETTER_LENGTH = 8_000_000;
/** Entries of the same millisecond apply in this order. */
const INPUT_ORDER: readonly InputStream[] = ['executions', 'cashflows', 'regimes'];

export class TradingMachine implements Machine {
  readonly components: readonly TickingComponent[];
  readonly inputs: readonly (MachineInput & { readonly key: InputStream })[];
  readonly live: LivePipeline;
  readonly members: readonly Member[];
  readonly #options: MachineOptions;
  readonly #world: World;
  readonly #violations: Violations;
  readonly #compactor: Compactor;
  #outputs: Output[] = [];
  /** Characters of the unusable entries among the outputs. */
  #deadLetterLength = 0;
  #newIds: string[] = [];
  #newSymbols: string[] = [];
  #knowsNames = false;

  constructor(options: MachineOptions) {
    const { namespace, settings } = options;
    this.#options = options;
    this.components = TICKING_COMPONENTS.filter((name) => options.components.includes(name));
    this.live = new LivePipeline(
      settings,
      this.components.map((name) => DECLARATIONS[name].ticking),
    );
    this.members = this.components.map(
      (name) => new Member(DECLARATIONS[name], this.live, namespace, this.#startMode(name, null)),
    );
    this.live.engine.modes = this.#modes();
    this.inputs = INPUT_ORDER.filter((key) =>
      this.components.some((name) => DECLARATIONS[name].inputs.includes(key)),
    ).map((key) => ({
      key,
      name: inputName(key),
      stream: keyOf(namespace, key),
      isEssential: key === 'executions',
    }));
    this.#compactor = new Compactor(this.live.engine);
    this.#violations = new Violations(this.live.engine, namespace);
    this.#world = new World({
      namespace,
      live: this.live,
      aliases: options.aliases,
      clusters: options.clusters,
      listener: {
        event: (event) => this.#apply(null, null, event),
        modes: (hash) => this.#switchModes(hash),
        refused: (key, reason, detail) => options.listener.rejected(key, reason, detail, null),
        record: (...record) => options.listener.foreignRecord(...record),
      },
    });
  }

  inputsOf(component: string): readonly string[] {
    return DECLARATIONS[component as TickingComponent].inputs.map(inputName);
  }

  restore(saved: ReadonlyMap<string, SavedComponent | null>): void {
    // Of what they share (the account, clusters), whoever has been there longest knows most: it comes last.
    const sequenceOf = (member: Member): number => saved.get(member.declaration.name)?.sequence ?? 0;
    for (const member of this.members.toSorted((a, b) => sequenceOf(a) - sequenceOf(b))) {
      const own = saved.get(member.declaration.name) ?? null;
      if (own !== null) member.restore(own);
    }
    this.#options.listener.begins(this);
  }

  get nextTick(): number {
    return this.live.nextTick;
  }

  get shortestIntervalSec(): number {
    return Math.min(...this.live.intervals);
  }

  begin(nowSec: number): void {
    this.live.start(nowSec);
    this.#options.listener.began(nowSec, false);
  }

  resync(nowSec: number): void {
    this.live.resync(nowSec);
    this.#options.listener.began(nowSec, true);
  }

  take(input: number, entry: StreamEntry, arrivalSec: number): void {
    const { key, name, stream } = this.inputs[input]!;
    const { listener, namespace } = this.#options;
    // Ids that someone chose, or a clock set back, may lie before what was applied already.
    const arrival = Math.min(Math.max(arrivalSec, this.live.lastEventTs), this.live.nextTick);
    const taken = takeEntry(key, entry, arrival, this.#world.aliases);
    const refused = taken.event === null ? taken : this.#refusal(taken.event);
    if (refused !== null) {
      this.#outputs.push(deadLetter(namespace, key, stream, entry, refused.reason, refused.detail));
      for (const text of entry.fields) this.#deadLetterLength += text.length;
      listener.rejected(name, refused.reason, refused.detail, entry);
      return;
    }
    if (taken.event === null) return;
    if (taken.futureTime) listener.futureTime(key);
    this.#apply(key, entry.id, taken.event);
  }

  requests(which: 'names' | 'all' | 'new'): readonly HashRequest[] {
    return this.#world.requests(which);
  }

  absorb(answers: readonly HashAnswer[], nowSec: number): void {
    this.#world.absorb(answers, nowSec);
  }

  get discoveryPrefix(): string {
    return `${this.#options.namespace}:`;
  }

  discover(found: { readonly keys?: readonly string[]; readonly symbols?: readonly string[] }): void {
    const names = [...(found.symbols ?? [])];
    for (const key of found.keys ?? []) {
      const symbol = this.#world.symbolOfKey(key);
      if (symbol !== null) names.push(symbol);
    }
    const { symbols } = this.live.engine;
    for (const name of names) {
      if (!symbols.has(name) && symbols.size >= this.#options.maxSymbols) continue;
      const symbol = this.#meet(name);
      if (symbols.isKnown(symbol) || !symbols.markNamed(symbol)) continue;
      this.#options.listener.named(name);
    }
  }

  tick(inputStates: ReadonlyMap<string, InputState>, nowSec: number): void {
    const tick = this.live.nextTick;
    const isGone = inputStates.get(inputName('executions')) === 'gone';
    const made = this.live.tick(isGone ? HOLD_ATTRIBUTION : HOLD_NONE);
    const members = this.members.filter(({ declaration }) => made.includes(declaration.ticking));
    for (const member of members) member.tick = tick;
    this.#options.listener.ticked(
      members.map(({ declaration }) => declaration.name),
      tick,
    );
    // What it says is of this tick: it is said before anything else is applied. A missed tick before the last is made, not said.
    for (const member of members) if (member.next >= nowSec) this.#publish(member);
    if (isGone) this.#repeatLastGood(tick);
  }

  bridge(nowSec: number, inputStates: ReadonlyMap<string, InputState>): void {
    if (inputStates.get(inputName('executions')) !== 'readable') this.#repeatLastGood(Math.floor(nowSec));
  }

  get isFull(): boolean {
    return this.#deadLetterLength > MAX_DEAD_LETTER_LENGTH;
  }

  changes(): Changes {
    const { touched } = this.live;
    const outputs = this.#outputs;
    if (this.#newSymbols.length > 0) outputs.push({ kind: 'index', symbols: this.#newSymbols });
    const parts = this.members.map((member) => member.changes(touched, this.#newIds));
    const moved = this.#compactor.compact();
    if (moved !== null) for (const member of this.members) member.moveClusters(moved);
    this.#outputs = [];
    this.#deadLetterLength = 0;
    this.#newIds = [];
    this.#newSymbols = [];
    touched.clear();
    return { parts, outputs };
  }

  #publish(member: Member): void {
    const { listener } = this.#options;
    this.#outputs.push(...member.publisher.publish(member.tick, listener));
    if (member.declaration.name !== 'budget') return;
    for (const { symbol, output } of this.#violations.at(member.tick, member.mode.mode)) {
      listener.violation(symbol);
      this.#outputs.push(output);
    }
  }

  rewrite(keys: readonly string[]): void {
    for (const key of keys) for (const { publisher } of this.members) publisher.rewrite(key);
  }

  #apply(input: InputStream | null, id: string | null, event: InputEvent): void {
    const { listener } = this.#options;
    if ('symbol' in event && event.symbol !== null) this.#meet(event.symbol);
    const isRepeat = this.live.apply(event) === 'duplicate';
    if (!isRepeat && event.type === 'execution' && event.executionId !== null)
      this.#newIds.push(event.executionId);
    listener.applied(input, id, event, isRepeat);
  }

  /** The number of a symbol; one met for the first time gets its cluster and is made known to others. */
  #meet(name: string): number {
    const { engine } = this.live;
    const isNew = !engine.symbols.has(name);
    const symbol = engine.symbolId(name);
    if (isNew) {
      this.#world.meet(name);
      this.#newSymbols.push(name);
    }
    return symbol;
  }

  #refusal(event: InputEvent): { readonly reason: RejectReason; readonly detail: string } | null {
    if (!('symbol' in event) || event.symbol === null) return null;
    const { symbols } = this.live.engine;
    const { maxSymbols } = this.#options;
    if (symbols.size < maxSymbols || symbols.has(event.symbol)) return null;
    return {
      reason: 'too_many_symbols',
      detail: `${event.symbol} would be symbol ${symbols.size + 1}; BALLAST_MAX_SYMBOLS is ${maxSymbols}`,
    };
  }

  /** The last attributions again, with their own time, while nothing can be read; for as long as the setting says. */
  #repeatLastGood(nowSec: number): void {
    const member = this.members.find(({ declaration }) => declaration.name === 'attribution');
    const { engine } = this.live;
    if (member === undefined || nowSec - member.tick > engine.settings.P30_MAX_LKG_AGE_SEC) return;
    for (const symbol of engine.symbols.all()) {
      const last = decisionOf(engine, 'attribution', symbol) as AttributionDecision | null;
      if (last === null || last.tick !== member.tick) continue;
      const decision = { ...last, source: 'LKG' as const };
      member.publisher.show(symbol, decision, nowSec, this.#outputs, this.#options.listener);
      this.#options.listener.lastKnownGood(symbol);
    }
  }

  #startMode(name: TickingComponent, switched: string | null): Member['mode'] {
    const { modeSetting } = DECLARATIONS[name];
    if (modeSetting === null) return { mode: 'shadow', why: 'it is always in shadow' };
    const { settings, modesSet } = this.#options;
    return effectiveMode(modesSet.has(modeSetting) ? settings[modeSetting] : null, switched);
  }

  #switchModes(hash: HashAnswer): void {
    const isFirst = !this.#knowsNames;
    this.#knowsNames = true;
    for (const member of this.members) {
      const { name, modeSetting } = member.declaration;
      const mode = this.#startMode(name, hash?.get(name) ?? null);
      const before = isFirst ? member.modeBefore : member.mode.mode;
      member.mode = mode;
      if (modeSetting === null) continue;
      this.#outputs.push(...member.publisher.switchMode(mode.mode));
      // Also those of a process before this one, which were not shown again since.
      if (before === 'enforce') this.#outputs.push(...member.publisher.withdraw(member.restored));
      if (before !== null && before !== mode.mode) this.#sayMode(member, before);
    }
    const modes = this.#modes();
    const isOther = JSON.stringify(modes) !== JSON.stringify(this.live.engine.modes);
    this.live.engine.modes = modes;
    if (isFirst || isOther) this.#options.listener.modes(modes);
  }

  #sayMode(member: Member, before: Mode): void {
    const { namespace, listener } = this.#options;
    const { mode, why } = member.mode;
    const { name } = member.declaration;
    listener.modeChanged(name, mode, why);
    const fields = ['event', 'MODE_CHANGE', 'component', name, 'from', before, 'to', mode, 'reason', why];
    this.#outputs.push({
      kind: 'append',
      key: keyOf(namespace, 'governorEvents'),
      fields: [
        ...fields,
        'timestamp',
        String(this.live.nextTick === Infinity ? member.tick : this.live.nextTick),
      ],
      maxLength: KEYS.governorEvents.maxLength,
    });
  }

  /** For what a component reads of those before it. */
  #modes(): Modes {
    const modes = { ...this.live.engine.modes };
    for (const { declaration, mode } of this.members)
      if (declaration.modeSetting !== null) modes[declaration.modeSetting] = mode.mode;
    return modes;
  }
}

const HOLD_NONE: ReadonlySet<Ticking> = new Set();
const HOLD_ATTRIBUTION: ReadonlySet<Ticking> = new Set(['attribution']);

/** A stream's name without the namespace, as people say it: `execution.result`. */
