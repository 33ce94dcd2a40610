/**
 * Time that passes only when everyone waits: whoever is due next is woken alone, and does all there is to do before the next
 * one is. So what happens in which order follows from the programs, never from how fast the computer is.
 */
import { setImmediate } from 'node:timers/promises';
import { Heap } from '../core/heap.ts';
import type { Clock } from '../runtime/clock.ts';

interface Sleeper {
  readonly wake: () => void;
  isAwake: boolean;
}

/** Turns of the event loop in which nobody does anything before time passes. */
const QUIET_TURNS = 2;

export class SimulatedClock implements Clock {
  readonly #startMs: number;
  readonly #line = new Heap<Sleeper>();
  #nowMs: number;
  /** Calls that were made and have not been answered, and how many there ever were. */
  #busy = 0;
  #calls = 0;
  #isOver = false;
  #cameInLine: () => void = () => undefined;

  constructor(startMs: number) {
    this.#startMs = startMs;
    this.#nowMs = startMs;
  }

  /** Unix milliseconds. */
  get nowMs(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs - this.#startMs;
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal.aborted || this.#isOver) {
        resolve();
        return;
      }
      const wake = (): void => {
        if (sleeper.isAwake) return;
        sleeper.isAwake = true;
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const sleeper: Sleeper = { wake, isAwake: false };
      signal.addEventListener('abort', wake, { once: true });
      this.#line.push(this.#nowMs + Math.max(0, ms), sleeper);
      this.#cameInLine();
    });
  }

  breathe(): Promise<void> {
    return this.#whileBusy(setImmediate());
  }

  /** The same object; while one of its methods is at work, or one of `part`'s, no time passes. Not so with `waits`, which wait for others. */
  watched<Target extends object>(target: Target, part: string, waits: ReadonlySet<string>): Target {
    return new Proxy(target, {
      get: (object, name) => {
        const value: unknown = Reflect.get(object, name, object);
        if (name === part && typeof value === 'object' && value !== null)
          return this.watched(value, '', waits);
        if (typeof value !== 'function') return value;
        return (...given: unknown[]): unknown => {
          const answer: unknown = Reflect.apply(value, object, given);
          const isWait = typeof name === 'string' && waits.has(name);
          return answer instanceof Promise && !isWait ? this.#whileBusy(answer) : answer;
        };
      },
    });
  }

  /** Lets time pass until `stop`. `before` is called before it does, with the moment it will be, and waited for. */
  async run(before: (nextMs: number) => Promise<void> | null): Promise<void> {
    for (;;) {
      await this.#quiet();
      if (this.#isOver) return;
      const next = this.#line.peek();
      if (next === null) await new Promise<void>((resolve) => (this.#cameInLine = resolve));
      else if (next.item.isAwake) this.#line.pop();
      else {
        await before(next.key);
        // Whoever slept may have been called in the meantime, and others have come in line before.
        if (this.#line.peek() !== next) continue;
        this.#line.pop();
        this.#nowMs = Math.max(this.#nowMs, next.key);
        next.item.wake();
      }
    }
  }

  /** Ends `run`, and every sleep. */
  stop(): void {
    this.#isOver = true;
    this.#cameInLine();
    for (let next = this.#line.pop(); next !== null; next = this.#line.pop()) next.item.wake();
  }

  async #quiet(): Promise<void> {
    for (let turns = 0, calls = this.#calls; turns < QUIET_TURNS; turns++) {
      await setImmediate();
      if (this.#busy > 0 || this.#calls !== calls) turns = -1;
      calls = this.#calls;
    }
  }

  async #whileBusy<Answer>(answer: Promise<Answer>): Promise<Answer> {
    this.#busy++;
    this.#calls++;
    try {
      return await answer;
    } finally {
      this.#busy--;
    }
  }
}
