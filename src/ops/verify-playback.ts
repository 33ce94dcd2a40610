/**
 * Computes one stretch of the archive again: an engine that begins with the recorded state and is fed the recorded
 * inputs. What it publishes is held against what was recorded then, tick by tick and decision by decision.
 */
import { crc32 } from 'node:zlib';
import { checksumText, violationLine } from '../components/archive/tick-lines.ts';
import { decodeRecorded } from '../components/archive/event-lines.ts';
import { StateReader } from '../components/archive/state-lines.ts';
import { TickDigest } from '../components/archive/digest.ts';
import { DECLARATIONS, type TickingComponent } from '../components/declarations.ts';
import { Member } from '../components/member.ts';
import { encodeDecision } from '../contract/encode.ts';
import { decisionOf } from '../core/pipeline/decisions.ts';
import { LivePipeline } from '../core/pipeline/live.ts';
import { applyEvent } from '../core/pipeline/steps.ts';
import { TICKING, type Ticking } from '../core/pipeline/ticking.ts';
import type { ArchiveHeader } from '../components/archive/header.ts';
import type { Modes } from '../core/pipeline/engine.ts';
import type { Mode } from '../core/settings.ts';

export type ArchiveFields = Readonly<Record<string, unknown>>;

/** One thing that does not come out as it was recorded. */
export interface Mismatch {
  /** `tick 1700000010`, `efficiency of BTCUSDT at 1700000010`, `execution 1700000010000-0`. */
  readonly what: string;
  readonly field: string;
  readonly recorded: string;
  readonly recomputed: string;
}

export class Playback {
  readonly live: LivePipeline;
  readonly #members: readonly Member[];
  readonly #digest: TickDigest;
  #state: StateReader | null = new StateReader();
  #checksum = 0;
  inputs = 0;
  ticks = 0;
  decisions = 0;
  /** The first and the last tick that was compared; 0: none. */
  firstTick = 0;
  lastTick = 0;

  constructor(header: ArchiveHeader) {
    const { settings, components, namespace } = header;
    this.live = new LivePipeline(
      settings,
      components.map((name) => DECLARATIONS[name].ticking),
    );
    const mode = { mode: 'shadow' as const, why: 'nothing is published here' };
    this.#members = components.map((name) => new Member(DECLARATIONS[name], this.live, namespace, mode));
    this.#digest = new TickDigest(this.live.engine);
  }

  /** Takes the next line of the stretch, its first included. Throws where what it holds cannot be used. */
  take(text: string, fields: ArchiveFields): readonly Mismatch[] {
    const type = fields['type'];
    if (type === 'tick') return this.#tick(text, fields);
    this.#checksum = crc32(text, this.#checksum);
    if (typeof type === 'string' && Object.hasOwn(LINES, type)) {
      LINES[type]!(this, fields);
      return NOTHING;
    }
    if (type === 'state' || type === 'seen') {
      if (this.#state === null) throw new RangeError('a state in the middle of a stretch');
      this.#state.take(fields);
      return NOTHING;
    }
    this.#begin();
    if (type === 'record') this.#record(fields);
    else if (type === 'violation') return this.#violation(text, fields);
    else if (isDecision(type)) return this.#decision(text, fields, type);
    else return this.#event(fields);
    return NOTHING;
  }

  /** The state is complete with the first line that is none of it. */
  #begin(): void {
    if (this.#state === null) return;
    const state = this.#state;
    this.#state = null;
    state.restore(this.#members, this.live);
  }

  start(nowSec: number): void {
    this.#begin();
    this.live.start(nowSec);
  }

  resync(nowSec: number): void {
    this.#begin();
    this.live.resync(nowSec);
  }

  meet(symbol: string): void {
    this.#begin();
    const { engine } = this.live;
    engine.symbols.markNamed(engine.symbolId(symbol));
  }

  #event(fields: ArchiveFields): readonly Mismatch[] {
    const { event, ...refused } = decodeRecorded(fields);
    const what = [fields['type'], fields['id'] ?? fields['symbol']]
      .filter((part) => typeof part === 'string')
      .join(' ');
    if (event === null) {
      const { reason, detail } = (refused as { rejection: { reason: string; detail: string } }).rejection;
      return [{ what, field: reason, recorded: 'an event that was applied', recomputed: detail }];
    }
    if (fields['carried'] === true) {
      applyEvent(this.live.engine, event);
      return NOTHING;
    }
    this.inputs++;
    this.live.touched.clear();
    const recorded = fields['repeat'] === true ? 'duplicate' : 'applied';
    const recomputed = this.live.apply(event);
    return recorded === recomputed ? NOTHING : [{ what, field: 'repeat', recorded, recomputed }];
  }

  #record(fields: ArchiveFields): void {
    const { component, symbol, mode, ts, values } = fields;
    if (!TICKING.includes(component as Ticking) || !Array.isArray(values))
      throw new RangeError('the record of another program cannot be read');
    const id = this.live.engine.symbolId(String(symbol));
    this.live.upstreams[component as Ticking].set(id, mode as Mode, Number(ts), values as number[]);
  }

