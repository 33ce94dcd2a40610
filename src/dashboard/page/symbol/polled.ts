/** Asks the server for something again and again while the page is seen, and keeps what it said last while it does not answer. */
import { computed } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { clock, getJson, snapshot } from '../state.ts';

const rate = computed(() => snapshot.value?.overview.rate ?? 1);

export interface Polled<T> {
  /** Null: not answered yet. Of the path asked for now, never of another. */
  readonly value: T | null;
  /** When the value came, by the store's clock. */
  readonly at: number | null;
  /** What is wrong, if the last answer was no value. */
  readonly error: { readonly text: string; readonly isNotFound: boolean } | null;
  readonly refetch: () => void;
}

/** Seconds of the store's clock, which may run faster than ours; not more often than once in a second of ours. */
export function usePolled<T>(path: string, everyStoreSec: number): Polled<T> {
  const everyMs = Math.max(1, everyStoreSec / rate.value) * 1000;
  const [state, setState] = useState<Omit<Polled<T>, 'refetch'> & { readonly path: string }>(() =>
    nothing(path),
  );
  const [round, setRound] = useState(0);
  useEffect(() => {
    const abort = new AbortController();
    let isAsking = false;
    let askedMs = Number.NEGATIVE_INFINITY;
    const ask = async (): Promise<void> => {
      if (isAsking || document.visibilityState === 'hidden') return;
      isAsking = true;
      askedMs = performance.now();
      const answer = await getJson<T>(path, abort.signal);
      isAsking = false;
      if (abort.signal.aborted) return;
      setState((before) => {
        if (answer.ok) return { path, value: answer.value, at: clock.peek(), error: null };
        const kept = before.path === path ? before : nothing<T>(path);
        return { ...kept, error: { text: answer.error, isNotFound: answer.status === 404 } };
      });
    };
    // Whoever comes back to the page sees what is now, not what was when they left.
    const onSeen = (): void => {
      if (performance.now() - askedMs > everyMs) void ask();
    };
    void ask();
    document.addEventListener('visibilitychange', onSeen);
    const timer = setInterval(() => void ask(), everyMs);
    return () => {
      abort.abort();
      document.removeEventListener('visibilitychange', onSeen);
      clearInterval(timer);
    };
  }, [path, everyMs, round]);
  const current = state.path === path ? state : nothing<T>(path);
  return { ...current, refetch: () => setRound((before) => before + 1) };
}

function nothing<T>(path: string): Omit<Polled<T>, 'refetch'> & { readonly path: string } {
  return { path, value: null, at: null, error: null };
}
