/**
 * Ticks without news. Between two events budgets, attributions and targets repeat themselves until some input crosses an
 * age limit; only the hold penalty and the efficiency EWMA move, each symbol by itself, until they too stand still.
 * So a stretch of such ticks is run symbol by symbol, and a symbol that stands still is not run at all. Eight years of
 * five-second ticks cost what their moving parts cost; every value is the one tick-by-tick computation would give.
 */
import { BUDGET_LIFE_SEC } from '../allocation/allocation.ts';
import { isAlive, lastTickBefore } from '../tick.ts';
import { TICKING } from './ticking.ts';
import type { Column } from '../column.ts';
import type { Settings } from '../settings.ts';
import type { Engine } from './engine.ts';

type ProposerInputs = ReturnType<Engine['proposerInputs']>;

const BUDGET = TICKING.indexOf('budget');
const ATTRIBUTION = TICKING.indexOf('attribution');
const ALLOCATION = TICKING.indexOf('allocation');
const EFFICIENCY = TICKING.indexOf('efficiency');
const PROPOSAL = TICKING.indexOf('proposal');

export class Coast {
  readonly #engine: Engine;
  readonly #next: number[];
  readonly #intervals: readonly number[];
  /** Ticks by which a change has gone through every component, whatever their intervals. */
  readonly #settleSec: number;
  readonly #isPossible: boolean;
  /** The newest event or age limit crossed. */
  #changedAt = 0;
  /** The newest tick at which an efficiency or a multiplier moved. */
  #movedAt = 0;
  /** Up to this tick no input crosses an age limit; null: not worked out yet. */
  #steadyUntil: number | null = null;

  constructor(engine: Engine, next: number[], intervals: readonly number[]) {
    this.#engine = engine;
    this.#next = next;
    this.#intervals = intervals;
    this.#settleSec = 2 * Math.max(...intervals);
    this.#isPossible = Math.max(...intervals) < shortestLimitSec(engine);
  }

  noteChange(ts: number): void {
    this.#changedAt = ts;
    this.#movedAt = ts;
    this.#steadyUntil = null;
  }

  noteMove(tick: number): void {
    this.#movedAt = tick;
  }

  /**
   * Runs the ticks from `tick` (the next one due) up to `limit` as far as they are without news. Returns false, having
   * done nothing, where the next tick has to be computed in full.
   */
  run(tick: number, limit: number): boolean {
    if (!this.#isPossible || this.#oldestTick() < this.#changedAt + this.#settleSec) return false;
    if (this.#engine.settings.P29_APPLY_PROPOSED && this.#oldestTick() < this.#movedAt + this.#settleSec)
      return false;
    this.#steadyUntil ??= this.#nextLimit(this.#changedAt);
    if (tick > this.#steadyUntil) {
      this.noteChange(this.#steadyUntil);
      return false;
    }
    const last = this.#lastTicks(limit, this.#steadyUntil);
    if (last.every((ticks) => ticks === 0)) return false;
    const before = this.#ticksBefore();
    const inputs = this.#engine.proposerInputs(tick);
    for (const symbol of this.#engine.symbols.known()) this.#runSymbol(symbol, last, inputs);
    this.#renew(this.#engine.budget.columns.ts, before[BUDGET]!, last[BUDGET]!);
    this.#renew(this.#engine.attribution.columns.ts, before[ATTRIBUTION]!, last[ATTRIBUTION]!);
    this.#renew(this.#engine.allocation.columns.ts, before[ALLOCATION]!, last[ALLOCATION]!);
    last.forEach((ticks, i) => {
      if (ticks > 0) this.#next[i] = ticks + this.#intervals[i]!;
    });
    return true;
  }

  /** The tick up to which every component has come. */
  #oldestTick(): number {
    return Math.min(...this.#ticksBefore());
  }

  /** The tick each component computed last. */
  #ticksBefore(): number[] {
    return this.#next.map((next, i) => next - this.#intervals[i]!);
  }

  /** Each component's last tick before `limit` and not after `steadyUntil`; 0 where none is due. */
  #lastTicks(limit: number, steadyUntil: number): number[] {
    return this.#next.map((next, i) => {
      const interval = this.#intervals[i]!;
      const steady = Math.floor(steadyUntil / interval) * interval;
      const last = Math.min(lastTickBefore(limit, next, interval), steady);
      return last < next ? 0 : last;
    });
  }

  /** Publishes again what was published at the last tick. */
  #renew(column: Column, before: number, last: number): void {
    if (last === 0) return;
    const ts = column.data;
    for (const symbol of this.#engine.symbols.known()) if (ts[symbol] === before) ts[symbol] = last;
  }

