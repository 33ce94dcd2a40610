/**
 * Drives a machine on a store: reads what arrived, makes the ticks that are due, commits both as one. Knows no trading.
 * Nothing is applied twice and nothing is lost, whatever is killed when: what is not committed is read again.
 */
import { Backoff } from './backoff.ts';
import { Committer } from './committer.ts';
import { inspect, type Position } from './positions.ts';
import { Timeline } from './timeline.ts';
import type { InputState } from './machine.ts';
import {
  compareIds,
  idMs,
  StoreError,
  type Reading,
  type StreamAnswer,
  type StreamEntry,
} from '../store/store.ts';
import type { RunnerOptions, RunnerOutcome } from './runner-options.ts';

/** Entries read of one stream at a time: about a millisecond of Redis. */
const READ_COUNT = 1000;
/** Where an answer did not come in time, so many times fewer are asked for next: it may be that large. */
const READ_LESS = 4;
const READ_MORE = 1.25;
/** Entries applied before they are committed even without a tick. */
const COMMIT_EVERY = 50_000;
/** How long an idle runner waits before it looks again. */
const POLL_MS = 250;
/** Between two signs of life to the other candidates. */
const CLAIM_EVERY_MS = 1000;
/** A long row of missed ticks is cut, so that the process still answers and stops when it is told to. */
const LONGEST_ADVANCE_MS = 100;
/** A clock set back by more than this is taken as it is; by less, ticks wait for it. */
const MAX_CLOCK_WAIT_MS = 60_000;

interface Asked {
  readonly reading: Reading;
  /** How many entries were asked for, by input. */
  readonly asked: readonly number[];
}

