/** The executions of a symbol that its attribution looked at: those with a profit, as many as its window holds. */
import { PAGE_ENTRIES } from './source.ts';
import { takeEntry } from '../../components/intake.ts';
import { keyOf } from '../../contract/keys.ts';
import { idMs, type Store, type StreamEntry } from '../../store/store.ts';
import { newestEntries } from '../stream-tail.ts';
import type { ExecutionEvent } from '../../core/event.ts';
import type { ExecutionLine } from './explanation.ts';

export interface FoundExecutions {
  /** Newest first. */
  readonly executions: readonly ExecutionLine[];
  readonly missing: string | null;
}

/** Entries looked through, of all symbols. */
const MAX_ENTRIES = 5000;

/** `at`: none that arrived later counts, Unix seconds; null: the newest. `window`: how many the attribution counts. */
export async function readExecutions(
  store: Store,
  namespace: string,
  symbol: string,
  at: number | null,
  window: number,
  aliases: ReadonlyMap<string, string>,
): Promise<FoundExecutions> {
  const stream = keyOf(namespace, 'executions');
  const { entries, isAll } = await entriesUpTo(store, stream, at);
  const found: ExecutionLine[] = [];
  const ids = new Set<string>();
  for (const entry of entries) {
    const { event } = takeEntry('executions', entry, idMs(entry.id) / 1000, aliases);
    if (event?.type !== 'execution' || event.symbol !== symbol) continue;
    // A repeat changes nothing.
    if (event.executionId !== null && ids.has(event.executionId)) continue;
    if (event.executionId !== null) ids.add(event.executionId);
    found.push(lineOf(entry.id, event));
  }
  const executions = inWindow(found, window);
  const isShort = executions.filter(({ pnl_usd }) => pnl_usd !== null).length < window;
  return {
    executions,
    missing:
      isShort && !isAll
        ? `Executions of ${symbol} were looked for among ${MAX_ENTRIES} of all symbols before that moment; its window may hold older ones.`
        : null,
  };
}

/** Oldest first. `isAll`: none before them is left out. */
async function entriesUpTo(
  store: Store,
  stream: string,
  at: number | null,
): Promise<{ readonly entries: readonly StreamEntry[]; readonly isAll: boolean }> {
  const { entries, hasOlder } = await newestEntries(store, stream, MAX_ENTRIES);
  if (at === null) return { entries, isAll: !hasOlder };
  const atMs = at * 1000;
  const before = entries.filter(({ id }) => idMs(id) <= atMs);
  if (!hasOlder || before.length > 0) return { entries: before, isAll: !hasOlder };
  return { entries: await entriesBefore(store, stream, atMs), isAll: false };
}

const FIRST_SPAN_MS = 60_000;
const MAX_SPAN_MS = 7 * 86_400_000;

/** Of a moment that lies further back than the newest entries: a longer and longer time before it, until enough are found. */
async function entriesBefore(store: Store, stream: string, atMs: number): Promise<readonly StreamEntry[]> {
  let found: StreamEntry[] = [];
  for (let spanMs = FIRST_SPAN_MS; spanMs <= MAX_SPAN_MS; spanMs *= 8) {
    found = [];
    let after = `${Math.max(0, Math.floor(atMs - spanMs))}-0`;
    for (let isOver = false; !isOver && found.length < 2 * MAX_ENTRIES;) {
      const { entries } = (await store.read([{ stream, after, count: PAGE_ENTRIES }])).streams[0]!;
      const before = entries.filter(({ id }) => idMs(id) <= atMs);
      found.push(...before);
      isOver = before.length < PAGE_ENTRIES;
      after = entries.at(-1)?.id ?? after;
    }
    if (found.length >= MAX_ENTRIES / 4) break;
  }
  return found.slice(-MAX_ENTRIES);
}

/** Newest first: back to the oldest with a profit that counts; opening fills between them are shown too. */
function inWindow(found: readonly ExecutionLine[], window: number): ExecutionLine[] {
  const lines: ExecutionLine[] = [];
  let profits = 0;
  for (const line of found.toReversed()) {
    if (profits === window) break;
    lines.push(line);
    if (line.pnl_usd !== null) profits++;
  }
  return lines;
}

function lineOf(id: string, event: ExecutionEvent): ExecutionLine {
  return {
    id,
    ts: event.eventTs,
    symbol: event.symbol,
    pnl_usd: event.pnlUsd,
    side: event.side,
    qty: event.qty,
    price: event.price,
    bot: event.bot,
    signal: event.signal,
    regime: event.regime,
    cluster: event.cluster,
    exit_reason: event.exitReason,
    plan_id: event.planId,
  };
}
