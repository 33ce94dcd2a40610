/** Everything known of each symbol: its columns, its history, and the row they make. */
import { contributions } from '../../contract/record-codec.ts';
import { SYMBOL_GRAMMAR } from '../../contract/symbol.ts';
import { fieldsOf } from '../../ops/governor/verdicts.ts';
import { MAX_SYMBOLS } from './bounds.ts';
import { numberIn, timeIn, type FieldMap } from './fields.ts';
import { pointsFor, Series } from './history.ts';
import { pressureIn, UNREAD, type SymbolHashes } from './symbol-hashes.ts';
import { PRESSURES } from '../../core/decision.ts';
import type { StreamEntry } from '../../store/store.ts';
import type { SymbolDetail } from '../wire.ts';

type Contributions = SymbolDetail['contributions'];
const CONTRIBUTIONS = ['regime', 'cluster', 'signal', 'time'] as const satisfies (keyof Contributions)[];
/** A longer text of contributions is not kept. */
const MAX_CONTRIBUTIONS_LENGTH = 16_384;

/** What does not change is noted so often. */
const QUIET_SEC = 60;
/** Another program's clock may run so far ahead of the store's. */
const AHEAD_SEC = 60;

export interface SymbolEntry {
  hashes: SymbolHashes;
  /** As they were written, newest. */
  contributions: readonly (string | undefined)[];
  readonly efficiency: Series;
  readonly target: Series;
  readonly budget: Series;
  readonly proposed: Series;
  readonly position: Series;
}

export class SymbolBook {
  readonly #symbols = new Map<string, SymbolEntry>();
  /** Entries that could not be used. */
  bad = 0;

  get size(): number {
    return this.#symbols.size;
  }

  names(): string[] {
    return [...this.#symbols.keys()];
  }

  get(symbol: string): SymbolEntry | undefined {
    return this.#symbols.get(symbol);
  }

  /** Whether it is new here. Names outside the grammar and too many have no row. */
  meet(symbol: string): boolean {
    if (this.#symbols.has(symbol) || this.#symbols.size >= MAX_SYMBOLS || !SYMBOL_GRAMMAR.test(symbol))
      return false;
    this.#symbols.set(symbol, {
      hashes: UNREAD,
      contributions: [],
      efficiency: new Series(8),
      target: new Series(1),
      budget: new Series(1),
      proposed: new Series(1),
      position: new Series(1),
    });
    return true;
  }

  forget(symbol: string): void {
    this.#symbols.delete(symbol);
  }

