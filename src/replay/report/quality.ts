/**
 * Watches executions for patterns that are usable but suspicious, and says what each looks like. It never drops
 * anything: a flag is a reason to look, and only the user's `--exclude` leaves flagged rows out. Memory is bounded.
 *
 * Two patterns are known only later: a placeholder at its third appearance, a missing identity when the first
 * executions that have one arrive. Earlier rows are then counted in `late`. Flagging them from the first row on
 * takes a second pass, begun with what the first has `learned()`.
 */
import { PlaceholderTable, type PlaceholderState } from './placeholder.ts';
import { RecentProfits, type RecentProfitsState } from './recent-profits.ts';
import { saturatingAdd } from './ledger.ts';

/** In order of precedence: a row gets the first that fits. */
export const QUALITY_FLAGS = [
  'zero_against_percent',
  'zero_profit',
  'placeholder',
  'look_alike',
  'contradicts_gross',
  'contradicts_percent',
  'no_identity',
] as const;
export type QualityFlag = (typeof QUALITY_FLAGS)[number];

/** What each flag tells a user, in a few words. */
export const QUALITY_MEANING: Readonly<Record<QualityFlag, string>> = {
  zero_against_percent: 'profit is exactly zero, but its percentage is not',
  zero_profit: 'profit is exactly zero and nothing else in the row supports it',
  placeholder: 'a bare row with the same round profit for the symbol far more often than chance',
  look_alike: 'looks like a repeat: same symbol and profit shortly after, and no id that tells them apart',
  contradicts_gross: 'profit after fees is positive, before fees it was negative',
  contradicts_percent: 'profit and its percentage have opposite signs',
  no_identity: 'has no execution or order id, while others of the same bot in the same input have one',
};

/** One execution. What is not known is left out, undefined or NaN; an unknown bot or signal is 0. */
export interface QualityObservation {
  readonly symbolId: number;
  readonly eventSec: number;
  /** Finite. */
  readonly pnlUsd: number;
  readonly pnlPct?: number | undefined;
  readonly grossUsd?: number | undefined;
  /** An execution id, trade id or order id is present. */
  readonly hasIdentity: boolean;
  /** Which file or stream it came from; identities are only missed among others of the same one. */
  readonly sourceId?: number | undefined;
  readonly botId?: number | undefined;
  readonly signalId?: number | undefined;
  readonly qty?: number | undefined;
  readonly price?: number | undefined;
  readonly holdSec?: number | undefined;
}

export interface FlagCount {
  readonly count: number;
  readonly pnlMicroUsd: number;
}

export interface QualityFlagSummary extends FlagCount {
  /** Rows that turned out to be suspicious only after they had passed. Not in `count`. */
  readonly late: FlagCount;
}

export interface QualitySummary {
  readonly observed: number;
  /** Only flags that occurred, in order of precedence. */
  readonly flags: ReadonlyMap<QualityFlag, QualityFlagSummary>;
}

/** What only a whole pass can know; a second pass that begins with it needs no `late` counts. */
export interface QualityKnowledge {
  readonly placeholders: readonly (readonly [scope: number, symbolId: number, cents: number])[];
  /** Scopes as [sourceId, botId], in order of appearance: placeholders refer to them by position. */
  readonly scopes: readonly {
    readonly sourceId: number;
    readonly botId: number;
    readonly isMixed: boolean;
  }[];
}

export interface QualityState {
  readonly observed: number;
  /** By flag, in order: [count, pnlMicroUsd, late count, late pnlMicroUsd]. */
  readonly counts: readonly number[];
  readonly scopes: readonly Scope[];
  readonly placeholders: PlaceholderState;
  readonly recent: RecentProfitsState;
}

/** Executions of one bot from one input. */
interface Scope {
  readonly sourceId: number;
  readonly botId: number;
  identified: number;
  /** So many others have an identity that a row without one is flagged. */
  isMixed: boolean;
  /** Rows without identity and without a flag that passed before `isMixed`. */
  pending: number;
  pendingMicroUsd: number;
}

/** Fewer than this may be an accident of one writer. */
const MIN_IDENTIFIED = 10;
/** From here on a percentage is no rounding of a profit that was really zero. */
const MIN_PERCENT = 1;
const MAX_SCOPES = 1024;
const FLAG_FIELDS = 4;

