/**
 * Writes what happens in a machine to the archive, in the order it happens: whoever feeds the lines to an engine that
 * begins with the recorded state comes to the same decisions. Every day's file begins with such a state, and so does
 * what follows a stretch the disk could not take.
 */
import { crc32 } from 'node:zlib';
import { encode, encodeDecision } from '../../contract/encode.ts';
import { TickDigest } from './digest.ts';
import { encodeEvent } from './event-lines.ts';
import { encodeHeader } from './header.ts';
import { stateLines } from './state-lines.ts';
import { checksumText, violationLine } from './tick-lines.ts';
import type { InputStream } from '../../contract/keys.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { TickDecision } from '../../core/decision.ts';
import type { InputEvent } from '../../core/event.ts';
import type { Modes } from '../../core/pipeline/engine.ts';
import type { Ticking } from '../../core/pipeline/ticking.ts';
import type { Mode, Settings } from '../../core/settings.ts';
import type { Archive } from '../../runtime/archive/writer.ts';
import type { StreamEntry } from '../../store/store.ts';
import type { Declaration, TickingComponent } from '../declarations.ts';
import type { MachineListener, TradingMachine } from '../machine.ts';
import type { Note } from '../noted-events.ts';

export interface RecorderOptions {
  readonly archive: Pick<Archive, 'write' | 'linesLost' | 'state'>;
  readonly namespace: string;
  readonly settings: Settings;
  readonly modesSet: ReadonlySet<string>;
}

/** A decision that stays the same is written again after this. */
const REPEAT_SEC = 60;
/** Of a refused entry so much is kept; its dead letter holds more. */
const MAX_FIELDS = 64;
const MAX_VALUE_LENGTH = 2048;
const DAY_SEC = 86_400;

export class Recorder implements MachineListener {
  readonly #options: RecorderOptions;
  #machine: TradingMachine | null = null;
  #digest: TickDigest | null = null;
  /** Null: not known before the first tick or event says what time it is. */
  #day: string | null = null;
  /** Lines that wait for the day to be known. */
  #early: string[] = [];
  /** When the clock began or was set back last: what came before anything else counts as of then. */
  #beganSec = 0;
  #checksum = 0;
  #linesLost = 0;
  /** What is not part of the components' state: the world as it was last read, by what it is about. */
  readonly #world = new Map<string, InputEvent>();
  readonly #foreign = new Map<string, string>();
  readonly #named = new Map<string, string>();
  /** By component, then by symbol number: the tick of the decision that was written last. */
  readonly #written = new Map<TickingComponent, number[]>();

  constructor(options: RecorderOptions) {
    this.#options = options;
  }

  begins(machine: TradingMachine): void {
    this.#machine = machine;
    this.#digest = new TickDigest(machine.live.engine);
    this.#world.clear();
    this.#foreign.clear();
    this.#named.clear();
    this.#written.clear();
    this.#early = [];
    this.#day = null;
    const { nextTick } = machine;
    this.#beginStretch(nextTick === Infinity ? null : dayOf(nextTick));
  }

