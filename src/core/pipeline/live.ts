/**
 * Some or all components while they run: events as they arrive, ticks when they are due. The caller keeps the order of
 * time (every event up to a tick before it) and says what others published; what is computed is what replay computes.
 */
import { tickAtOrAfter } from '../tick.ts';

import { Engine } from './engine.ts';
import { SEEN_IDS_LIMIT, SeenIds } from './seen-ids.ts';
import { applyEvent, runTick } from './steps.ts';
import { intervalSecOf, TICKING, type Ticking } from './ticking.ts';
import { Upstream } from './upstream.ts';
import type { InputEvent } from '../event.ts';
import type { Settings } from '../settings.ts';
import type { Applied } from './pipeline.ts';

export class LivePipeline {
  readonly engine: Engine;
  /** In the order they run within one tick. */
  readonly components: readonly Ticking[];
  readonly upstreams: { readonly [Name in Ticking]: Upstream };
  seen = new SeenIds();
  /** Each component's next tick; 0 before the first event. */
  readonly next: number[];
  readonly intervals: readonly number[];
  /** Arrival of the newest event, Unix seconds. */
  lastEventTs = 0;
  /** Symbols with an execution since the caller emptied it. */
  readonly touched = new Set<number>();

  constructor(settings: Settings, components: readonly Ticking[]) {
    this.components = TICKING.filter((name) => components.includes(name));
    this.upstreams = {
      budget: new Upstream('budget'),
      attribution: new Upstream('attribution'),
      allocation: new Upstream('allocation'),
      efficiency: new Upstream('efficiency'),
      proposal: new Upstream('proposal'),
    };
    this.engine = new Engine(settings, { own: new Set(this.components), upstreams: this.upstreams });
    this.next = this.components.map(() => 0);
    this.intervals = this.components.map((name) => intervalSecOf(name, settings));
  }

  /** Ids met before a restart, oldest first; of several lists the longest counts. */
  remember(ids: readonly string[]): void {
    if (Math.min(ids.length, SEEN_IDS_LIMIT) <= this.seen.size) return;
    this.seen = new SeenIds();
    this.seen.load(ids);
  }

  /** The next tick of any component; Infinity before `start`. */
  get nextTick(): number {
    let next = Infinity;
    for (const tick of this.next) if (tick > 0 && tick < next) next = tick;
    return next;
  }

  /** Begins the ticks at or after `ts`, where a component has not begun yet. */
  start(ts: number): void {
    for (let i = 0; i < this.next.length; i++)
      if (this.next[i] === 0) this.next[i] = tickAtOrAfter(ts, this.intervals[i]!);
  }

  /** Time was set back: ticks go on at or after `ts`, and events may be older than the last. */
  resync(ts: number): void {
    for (let i = 0; i < this.next.length; i++) this.next[i] = tickAtOrAfter(ts, this.intervals[i]!);
    this.lastEventTs = Math.min(this.lastEventTs, ts);
  }

  /** Applies an event. Throws `RangeError` where a tick before it is still due or it is older than the last. */
  apply(event: InputEvent): Applied {
    if (event.ts < this.lastEventTs || this.nextTick < event.ts)
      throw new RangeError(
        `an event at ${event.ts} comes after one at ${this.lastEventTs}, the next tick is ${this.nextTick}`,
      );
    this.lastEventTs = event.ts;
    if (event.type === 'execution') {
      if (event.executionId !== null && !this.seen.add(event.executionId)) return 'duplicate';
      this.touched.add(this.engine.symbolId(event.symbol));
    }
    applyEvent(this.engine, event);
    return 'applied';
  }

  /** Makes the tick `nextTick` of every component that is due; those in `held` pass it over. Returns those that made it. */
  tick(held: ReadonlySet<Ticking>): Ticking[] {
    const tick = this.nextTick;
    const made: Ticking[] = [];
    this.components.forEach((component, i) => {
      if (this.next[i] !== tick) return;
      this.next[i] = tick + this.intervals[i]!;
      if (component === 'attribution') this.engine.repeatsAttribution = held.has(component);
      if (held.has(component)) return;
      runTick(this.engine, component, tick);
      made.push(component);
    });
    return made;
  }
}