export class QualityWatch {
  #observed = 0;
  readonly #counts = new Float64Array(QUALITY_FLAGS.length * FLAG_FIELDS);
  readonly #scopes: Scope[] = [];
  readonly #scopeIndexes = new Map<number, number>();
  /** The scope of the newest row. */
  #scopeKey = 0;
  #scope: Scope | null = null;
  #scopeIndex = 0;
  #placeholders = new PlaceholderTable();
  #recent = new RecentProfits();

  constructor(learned?: QualityKnowledge) {
    if (learned === undefined) return;
    for (const { sourceId, botId, isMixed } of learned.scopes) {
      this.#addScope({ ...newScope(sourceId, botId), isMixed });
    }
    for (const [scope, symbolId, cents] of learned.placeholders) {
      this.#placeholders.learn(scope, symbolId, cents);
    }
  }

  /** Looks at the next execution and says what it looks like, or null. Keeps no reference to it. */
  observe(seen: QualityObservation): QualityFlag | null {
    this.#observed += 1;
    const scope = this.#scopeOf(seen.sourceId ?? 0, seen.botId ?? 0);
    const flag = this.#judge(seen, scope);
    if (seen.hasIdentity) {
      scope.identified += 1;
      if (!scope.isMixed && scope.identified >= MIN_IDENTIFIED) this.#becomeMixed(scope);
    } else if (flag === null && !scope.isMixed) {
      scope.pending += 1;
      scope.pendingMicroUsd = saturatingAdd(scope.pendingMicroUsd, Math.round(seen.pnlUsd * 1e6));
    }
    if (flag !== null) this.#count(flag, 0, 1, Math.round(seen.pnlUsd * 1e6));
    return flag;
  }

  summary(): QualitySummary {
    const flags = new Map<QualityFlag, QualityFlagSummary>();
    for (const [index, flag] of QUALITY_FLAGS.entries()) {
      const [count = 0, pnlMicroUsd = 0, lateCount = 0, lateMicroUsd = 0] = this.#counts.subarray(
        index * FLAG_FIELDS,
        (index + 1) * FLAG_FIELDS,
      );
      if (count + lateCount === 0) continue;
      flags.set(flag, { count, pnlMicroUsd, late: { count: lateCount, pnlMicroUsd: lateMicroUsd } });
    }
    return { observed: this.#observed, flags };
  }

  /** What a second pass over the same inputs, with the same ids, should begin with. */
  learned(): QualityKnowledge {
    return {
      placeholders: this.#placeholders.known(),
      scopes: this.#scopes.map(({ sourceId, botId, isMixed }) => ({ sourceId, botId, isMixed })),
    };
  }

