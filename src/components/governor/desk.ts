/**
 * The governor between the store and the core: entries become events, plans become steps, and what is kept over a restart
 * is collected. It waits for nothing and calls nobody; the loop (loop.ts) does, and tells it what became of its steps.
 */
import { PlanTable } from './plan-table.ts';
import type { DeskInput } from './inputs.ts';
import { GOVERNOR_KEPT_VERSION, decodeSymbol, encodeSymbol, sinceSetBack } from './kept-state.ts';
import { Ledger } from './ledger.ts';
import { isAhead, readPosition, readSymbol } from './plan-view.ts';
import type { Fates, KeptPermits } from './fates.ts';
import { settingsDigest } from './recorded-settings.ts';
import { unpermitted, type Unpermitted } from './reconcile.ts';
import { flat } from './steps.ts';
import { deadLetter, inputName, takeEntry } from '../intake.ts';
import { encode } from '../../contract/encode.ts';
import { governorNotice } from '../../contract/governor-records.ts';
import { keyOf, KEYS } from '../../contract/keys.ts';
import { KEPT_PREFIX } from '../../contract/kept-permit.ts';
import { canonicalSymbol } from '../../contract/symbol.ts';
import { Governor, type PipelineView } from '../../core/governor/governor.ts';
import { tradingState } from '../../core/governor/trading-state.ts';
import { Symbols } from '../../core/symbols.ts';
import type { RejectReason } from '../../contract/reject.ts';
import type { ExecutionEvent, InputEvent, PositionEvent, TradingState } from '../../core/event.ts';
import type { Settings } from '../../core/settings.ts';
import type { ComponentChanges } from '../../runtime/machine.ts';
import type { HashAnswer, Output, SavedComponent, StreamEntry } from '../../store/store.ts';
import type { Trading } from '../../store/permits.ts';
import type { GovernorListener } from './listener.ts';
import type { LastEnforced } from './plan-view.ts';

export interface DeskOptions {
  readonly namespace: string;
  readonly settings: Settings;
  readonly aliases: ReadonlyMap<string, string>;
  /** Symbols past this many are refused. */
  readonly maxSymbols: number;
  readonly listener: GovernorListener;
}

export class GovernorDesk {
  readonly governor: Governor;
  readonly symbols = new Symbols();
  /** What is kept of each permit beside the core's record. */
  readonly permits: PlanTable;
  readonly options: DeskOptions;
  /** The digest of the settings plans are judged under. */
  readonly config: string;
  /** From ballast.config.json and the operators' hash. */
  aliases: ReadonlyMap<string, string>;
  /** The store's clock at the last look, Unix seconds: it never goes back but for a step that was noticed. */
  nowSec = 0;
  #lastArrivalSec = 0;
  /** When the first plan was judged; executions that arrived before it needed no permit. */
  #firstPlanSec: number | null = null;
  readonly #ledger: Ledger;
  readonly #last: LastEnforced[] = [];
  readonly #changedSymbols = new Set<number>();
  #trading: Trading | null = null;
  #outputs: Output[] = [];
  /** Executions whose permit is not known to be taken: the store is asked before anything is said. */
  #doubted: ExecutionEvent[] = [];
  #failed: string[] = [];

  constructor(options: DeskOptions) {
    this.options = options;
    this.config = settingsDigest(options.settings);
    this.governor = new Governor(options.settings);
    this.permits = new PlanTable();
    this.aliases = options.aliases;
    this.#ledger = new Ledger(options.settings.INITIAL_EQUITY_USD);
  }

