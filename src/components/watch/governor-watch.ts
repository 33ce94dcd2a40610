/**
 * Reports what happens in the governor: moves its metrics, writes its log lines, answers its /health and /ready. Told
 * everything, decides nothing, waits for nothing.
 */
import { GovernorLog } from './governor-log.ts';
import { GovernorMetrics } from './governor-metrics.ts';
import { healthOf, lagsNow, readinessOf, type ComponentHealth, type HealthFacts } from './health.ts';
import { holdingIn, isSameHolding, UNKNOWN_HOLDING, type Holding } from './holding.ts';
import { Incidents } from './incidents.ts';
import { RunLog } from './run-log.ts';
import { StoreTrouble } from './store-trouble.ts';
import { STEADY_MS } from '../governor/clock-guard.ts';
import type { WatchOptions } from './watch.ts';
import type { GovernorListener, GovernorRound, TradingNews } from '../governor/listener.ts';
import type { Unpermitted } from '../governor/reconcile.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { BlockDecision, DisarmDecision, PermitDecision } from '../../core/decision.ts';
import type { TradingState } from '../../core/event.ts';
import type { Settings } from '../../core/settings.ts';
import type { Readiness } from '../../runtime/http/serve.ts';
import type { Log } from '../../runtime/log/log.ts';
import type { InputState } from '../../runtime/machine.ts';
import type { MetricBook } from '../../runtime/metrics/book.ts';
import type { Gap } from '../../runtime/positions.ts';
import type { Phase } from '../../runtime/supervisor.ts';
import type { StoreError, StreamEntry } from '../../store/store.ts';

export interface GovernorWatchOptions extends Omit<WatchOptions, 'components' | 'log'> {
  readonly log: Log;
  readonly settings: Pick<Settings, 'APPLY_MODE' | 'GOV_EXITS_EXEMPT'>;
}

/** As `/health` answers it. `last_tick` is when the last plan was decided, `duplicates` plans that came again. */
export type GovernorHealth = ComponentHealth &
  Readonly<{
    /** Null: not known, as while another copy governs. */
    trading_state: TradingState | null;
    /** What set it. */
    trading_why: string | null;
    disarmed: number | null;
    /** Executions no permit covers, since the process began. */
    unpermitted: number;
  }>;

/** So long an execution no permit covers is said in /health. */
const UNPERMITTED_MS = 3_600_000;

export class GovernorWatch implements GovernorListener {
  readonly #options: GovernorWatchOptions;
  readonly #metrics: GovernorMetrics;
  readonly #lines: GovernorLog;
  readonly #log: RunLog;
  readonly #store = new StoreTrouble();
  readonly #incidents = new Incidents();
  readonly #rejected = new Map<RejectReason, number>();
  /** Every input that was heard of. */
  readonly #inputs = new Set<string>();
  readonly #startedMs: number;
  #holding: Holding = UNKNOWN_HOLDING;
  #round: { readonly round: GovernorRound; readonly atMs: number } | null = null;
  #news: TradingNews | null = null;
  #decidedSec = 0;
  #entries = 0;
  #dropped = 0;
  #futureTimes = 0;
  #unpermitted: { count: number; last: Unpermitted; lastMs: number } | null = null;
  #clockSteppedMs = -Infinity;
  #wasCaughtUp = false;

