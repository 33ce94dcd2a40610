/**
 * P3.2, the governor's memory: trading state, disarmed symbols, positions, permits and what they count. It shows `judge`
 * what it needs, carries out the verdict, and answers with decisions. Source: spec/model.md, P3.2.
 */
import { evaluationFailed, judge, type Blocked, type Granted, type Verdict } from './judge.ts';
import { PermitBook, type PermitRecord } from './permit-book.ts';
import { Positions } from './positions.ts';
import { RollingLoss } from './rolling-loss.ts';
import { reduces, signedNotionalUsd } from './read-plan.ts';
import { settingsForPlan, type Settings } from '../settings.ts';
import type { BlockDecision, DisarmDecision, GovernorDecision, PermitDecision } from '../decision.ts';
import type { KillEvent, PlanEvent, PositionEvent, RearmEvent, TradingState } from '../event.ts';
import type { JudgeView } from './view.ts';

const HOUR_SEC = 3600;
const BURST_SEC = 300;

/** What the governor is told by the rest of the pipeline about a plan's symbol. */
export type PipelineView = Pick<JudgeView, 'markUsd' | 'equityUsd' | 'budget' | 'target' | 'efficiency'>;

export interface GovernorState {
  tradingState: TradingState;
  disarmed: number[];
  errorTimes: number[];
  issued: number;
  positions: ReturnType<Positions['save']>;
  loss: ReturnType<RollingLoss['save']>;
  permits: PermitRecord[];
}

export class Governor {
  readonly #settings: Settings;
  readonly #positions = new Positions();
  readonly #loss = new RollingLoss();
  readonly #book = new PermitBook();
  readonly #disarmed = new Set<number>();
  #errorTimes: number[] = [];
  #tradingState: TradingState = 'ACTIVE';
  #issued = 0;

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  get tradingState(): TradingState {
    return this.#tradingState;
  }

  applyProfit(arrivalTs: number, pnlUsd: number): void {
    this.#loss.add(arrivalTs, pnlUsd);
  }

