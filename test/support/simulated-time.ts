/**
 * Time that passes only when everyone sleeps: what is due first happens next, hours go by in a second. Actions of a test
 * and sleeping runners wait in one line.
 */
import { Heap } from '../../src/core/heap.ts';
import type { Clock } from '../../src/runtime/clock.ts';

export class SimulatedTime {
  nowMs: number;
  /** Added to what a store says the time is: its clock was set. */
  shiftMs = 0;
  readonly #startMs: number;
  readonly #line = new Heap<() => void | Promise<void>>();
  /** Runners that work or sleep, and how many of them sleep. */
  #runners = 0;
  #asleep = 0;
  #isTurning = false;

  constructor(startMs: number) {
    this.nowMs = startMs;
    this.#startMs = startMs;
  }

  readonly clock: Clock = {
    monotonicMs: () => this.nowMs - this.#startMs,
    breathe: () => Promise.resolve(),
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        if (signal.aborted) return resolve();
        this.#asleep++;
        let isAwake = false;
        const wake = (): void => {
          if (isAwake) return;
          isAwake = true;
          this.#asleep--;
          signal.removeEventListener('abort', wake);
          resolve();
        };
        signal.addEventListener('abort', wake, { once: true });
        this.#line.push(this.nowMs + ms, wake);
        this.#turn();
      }),
  };

  /** Happens at that moment, or at once where that is over. */
  at(ms: number, action: () => void | Promise<void>): void {
    this.#line.push(Math.max(ms, this.nowMs), action);
    this.#turn();
  }

  /** Lets time pass up to a moment, and whoever was woken by then do what there is to do. */
  until(ms: number): Promise<void> {
    return new Promise((resolve) => this.at(ms, resolve));
  }

  runnerCame(): void {
    this.#runners++;
  }

  runnerWent(): void {
    this.#runners--;
    this.#turn();
  }

  #turn(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => void this.#advance());
  }

  async #advance(): Promise<void> {
    while (this.#asleep >= this.#runners) {
      const next = this.#line.pop();
      if (next === null) break;
      this.nowMs = Math.max(this.nowMs, next.key);
      await next.item();
      // Whoever slept comes to his senses before anyone asks who sleeps.
      await Promise.resolve();
    }
    this.#isTurning = false;
    if (this.#asleep >= this.#runners && this.#line.peek() !== null) this.#turn();
  }
}
