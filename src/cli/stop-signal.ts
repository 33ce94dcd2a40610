/** SIGTERM and Ctrl-C as an abort; the second Ctrl-C, or two seconds without an end, ends the process as it stands. */

/** What is not done by then is not waited for: it is committed whole or not at all, and done again at the next start. */
const LONGEST_STOP_MS = 1900;
const INTERRUPTED = 130;

export interface StopSignal {
  readonly signal: AbortSignal;
  /** Signals mean what they always do again. */
  readonly dispose: () => void;
}

export function stopSignal(onStop: (name: string) => void): StopSignal {
  const controller = new AbortController();
  const stop = (name: NodeJS.Signals): void => {
    if (controller.signal.aborted) process.exit(INTERRUPTED);
    onStop(name);
    setTimeout(() => process.exit(1), LONGEST_STOP_MS).unref();
    controller.abort();
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  return {
    signal: controller.signal,
    dispose: () => {
      process.off('SIGTERM', stop);
      process.off('SIGINT', stop);
    },
  };
}
