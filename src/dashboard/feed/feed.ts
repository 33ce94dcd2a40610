/**
 * The feed: what the store holds as one snapshot, read again and again, and told as patches. It only reads. While the store does
 * not answer the snapshot stays and says so.
 */
import { Backoff } from '../../runtime/backoff.ts';
import { StoreError } from '../../store/store.ts';
import { applyPatch, SHOWN_EVENTS, SHOWN_VERDICTS, thinned } from '../views/apply-patch.ts';
import { attributionOf } from './attribution.ts';
import { backfill, isNewPoint } from './equity.ts';
import { overviewChanges, overviewOf, type Deployment } from './overview.ts';
import { PatchLog } from './patches.ts';
import { StoreReader, type Round } from './reader.ts';
import { isSameRow } from './rows.ts';
import { FeedState } from './state.ts';
import type { Settings } from '../../core/settings.ts';
import type { Clock } from '../../runtime/clock.ts';
import type { Store } from '../../store/store.ts';
import type { Feed } from '../feed-port.ts';
import type { EquityPoint, Overview, Patch, Snapshot, SymbolRow } from '../wire.ts';

export interface FeedOptions {
  readonly store: Store;
  readonly namespace: string;
  readonly settings: Settings;
  readonly version: string;
  readonly kind: 'live' | 'paper';
  /** Seconds of the store's clock that pass in a real one. */
  readonly rate: () => number;
  readonly storeWhere: string;
  readonly clock: Clock;
  /** Between two readings, milliseconds; default 1000. */
  readonly everyMs?: number;
  /** Random text: patches of another process are told apart by it. */
  readonly processId: string;
  /** From ballast.config.json. */
  readonly aliases?: ReadonlyMap<string, string>;
  readonly clusters?: ReadonlyMap<string, string>;
  readonly log: (message: string) => void;
}

export interface RunningFeed extends Feed {
  /** Entries of streams that could not be used, so far. */
  readonly badEntries: number;
  /** Reads until `signal` aborts. Rejects on a bug. */
  run(signal: AbortSignal): Promise<void>;
}

export function openFeed(options: FeedOptions): RunningFeed {
  return new StoreFeed(options);
}

const EVERY_MS = 1000;

class StoreFeed implements RunningFeed {
  readonly #options: FeedOptions;
  readonly #deployment: Deployment;
  readonly #everyMs: number;
  readonly #state: FeedState;
  readonly #reader: StoreReader;
  readonly #patches: PatchLog;
  /** The rows that were told last. */
  readonly #rows = new Map<string, SymbolRow>();
  #snapshot: Snapshot | null = null;
  #last: Round | null = null;
  #error: string | null = null;
  /** The round that reads, and one that waits for it. */
  #reading: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;

  constructor(options: FeedOptions) {
    const { store, namespace, settings, version, kind, storeWhere, clock, log } = options;
    const [aliases, clusters] = [options.aliases ?? new Map(), options.clusters ?? new Map()];
    this.#options = options;
    this.#everyMs = options.everyMs ?? EVERY_MS;
    this.#deployment = { version, namespace, kind, settings, storeKind: store.kind, storeWhere };
    this.#state = new FeedState(aliases, clusters);
    this.#reader = new StoreReader(
      { store, namespace, settings, clock, everyMs: this.#everyMs, aliases, clusters, log },
      this.#state,
    );
    this.#patches = new PatchLog(options.processId);
  }

  get snapshot(): Snapshot | null {
    return this.#snapshot;
  }

  get lastId(): Feed['lastId'] {
    return this.#patches.lastId;
  }

