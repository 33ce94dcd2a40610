/** Drives a machine without a store: entries in order of time, ticks when they are due, hashes from a map, commits kept. */
import { TradingMachine, type MachineListener } from '../../src/components/machine.ts';
import { openArchive, type Archive } from '../../src/runtime/archive/writer.ts';
import { Recorder } from '../../src/components/archive/recorder.ts';
import { seededRandom } from './event-lines.ts';
import type { ComponentName } from '../../src/contract/components.ts';
import type { InputStream } from '../../src/contract/keys.ts';
import type { TickingComponent } from '../../src/components/declarations.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { InputState } from '../../src/runtime/machine.ts';
import type { SavedComponent } from '../../src/store/store.ts';

export interface TimedEntry {
  readonly key: InputStream;
  readonly id: string;
  readonly ms: number;
  readonly fields: Readonly<Record<string, string>>;
}

export type Hashes = Map<string, Map<string, string>>;

export interface DriveOptions {
  readonly components: readonly (TickingComponent & ComponentName)[];
  readonly settings: Settings;
  readonly listener: MachineListener;
  readonly entries: readonly TimedEntry[];
  readonly untilSec: number;
  /** What other programs keep, as it is at a moment; called before every tick. */
  readonly hashesAt?: (sec: number) => Hashes;
  readonly statesAt?: (sec: number) => ReadonlyMap<string, InputState>;
  /** What a process before this one committed; changed in place with every commit. */
  readonly saved?: Map<string, SavedComponent>;
  /** Symbols others made known, by when. */
  readonly namedAt?: (sec: number) => readonly string[];
  readonly ticksACommit?: number;
  /** Commits after the next entry was applied, as where many wait. */
  readonly commitsLate?: boolean;
  /** One that ran before and goes on; else a new one begins with what is saved. */
  readonly machine?: TradingMachine;
}

export const ALL: DriveOptions['components'] = [
  'budget',
  'attribution',
  'allocation',
  'efficiency',
  'proposer',
];

export function drive(options: DriveOptions): TradingMachine {
  const { entries, untilSec } = options;
  const saved = options.saved ?? new Map<string, SavedComponent>();
  const machine = options.machine ?? startMachine(options, saved);
  const look = (which: 'names' | 'all', sec: number): void => {
    const hashes: Hashes = options.hashesAt?.(sec) ?? new Map();
    machine.absorb(
      machine.requests(which).map(({ key }) => hashes.get(key) ?? null),
      sec,
    );
  };
  if (options.machine === undefined) look('names', (entries[0]?.ms ?? 0) / 1000);
  if (machine.nextTick === Infinity) machine.begin(entries[0]!.ms / 1000);
  let ticks = 0;
  let isDue = false;
  const tickUpTo = (sec: number): void => {
    while (machine.nextTick < sec) {
      const tick = machine.nextTick;
      look('all', tick + 0.004);
      if (options.namedAt !== undefined) machine.discover({ symbols: options.namedAt(tick) });
      machine.tick(options.statesAt?.(tick) ?? new Map(), tick);
      isDue = ++ticks % (options.ticksACommit ?? 1) === 0;
      if (isDue && options.commitsLate !== true) commit(machine, saved);
    }
  };
  for (const { key, id, ms, fields } of entries) {
    tickUpTo(ms / 1000);
    const input = machine.inputs.findIndex((one) => one.key === key);
    if (input >= 0) machine.take(input, { id, fields: Object.entries(fields).flat() }, ms / 1000);
    if (isDue && options.commitsLate === true) commit(machine, saved);
    isDue = false;
  }
  tickUpTo(untilSec);
  return machine;
}

function startMachine(options: DriveOptions, saved: ReadonlyMap<string, SavedComponent>): TradingMachine {
  const machine = new TradingMachine({
    components: options.components,
    namespace: 'quantum',
    settings: options.settings,
    modesSet: new Set(['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE']),
    aliases: new Map(),
    clusters: new Map([['S0USDT', 'majors']]),
    maxSymbols: 100,
    listener: options.listener,
  });
  machine.restore(new Map(options.components.map((name) => [name, saved.get(name) ?? null])));
  return machine;
}

