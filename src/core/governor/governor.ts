/**
 * P3.2, the governor's memory: trading state, disarmed symbols, positions, permits and what they count. It shows `judge`
 * what it needs, carries out the verdict, and answers with decisions. Source: spec/model.md, P3.2.
 */
import { evaluationFailed, type Blocked, type Granted, type Verdict } from './judge.ts';
import { judgeOn, type JudgedOn } from './judged-on.ts';
import { BURST_SEC, HOUR_SEC, PermitBook, type PermitRecord } from './permit-book.ts';
import { Positions } from './positions.ts';
import { RollingLoss } from './rolling-loss.ts';
import { permitDecision } from './permit-decision.ts';
import { reduces, signedNotionalUsd, type Position } from './read-plan.ts';
import { settingsForPlan, type Settings } from '../settings.ts';
import type { BlockDecision, DisarmDecision, GovernorDecision, PermitDecision } from '../decision.ts';
import type { KillEvent, PlanEvent, PositionEvent, RearmEvent, TradingState } from '../event.ts';
import type { Outlook } from './advice.ts';
import type { JudgeView } from './view.ts';

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

/** What became of a plan. */
export type Outcome =
  /** Its `decision` is not `EXECUTE`. */
  | { readonly kind: 'ignored' }
  /** It had a permit, and may not have another. */
  | { readonly kind: 'dropped'; readonly record: PermitRecord }
  /** `before`: the permit it had, which came to nothing. */
  | {
      readonly kind: 'granted';
      readonly decision: PermitDecision;
      readonly record: PermitRecord;
      readonly before: PermitRecord | null;
      readonly judgedOn: JudgedOn | null;
    }
  /** `judgedOn` null: what is known could not be put together. */
  | {
      readonly kind: 'blocked';
      readonly decision: BlockDecision;
      readonly disarms: readonly DisarmDecision[];
      readonly verdict: Blocked;
      readonly judgedOn: JudgedOn | null;
      readonly settings: Settings;
    };

interface Judged {
  readonly verdict: Verdict;
  readonly judgedOn: JudgedOn | null;
}

export class Governor {
  /** Why openings cannot be judged now: counters and ages cannot be trusted; null: they can. */
  suspended: string | null = null;
  /** Why executions, and so losses, are not known; null: they are. */
  blind: string | null = null;
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