  #runSymbol(symbol: number, last: readonly number[], inputs: ProposerInputs): void {
    const { efficiency, proposer } = this.#engine;
    const scoring = this.#engine.efficiencySettingsOf[symbol]!;
    const proposing = this.#engine.proposerSettingsOf[symbol]!;
    const { targets, efficiency: view } = inputs;
    const lastEfficiency = efficiency.columns.ts.data[symbol]! > 0 ? last[EFFICIENCY]! : 0;
    const isRenewed = targets.ts[symbol] === this.#next[ALLOCATION]! - this.#intervals[ALLOCATION]!;
    const isProposed = isRenewed || isAlive(targets.ts[symbol]!, this.#next[PROPOSAL]!, targets.lifeSec);
    const lastProposal = isProposed ? last[PROPOSAL]! : 0;
    let efficiencyTick = this.#next[EFFICIENCY]!;
    let proposalTick = this.#next[PROPOSAL]!;
    let moved = true;
    let proposalMoved = true;
    while (efficiencyTick <= lastEfficiency || proposalTick <= lastProposal) {
      if (
        efficiencyTick <= lastEfficiency &&
        (efficiencyTick <= proposalTick || proposalTick > lastProposal)
      ) {
        moved = efficiency.step(efficiencyTick, symbol, scoring);
        if (moved) proposalMoved = true;
        efficiencyTick += this.#intervals[EFFICIENCY]!;
      } else {
        proposalMoved = proposer.step(proposalTick, symbol, targets.baseTargetUsd[symbol]!, view, proposing);
        proposalTick += this.#intervals[PROPOSAL]!;
      }
      const standsStill = !moved && efficiency.isHoldConstant(symbol);
      if (standsStill && (!proposalMoved || lastProposal === 0)) break;
    }
    if (lastEfficiency > 0) efficiency.columns.ts.data[symbol] = lastEfficiency;
    if (lastProposal > 0) proposer.columns.ts.data[symbol] = lastProposal;
  }

  /** The first moment after `from` past which some input or record is over an age limit; Infinity where there is none. */
  #nextLimit(from: number): number {
    const engine = this.#engine;
    const { settings, context } = engine;
    let next = Infinity;
    const consider = (ts: number, limitSec: number): void => {
      if (ts > 0 && ts + limitSec > from && ts + limitSec < next) next = ts + limitSec;
    };
    const fed = engine.portfolio.fed;
    if (fed !== null) {
      consider(fed.ts, settings.STALE_DATA_SEC);
      consider(fed.ts, settings.P28_MAX_LKG_AGE_SEC);
    }
    consider(context.general.ts, settings.STALE_DATA_SEC);
    for (const ts of context.stressTs) consider(ts, settings.STALE_DATA_SEC);
    const records = this.#recordLimits();
    const { marketTs, regimeTs } = context.columns;
    for (const symbol of engine.symbols.known()) {
      const own = engine.settingsOf[symbol]!;
      // An event time may lie ahead of its arrival: until then the hold penalty stands still at 0.
      consider(engine.efficiency.columns.lastExecTs.data[symbol]!, 0);
      consider(marketTs.data[symbol]!, settings.STALE_DATA_SEC);
      consider(regimeTs.data[symbol]!, settings.STALE_DATA_SEC);
      for (const { ts: column, renewed, limits } of records) {
        const ts = column.data[symbol]!;
        if (ts < renewed) for (const limitSec of limits(own)) consider(ts, limitSec);
      }
    }
    return next;
  }

  /** Each component's records: when they were published, when those that are still renewed were, and the ages that matter. */
  #recordLimits(): { ts: Column; renewed: number; limits: (own: Settings) => readonly number[] }[] {
    const { settings, budget, attribution, allocation, efficiency, proposer } = this.#engine;
    const before = this.#ticksBefore();
    const stale = settings.STALE_DATA_SEC;
    const attributed = settings.P30_ATTRIBUTION_TTL_SEC;
    return [
      { ts: budget.columns.ts, renewed: before[BUDGET]!, limits: () => [stale, BUDGET_LIFE_SEC] },
      {
        ts: attribution.columns.ts,
        renewed: before[ATTRIBUTION]!,
        limits: (own) => [stale, own.P31_STALE_SEC_P30, attributed],
      },
      {
        ts: allocation.columns.ts,
        renewed: before[ALLOCATION]!,
        limits: (own) => [own.P31_STALE_SEC_P29, settings.TARGET_TTL_SEC],
      },
      {
        ts: efficiency.columns.ts,
        renewed: before[EFFICIENCY]!,
        limits: (own) => [own.P31_STALE_SEC, settings.P31_KEY_TTL_SEC],
      },
      {
        ts: proposer.columns.ts,
        renewed: before[PROPOSAL]!,
        limits: () => [stale, settings.PROPOSE_KEY_TTL],
      },
    ];
  }
}

/** No record may grow old between two ticks of the component that renews it: then intervals matter to its reader. */
function shortestLimitSec(engine: Engine): number {
  const { settings } = engine;
  const all = [settings, ...settings.bySymbol.values()];
  const perSymbol = all.flatMap((own) => [own.P31_STALE_SEC_P30, own.P31_STALE_SEC_P29, own.P31_STALE_SEC]);
  return Math.min(
    BUDGET_LIFE_SEC,
    settings.STALE_DATA_SEC,
    settings.P28_MAX_LKG_AGE_SEC,
    settings.P30_ATTRIBUTION_TTL_SEC,
    settings.TARGET_TTL_SEC,
    settings.P31_KEY_TTL_SEC,
    settings.PROPOSE_KEY_TTL,
    ...perSymbol.filter((limit) => limit !== undefined),
  );
}
