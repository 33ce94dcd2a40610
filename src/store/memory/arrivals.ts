/** Waiting for something to come under a key of the memory store: whoever waits is told, nobody asks again and again. */
import { setTimeout } from 'node:timers/promises';

/** How a wait ends by itself. */
export interface Timer {
  /** Resolves after so many milliseconds, or as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemTimer: Timer = {
  sleep: async (ms, signal) => {
    try {
      await setTimeout(ms, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  },
};

/** For what, and how long. */
export interface Wait<Answer> {
  readonly keys: readonly string[];
  /** What there is of it, null: nothing yet. Asked at once, and again when something came under one of the keys. */
  readonly attempt: () => Answer | null;
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly timer: Timer;
}

interface Waiting {
  readonly look: () => void;
  readonly fail: (error: Error) => void;
}

export class Arrivals {
  readonly #waiting = new Map<string, Set<Waiting>>();
  #arrived = new Set<string>();

  /** Something came under this key, in a change that is not carried out in full yet. */
  note(key: string): void {
    if (this.#waiting.has(key)) this.#arrived.add(key);
  }

  /** The change is carried out: those who wait are told, who came first first. */
  tell(): void {
    if (this.#arrived.size === 0) return;
    const arrived = this.#arrived;
    this.#arrived = new Set();
    for (const key of arrived) for (const { look } of [...(this.#waiting.get(key) ?? [])]) look();
  }

  /** Nothing will come any more. */
  end(error: Error): void {
    for (const waiting of [...this.#waiting.values()]) for (const { fail } of [...waiting]) fail(error);
  }

  /** The first answer of `attempt`; null: the time is over, or `signal` aborted. Rejects with what `attempt` throws. */
  async first<Answer>({ keys, attempt, waitMs, signal, timer }: Wait<Answer>): Promise<Answer | null> {
    const now = attempt();
    if (now !== null || signal.aborted || waitMs <= 0) return now;
    const over = new AbortController();
    const stop = (): void => over.abort();
    signal.addEventListener('abort', stop, { once: true });
    let leave: () => void = stop;
    try {
      return await new Promise<Answer | null>((resolve, reject) => {
        const look = (): void => {
          try {
            const answer = attempt();
            if (answer === null) return;
            leave();
            resolve(answer);
          } catch (error) {
            leave();
            reject(error instanceof Error ? error : new Error(String(error)));
          }
        };
        leave = this.#enter(keys, { look, fail: reject });
        const end = (): void => {
          leave();
          resolve(null);
        };
        timer.sleep(waitMs, over.signal).then(end, reject);
      });
    } finally {
      leave();
      stop();
      signal.removeEventListener('abort', stop);
    }
  }

  #enter(keys: readonly string[], waiting: Waiting): () => void {
    for (const key of keys) {
      const others = this.#waiting.get(key);
      if (others === undefined) this.#waiting.set(key, new Set([waiting]));
      else others.add(waiting);
    }
    return () => {
      for (const key of keys) {
        const others = this.#waiting.get(key);
        if (others?.delete(waiting) === true && others.size === 0) this.#waiting.delete(key);
      }
    };
  }
}
