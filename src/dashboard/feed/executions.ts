/** The newest executions: profit by symbol, and what attribution is made of. Profit is whole micro-USD, so that it adds up. */
import { decodeEntry } from '../../contract/decode.ts';
import { UNKNOWN } from '../../core/context/context.ts';
import { microUsd } from '../../core/num.ts';
import { SeenIds } from '../../core/pipeline/seen-ids.ts';
import { idMs, type EntryId, type StreamEntry } from '../../store/store.ts';
import { MAX_EXECUTIONS, MAX_SYMBOLS, PROFIT_POINTS, SPARK_POINTS } from './bounds.ts';
import { fieldRecord } from './fields.ts';
import type { ExecutionEvent } from '../../core/event.ts';

export interface KnownExecution {
  readonly id: EntryId;
  /** When it happened, Unix seconds. */
  readonly ts: number;
  readonly microUsd: number;
  readonly symbol: string;
  readonly bot: string;
  readonly signal: string;
  readonly regime: string;
  readonly cluster: string;
  readonly exitReason: string;
  readonly side: string;
}

/** Of the executions of one symbol that are known. */
interface Stand {
  microUsd: number;
  count: number;
  lastTs: number | null;
  cluster: string | null;
  /** The newest, at most `PROFIT_POINTS`: when, and what they earned. */
  recent: { readonly ts: number; readonly microUsd: number }[];
}

export interface ExecutionNames {
  /** A venue's name → symbol. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Symbol → cluster, as configured. */
  readonly clusters: ReadonlyMap<string, string>;
}

/** Names repeat: one text of each is enough, while they are few. */
const MAX_INTERNED = 10_000;

export class Executions {
  readonly #seen = new SeenIds();
  readonly #stands = new Map<string, Stand>();
  readonly #names = new Map<string, string>();
  #known: KnownExecution[] = [];
  /** The oldest that counts; those before it are gone. */
  #first = 0;
  #microUsd = 0;
  /** Entries that could not be used. */
  bad = 0;

  /** Oldest first. */
  get known(): readonly KnownExecution[] {
    return this.#first === 0 ? this.#known : this.#known.slice(this.#first);
  }

  get count(): number {
    return this.#known.length - this.#first;
  }

  get profitUsd(): number {
    return this.#microUsd / 1e6;
  }

  /** When the oldest that is known happened. */
  get since(): number | null {
    return this.#known[this.#first]?.ts ?? null;
  }

  symbols(): Iterable<string> {
    return this.#stands.keys();
  }

  /** Takes entries of the stream; adds the symbols whose figures changed to `touched`. */
  apply(entries: readonly StreamEntry[], names: ExecutionNames, touched: Set<string>): void {
    for (const { id, fields } of entries) {
      const arrivalSec = idMs(id) / 1000;
      const decoded = decodeEntry('execution', fieldRecord(fields), arrivalSec, names);
      if (decoded.event?.type !== 'execution') this.bad++;
      else this.#add(id, decoded.event, names, touched);
    }
  }

  /** What a row says of a symbol's executions. */
  stand(symbol: string): {
    readonly profitUsd: number;
    readonly count: number;
    readonly lastTs: number | null;
    readonly cluster: string | null;
    readonly spark: number[];
  } {
    const stand = this.#stands.get(symbol);
    if (stand === undefined) return { profitUsd: 0, count: 0, lastTs: null, cluster: null, spark: [] };
    return {
      profitUsd: stand.microUsd / 1e6,
      count: stand.count,
      lastTs: stand.lastTs,
      cluster: stand.cluster,
      spark: running(stand, SPARK_POINTS).map(([, usd]) => usd),
    };
  }

  /** Running profit by execution, oldest first. */
  profit(symbol: string): [ts: number, usd: number][] {
    const stand = this.#stands.get(symbol);
    return stand === undefined ? [] : running(stand, PROFIT_POINTS);
  }

  #add(id: EntryId, event: ExecutionEvent, { clusters }: ExecutionNames, touched: Set<string>): void {
    if (event.executionId !== null && !this.#seen.add(event.executionId)) return;
    const stand = this.#stand(event.symbol);
    if (stand === null) return;
    touched.add(event.symbol);
    stand.lastTs = Math.max(stand.lastTs ?? 0, event.eventTs);
    if (event.cluster !== null && event.cluster !== UNKNOWN) stand.cluster = this.#name(event.cluster);
    // An opening fill earned nothing yet.
    if (event.pnlUsd === null) return;
    const earned = Math.max(-MOST_MICRO_USD, Math.min(MOST_MICRO_USD, microUsd(event.pnlUsd)));
    stand.microUsd += earned;
    stand.count++;
    stand.recent.push({ ts: event.eventTs, microUsd: earned });
    if (stand.recent.length > 2 * PROFIT_POINTS) stand.recent = stand.recent.slice(-PROFIT_POINTS);
    this.#microUsd += earned;
    const cluster = event.cluster === UNKNOWN ? null : event.cluster;
    this.#known.push({
      id,
      ts: event.eventTs,
      microUsd: earned,
      symbol: this.#name(event.symbol),
      bot: this.#name(event.bot),
      signal: this.#name(event.signal),
      regime: this.#name(event.regime),
      cluster: this.#name(cluster ?? clusters.get(event.symbol) ?? null),
      exitReason: this.#name(event.exitReason),
      side: this.#name(event.side),
    });
    if (this.count > MAX_EXECUTIONS) this.#dropOldest(touched);
  }

  #dropOldest(touched: Set<string>): void {
    const { symbol, microUsd: earned } = this.#known[this.#first]!;
    const stand = this.#stands.get(symbol)!;
    this.#first++;
    this.#microUsd -= earned;
    stand.microUsd -= earned;
    stand.count--;
    if (stand.recent.length > stand.count) stand.recent.shift();
    touched.add(symbol);
    if (this.#first < MAX_EXECUTIONS) return;
    this.#known = this.#known.slice(this.#first);
    this.#first = 0;
  }

  #stand(symbol: string): Stand | null {
    const found = this.#stands.get(symbol);
    if (found !== undefined) return found;
    if (this.#stands.size >= MAX_SYMBOLS) return null;
    const stand: Stand = { microUsd: 0, count: 0, lastTs: null, cluster: null, recent: [] };
    this.#stands.set(symbol, stand);
    return stand;
  }

  #name(name: string | null): string {
    if (name === null) return UNKNOWN;
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_INTERNED) this.#names.clear();
    this.#names.set(name, name);
    return name;
  }
}

/** Profit beyond it is a mistake of whoever wrote it; sums of it stay whole numbers for a long time. */
const MOST_MICRO_USD = Number.MAX_SAFE_INTEGER;

/** Running profit after each of the newest executions, so that the last is all of it. */
function running({ microUsd: all, recent }: Stand, count: number): [ts: number, usd: number][] {
  const newest = recent.slice(-count);
  let sum = all - newest.reduce((before, one) => before + one.microUsd, 0);
  return newest.map(({ ts, microUsd: earned }) => [ts, (sum += earned) / 1e6]);
}
