/** What was read so far, folded: everything the snapshot is made of but what is read anew each time. */
import { decodeEntry } from '../../contract/decode.ts';
import { idMs, type StreamEntry } from '../../store/store.ts';
import { MAX_CASHFLOWS, MAX_SYMBOLS } from './bounds.ts';
import { Executions } from './executions.ts';
import { fieldRecord } from './fields.ts';
import { GovernorEvents } from './governor-events.ts';
import { Newest } from './newest.ts';
import { SymbolBook } from './symbol-book.ts';
import type { EventType, InputEvent } from '../../core/event.ts';
import type { KnownCashflow } from './equity.ts';
import type { SymbolRow, Trading } from '../wire.ts';

export class FeedState {
  readonly executions = new Executions();
  readonly events = new GovernorEvents();
  readonly book = new SymbolBook();
  readonly cashflows = new Newest<KnownCashflow>(MAX_CASHFLOWS);
  aliases: ReadonlyMap<string, string>;
  clusters: ReadonlyMap<string, string>;
  /** Symbols whose rows may be others now, and those that may have none any more. */
  readonly touched = new Set<string>();
  readonly gone = new Set<string>();
  /** Symbol → regime; the empty name: of all others. */
  readonly #regimes = new Map<string, string>();
  #disarmed: ReadonlyMap<string, NonNullable<SymbolRow['disarmed']>> = new Map();
  #bad = 0;

  constructor(aliases: ReadonlyMap<string, string>, clusters: ReadonlyMap<string, string>) {
    this.aliases = aliases;
    this.clusters = clusters;
  }

  /** Entries that could not be used, of all streams. */
  get badEntries(): number {
    return this.#bad + this.executions.bad + this.events.bad + this.book.bad;
  }

  applyExecutions(entries: readonly StreamEntry[]): void {
    this.executions.apply(entries, this, this.touched);
    for (const symbol of this.touched) this.book.meet(symbol);
  }

  applyCashflows(entries: readonly StreamEntry[]): void {
    for (const entry of entries) {
      const event = this.#decoded('cashflow', entry);
      if (event?.type !== 'cashflow') continue;
      this.cashflows.add({ id: entry.id, ts: event.ts, amountUsd: event.amountUsd });
    }
  }

  applyRegimes(entries: readonly StreamEntry[]): void {
    for (const entry of entries) {
      const event = this.#decoded('regime', entry);
      if (event?.type !== 'regime') continue;
      const symbol = event.symbol ?? '';
      if (this.#regimes.get(symbol) === event.regime) continue;
      if (this.#regimes.size >= MAX_SYMBOLS && !this.#regimes.has(symbol)) continue;
      this.#regimes.set(symbol, event.regime);
      if (symbol === '') this.touchAll();
      else this.touched.add(symbol);
    }
  }

  disarm(disarmed: Trading['disarmed']): void {
    const now = new Map(disarmed.map(({ symbol, reason, since }) => [symbol, { reason, since }]));
    for (const symbol of new Set([...this.#disarmed.keys(), ...now.keys()])) {
      const [before, after] = [this.#disarmed.get(symbol), now.get(symbol)];
      if (before?.reason !== after?.reason || before?.since !== after?.since || !before !== !after)
        this.touched.add(symbol);
    }
    this.#disarmed = now;
    for (const symbol of now.keys()) this.book.meet(symbol);
  }

  /** Symbols somebody knows have a row; where fewer are known than before, those that nobody knows any more have none. */
  meet(known: readonly string[], areFewer: boolean): void {
    for (const symbol of known) if (this.book.meet(symbol)) this.touched.add(symbol);
    if (!areFewer) return;
    const all = new Set([...known, ...this.executions.symbols(), ...this.#disarmed.keys()]);
    for (const symbol of this.book.names()) {
      if (all.has(symbol)) continue;
      this.book.forget(symbol);
      this.gone.add(symbol);
    }
  }

  touchAll(): void {
    for (const symbol of this.book.names()) this.touched.add(symbol);
  }

  /** Null: it has none. */
  row(symbol: string): SymbolRow | null {
    const entry = this.book.get(symbol);
    if (entry === undefined) return null;
    const { profitUsd, count, lastTs, cluster, spark } = this.executions.stand(symbol);
    return {
      symbol,
      cluster: this.clusters.get(symbol) ?? cluster,
      regime: this.#regimes.get(symbol) ?? this.#regimes.get('') ?? null,
      profit_usd: profitUsd,
      executions: count,
      last_execution_ts: lastTs,
      spark,
      ...entry.hashes.columns,
      disarmed: this.#disarmed.get(symbol) ?? null,
    };
  }

  #decoded(type: EventType, { id, fields }: StreamEntry): InputEvent | null {
    const decoded = decodeEntry(type, fieldRecord(fields), idMs(id) / 1000, this);
    if (decoded.event === null) this.#bad++;
    return decoded.event;
  }
}
