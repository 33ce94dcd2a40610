/** Waits for entries of streams, without asking again and again. */
import type { StreamEntry, StreamPosition } from '../store.ts';
import { streamsOf } from './read.ts';
import type { Waiters } from './waiting.ts';

export async function waitForEntries(
  waiters: Waiters,
  positions: readonly StreamPosition[],
  waitMs: number,
  signal: AbortSignal,
): Promise<readonly { readonly stream: string; readonly entries: readonly StreamEntry[] }[]> {
  if (positions.length === 0) return [];
  const counts = new Map(positions.map(({ stream, count }) => [stream, count]));
  const count = String(Math.max(...counts.values()));
  const places = [...positions.map(({ stream }) => stream), ...positions.map(({ after }) => after)];
  const answer = await waiters.wait(
    (blockMs) => ['XREAD', 'COUNT', count, 'BLOCK', String(blockMs), 'STREAMS', ...places],
    waitMs,
    signal,
  );
  return streamsOf(answer).map(({ stream, entries }) => ({
    stream,
    entries: entries.slice(0, counts.get(stream)),
  }));
}