export class Runner {
  readonly #options: RunnerOptions;
  readonly #timeline: Timeline;
  readonly #positions: Map<string, Position>;
  readonly #states = new Map<string, InputState>();
  readonly #committer: Committer;
  #sinceCommit = 0;
  #ticked = false;
  #claimedAtMs: number;
  #cursor = '0';
  #knownCount = 0;
  #nowMs = 0;
  #ahead = 0;
  #isExhausted = false;
  #lookedAtMs = 0;
  #reading: Promise<Asked> | null = null;
  #bridgedAtMs = 0;
  readonly #mostCount: number;
  #readCount: number;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#mostCount = options.readCount ?? READ_COUNT;
    this.#readCount = this.#mostCount;
    this.#timeline = new Timeline(options.machine.inputs.length);
    this.#positions = new Map(options.positions);
    this.#claimedAtMs = options.clock.monotonicMs();
    this.#committer = new Committer(options);
    for (const { name } of options.machine.inputs) this.#states.set(name, 'readable');
  }

  /** Resolves when `signal` aborts (after what was applied is committed), or for one of the other reasons. */
  async run(signal: AbortSignal): Promise<RunnerOutcome> {
    const backoff = new Backoff(this.#options.clock);
    while (!signal.aborted) {
      try {
        const outcome = await this.#round(signal);
        if (outcome !== null) return outcome;
        backoff.reset();
        this.#readCount = Math.min(this.#mostCount, Math.ceil(this.#readCount * READ_MORE));
      } catch (error) {
        if (!(error instanceof StoreError)) throw error;
        this.#options.events.storeFailed('read', error);
        if (error.code === 'TIMEOUT') this.#readCount = Math.ceil(this.#readCount / READ_LESS);
        await backoff.wait(signal);
      }
    }
    return (await this.#commit(signal, true)) ? 'stopped' : 'fenced';
  }

  async #round(signal: AbortSignal): Promise<RunnerOutcome | null> {
    const { machine, target, events, clock } = this.#options;
    const other = await this.#signOfLife(signal);
    if (other !== null) return other;
    const pending = this.#reading ?? this.#read();
    this.#reading = null;
    const { reading, asked } = await pending;
    if (this.#nowMs === 0) await this.#look('names', reading.nowMs);
    this.#setClock(reading.nowMs);
    const isReadable = this.#takeIn(reading, asked);
    // There is more: the store looks for it while this is worked on.
    if (isReadable && this.#timeline.isMoreThere) {
      this.#reading = this.#readAhead();
      // The question leaves this process only when the loop turns.
      await clock.breathe();
    }
    const done = { applied: 0, ticks: 0 };
    const isIdle = isReadable ? await this.#advance(done, signal) : this.#bridge();
    if (this.#ticked || this.#isFull || (target !== null && this.#hasArrived())) {
      if (!(await this.#commit(signal, false))) return 'fenced';
    }
    events.round({
      ...done,
      nowMs: reading.nowMs,
      cycleSec: this.#committer.takeCycleSec(),
      lagSec: this.#lags(reading),
      isCaughtUp: isIdle && isReadable,
    });
    if (target !== null && this.#hasArrived())
      return (await this.#committer.settle(signal)) ? 'arrived' : 'fenced';
    if (isIdle) await clock.sleep(this.#idleMs(machine.nextTick), signal);
    else await clock.breathe();
    return null;
  }

  /** Asks for what is new; of a stream that has much waiting already, only whether there is more. */
  async #read(): Promise<Asked> {
    const { machine, store } = this.#options;
    const readCount = this.#readCount;
    const asked = machine.inputs.map((_input, i) => (this.#timeline.waiting(i) <= readCount ? readCount : 1));
    const reading = await store.read(
      machine.inputs.map(({ name, stream }, i) => ({
        stream,
        after: this.#timeline.newest(i)?.id ?? this.#positions.get(name)!.after,
        count: asked[i]!,
      })),
    );
    return { reading, asked };
  }

  /** Its failure is that of the round that waits for it. */
  #readAhead(): Promise<Asked> {
    const pending = this.#read();
    pending.catch(() => undefined);
    return pending;
  }

  #setClock(nowMs: number): void {
    const { machine, events } = this.#options;
    if (nowMs < this.#nowMs) events.clockSetBack(this.#nowMs - nowMs);
    this.#nowMs = nowMs;
    const latest = nowMs + MAX_CLOCK_WAIT_MS + machine.shortestIntervalSec * 1000;
    if (machine.nextTick !== Infinity && machine.nextTick * 1000 > latest) {
      machine.resync(nowMs / 1000);
      this.#timeline.resync(nowMs);
    }
  }

  /** Puts what was read in line. Returns whether every input could be read. */
  #takeIn(reading: Reading, asked: readonly number[]): boolean {
    let isReadable = true;
    reading.streams.forEach((answer, i) => {
      const { name, isEssential } = this.#options.machine.inputs[i]!;
      const position = this.#positions.get(name)!;
      if (this.#setState(name, answer, position) === 'unreadable') {
        if (isEssential) isReadable = false;
        else this.#timeline.add(i, { entries: [] }, 1, reading.nowMs);
        return;
      }
      if (this.#timeline.waiting(i) === 0) {
        const inspection = inspect(position, answer.facts);
        this.#positions.set(name, inspection.position);
        if (inspection.gap !== null) {
          this.#options.events.gap(name, inspection.gap);
          // What was asked for is not what has to be read now: the next round does.
          if (inspection.gap.kind === 'recreated') {
            this.#timeline.clear(i);
            return;
          }
        }
      }
      this.#timeline.add(i, answer, asked[i]!, reading.nowMs);
    });
    return isReadable;
  }

  #setState(name: string, answer: StreamAnswer, position: Position): InputState {
    const isGone = answer.facts === null && (position.count ?? 0) > 0;
    const state = answer.error !== null ? 'unreadable' : isGone ? 'gone' : 'readable';
    if (this.#states.get(name) !== state) this.#options.events.inputState(name, state, answer.error);
    this.#states.set(name, state);
    return state;
  }

  /** Applies and ticks as far as is known. Returns whether there is nothing left to do for now. */
  async #advance(counts: { applied: number; ticks: number }, signal: AbortSignal): Promise<boolean> {
    const { machine, clock, target } = this.#options;
    const begunMs = clock.monotonicMs();
    let isFirst = true;
    for (;;) {
      if (this.#timeline.isStarved || signal.aborted || this.#isFull) return false;
      if (counts.ticks > 0 && clock.monotonicMs() - begunMs > LONGEST_ADVANCE_MS) return false;
      if (target !== null && this.#hasArrived()) return true;
      const arrival = this.#timeline.peek(target === null ? null : this.#isUpToTarget);
      if (machine.nextTick === Infinity) machine.begin((arrival?.ms ?? this.#nowMs) / 1000);
      const tickMs = machine.nextTick * 1000;
      // One before something that has to be applied is due, also where the others tick less often.
      const isWanted = target === null || machine.nextTick <= target.tick || arrival !== null;
      if (isWanted && tickMs < this.#nowMs && (arrival === null || arrival.ms > tickMs)) {
        if (isFirst) this.#lookedAtMs = clock.monotonicMs();
        await this.#look(isFirst ? 'all' : 'new', this.#nowMs);
        isFirst = false;
        machine.tick(this.#states, this.#nowMs / 1000);
        counts.ticks++;
        this.#ticked = true;
        continue;
      }
      if (arrival === null) {
        // Nothing more can come up to the target: what the others read there is gone.
        this.#isExhausted = target !== null && !this.#timeline.holds(this.#isUpToTarget);
        return true;
      }
      const { name } = machine.inputs[arrival.input]!;
      this.#timeline.take(arrival);
      if (this.#timeline.ahead > this.#ahead) {
        this.#ahead = this.#timeline.ahead;
        this.#options.events.entryAhead(name);
      }
      machine.take(arrival.input, arrival.entry, arrival.ms / 1000);
      const { count } = this.#positions.get(name)!;
      this.#positions.set(name, { after: arrival.entry.id, count: (count ?? 0) + 1 });
      counts.applied++;
      this.#sinceCommit++;
    }
  }

  /** Enough waits to be committed. */
  get #isFull(): boolean {
    return this.#sinceCommit >= COMMIT_EVERY || this.#options.machine.isFull;
  }

  /** Looks at the hashes that are needed now. */
  async #look(which: 'names' | 'all' | 'new', nowMs: number): Promise<void> {
    const { machine, store } = this.#options;
    const requests = machine.requests(which);
    if (requests.length > 0) machine.absorb(await store.hashes(requests), nowMs / 1000);
  }

  /** Inputs cannot be read: no tick, for what belongs before it is not known. */
  #bridge(): boolean {
    if (this.#nowMs - this.#bridgedAtMs >= CLAIM_EVERY_MS) {
      this.#bridgedAtMs = this.#nowMs;
      this.#options.machine.bridge(this.#nowMs / 1000, this.#states);
      this.#ticked = true;
    }
    return true;
  }

  async #commit(signal: AbortSignal, isLast: boolean): Promise<boolean> {
    const { machine } = this.#options;
    // Told to stop before anything was looked at: not even the modes are known.
    if (this.#nowMs === 0) return true;
    if (!(await this.#committer.settle(signal))) return false;
    machine.rewrite(this.#committer.takeRewrite());
    if (this.#isExhausted) this.#skipToTarget();
    if (this.#sinceCommit === 0 && !this.#ticked && this.#options.target === null) return true;
    this.#committer.begin(machine.changes(), this.#positions, this.#ticked ? this.#lookedAtMs : null, signal);
    this.#sinceCommit = 0;
    this.#ticked = false;
    return isLast ? this.#committer.settle(signal) : true;
  }

  /** Once a second: I am here, is there more for me? */
  async #signOfLife(signal: AbortSignal): Promise<RunnerOutcome | null> {
    const { store, owner, wanted, held, clock, target } = this.#options;
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#claimedAtMs < CLAIM_EVERY_MS) return null;
    this.#claimedAtMs = nowMs;
    const claims = await store.claim(owner, wanted);
    const epochs = new Map(claims.held.map(({ component, epoch }) => [component, epoch]));
    if (held.some(({ component, epoch }) => epochs.get(component) !== epoch)) return 'fenced';
    if (target === null && claims.held.length > held.length) {
      if (!(await this.#commit(signal, true))) return 'fenced';
      return 'changed';
    }
    await this.#discover();
    return null;
  }

  /** One bounded step of looking for what other programs write. */
  async #discover(): Promise<void> {
    const { store, machine } = this.#options;
    const { cursor, keys } = await store.scan(machine.discoveryPrefix, this.#cursor);
    this.#cursor = cursor;
    const symbols = await store.knownSymbols(this.#knownCount);
    if (symbols !== null) this.#knownCount = symbols.length;
    machine.discover({ keys, ...(symbols === null ? {} : { symbols }) });
  }

  #lags(reading: Reading): Map<string, number> {
    const lags = new Map<string, number>();
    const { inputs } = this.#options.machine;
    for (let i = 0; i < inputs.length; i++) {
      const oldest = this.#timeline.oldestMs(i);
      lags.set(inputs[i]!.name, oldest === null ? 0 : Math.max(0, (reading.nowMs - oldest) / 1000));
    }
    return lags;
  }

  #idleMs(nextTick: number): number {
    const untilTick = nextTick * 1000 - this.#nowMs + 2;
    return Math.max(1, Math.min(POLL_MS, untilTick > 0 ? untilTick : POLL_MS));
  }

  #skipToTarget(): void {
    for (const { name } of this.#options.machine.inputs) {
      const goal = this.#options.target?.after.get(name);
      if (goal !== undefined && isAfter(goal.after, this.#positions.get(name)!.after))
        this.#positions.set(name, goal);
    }
  }

  /** What lies beyond holds up no tick before it, whatever id it was given. */
  readonly #isUpToTarget = (input: number, { id }: StreamEntry): boolean => {
    const { target, machine } = this.#options;
    const limit = target?.after.get(machine.inputs[input]!.name);
    if (limit === undefined) return target === null || idMs(id) <= target.untilMs;
    return !isAfter(id, limit.after);
  };

  #hasArrived(): boolean {
    const { target, machine } = this.#options;
    // One that has not begun would be found behind again, for ever.
    if (target === null || machine.nextTick <= target.tick || machine.nextTick === Infinity) return false;
    if (this.#isExhausted) return true;
    return machine.inputs.every(({ name }) => {
      const goal = target.after.get(name);
      return goal !== undefined && !isAfter(goal.after, this.#positions.get(name)!.after);
    });
  }
}

function isAfter(id: string, other: string): boolean {
  return compareIds(id, other) > 0;
}
