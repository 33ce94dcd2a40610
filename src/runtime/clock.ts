/** The shell's clock: how long something took and how long to wait. What time it is the store says. */

export interface Clock {
  /** Milliseconds since some moment; never goes back. */
  monotonicMs(): number;
  /** Resolves after so many milliseconds, or as soon as `signal` aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Lets whatever else waits have its turn. */
  breathe(): Promise<void>;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  breathe: () => new Promise((resolve) => setImmediate(resolve)),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', done);
        resolve();
      };
      const timer = setTimeout(done, ms);
      signal.addEventListener('abort', done, { once: true });
    }),
};
