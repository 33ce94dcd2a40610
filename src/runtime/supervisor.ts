/**
 * One process on a store: takes the components it can have, brings them to the same place in time, runs them, and begins
 * anew from what is committed whenever that changes. A second copy of a component stands by.
 */
import { Backoff } from './backoff.ts';
import { readCommitted } from './committed.ts';
import { compareIds, StoreError, type Ownership, type SavedComponent, type Store } from '../store/store.ts';
import { decodePositions, encodePositions, START, type Position } from './positions.ts';
import { Runner } from './runner.ts';
import type { RunnerEvents, RunnerOutcome, Target } from './runner-options.ts';
import type { Clock } from './clock.ts';
import type { Machine } from './machine.ts';

/** How often a copy that stands by asks again. */
const STANDBY_MS = 500;

export type Phase =
  /** Others hold every component. */
  | { readonly state: 'standby'; readonly owners: ReadonlyMap<string, string> }
  | {
      readonly state: 'running';
      readonly held: readonly Ownership[];
      readonly owners: ReadonlyMap<string, string>;
    }
  | { readonly state: 'stopped' };

export interface SupervisorEvents extends RunnerEvents {
  phase(phase: Phase): void;
}

export interface SupervisorOptions {
  readonly store: Store;
  readonly components: readonly string[];
  /** Names this process among all: no two may share it. */
  readonly owner: string;
  readonly clock: Clock;
  readonly events: SupervisorEvents;
  /** A machine of some of the components, with nothing in it yet. */
  readonly makeMachine: (components: readonly string[]) => Machine;
  /** Entries read of one stream at a time. */
  readonly readCount?: number;
}

/** What a component committed, and its place in time. */
interface Committed {
  readonly component: string;
  readonly saved: SavedComponent | null;
  readonly positions: ReadonlyMap<string, Position>;
  /** The last tick it made and the next it will make; 0: none. */
  readonly tick: number;
  readonly next: number;
  /** Arrival of the newest event it applied, Unix seconds; 0: none. */
  readonly lastEventTs: number;
}

/** Runs until `signal` aborts. Rejects where what was committed cannot be used, or on a bug. */
export async function supervise(options: SupervisorOptions, signal: AbortSignal): Promise<void> {
  await hold(options, signal, async (held) => {
    await runHeld(options, held, signal);
  });
}

/** Claims components again and again, until `signal` aborts, and calls `run` with those it holds; stands by while others hold all of them. */
export async function hold(
  options: Pick<SupervisorOptions, 'store' | 'components' | 'owner' | 'clock'> & {
    readonly events: Pick<SupervisorEvents, 'phase' | 'storeFailed'>;
  },
  signal: AbortSignal,
  run: (held: readonly Ownership[]) => Promise<void>,
): Promise<void> {
  const { store, events, clock } = options;
  let held: readonly Ownership[] = [];
  const backoff = new Backoff(clock);
  while (!signal.aborted) {
    try {
      const claims = await store.claim(options.owner, options.components);
      held = claims.held;
      backoff.reset();
      const owners = new Map(claims.others.map(({ component, owner }) => [component, owner]));
      if (held.length === 0) {
        events.phase({ state: 'standby', owners });
        await clock.sleep(STANDBY_MS, signal);
        continue;
      }
      events.phase({ state: 'running', held, owners });
      await run(held);
    } catch (error) {
      if (!(error instanceof StoreError) || error.kind === 'unusable') throw error;
      events.storeFailed('claim', error);
      await backoff.wait(signal);
    }
  }
  events.phase({ state: 'stopped' });
  await giveUp(options, held);
}

/** Runs what is held until something about that changes: first whatever lags behind, by itself, then all together. */
async function runHeld(
  options: SupervisorOptions,
  held: readonly Ownership[],
  signal: AbortSignal,
): Promise<RunnerOutcome> {
  const committed = await loadAll(options.store, held);
  const target = furthest(committed);
  const behind = committed.filter((one) => !isThere(one, target));
  if (behind.length === 0) return runGroup(options, held, committed, null, signal);
  const first = behind.filter((one) => placeOf(one) === placeOf(behind[0]!));
  return runGroup(options, held, first, target, signal);
}