  began(nowSec: number, isResync: boolean): void {
    this.#beganSec = nowSec;
    const day = dayOf(nowSec);
    if (isResync && this.#day !== day) return this.#beginStretch(day);
    if (this.#day === null) this.#knowDay(day);
    this.#write(encode({ type: isResync ? 'resync' : 'begin', ts: nowSec }));
  }

  applied(input: InputStream | null, id: string | null, event: InputEvent, isRepeat: boolean): void {
    if (input === null) this.#remember(event);
    // A symbol's cluster is known before the first event.
    const timed = event.ts > 0 ? event : { ...event, ts: this.#beganSec };
    this.#write(encodeEvent(timed, { id: id ?? undefined, repeat: isRepeat || undefined }));
  }

  rejected(where: string, reason: RejectReason, detail: string, entry: StreamEntry | null): void {
    const fields = entry?.fields.slice(0, 2 * MAX_FIELDS).map((text) => text.slice(0, MAX_VALUE_LENGTH));
    this.#write(JSON.stringify({ type: 'rejected', where, reason, detail, id: entry?.id, fields }));
  }

  futureTime(): void {
    // The event's line shows it.
  }

  foreignRecord(component: Ticking, symbol: string, mode: Mode, ts: number, values: readonly number[]): void {
    const line = encode({ type: 'record', component, symbol, mode, ts, values });
    const about = `${component} ${mode} ${symbol}`;
    if (ts > 0) this.#foreign.set(about, line);
    else this.#foreign.delete(about);
    this.#write(line);
  }

  named(symbol: string): void {
    const line = JSON.stringify({ type: 'named', symbol });
    if (this.#named.has(symbol)) return;
    this.#named.set(symbol, line);
    this.#write(line);
  }

  ticked(components: readonly TickingComponent[], tick: number): void {
    const digest = this.#digest!.of(components);
    const lines = checksumText(this.#checksum);
    this.#write(JSON.stringify({ type: 'tick', tick, components, lines, digest }));
    this.#checksum = 0;
    const { archive } = this.#options;
    const isBack = archive.linesLost !== this.#linesLost && archive.state !== 'dropping';
    if (isBack || dayOf(tick) !== this.#day) this.#beginStretch(dayOf(tick));
  }

  decided({ name }: Declaration, symbol: number, decision: TickDecision, isNew: boolean): void {
    let written = this.#written.get(name);
    if (written === undefined) this.#written.set(name, (written = []));
    if (!isNew && decision.tick - (written[symbol] ?? 0) < REPEAT_SEC) return;
    written[symbol] = decision.tick;
    this.#write(encodeDecision(decision));
  }

  lastKnownGood(): void {
    // Its decision was written: the source says so.
  }

  violation(symbol: number): void {
    this.#write(violationLine(this.#machine!.live.engine, symbol));
  }

  modes(modes: Modes): void {
    this.#write(modesLine(modes));
  }

  modeChanged(component: TickingComponent, mode: Mode, why: string): void {
    this.#write(JSON.stringify({ type: 'mode', component, mode, why }));
  }

  /** What happened around the machine; nothing is computed from it. */
  readonly note: Note = (what, particulars) => {
    if (this.#machine !== null) this.#write(JSON.stringify({ type: 'note', what, ...particulars }));
  };

  /** The header, the state, and what of the world was read before: enough to go on from. */
  #beginStretch(day: string | null): void {
    const { live, members, components } = this.#machine!;
    const { namespace, settings, modesSet, archive } = this.#options;
    this.#day = day;
    this.#checksum = 0;
    this.#linesLost = archive.linesLost;
    this.#write(encodeHeader({ namespace, settings, components }, modesSet));
    this.#write(modesLine(live.engine.modes));
    for (const line of stateLines(members, live)) this.#write(line);
    for (const line of this.#named.values()) this.#write(line);
    for (const line of this.#foreign.values()) this.#write(line);
    for (const event of this.#world.values())
      this.#write(encodeEvent(event.ts > 0 ? event : { ...event, ts: this.#beganSec }, { carried: true }));
    this.#writeClusters();
  }

  /** Which cluster a symbol belongs to is kept by those components only that publish it. */
  #writeClusters(): void {
    const { engine, lastEventTs } = this.#machine!.live;
    const { configuredCluster } = engine.context.columns;
    for (let symbol = 0; symbol < engine.symbols.size; symbol++) {
      const cluster = configuredCluster.data[symbol]!;
      if (cluster < 0) continue;
      const name = engine.symbols.name(symbol);
      this.#write(
        encodeEvent(
          { type: 'cluster', ts: lastEventTs, symbol: name, cluster: engine.context.clusterName(cluster) },
          { carried: true },
        ),
      );
    }
  }

  #knowDay(day: string): void {
    this.#day = day;
    for (const line of this.#early) this.#options.archive.write(day, line);
    this.#early = [];
  }

  /** Hashes that no component keeps by itself for every symbol. */
  #remember(event: InputEvent): void {
    if (event.type === 'cluster_stress') this.#world.set(`${event.type} ${event.cluster}`, event);
    if (event.type !== 'market' && event.type !== 'position') return;
    const about = `${event.type} ${event.symbol}`;
    const before = this.#world.get(about);
    // Of positions the newest counts, not the last.
    if (event.type === 'position' && before?.type === 'position' && before.stateTs > event.stateTs) return;
    this.#world.set(about, event);
  }

  #write(line: string): void {
    this.#checksum = crc32(line, this.#checksum);
    if (this.#day === null) this.#early.push(line);
    else this.#options.archive.write(this.#day, line);
  }
}

function modesLine(modes: Modes): string {
  return JSON.stringify({ type: 'modes', ...modes });
}

function dayOf(sec: number): string {
  const day = Math.floor(sec / DAY_SEC);
  if (day !== lastDay.day) lastDay = { day, text: new Date(day * DAY_SEC * 1000).toISOString().slice(0, 10) };
  return lastDay.text;
}

/** Asked at every tick. */
let lastDay = { day: NaN, text: '' };