  /** Returns whether there was such a permit to take. */
  applyTake(planId: string, now: number): boolean {
    this.#book.advance(now);
    return this.#book.take(planId, now);
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

  /** Whether that snapshot, or a newer one, is known. */
  hasPosition(symbol: number, event: PositionEvent): boolean {
    const known = this.#positions.get(symbol);
    if (known === null || known.ts < event.stateTs) return false;
    const { amount, markUsd, notionalUsd, ts } = known;
    const isSame =
      amount === event.amount && markUsd === event.markPrice && notionalUsd === event.notionalUsd;
    return ts > event.stateTs || isSame;
  }

  /** The newest snapshot of a symbol, however old. */
  position(symbol: number): Position | null {
    return this.#positions.get(symbol);
  }

  /** Permits issued so far. */
  get issued(): number {
    return this.#issued;
  }

  /** The newest snapshot of a symbol, for the budget's violation check. */
  positionNotionalUsd(symbol: number): number | null {
    const position = this.#positions.get(symbol);
    return position === null ? null : Math.abs(signedNotionalUsd(position));
  }

  /** The decisions about a plan, in order: none for one that is not to be judged. */
  plan(symbol: number, plan: PlanEvent, pipeline: PipelineView): GovernorDecision[] {
    const outcome = this.judge(symbol, plan, pipeline);
    if (outcome.kind === 'granted') return [outcome.decision];
    return outcome.kind === 'blocked' ? [outcome.decision, ...outcome.disarms] : [];
  }

  /** Judges a plan and carries out the verdict. */
  judge(symbol: number, plan: PlanEvent, pipeline: PipelineView): Outcome {
    if (plan.decision !== 'EXECUTE') return { kind: 'ignored' };
    this.#book.advance(plan.ts);
    const before = this.#book.find(plan.planId, plan.ts);
    if (before !== null && !(reduces(plan) && this.#book.mayReturn(before, plan.ts)))
      return { kind: 'dropped', record: before };
    const settings = settingsForPlan(this.#settings, plan.symbol, plan.bot);
    const { verdict, judgedOn } = this.#judge(symbol, plan, pipeline, settings);
    if (verdict.granted) return this.#issue(symbol, plan, verdict, judgedOn, settings);
    const decision = this.#block(symbol, plan, verdict);
    const disarms = this.#disarm(symbol, plan, verdict, settings);
    return { kind: 'blocked', decision, disarms, verdict, judgedOn, settings };
  }

  /** What is known and will be known about a symbol, for what is told beside a block. */
  outlook(symbol: number, now: number, pipeline: PipelineView): Outlook {
    return {
      view: () => this.#view(symbol, now, pipeline),
      at: (atSec) => this.#book.ahead(symbol, atSec),
      runsOut: (windowsSec) => this.#book.runsOut(symbol, now, windowsSec),
    };
  }

  /** A permit that could not be written was not issued. */
  withdraw({ record, before }: Extract<Outcome, { kind: 'granted' }>): void {
    this.#book.withdraw(record, before);
  }

  /** The permit of a plan within 24 hours, or null. */
  permit(planId: string, now: number): PermitRecord | null {
    return this.#book.find(planId, now);
  }

  /** Counted permits of a symbol within the last hour and the last 5 minutes. */
  counts(symbol: number, now: number): readonly [lastHour: number, last5Min: number] {
    return [this.#book.count(symbol, HOUR_SEC, now), this.#book.count(symbol, BURST_SEC, now)];
  }

  /**
   * The trading state as the store holds it, which anyone may have changed: symbols disarmed, and whether permits were
   * voided since it was looked at before.
   */
  syncTrading(
    state: TradingState,
    disarmed: Iterable<number>,
    voided: 'none' | 'openings' | 'all',
    now: number,
  ): void {
    this.#book.advance(now);
    this.#tradingState = state;
    this.#disarmed.clear();
    for (const symbol of disarmed) this.#disarmed.add(symbol);
    if (voided !== 'none') this.#book.void(voided === 'openings', now);
  }

  /** An operator re-armed everything: errors before it do not count any more. */
  forgetErrors(): void {
    this.#errorTimes = [];
  }

  get errorTimes(): readonly number[] {
    return this.#errorTimes;
  }

  get #doubt(): string | null {
    return this.suspended ?? this.blind;
  }

  #judge(symbol: number, plan: PlanEvent, pipeline: PipelineView, settings: Settings): Judged {
    let judgedOn: JudgedOn | null = null;
    try {
      judgedOn = { plan, view: this.#view(symbol, plan.ts, pipeline), doubt: this.#doubt };
      return { verdict: judgeOn(judgedOn, settings), judgedOn };
    } catch (error) {
      return { verdict: evaluationFailed(error), judgedOn };
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

  #issue(
    symbol: number,
    plan: PlanEvent,
    verdict: Granted,
    judgedOn: JudgedOn | null,
    settings: Settings,
  ): Outcome {
    const { reading } = verdict;
    const expiresAt = plan.ts + settings.GOV_PERMIT_TTL_SEC;
    const record: PermitRecord = {
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
    };
    const before = this.#book.issue(record);
    const decision = permitDecision(plan, verdict, expiresAt, settings);
    return { kind: 'granted', decision, record, before, judgedOn };
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
    // What cannot be trusted for a while is no error of a plan's evaluation.
    if (verdict.reason === 'evaluation_error' && this.#doubt === null) {
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