  save(): QualityState {
    return {
      observed: this.#observed,
      counts: Array.from(this.#counts),
      scopes: this.#scopes.map((scope) => ({ ...scope })),
      placeholders: this.#placeholders.save(),
      recent: this.#recent.save(),
    };
  }

  static load(state: QualityState): QualityWatch {
    const watch = new QualityWatch();
    watch.#observed = state.observed;
    watch.#counts.set(state.counts);
    for (const scope of state.scopes) watch.#addScope({ ...scope });
    watch.#placeholders = PlaceholderTable.load(state.placeholders);
    watch.#recent = RecentProfits.load(state.recent);
    return watch;
  }

  #judge(seen: QualityObservation, scope: Scope): QualityFlag | null {
    const { pnlUsd, hasIdentity } = seen;
    const pnlPct = seen.pnlPct ?? NaN;
    const grossUsd = seen.grossUsd ?? NaN;
    const qty = seen.qty ?? NaN;
    const price = seen.price ?? NaN;
    const holdSec = seen.holdSec ?? NaN;
    // NaN is the only number that differs from itself.
    const hasDetail = qty === qty || price === price || holdSec === holdSec;
    if (pnlUsd === 0) {
      if (Math.abs(pnlPct) >= MIN_PERCENT) return 'zero_against_percent';
      if (!hasIdentity && !hasDetail) return 'zero_profit';
    } else {
      const looksLikeRepeat = this.#recent.isRepeat(seen, pnlPct, qty, price, holdSec);
      if (!hasIdentity) {
        const isBare = !hasDetail && pnlPct !== pnlPct && grossUsd !== grossUsd;
        if (isBare && this.#isPlaceholder(seen, scope, looksLikeRepeat)) return 'placeholder';
        if (looksLikeRepeat) return 'look_alike';
      }
      if (pnlUsd > 0 && grossUsd < 0) return 'contradicts_gross';
      if ((pnlUsd > 0 && pnlPct < 0) || (pnlUsd < 0 && pnlPct > 0)) return 'contradicts_percent';
    }
    return scope.isMixed && !hasIdentity ? 'no_identity' : null;
  }

  #isPlaceholder(seen: QualityObservation, scope: Scope, looksLikeRepeat: boolean): boolean {
    const willBePending = !looksLikeRepeat && !scope.isMixed;
    const late = this.#placeholders.observe(this.#scopeIndex, seen.symbolId, seen.pnlUsd, willBePending);
    if (late < 0) return false;
    if (late > 0) {
      // Those rows change from "perhaps without identity" to "placeholder", so that none counts twice.
      const lateMicroUsd = Math.round(seen.pnlUsd * 1e6) * late;
      this.#count('placeholder', 2, late, lateMicroUsd);
      if (!scope.isMixed) {
        scope.pending -= late;
        scope.pendingMicroUsd = saturatingAdd(scope.pendingMicroUsd, -lateMicroUsd);
      }
    }
    return true;
  }

  #becomeMixed(scope: Scope): void {
    scope.isMixed = true;
    this.#count('no_identity', 2, scope.pending, scope.pendingMicroUsd);
    scope.pending = 0;
    scope.pendingMicroUsd = 0;
    this.#placeholders.forgetPending(this.#scopeIndex);
  }

  #count(flag: QualityFlag, field: 0 | 2, rows: number, microUsd: number): void {
    const at = QUALITY_FLAGS.indexOf(flag) * FLAG_FIELDS + field;
    this.#counts[at] = (this.#counts[at] ?? 0) + rows;
    this.#counts[at + 1] = saturatingAdd(this.#counts[at + 1] ?? 0, microUsd);
  }

  /** Past the bound, further bots share the last scope. */
  #scopeOf(sourceId: number, botId: number): Scope {
    const key = sourceId * 2 ** 31 + botId;
    if (this.#scope !== null && key === this.#scopeKey) return this.#scope;
    let index = this.#scopeIndexes.get(key) ?? MAX_SCOPES - 1;
    if (!this.#scopeIndexes.has(key) && this.#scopes.length < MAX_SCOPES) {
      index = this.#scopes.length;
      this.#addScope(newScope(sourceId, botId));
    }
    const scope = this.#scopes[index];
    if (scope === undefined) throw new RangeError(`no scope ${index}`);
    this.#scopeKey = key;
    this.#scopeIndex = index;
    this.#scope = scope;
    return scope;
  }

  #addScope(scope: Scope): void {
    this.#scopeIndexes.set(scope.sourceId * 2 ** 31 + scope.botId, this.#scopes.length);
    this.#scopes.push(scope);
  }
}

/** Flags as `--exclude` lists them. Throws `RangeError` naming the allowed ones. */
export function parseExclude(text: string): ReadonlySet<QualityFlag> {
  const flags = text.split(',').map((part) => {
    const name = part.trim().toLowerCase().replaceAll('-', '_');
    const found = QUALITY_FLAGS.find((flag) => flag === name);
    if (found !== undefined) return found;
    throw new RangeError(
      `--exclude: ${JSON.stringify(part.trim())} is no flag; allowed are ${QUALITY_FLAGS.join(', ')}`,
    );
  });
  return new Set(flags);
}

/** Whether a row with this flag is to be left out. */
export function isExcluded(flag: QualityFlag | null, exclude: ReadonlySet<QualityFlag>): boolean {
  return flag !== null && exclude.has(flag);
}

function newScope(sourceId: number, botId: number): Scope {
  return { sourceId, botId, identified: 0, isMixed: false, pending: 0, pendingMicroUsd: 0 };
}