  /**
   * Puts back what was committed, `kept` its permits, as of `nowSec` of the store's clock; `fates`: what became of permits since. Throws `RangeError`
   * where it cannot be used.
   */
  restore(saved: SavedComponent, kept: KeptPermits, nowSec: number, trading: Trading, fates: Fates): void {
    const { meta, records } = saved;
    const version = meta.get('version') ?? String(GOVERNOR_KEPT_VERSION);
    if (version !== String(GOVERNOR_KEPT_VERSION))
      throw new RangeError(
        `it is of version ${version}, this program reads version ${GOVERNOR_KEPT_VERSION}; run the program that wrote it`,
      );
    this.nowSec = nowSec;
    const firstPlan = meta.get('first_plan');
    this.#firstPlanSec = firstPlan === undefined ? null : Math.min(Number(firstPlan), nowSec);
    const of = (prefix: string) => [...records].filter(([field]) => field.startsWith(prefix));
    const positions: [number, NonNullable<ReturnType<typeof decodeSymbol>['position']>][] = [];
    for (const [field, text] of of(KEPT_PREFIX.position)) {
      const symbol = this.meet(field.slice(KEPT_PREFIX.position.length));
      const { position, budgetTs, targetTs } = decodeSymbol(text);
      this.#last[symbol] = { budgetTs, targetTs };
      if (position !== null) positions.push([symbol, { ...position, ts: sinceSetBack(position.ts, nowSec) }]);
    }
    const permits = this.permits.restore(kept, fates, nowSec, (name) => this.meet(name));
    // Re-arming everything while nobody governed ended what errors counted.
    const isRearmed = trading.latched === 'ACTIVE' && meta.get('revision') !== String(trading.revision);
    this.governor.load({
      tradingState: 'ACTIVE',
      disarmed: [],
      errorTimes: isRearmed ? [] : (JSON.parse(meta.get('errors') ?? '[]') as number[]),
      issued: Math.max(Number(meta.get('issued') ?? 0), (permits.at(-1)?.sequence ?? -1) + 1),
      positions,
      loss: { times: [], profits: [], micro: 0, rest: 0 },
      permits,
    });
    for (const [arrivalSec, pnlUsd] of this.#ledger.restore(saved, nowSec))
      this.governor.applyProfit(arrivalSec, pnlUsd);
    // What a snapshot known before already holds is reserved no more.
    for (const [symbol, position] of positions) this.#applyPosition(symbol, positionEvent(position, this));
  }

  get state(): TradingState {
    return this.governor.tradingState;
  }

  get trading(): Trading | null {
    return this.#trading;
  }

  /** The store's clock, kept from going back. */
  setNow(nowSec: number): void {
    this.nowSec = Math.max(this.nowSec, nowSec);
  }

  /** The store's clock was set: time goes on from there, also backwards. */
  stepTime(nowSec: number): void {
    this.nowSec = nowSec;
    this.#lastArrivalSec = Math.min(this.#lastArrivalSec, nowSec);
    if (this.#firstPlanSec !== null) this.#firstPlanSec = Math.min(this.#firstPlanSec, nowSec);
  }

  /** The number of a symbol. */
  meet(name: string): number {
    const symbol = this.symbols.id(name);
    if (this.symbols.isKnown(symbol)) return symbol;
    this.symbols.markKnown(symbol);
    this.#last[symbol] = { budgetTs: 0, targetTs: 0 };
    return symbol;
  }

  /** Whether there is no room for another symbol. */
  isFull(name: string): boolean {
    return !this.symbols.has(name) && this.symbols.size >= this.options.maxSymbols;
  }

  /** What answers to `symbolRequests` say, but for the position. */
  readSymbol(symbol: number, answers: readonly HashAnswer[]): Omit<PipelineView, 'equityUsd'> {
    const before = this.#last[symbol]!;
    const { last, ...reading } = readSymbol(answers, this.nowSec, this.options.settings, before);
    if (last.budgetTs !== before.budgetTs || last.targetTs !== before.targetTs) {
      this.#last[symbol] = last;
      this.noteSymbol(symbol);
    }
    return reading;
  }

  /** A plan is judged from now on at the latest: executions need permits. */
  notePlan(): void {
    this.#firstPlanSec ??= this.nowSec;
  }

  noteSymbol(symbol: number): void {
    this.#changedSymbols.add(symbol);
  }

  /** The trading state as the store holds it. Returns whether it is another than before. */
  applyTrading(trading: Trading): boolean {
    const before = this.#trading;
    const voided = this.voidedSince(trading);
    this.#trading = trading;
    const flag = trading.flag.kind === 'text' ? trading.flag.text : undefined;
    const state = tradingState(flag, trading.latched);
    const disarmed = [...trading.disarmed.keys()].map((name) => this.meet(name));
    const isOther =
      before === null ||
      before.revision !== trading.revision ||
      state !== this.governor.tradingState ||
      before.disarmed.size !== trading.disarmed.size ||
      [...trading.disarmed.keys()].some((name) => !before.disarmed.has(name));
    if (isOther || voided !== 'none') this.governor.syncTrading(state, disarmed, voided, this.nowSec);
    if (voided !== 'none')
      for (const [planId] of this.permits.open())
        if (this.governor.permit(planId, this.nowSec)?.voided === true) this.permits.touch(planId);
    if (before !== null && before.revision !== trading.revision && state === 'ACTIVE')
      this.governor.forgetErrors();
    return isOther;
  }

  /** What was voided since the look before. What was then is known from the use records. */
  voidedSince({ voidAllBelow, voidOpeningsBelow }: Trading): 'none' | 'openings' | 'all' {
    const before = this.#trading;
    if (before === null) return 'none';
    if (voidAllBelow > before.voidAllBelow) return 'all';
    return voidOpeningsBelow > before.voidOpeningsBelow ? 'openings' : 'none';
  }

  /** USD; null: unknown. */
  get equityUsd(): number | null {
    return this.#ledger.equityUsd(this.nowSec);
  }

  applyPortfolio(answer: HashAnswer): void {
    this.#ledger.applyFed(answer, this.nowSec);
  }

  /** A symbol's position as the store holds it. */
  applyPositionHash(symbol: number, answer: HashAnswer): void {
    const event = readPosition(this.symbols.name(symbol), answer, this.nowSec);
    if (event === null || this.governor.hasPosition(symbol, event)) return;
    const known = this.governor.position(symbol);
    const isSame =
      known?.amount === event.amount &&
      known.markUsd === event.markPrice &&
      known.notionalUsd === event.notionalUsd;
    if (isSame && isAhead(answer, this.nowSec)) return;
    this.#applyPosition(symbol, event);
    this.noteSymbol(symbol);
  }

  /** An entry of any input but plans. Never throws over what it holds. */
  take(input: Exclude<DeskInput, 'plans'>, entry: StreamEntry, arrivalSec: number): void {
    // Ids that someone chose may lie ahead of the clock, or before what was applied already.
    const arrival = arrivalSec > this.nowSec + 1 ? this.nowSec : arrivalSec;
    this.#lastArrivalSec = Math.max(this.#lastArrivalSec, arrival);
    const taken = takeEntry(input, entry, this.#lastArrivalSec, this.aliases);
    if (taken.event === null) return this.refuse(input, entry, taken.reason, taken.detail);
    if (taken.futureTime) this.options.listener.futureTime(inputName(input));
    this.#apply(taken.event);
  }

  /** An entry that cannot be used goes to the dead letters. */
  refuse(input: DeskInput, entry: StreamEntry, reason: RejectReason, detail: string): void {
    const { namespace, listener } = this.options;
    this.#outputs.push(deadLetter(namespace, input, keyOf(namespace, input), entry, reason, detail));
    listener.rejected(inputName(input), reason, detail, entry);
  }

  /** A permit was taken, as the store tells. */
  applyTaken(planId: string, atSec: number, how: 'take' | 'getdel'): void {
    const record = this.governor.permit(planId, this.nowSec);
    if (record === null || record.takenAt !== null) return;
    if (!this.governor.applyTake(planId, atSec)) return this.permits.close(planId);
    this.permits.touch(planId);
    this.options.listener.taken(planId, this.symbols.name(record.symbol), how);
  }

  /** Plans that failed: whoever still has such a permit may not use it. */
  takeFailed(): readonly string[] {
    const failed = this.#failed;
    this.#failed = [];
    return failed;
  }

  /** Executions whose permit nobody is known to have taken. */
  takeDoubted(): readonly ExecutionEvent[] {
    const doubted = this.#doubted;
    this.#doubted = [];
    return doubted;
  }

  /** What the store says about doubted ones decides. */
  reconcile(execution: ExecutionEvent, isTaken: boolean): void {
    const planId = execution.planId;
    const record = planId === null ? null : this.governor.permit(planId, this.nowSec);
    const extras = planId === null ? undefined : this.permits.extras(planId);
    if (record === null || extras === undefined) return this.#report(unpermitted(execution, null, false, 0));
    const filledQty = this.permits.fill(planId!, execution);
    const permit = { symbol: extras.symbol, side: extras.side, qty: record.qty, reducing: record.reducing };
    this.#report(unpermitted(execution, permit, isTaken, filledQty));
  }

  /** What is to be committed since the last time; taken once. `forgets`: what is older than 24 hours goes, as far as the clock can be trusted. */
  changes(forgets: boolean): { readonly part: ComponentChanges; readonly outputs: readonly Output[] } {
    const outputs = this.#outputs;
    this.#outputs = [];
    const { portfolio, records: kept, seen, dropSeen } = this.#ledger.changes(this.nowSec, forgets);
    const records = [...kept];
    for (const symbol of this.#changedSymbols) {
      const text = encodeSymbol({ position: this.governor.position(symbol), ...this.#last[symbol]! });
      records.push(`${KEPT_PREFIX.position}${this.symbols.name(symbol)}`, text);
    }
    this.#changedSymbols.clear();
    records.push(...this.permits.changes((planId) => this.governor.permit(planId, this.nowSec), forgets));
    const meta: [string, unknown][] = [
      ['version', GOVERNOR_KEPT_VERSION],
      ['now', this.nowSec],
      ['portfolio', portfolio],
      ['errors', this.governor.errorTimes],
      ['issued', this.governor.issued],
      ['revision', this.#trading?.revision ?? 0],
    ];
    if (this.#firstPlanSec !== null) meta.push(['first_plan', this.#firstPlanSec]);
    const texts = meta.flatMap(([field, value]) => [field, encode(value)]);
    const part = {
      component: 'governor',
      meta: [...texts, 'mode', this.options.settings.APPLY_MODE],
      records,
      seen,
      dropSeen,
    };
    return { part, outputs };
  }

  #apply(event: InputEvent): void {
    switch (event.type) {
      case 'execution':
        return this.#applyExecution(event);
      case 'cashflow':
        return this.#ledger.applyCashflow(event);
      case 'result':
        this.governor.applyResult(event.planId, event.executed, event.ts);
        this.permits.touch(event.planId);
        if (!event.executed) this.#failed.push(event.planId);
        return;
      default:
        throw new Error(`the governor reads no ${event.type}`);
    }
  }

  #applyExecution(event: ExecutionEvent): void {
    if (this.#ledger.isRepeat(event.executionId)) return;
    if (!this.isFull(event.symbol)) this.meet(event.symbol);
    if (event.pnlUsd !== null) {
      this.#ledger.applyProfit(event.ts, event.pnlUsd);
      this.governor.applyProfit(event.ts, event.pnlUsd);
    }
    const { settings } = this.options;
    // Permits of a dry run are not taken, and before the first plan nobody asked for one.
    if (settings.APPLY_MODE === 'dry_run' || this.#firstPlanSec === null || event.ts < this.#firstPlanSec)
      return;
    const record = event.planId === null ? null : this.governor.permit(event.planId, event.ts);
    if (record === null || record.takenAt !== null) this.reconcile(event, true);
    else this.#doubted.push(event);
  }

  #report(found: Unpermitted | null): void {
    if (found === null) return;
    const { namespace, listener } = this.options;
    const { reason, planId, symbol, executionId, orderId, bot, value, limit } = found;
    const about = {
      reason,
      plan_id: planId,
      symbol,
      execution_id: executionId,
      order_id: orderId,
      bot,
      value,
      limit,
    };
    this.#outputs.push({
      kind: 'append',
      key: keyOf(namespace, 'governorEvents'),
      fields: flat(governorNotice('UNPERMITTED_EXECUTION', this.nowSec, about)),
      maxLength: KEYS.governorEvents.maxLength,
    });
    listener.unpermitted(found);
  }

  #applyPosition(symbol: number, event: PositionEvent): void {
    this.governor.applyPosition(symbol, { ...event, ts: this.nowSec });
  }
}

/** The symbol of a name some key holds, or null where it is none. */
export function symbolOf(name: string, aliases: ReadonlyMap<string, string>): string | null {
  return canonicalSymbol(name, aliases) === name ? name : null;
}

function positionEvent(
  position: {
    readonly amount: number;
    readonly markUsd: number | null;
    readonly notionalUsd: number | null;
    readonly ts: number;
  },
  desk: GovernorDesk,
): PositionEvent {
  return {
    type: 'position',
    ts: desk.nowSec,
    stateTs: position.ts,
    symbol: '',
    amount: position.amount,
    markPrice: position.markUsd,
    notionalUsd: position.notionalUsd,
  };
}