  constructor(options: GovernorWatchOptions) {
    this.#options = options;
    this.#metrics = new GovernorMetrics(options.maxSymbols, options.settings.GOV_EXITS_EXEMPT);
    this.#lines = new GovernorLog(options.log);
    this.#log = new RunLog(options.log);
    this.#startedMs = this.#nowMs;
    this.book.beforeScrape(() => {
      const lags = this.#lagSec;
      for (const input of this.#inputs) this.#metrics.lag(input, lags.get(input) ?? Number.NaN);
      if (this.#round !== null)
        this.#metrics.refresh(this.#round.round.nowMs / 1000 + (this.#sinceRoundSec ?? 0));
    });
  }

  get book(): MetricBook {
    return this.#metrics.book;
  }

  health(): GovernorHealth {
    return {
      ...healthOf(this.#facts()),
      trading_state: this.#news?.state ?? null,
      trading_why: this.#news?.why ?? null,
      disarmed: this.#news?.disarmed.length ?? null,
      unpermitted: this.#unpermitted?.count ?? 0,
    };
  }

  ready(): Readiness {
    return readinessOf(this.#facts());
  }

  phase(phase: Phase): void {
    const before = this.#holding;
    const now = holdingIn(phase, 'governor');
    this.#holding = now;
    this.#round = null;
    this.#incidents.begin();
    if (phase.state !== 'running') {
      this.#lines.flush(this.#nowMs, true);
      this.#lines.forget();
      this.#metrics.forget();
      this.#news = null;
    }
    if (!isSameHolding(before, now)) {
      this.#log.holding(this.#options.log, before, now);
      if (now.kind === 'held') this.#options.log.info(`the mode is ${this.#options.settings.APPLY_MODE}`);
    }
    if (phase.state !== 'stopped') this.#storeWorked();
  }

  permitted(decision: PermitDecision, latencySec: number, lastHour: number, last5Min: number): void {
    this.#decidedSec = decision.ts;
    this.#metrics.permitted(decision, latencySec, lastHour, last5Min);
    this.#lines.permitted(decision);
  }

  blocked(decision: BlockDecision, disarms: readonly DisarmDecision[], latencySec: number): void {
    this.#decidedSec = decision.ts;
    this.#metrics.blocked(decision, disarms, latencySec);
    this.#lines.blocked(decision);
    for (const disarm of disarms) this.#lines.disarm(disarm, this.#nowMs);
  }

  dropped(planId: string, symbol: string): void {
    this.#dropped++;
    this.#lines.debug('came again:', planId, symbol);
  }

  taken(planId: string, symbol: string, how: 'take' | 'getdel'): void {
    this.#metrics.taken();
    this.#lines.debug(`permit taken (${how})`, planId, symbol);
  }

  expired(planId: string, symbol: string): void {
    this.#metrics.expired();
    this.#lines.debug('permit expired', planId, symbol);
  }

  unpermitted(what: Unpermitted): void {
    const nowMs = this.#nowMs;
    this.#unpermitted = { count: (this.#unpermitted?.count ?? 0) + 1, last: what, lastMs: nowMs };
    this.#metrics.unpermitted(what.reason);
    this.#lines.unpermitted(what, nowMs);
  }

  trading(news: TradingNews): void {
    this.#news = news;
    this.#metrics.trading(news.state, news.disarmed.length);
    this.#lines.trading(news);
  }

  clockStepped(byMs: number): void {
    this.#clockSteppedMs = this.#nowMs;
    this.#lines.clockStepped(byMs, this.#nowMs);
  }

  rejected(input: string, reason: RejectReason, detail: string, entry: StreamEntry): void {
    const stream = streamName(input);
    this.#rejected.set(reason, (this.#rejected.get(reason) ?? 0) + 1);
    this.#metrics.rejected(stream, reason);
    const about = { what: `entry ${entry.id}`, detail };
    this.#log.rejected(this.#options.log, stream, reason, about, this.#nowMs);
  }

  futureTime(): void {
    this.#futureTimes++;
  }

  gap(input: string, gap: Gap): void {
    const stream = this.#meet(input);
    this.#incidents.gap(stream, gap, this.#nowMs);
    this.#log.gap(this.#options.log, stream, gap);
  }

  inputState(input: string, state: InputState, why: string): void {
    const stream = this.#meet(input);
    this.#incidents.inputState(stream, state, why);
    this.#log.inputState(this.#options.log, stream, state, why);
  }

  storeFailed(operation: string, error: StoreError): void {
    this.#metrics.storeFailed(operation);
    this.#store.failed(operation, error, this.#nowMs);
    this.#log.storeFailed(operation, error, this.#nowMs);
  }

  outputRefused(key: string, error: string): void {
    this.#incidents.refused(key, error, this.#nowMs, 'governor');
    this.#log.outputRefused(key, error, this.#nowMs);
  }

  round(round: GovernorRound): void {
    const nowMs = this.#nowMs;
    this.#round = { round, atMs: nowMs };
    this.#entries += round.entries;
    for (const input of round.lagSec.keys()) this.#inputs.add(input);
    this.#storeWorked();
    this.#incidents.tellTime(round.nowMs, nowMs);
    if (!this.#wasCaughtUp && round.isCaughtUp) {
      this.#wasCaughtUp = true;
      this.#log.caughtUp(this.#entries, (nowMs - this.#startedMs) / 1000);
    }
    this.#log.flush(nowMs);
    this.#lines.flush(nowMs);
  }

  get #nowMs(): number {
    return this.#options.clock.monotonicMs();
  }

  get #sinceRoundSec(): number | null {
    return this.#round === null ? null : (this.#nowMs - this.#round.atMs) / 1000;
  }

  get #lagSec(): ReadonlyMap<string, number> {
    if (this.#round === null) return new Map();
    return lagsNow(this.#inputs, this.#round.round.lagSec, this.#sinceRoundSec!);
  }

  #storeWorked(): void {
    const over = this.#store.worked(this.#nowMs);
    if (over !== null) this.#log.storeWorks(over);
  }

  #meet(input: string): string {
    const stream = streamName(input);
    this.#inputs.add(stream);
    return stream;
  }

  #facts(): HealthFacts {
    const { storeKind, storeWhere, archive, settings } = this.#options;
    const nowMs = this.#nowMs;
    const redis = this.#store.isConnected ? 'connected' : 'disconnected';
    const isHeld = this.#holding.kind === 'held';
    return {
      watch: {
        name: 'governor',
        member: isHeld ? { mode: { mode: settings.APPLY_MODE, why: 'APPLY_MODE' } } : null,
        lastTick: this.#decidedSec,
        applied: this.#entries,
        duplicates: this.#dropped,
        futureTimes: this.#futureTimes,
        rejected: this.#rejected,
      },
      holding: this.#holding,
      redis: storeKind === 'memory' ? 'embedded' : redis,
      storeWhere,
      trouble: this.#store.worst,
      nowMs,
      sinceRoundSec: isHeld ? this.#sinceRoundSec : null,
      isCaughtUp: this.#round?.round.isCaughtUp ?? false,
      wasCaughtUp: this.#wasCaughtUp,
      isPartial: false,
      lagSec: this.#lagSec,
      symbols: null,
      degraded: this.#sentences(nowMs),
      archive: archive?.() ?? null,
    };
  }

  #sentences(nowMs: number): readonly string[] {
    const sentences = this.#incidents.sentences('governor', [...this.#inputs], nowMs);
    const found = this.#unpermitted;
    if (found !== null && nowMs - found.lastMs < UNPERMITTED_MS) {
      const minutes = Math.floor((nowMs - found.lastMs) / 60_000);
      const { reason, symbol } = found.last;
      sentences.unshift(
        `no permit covers ${found.count} executions since this process began, the last ${minutes} min ago (${symbol}, ${reason})`,
      );
    }
    if (nowMs - this.#clockSteppedMs < STEADY_MS)
      sentences.push("the store's clock was set: new entries wait until it is steady for a minute");
    return sentences;
  }
}

/** `apply.plan`, also where the whole pattern of its key is given. */
function streamName(input: string): string {
  return input.replace(/^stream:/, '');
}