  /** What the hashes of a symbol hold now. What says that it is of later than that is shown, but is no point in time. */
  read(symbol: string, hashes: SymbolHashes, nowSec: number): void {
    const entry = this.#symbols.get(symbol);
    if (entry === undefined) return;
    entry.hashes = hashes;
    const { columns, efficiency } = hashes;
    const most = pointsFor(this.#symbols.size);
    const latestSec = nowSec + AHEAD_SEC;
    const note = (series: Series, ts: number | null, usd: number | null): void => {
      if (ts !== null && usd !== null && ts <= latestSec) series.add(ts, [usd], most, QUIET_SEC);
    };
    note(entry.target, columns.target_ts, columns.target_usd);
    note(entry.budget, columns.budget_ts, columns.budget_usd);
    note(entry.proposed, columns.proposed_ts, columns.proposed_usd);
    note(entry.position, columns.position_ts, columns.position_usd);
    const { efficiency_ts: ts, efficiency: score } = columns;
    if (ts === null || score === null || ts > latestSec) return;
    const values = [
      ...[score, columns.efficiency_ewma, columns.efficiency_confidence],
      PRESSURES.findIndex((name) => name === columns.pressure),
      ...[efficiency.volatilityRatio, efficiency.drawdownRatio, efficiency.holdTimePenalty],
      efficiency.performanceFactor,
    ];
    entry.efficiency.add(ts, values.map(orNaN), most);
  }

  /** Entries of `capital.efficiency.decision`. */
  applyEfficiencies(entries: readonly StreamEntry[]): void {
    this.#each(entries, 'efficiency_score', (entry, fields, ts, score, most) => {
      const pressure = PRESSURES.findIndex((name) => name === pressureIn(fields));
      const part = (field: string): number => orNaN(numberIn(fields, field));
      const values = [
        ...[score, part('efficiency_ewma'), part('confidence'), pressure, part('volatility_ratio')],
        ...[part('dd_ratio'), part('hold_time_penalty'), part('p30_perf')],
      ];
      entry.efficiency.add(ts, values, most);
    });
  }

  /** Entries of `allocation.decision`. */
  applyAllocations(entries: readonly StreamEntry[]): void {
    this.#each(entries, 'target_usd', (entry, _fields, ts, usd, most) =>
      entry.target.add(ts, [usd], most, QUIET_SEC),
    );
  }

  /** Entries of `allocation.target.proposed`. */
  applyProposals(entries: readonly StreamEntry[]): void {
    this.#each(entries, 'proposed_target', (entry, _fields, ts, usd, most) =>
      entry.proposed.add(ts, [usd], most, QUIET_SEC),
    );
  }

  /** Entries of `alpha.attribution`. */
  applyAttributions(entries: readonly StreamEntry[]): void {
    this.#each(entries, 'performance_factor', (entry, fields) => {
      entry.contributions = CONTRIBUTIONS.map((name) => {
        const text = fields.get(`${name}_contrib`);
        return text === undefined || text.length > MAX_CONTRIBUTIONS_LENGTH ? undefined : text;
      });
    });
  }

  series(symbol: string, profit: SymbolDetail['series']['profit']): SymbolDetail['series'] | null {
    const entry = this.#symbols.get(symbol);
    if (entry === undefined) return null;
    const plain = (series: Series): [number, number][] =>
      series.points((ts, values): [number, number] => [ts, values(0)]);
    return {
      profit,
      efficiency: entry.efficiency.points((ts, values) => ({
        ts,
        score: values(0),
        ewma: orNull(values(1)),
        confidence: orNull(values(2)) ?? 0,
        pressure: PRESSURES[values(3)] ?? '',
        volatility_ratio: orNull(values(4)),
        dd_ratio: orNull(values(5)),
        hold_time_penalty: orNull(values(6)),
        performance_factor: orNull(values(7)),
      })),
      target: plain(entry.target),
      budget: plain(entry.budget),
      proposed: plain(entry.proposed),
      position: plain(entry.position),
    };
  }

  contributions(symbol: string): Contributions {
    const texts = this.#symbols.get(symbol)?.contributions ?? [];
    const [regime, cluster, signal, time] = CONTRIBUTIONS.map((_name, i) => {
      const text = texts[i];
      return Object.fromEntries((text === undefined ? undefined : contributions.parse(text)) ?? []);
    });
    return { regime: regime!, cluster: cluster!, signal: signal!, time: time! };
  }

  #each(
    entries: readonly StreamEntry[],
    valueField: string,
    use: (entry: SymbolEntry, fields: FieldMap, ts: number, value: number, most: number) => void,
  ): void {
    for (const { fields: flat } of entries) {
      const fields = fieldsOf(flat);
      const symbol = fields.get('symbol') ?? '';
      const ts = timeIn(fields, 'ts', 'timestamp', 'ts_epoch');
      const value = numberIn(fields, valueField);
      if (ts === null || value === null || !SYMBOL_GRAMMAR.test(symbol)) {
        this.bad++;
        continue;
      }
      this.meet(symbol);
      const entry = this.#symbols.get(symbol);
      if (entry !== undefined) use(entry, fields, ts, value, pointsFor(this.#symbols.size));
    }
  }
}

function orNaN(value: number | null): number {
  return value ?? NaN;
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