function runGroup(
  options: SupervisorOptions,
  held: readonly Ownership[],
  group: readonly Committed[],
  target: Target | null,
  signal: AbortSignal,
): Promise<RunnerOutcome> {
  const names = group.map(({ component }) => component);
  const machine = options.makeMachine(names);
  machine.restore(new Map(group.map(({ component, saved }) => [component, saved])));
  const positions = new Map<string, Position>();
  for (const { name } of machine.inputs) positions.set(name, START);
  for (const committed of group)
    for (const [name, position] of committed.positions) positions.set(name, position);
  const runner = new Runner({
    ...options,
    machine,
    held: held.filter(({ component }) => names.includes(component)),
    wanted: target === null ? options.components : held.map(({ component }) => component),
    sequences: new Map(group.map(({ component, saved }) => [component, saved?.sequence ?? 0])),
    positions,
    target,
  });
  return runner.run(signal);
}

async function loadAll(store: Store, held: readonly Ownership[]): Promise<Committed[]> {
  const all: Committed[] = [];
  for (const { component } of held) {
    const saved = await store.load(component);
    const inputs = saved?.meta.get('inputs');
    const tick = Number(saved?.meta.get('tick') ?? 0);
    const next = Number(saved?.meta.get('next') ?? 0);
    all.push({
      component,
      saved,
      positions: inputs === undefined ? new Map() : readCommitted(component, () => decodePositions(inputs)),
      // A tick made before the clock was set back is no place to come to: it lies ahead of the next one.
      tick: tick < next ? tick : Math.max(0, next - 1),
      next,
      lastEventTs: Number(saved?.meta.get('last_event_ts') ?? 0),
    });
  }
  return all;
}

/** The place in time of whichever component has come furthest. */
function furthest(all: readonly Committed[]): Target & { readonly hasBegun: boolean } {
  const after = new Map<string, Position>();
  for (const { positions } of all)
    for (const [name, position] of positions) {
      const best = after.get(name);
      if (best === undefined || compareIds(position.after, best.after) > 0) after.set(name, position);
    }
  // Whoever shares a machine with others has made every tick before the newest event any of them applied.
  const tick = Math.max(...all.map((one) => Math.max(one.tick, Math.ceil(one.lastEventTs) - 1)));
  const hasBegun = all.some(({ next }) => next > 0);
  const there = all.filter((one) => isThere(one, { after, tick, untilMs: 0, hasBegun }));
  // How far one that is behind has read a stream of its own says nothing about where it has to come to.
  for (const name of after.keys())
    if (!there.some(({ positions }) => positions.has(name))) after.delete(name);
  const untilSec = Math.max(tick, ...there.map(({ lastEventTs }) => lastEventTs));
  return { after, tick, untilMs: Math.round(untilSec * 1000), hasBegun };
}

function isThere({ positions, next }: Committed, target: Target & { readonly hasBegun: boolean }): boolean {
  // Entries may have been committed before the first tick: whoever has not begun would miss them.
  if (next === 0) return !target.hasBegun;
  for (const [name, { after }] of positions)
    if (compareIds(target.after.get(name)?.after ?? after, after) > 0) return false;
  return next > target.tick;
}

function placeOf({ positions, next }: Committed): string {
  return `${next} ${encodePositions(positions)}`;
}

/** So that a successor need not wait; where the store cannot be reached it will find out by itself. */
async function giveUp(
  { store, owner, events }: Parameters<typeof hold>[0],
  held: readonly Ownership[],
): Promise<void> {
  if (held.length === 0) return;
  try {
    await store.release(owner, held);
  } catch (error) {
    if (!(error instanceof StoreError)) throw error;
    events.storeFailed('release', error);
  }
}