  #tick(text: string, fields: ArchiveFields): readonly Mismatch[] {
    this.#begin();
    const { live } = this;
    const recorded = Array.isArray(fields['components']) ? (fields['components'] as string[]) : [];
    const held = live.components.filter((name) => !recorded.includes(componentOf(name)));
    const tick = live.nextTick;
    const made = live.tick(new Set(held)).map(componentOf);
    for (const member of this.#members) if (made.includes(member.declaration.name)) member.tick = tick;
    this.ticks++;
    if (this.firstTick === 0) this.firstTick = tick;
    this.lastTick = tick;
    const recomputed = {
      type: 'tick',
      tick,
      components: made,
      lines: checksumText(this.#checksum),
      digest: this.#digest.of(made),
    };
    this.#checksum = 0;
    return compare(`tick ${String(fields['tick'])}`, text, JSON.stringify(recomputed));
  }

  #decision(text: string, fields: ArchiveFields, component: Ticking): readonly Mismatch[] {
    this.decisions++;
    const { engine } = this.live;
    const symbol = String(fields['symbol']);
    const what = `${component} of ${symbol} at ${String(fields['tick'])}`;
    const decision = engine.symbols.has(symbol)
      ? decisionOf(engine, component, engine.symbolId(symbol))
      : null;
    if (decision === null)
      return [{ what, field: 'decision', recorded: 'published', recomputed: 'there is none' }];
    // Attributions are repeated as the last known good while nothing can be read.
    const isRepeated = fields['source'] === 'LKG' && decision.type === 'attribution';
    return compare(what, text, encodeDecision(isRepeated ? { ...decision, source: 'LKG' } : decision));
  }

  #violation(text: string, fields: ArchiveFields): readonly Mismatch[] {
    this.decisions++;
    const { engine } = this.live;
    const symbol = String(fields['symbol']);
    const what = `violation of ${symbol} at ${String(fields['tick'])}`;
    if (!engine.symbols.has(symbol))
      return [{ what, field: 'violation', recorded: 'found', recomputed: 'there is no such symbol' }];
    return compare(what, text, violationLine(engine, engine.symbolId(symbol)));
  }
}

const NOTHING: readonly Mismatch[] = [];

/** Lines that change what the engine goes by, or say something only people need. */
const LINES: Readonly<Record<string, (playback: Playback, fields: ArchiveFields) => void>> = {
  archive: () => undefined,
  mode: () => undefined,
  rejected: () => undefined,
  modes: ({ live }, fields) => {
    const { P28_MODE, P29_MODE, P30_MODE, P31_MODE } = fields as unknown as Modes;
    live.engine.modes = { P28_MODE, P29_MODE, P30_MODE, P31_MODE };
  },
  begin: (playback, { ts }) => playback.start(Number(ts)),
  resync: (playback, { ts }) => playback.resync(Number(ts)),
  named: (playback, { symbol }) => playback.meet(String(symbol)),
};

function isDecision(type: unknown): type is Ticking {
  return TICKING.includes(type as Ticking);
}

function componentOf(ticking: Ticking): TickingComponent {
  return ticking === 'proposal' ? 'proposer' : ticking;
}

/** Byte for byte; where they differ, the first field that does. */
function compare(what: string, recorded: string, recomputed: string): readonly Mismatch[] {
  if (recorded === recomputed) return NOTHING;
  const before = JSON.parse(recorded) as Record<string, unknown>;
  const now = JSON.parse(recomputed) as Record<string, unknown>;
  for (const field of new Set([...Object.keys(now), ...Object.keys(before)])) {
    const [a, b] = [JSON.stringify(before[field]) ?? 'nothing', JSON.stringify(now[field]) ?? 'nothing'];
    if (a !== b)
      return [
        { what, field: field === 'lines' ? 'lines since the last tick' : field, recorded: a, recomputed: b },
      ];
  }
  return [{ what, field: 'spelling', recorded, recomputed }];
}
