/** A patch on a snapshot, the same in the server and on the page: what is sent piece by piece is what is held there. */
import type { EquityPoint, Overview, Patch, Snapshot, SymbolRow } from '../wire.ts';

/** The newest of a snapshot's verdicts, and of its events. */
export const SHOWN_VERDICTS = 200;
export const SHOWN_EVENTS = 200;
/** Past so many points of equity half of them go. */
export const EQUITY_POINTS = 2000;

/** The snapshot after the patch; neither of the two is changed. */
export function applyPatch(snapshot: Snapshot, patch: Patch): Snapshot {
  return {
    // No field of a patch holds undefined: what did not change is not in it.
    overview:
      patch.overview === undefined
        ? snapshot.overview
        : ({ ...snapshot.overview, ...patch.overview } as Overview),
    symbols: changedRows(snapshot.symbols, patch.symbols ?? [], patch.removed ?? []),
    verdicts: newest(snapshot.verdicts, patch.verdicts, SHOWN_VERDICTS),
    events: newest(snapshot.events, patch.events, SHOWN_EVENTS),
    equity: patch.equity === undefined ? snapshot.equity : thinned([...snapshot.equity, ...patch.equity]),
  };
}

/** At most `EQUITY_POINTS`: the lowest and the highest of every four are kept, as often as it takes, and both ends. */
export function thinned(points: readonly EquityPoint[]): EquityPoint[] {
  let kept = [...points];
  while (kept.length > EQUITY_POINTS) kept = halved(kept);
  return kept;
}

function halved(points: readonly EquityPoint[]): EquityPoint[] {
  const last = points.length - 1;
  const kept = [points[0]!];
  for (let from = 1; from < last; from += 4) {
    const to = Math.min(from + 4, last);
    let [low, high] = [from, from];
    for (let i = from; i < to; i++) {
      if (points[i]![1] < points[low]![1]) low = i;
      if (points[i]![1] >= points[high]![1]) high = i;
    }
    kept.push(points[Math.min(low, high)]!);
    if (low !== high) kept.push(points[Math.max(low, high)]!);
  }
  return [...kept, points[last]!];
}

function changedRows(
  rows: readonly SymbolRow[],
  changed: readonly SymbolRow[],
  removed: readonly string[],
): SymbolRow[] {
  if (changed.length === 0 && removed.length === 0) return rows as SymbolRow[];
  const news = new Map(changed.map((row) => [row.symbol, row]));
  const gone = new Set(removed);
  const kept: SymbolRow[] = [];
  for (const row of rows) {
    const other = news.get(row.symbol);
    if (other !== undefined) news.delete(row.symbol);
    if (!gone.has(row.symbol)) kept.push(other ?? row);
  }
  if (news.size === 0) return kept;
  return [...kept, ...news.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
}

function newest<Item>(before: Item[], added: readonly Item[] | undefined, count: number): Item[] {
  return added === undefined ? before : [...before, ...added].slice(-count);
}