function commit(machine: TradingMachine, saved: Map<string, SavedComponent>): void {
  for (const { component, meta, records, seen, dropSeen } of machine.changes().parts) {
    const before = saved.get(component) ?? { sequence: 0, meta: new Map(), records: new Map(), seen: [] };
    const chunks = before.seen.slice(dropSeen);
    saved.set(component, {
      sequence: before.sequence + 1,
      meta: new Map([...before.meta, ...pairs(meta)]),
      records: new Map([...before.records, ...pairs(records)]),
      seen: seen === null ? chunks : [...chunks, seen],
    });
  }
}

function pairs(flat: readonly string[]): [string, string][] {
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}

export interface EntryOptions {
  readonly seed: number;
  readonly startSec: number;
  readonly spanSec: number;
  readonly count: number;
  /** Repeats and entries that cannot be used among the others. Default true. */
  readonly dirty?: boolean;
}

/** Entries as producers add them, in order of time. */
export function entriesOf({ seed, startSec, spanSec, count, dirty = true }: EntryOptions): TimedEntry[] {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const among = <One>(all: readonly One[]): One => all[below(all.length)]!;
  const times = Array.from({ length: count }, () => startSec * 1000 + below(spanSec * 1000)).sort(
    (a, b) => a - b,
  );
  times[0] = startSec * 1000;
  return times.map((ms, i) => {
    const id = `${ms}-${i}`;
    const kind = random();
    if (kind < 0.06) return { key: 'cashflows', id, ms, fields: { amount_usd: String(below(2000) - 1000) } };
    if (kind < 0.16) {
      const symbol: Record<string, string> = random() < 0.5 ? { symbol: `S${below(6)}USDT` } : {};
      const regime = among(['TREND', 'MEAN_REVERSION', 'CHOP']);
      return { key: 'regimes', id, ms, fields: { regime, confidence: random().toFixed(3), ...symbol } };
    }
    const pnl = dirty && kind > 0.97 ? '1,5' : ((random() - 0.45) * 300).toFixed(4);
    const number = dirty && random() < 0.05 ? below(i + 1) : i;
    return {
      key: 'executions',
      id,
      ms,
      fields: {
        symbol: `S${below(6)}USDT`,
        realized_pnl: pnl,
        execution_id: `x${seed}-${number}`,
        price: (random() * 100).toFixed(2),
        ...(random() < 0.7 ? { signal: among(['breakout', 'grüße', '__proto__']) } : {}),
        ...(random() < 0.3 ? { cluster: among(['majors', 'memes']) } : {}),
        ...(random() < 0.2 ? { timestamp: String(ms - below(90_000)) } : {}),
        ...(random() < 0.1 ? { timestamp: String(ms + 200_000) } : {}),
      },
    };
  });
}

/** An archive in a folder, and the recorder that writes to it; `close` before its files are read. */
export function recorderIn(
  folder: string,
  settings: Settings,
  startedMs: number,
  name = 'up',
): { readonly archive: Archive; readonly recorder: Recorder } {
  const archive = openArchive({ folder, name, startedMs, onChange: () => undefined });
  const modesSet = new Set(['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE']);
  return { archive, recorder: new Recorder({ archive, namespace: 'quantum', settings, modesSet }) };
}

export const DEAF: MachineListener = {
  begins: () => undefined,
  began: () => undefined,
  applied: () => undefined,
  rejected: () => undefined,
  futureTime: () => undefined,
  foreignRecord: () => undefined,
  named: () => undefined,
  ticked: () => undefined,
  decided: () => undefined,
  lastKnownGood: () => undefined,
  violation: () => undefined,
  modes: () => undefined,
  modeChanged: () => undefined,
};
