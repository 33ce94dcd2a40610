/** The order in which fills happened, as far as a file tells. */
import type { FillRow, FundingRow } from './fill-row.ts';

export type PositionEvent = FillRow | FundingRow;

/** Start positions are written with about nine digits: closer than this share they are the same. */
const SAME = 1e-6;
/** Above this many fills in one instant of one symbol the file's own order is kept: chaining compares all with all. */
const MAX_CHAIN = 2000;

/**
 * By time; at equal times in file order, or against it in a file that lists the newest first. Where rows say what was
 * held before them, fills of one instant are put so that each starts where the one before it ended.
 */
export function inTimeOrder(events: readonly PositionEvent[]): PositionEvent[] {
  let falls = 0;
  let rises = 0;
  for (let i = 1; i < events.length; i += 1) {
    const step = (events[i]?.tsMs ?? 0) - (events[i - 1]?.tsMs ?? 0);
    if (step < 0) falls += 1;
    else if (step > 0) rises += 1;
  }
  const ordered = falls > rises ? events.toReversed() : [...events];
  ordered.sort((a, b) => a.tsMs - b.tsMs);
  return chained(ordered);
}

/** The tolerance within which two quantities are the same, in units. */
export function roundingOf(...quantities: readonly number[]): number {
  return SAME * Math.max(1e-6, ...quantities.map(Math.abs));
}

function chained(ordered: PositionEvent[]): PositionEvent[] {
  const held = new Map<string, number>();
  for (let from = 0; from < ordered.length;) {
    let to = from + 1;
    while (ordered[to]?.tsMs === ordered[from]?.tsMs && to < ordered.length) to += 1;
    const groups = new Map<string, number[]>();
    for (let i = from; i < to; i += 1) {
      const event = ordered[i];
      if (event?.kind !== 'fill' || event.startPosition === null) continue;
      const key = `${event.account}\u0000${event.symbol}`;
      const group = groups.get(key);
      if (group === undefined) groups.set(key, [i]);
      else group.push(i);
    }
    for (const [key, places] of groups) {
      const fills = places.map((place) => ordered[place] as FillRow);
      const chain = fills.length > MAX_CHAIN ? fills : chainOf(fills, held.get(key) ?? null);
      places.forEach((place, i) => (ordered[place] = chain[i] as FillRow));
      const last = chain.at(-1);
      if (last !== undefined) held.set(key, endOf(last));
    }
    from = to;
  }
  return ordered;
}

function chainOf(fills: readonly FillRow[], heldBefore: number | null): FillRow[] {
  const rest = [...fills];
  const chain: FillRow[] = [];
  let at = heldBefore;
  while (rest.length > 0) {
    let next = at === null ? -1 : rest.findIndex((fill) => starts(fill, at ?? 0));
    // No link to what came before: begin at a fill that no other leads to.
    if (next < 0)
      next = rest.findIndex((fill) => !rest.some((other) => other !== fill && starts(fill, endOf(other))));
    const [fill] = rest.splice(Math.max(next, 0), 1);
    if (fill === undefined) break;
    chain.push(fill);
    at = endOf(fill);
  }
  return chain;
}

function starts(fill: FillRow, at: number): boolean {
  const start = fill.startPosition ?? 0;
  return Math.abs(start - at) <= roundingOf(start, at, fill.qty);
}

function endOf(fill: FillRow): number {
  return (fill.startPosition ?? 0) + (fill.side === 'BUY' ? fill.qty : -fill.qty);
}