  get badEntries(): number {
    return this.#state.badEntries;
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#options;
    const backoff = new Backoff(clock);
    while (!signal.aborted) {
      const beganMs = clock.monotonicMs();
      await this.refresh();
      if (this.#error === null) {
        backoff.reset();
        await clock.sleep(Math.max(0, this.#everyMs - (clock.monotonicMs() - beganMs)), signal);
      } else await backoff.wait(signal);
    }
  }

  /** A round that has begun may have read before whatever was just changed: the next one is waited for. */
  refresh(): Promise<void> {
    this.#next ??= this.#after(this.#reading);
    return this.#next;
  }

  get trouble(): string | null {
    return this.#error;
  }

  since(id: string): ReturnType<Feed['since']> {
    return this.#patches.since(id);
  }

  subscribe(listener: Parameters<Feed['subscribe']>[0]): () => void {
    return this.#patches.subscribe(listener);
  }

  detail(symbol: string): ReturnType<Feed['detail']> {
    const { book, executions } = this.#state;
    const row = this.#rows.get(symbol);
    const series = row === undefined ? null : book.series(symbol, executions.profit(symbol));
    if (row === undefined || series === null) return null;
    return { row, series, contributions: book.contributions(symbol) };
  }

  attribution(...[x, y, symbol]: Parameters<Feed['attribution']>): ReturnType<Feed['attribution']> {
    return attributionOf(this.#state.executions.known, x, y, symbol);
  }

  verdicts(filter: Parameters<Feed['verdicts']>[0]): ReturnType<Feed['verdicts']> {
    return this.#state.events.verdicts(filter);
  }

  events(filter: Parameters<Feed['events']>[0]): ReturnType<Feed['events']> {
    return this.#state.events.events(filter);
  }

  async #after(reading: Promise<void>): Promise<void> {
    // Whoever asked for that one was told how it ended.
    await Promise.allSettled([reading]);
    this.#next = null;
    this.#reading = this.#round();
    await this.#reading;
  }

  async #round(): Promise<void> {
    let round: Round | null = null;
    try {
      round = await this.#reader.round();
      this.#note(null);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#note(error);
    }
    this.#publish(round);
  }

  #note(error: StoreError | null): void {
    const text = error === null ? null : error.message;
    if (text === this.#error) return;
    this.#error = text;
    this.#options.log(
      text === null ? 'the dashboard reads the store again' : `the dashboard cannot read the store: ${text}`,
    );
  }

  /** Tells what is other than it was told. */
  #publish(round: Round | null): void {
    this.#last = round ?? this.#last;
    if (this.#last === null) return;
    const rows = this.#changedRows();
    const gone = this.#goneRows();
    const overview = this.#overview(this.#last);
    const equity = round === null ? [] : this.#equity(round);
    const { events } = this.#state;
    const [verdicts, others] = [events.takeVerdicts(), events.takeEvents()];
    if (this.#snapshot === null) {
      const symbols = [...this.#rows.values()].sort((a, b) => (a.symbol < b.symbol ? -1 : 1));
      this.#snapshot = { overview, symbols, verdicts, events: others, equity: thinned(equity) };
      return;
    }
    const changes = overviewChanges(this.#snapshot.overview, overview);
    const patch: Patch = {
      ...(changes === null ? {} : { overview: changes }),
      ...(rows.length === 0 ? {} : { symbols: rows }),
      ...(gone.length === 0 ? {} : { removed: gone }),
      ...(verdicts.length === 0 ? {} : { verdicts: verdicts.slice(-SHOWN_VERDICTS) }),
      ...(others.length === 0 ? {} : { events: others.slice(-SHOWN_EVENTS) }),
      ...(equity.length === 0 ? {} : { equity }),
    };
    if (Object.keys(patch).length === 0) return;
    this.#snapshot = applyPatch(this.#snapshot, patch);
    this.#patches.add(patch);
  }

  #changedRows(): SymbolRow[] {
    const { touched } = this.#state;
    const changed: SymbolRow[] = [];
    for (const symbol of touched) {
      const row = this.#state.row(symbol);
      const before = this.#rows.get(symbol);
      if (row === null || (before !== undefined && isSameRow(before, row))) continue;
      this.#rows.set(symbol, row);
      changed.push(row);
    }
    touched.clear();
    return changed;
  }

  #goneRows(): string[] {
    const { gone, book } = this.#state;
    const names = [...gone].filter((symbol) => book.get(symbol) === undefined && this.#rows.delete(symbol));
    gone.clear();
    return names;
  }

  #overview(readings: Round): Overview {
    const { executions, events } = this.#state;
    const rows = [...this.#rows.values()];
    const rate = this.#options.rate();
    return overviewOf(this.#deployment, rate, this.#error, readings, rows, executions, events);
  }

  #equity({ account, counted, isWhole, nowSec }: Round): EquityPoint[] {
    if (account === null) return [];
    const { executions, cashflows } = this.#state;
    const before = this.#snapshot?.equity ?? [];
    // It is counted back once, when all it takes is there.
    if (before.length === 0 && !isWhole) return [];
    const past =
      before.length === 0 ? thinned(backfill({ account, counted }, executions.known, cashflows.all())) : [];
    const last = past.at(-1) ?? before.at(-1);
    if (!isNewPoint(last, account, nowSec)) return past;
    return [...past, [nowSec, account.equity_usd, account.drawdown]];
  }
}
