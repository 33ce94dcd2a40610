/**
 * The whole pipeline in event time: events in order of arrival, and between them the ticks of every component on its
 * own grid. Within one tick: budget, attribution, allocation, efficiency, proposer. Ticks that provably change nothing
 * are not computed one by one (coast.ts); what comes out is the same to the last bit.
 * Source: spec/model.md, Time and identity; spec/replay.md.
 */
import { tickAtOrAfter } from '../tick.ts';
import { Coast } from './coast.ts';
import { decisionOf, publishedAt } from './decisions.ts';
import { Engine } from './engine.ts';
import { SeenIds } from './seen-ids.ts';
import { applyEvent, runTick } from './steps.ts';
import { intervalSecOf, TICKING, type Ticking } from './ticking.ts';
import type { Decision, TickDecision } from '../decision.ts';
import type { InputEvent } from '../event.ts';
import type { Settings } from '../settings.ts';

/** Which decisions of the ticking components are shown: after an execution each component's next one, all, or none. */
export type Emit = 'executions' | 'all' | 'final';

export type Applied = 'applied' | 'duplicate';

export class Pipeline {
  readonly engine: Engine;
  readonly seen = new SeenIds();
  /** Each component's next tick, in the order of `TICKING`; 0 before the first event. */
  readonly next: number[] = TICKING.map(() => 0);
  readonly intervals: readonly number[];
  /** Arrival of the newest event, Unix seconds; 0 before the first. */
  lastEventTs = 0;
  /** By symbol number: components whose next decision is to be shown, as bits. */
  pending: number[] = [];
  readonly #emit: Emit;
  readonly #onDecision: (decision: Decision) => void;
  readonly #coast: Coast;
  #hasPending = false;

  constructor(settings: Settings, emit: Emit, onDecision: (decision: Decision) => void) {
    this.engine = new Engine(settings);
    this.intervals = TICKING.map((component) => intervalSecOf(component, settings));
    this.#emit = emit;
    this.#onDecision = onDecision;
    this.#coast = new Coast(this.engine, this.next, this.intervals);
  }

  /** Applies an event after computing every tick before it. Events come in order of `ts`; throws `RangeError` where one does not. */
  apply(event: InputEvent): Applied {
    if (event.ts < this.lastEventTs)
      throw new RangeError(`an event at ${event.ts} comes after one at ${this.lastEventTs}`);
    if (this.lastEventTs === 0) this.#startAt(event.ts);
    else this.#runTicks(event.ts);
    this.lastEventTs = event.ts;
    if (event.type === 'execution' && event.executionId !== null && !this.seen.add(event.executionId))
      return 'duplicate';
    this.#coast.noteChange(event.ts);
    for (const decision of applyEvent(this.engine, event)) this.#onDecision(decision);
    if (event.type === 'execution' && this.#emit === 'executions')
      this.#markPending(this.engine.symbolId(event.symbol));
    return 'applied';
  }

  /** Computes the ticks up to the last one of a run: the first at or after the newest event on the largest interval. */
  finish(): void {
    if (this.lastEventTs > 0) this.#runTicks(this.endTick + 1);
  }

  /** The last tick of a run that ends with the newest event; 0 before the first event. */
  get endTick(): number {
    if (this.lastEventTs === 0) return 0;
    return Math.max(...this.intervals.map((interval) => tickAtOrAfter(this.lastEventTs, interval)));
  }

  /** The newest decision of every component about every known symbol, in code-unit order; null where there was none. */
  *final(): Iterable<[string, Record<Ticking, TickDecision | null>]> {
    for (const symbol of this.engine.symbols.known()) {
      const decisions = TICKING.map(
        (component) => [component, decisionOf(this.engine, component, symbol)] as const,
      );
      yield [
        this.engine.symbols.name(symbol),
        Object.fromEntries(decisions) as Record<Ticking, TickDecision | null>,
      ];
    }
  }

  /** After a state was put in place from outside. */
  resume(): void {
    this.#hasPending = this.pending.some((bits) => bits !== 0);
    this.#coast.noteChange(this.lastEventTs);
  }

  #startAt(ts: number): void {
    this.intervals.forEach((interval, component) => (this.next[component] = tickAtOrAfter(ts, interval)));
  }

  #markPending(symbol: number): void {
    while (this.pending.length <= symbol) this.pending.push(0);
    this.pending[symbol] = (1 << TICKING.length) - 1;
    this.#hasPending = true;
  }

  /** Every tick before `limit`. */
  #runTicks(limit: number): void {
    for (;;) {
      const tick = Math.min(...this.next);
      if (tick >= limit) return;
      if (this.#emit !== 'all' && this.#coast.run(tick, limit)) continue;
      let moved = false;
      for (let component = 0; component < TICKING.length; component++) {
        if (this.next[component] !== tick) continue;
        if (runTick(this.engine, TICKING[component]!, tick)) moved = true;
        this.next[component] = tick + this.intervals[component]!;
        this.#show(component, tick);
      }
      if (moved) this.#coast.noteMove(tick);
      if (this.#hasPending) this.#hasPending = this.pending.some((bits) => bits !== 0);
    }
  }

  /** Hands out what a component just published, as far as it is asked for. */
  #show(component: number, tick: number): void {
    if (this.#emit === 'final' || (this.#emit === 'executions' && !this.#hasPending)) return;
    const bit = 1 << component;
    for (const symbol of this.engine.symbols.known()) {
      const wanted = this.#emit === 'all' || ((this.pending[symbol] ?? 0) & bit) !== 0;
      if (!wanted || publishedAt(this.engine, TICKING[component]!, symbol) !== tick) continue;
      this.#onDecision(decisionOf(this.engine, TICKING[component]!, symbol)!);
      if (this.#emit === 'executions') this.pending[symbol]! &= ~bit;
    }
  }
}