  applyPosition(symbol: number, event: PositionEvent): void {
    this.#book.advance(event.ts);
    this.#positions.set(symbol, {
      amount: event.amount,
      markUsd: event.markPrice,
      notionalUsd: event.notionalUsd,
      ts: event.stateTs,
    });
    this.#book.snapshot(symbol, event.stateTs);
  }

  applyTake(planId: string, now: number): void {
    this.#book.advance(now);
    this.#book.take(planId, now);
  }

  applyResult(planId: string, executed: boolean, now: number): void {
    this.#book.advance(now);
    this.#book.result(planId, executed, now);
  }

  /** Only an operator sends these: `ACTIVE` re-arms everything. */
  applyKill(event: KillEvent): void {
    this.#book.advance(event.ts);
    this.#setState(event.state, event.ts);
    if (event.state !== 'ACTIVE') return;
    this.#disarmed.clear();
    this.#errorTimes = [];
  }

  /** `symbol` -1: every symbol. */
  applyRearm(symbol: number, event: RearmEvent): void {
    if (event.symbol === null) this.#disarmed.clear();
    else this.#disarmed.delete(symbol);
  }

  /** The newest snapshot of a symbol, for the budget's violation check. */
  positionNotionalUsd(symbol: number): number | null {
    const position = this.#positions.get(symbol);
    return position === null ? null : Math.abs(signedNotionalUsd(position));
  }

  /**
   * Judges a plan. No decision for one that is not to be judged: its `decision` is not `EXECUTE`, or it had a permit.
   */
  plan(symbol: number, plan: PlanEvent, pipeline: PipelineView): GovernorDecision[] {
    if (plan.decision !== 'EXECUTE') return [];
    this.#book.advance(plan.ts);
    const before = this.#book.find(plan.planId, plan.ts);
    if (before !== null && !(reduces(plan) && this.#book.mayReturn(before, plan.ts))) return [];
    const settings = settingsForPlan(this.#settings, plan.symbol, plan.bot);
    const verdict = this.#judge(symbol, plan, pipeline, settings);
    if (verdict.granted) return [this.#issue(symbol, plan, verdict, settings)];
    return [this.#block(symbol, plan, verdict), ...this.#disarm(symbol, plan, verdict, settings)];
  }

  #judge(symbol: number, plan: PlanEvent, pipeline: PipelineView, settings: Settings): Verdict {
    try {
      return judge(plan, this.#view(symbol, plan.ts, pipeline), settings);
    } catch (error) {
      return evaluationFailed(error);
    }
  }

  #view(symbol: number, now: number, pipeline: PipelineView): JudgeView {
    const { markUsd, equityUsd, budget, target, efficiency } = pipeline;
    return {
      markUsd,
      equityUsd,
      budget,
      target,
      efficiency,
      state: this.#tradingState,
      disarmed: this.#disarmed.has(symbol),
      position: this.#positions.get(symbol),
      reservedQty: this.#book.reservedQty(symbol),
      reservedMicro: this.#book.reservedMicro(symbol),
      allReservedMicro: this.#book.allReservedMicro,
      grossPositionUsd: this.#positions.grossUsd,
      openSymbols: this.#positions.openSymbols,
      lossUsd: this.#loss.lossUsd(now),
      permitsLastHour: this.#book.count(symbol, HOUR_SEC, now),
      permitsLast5Min: this.#book.count(symbol, BURST_SEC, now),
      sinceLastOpeningSec: this.#book.sinceLastOpeningSec(symbol, now),
      permittedDayMicro: this.#book.dayMicro(symbol, now),
    };
  }

  #issue(symbol: number, plan: PlanEvent, verdict: Granted, settings: Settings): PermitDecision {
    const { reading, downsize } = verdict;
    const expiresAt = plan.ts + settings.GOV_PERMIT_TTL_SEC;
    this.#book.issue({
      sequence: this.#issued++,
      planId: plan.planId,
      symbol,
      reducing: reading.reducing,
      issuedAt: plan.ts,
      expiresAt,
      reserveSec: settings.GOV_RESERVE_SEC,
      qty: verdict.qty,
      notionalUsd: verdict.notionalUsd,
      takeable: settings.APPLY_MODE !== 'dry_run',
      takenAt: null,
      executedAt: null,
      failed: false,
      voided: false,
      counted: !reading.reducing || !settings.GOV_EXITS_EXEMPT,
      reserved: false,
    });
    return {
      type: 'permit',
      ts: plan.ts,
      granted: true,
      plan_id: plan.planId,
      symbol: plan.symbol,
      side: plan.side,
      action: plan.action,
      reduce_only: reading.reducing,
      close_fraction: reading.closeFraction,
      bot: plan.bot,
      apply_mode: settings.APPLY_MODE,
      decision: 'EXECUTE',
      requested_qty: reading.requestedQty,
      computed_qty: verdict.qty,
      computed_notional: verdict.notionalUsd,
      qty_scale: verdict.qtyScale,
      created_at: plan.ts,
      expires_at: expiresAt,
      eff_score: downsize.score,
      eff_confidence: downsize.confidence,
      eff_stale: downsize.stale,
      eff_factor: downsize.factor,
      eff_action: downsize.action,
      eff_reason: downsize.reason,
      downsize_factor: downsize.factor,
      extra_cooldown_sec: downsize.extraCooldownSec,
      gates: verdict.trace,
    };
  }

  #block(symbol: number, plan: PlanEvent, verdict: Blocked): BlockDecision {
    return {
      type: 'block',
      ts: plan.ts,
      plan_id: plan.planId,
      symbol: plan.symbol,
      bot: plan.bot,
      reason: verdict.reason,
      gate: verdict.gate,
      value: this.#exactValue(symbol, verdict),
      limit: verdict.limit,
      setting: verdict.setting,
      gates: verdict.trace,
    };
  }

  /** Sums are compared in whole micro-USD; shown is the same sum unrounded. */
  #exactValue(symbol: number, verdict: Blocked): number | null {
    const { value } = verdict;
    if (value === null) return null;
    switch (verdict.reason) {
      case 'p28_budget_violation':
      case 'p29_allocation_cap':
        return value - this.#book.reservedMicro(symbol) / 1e6 + this.#book.exactReservedUsd(symbol);
      case 'total_notional_exceeded':
        return this.#positions.grossUsd + this.#book.exactAllReservedUsd() + (verdict.notionalUsd ?? 0);
      case 'daily_limit_exceeded':
        return this.#book.exactDayUsd(symbol) + (verdict.notionalUsd ?? 0);
      default:
        return value;
    }
  }

  /** What a block sets off: a burst breach disarms its symbol, too many of them or too many errors stop all openings. */
  #disarm(symbol: number, plan: PlanEvent, verdict: Blocked, settings: Settings): DisarmDecision[] {
    const base = {
      type: 'disarm',
      ts: plan.ts,
      plan_id: plan.planId,
      symbol: plan.symbol,
      reason: verdict.reason,
    } as const;
    const decisions: DisarmDecision[] = [];
    if (!settings.GOV_ENABLE_AUTO_DISARM) return decisions;
    let tooMany = false;
    if (verdict.reason === 'burst_limit_exceeded' && settings.GOV_DISARM_ON_BURST_BREACH) {
      this.#disarmed.add(symbol);
      decisions.push({ ...base, scope: 'symbol' });
      tooMany = this.#disarmed.size >= settings.GOV_DISARM_ALL_AFTER;
    }
    if (verdict.reason === 'evaluation_error') {
      this.#errorTimes = this.#errorTimes.filter((time) => plan.ts - time < HOUR_SEC);
      this.#errorTimes.push(plan.ts);
      tooMany = this.#errorTimes.length >= settings.GOV_DISARM_ON_ERROR_COUNT;
    }
    if (tooMany && this.#tradingState === 'ACTIVE') {
      this.#setState('REDUCING', plan.ts);
      decisions.push({ ...base, scope: 'all' });
    }
    return decisions;
  }

  /** Halting voids every outstanding permit, reducing those of openings. */
  #setState(state: TradingState, now: number): void {
    this.#tradingState = state;
    if (state !== 'ACTIVE') this.#book.void(state === 'REDUCING', now);
  }

  save(): GovernorState {
    return {
      tradingState: this.#tradingState,
      disarmed: [...this.#disarmed],
      errorTimes: [...this.#errorTimes],
      issued: this.#issued,
      positions: this.#positions.save(),
      loss: this.#loss.save(),
      permits: this.#book.save(),
    };
  }

  load(state: GovernorState): void {
    this.#tradingState = state.tradingState;
    for (const symbol of state.disarmed) this.#disarmed.add(symbol);
    this.#errorTimes = [...state.errorTimes];
    this.#issued = state.issued;
    this.#positions.load(state.positions);
    this.#loss.load(state.loss);
    this.#book.load(
      state.permits,
      new Map(state.positions.map(([symbol, position]) => [symbol, position.ts])),
    );
  }
}
