/**
 * The state of every component in one place, how an event changes it and how a component reads the ones before it.
 * Knows no ticks: pipeline.ts decides when which component runs.
 */
import { Allocation, BUDGET_LIFE_SEC, type AllocationInputs } from '../allocation/allocation.ts';
import { Attribution } from '../attribution/attribution.ts';
import { Budget, overBudgetUsd } from '../budget/budget.ts';
import { Context, UNKNOWN } from '../context/context.ts';
import {
  Efficiency,
  efficiencySettings,
  type EfficiencyInputs,
  type EfficiencySettings,
} from '../efficiency/efficiency.ts';
import { Governor, type PipelineView } from '../governor/governor.ts';
import { Names } from '../names.ts';
import { Column } from '../column.ts';
import {
  Proposer,
  proposerSettings,
  type EfficiencyView,
  type ProposerSettings,
  type TargetView,
} from '../proposer/proposer.ts';
import { Symbols } from '../symbols.ts';
import { settingsForSymbol, type Mode, type Settings } from '../settings.ts';
import {
  applyCashflow,
  applyPortfolio,
  applyProfit,
  equityUsd,
  newPortfolio,
  viewPortfolio,
} from '../portfolio/portfolio.ts';
import type { PortfolioState, PortfolioView } from '../portfolio/portfolio.ts';
import type { ExecutionEvent, PlanEvent } from '../event.ts';

/** The equity of a portfolio older than this is unknown to the governor. */
const EQUITY_MAX_AGE_SEC = 900;

export class Engine {
  readonly settings: Settings;
  readonly symbols = new Symbols();
  /** Regime, cluster and signal names; number 0 is `UNKNOWN`. */
  readonly labels = new Names([UNKNOWN]);
  readonly context = new Context();
  readonly attribution: Attribution;
  readonly budget = new Budget();
  readonly allocation = new Allocation();
  readonly efficiency = new Efficiency();
  readonly proposer = new Proposer();
  readonly governor: Governor;
  portfolio: PortfolioState;
  /** By symbol number: the settings as they hold for it. */
  readonly settingsOf: Settings[] = [];
  readonly efficiencySettingsOf: EfficiencySettings[] = [];
  readonly proposerSettingsOf: ProposerSettings[] = [];
  readonly #never = new Column();
  readonly #efficiencySettings: EfficiencySettings;
  readonly #proposerSettings: ProposerSettings;

  constructor(settings: Settings) {
    this.settings = settings;
    this.attribution = new Attribution(settings.P30_LOOKBACK_WINDOW);
    this.governor = new Governor(settings);
    this.#efficiencySettings = efficiencySettings(settings);
    this.#proposerSettings = proposerSettings(settings);
    this.portfolio = newPortfolio(settings.INITIAL_EQUITY_USD);
  }

  /** The number of a symbol, with room for it in every component. */
  symbolId(symbol: string): number {
    const id = this.symbols.id(symbol);
    if (id < this.settingsOf.length) return id;
    const count = id + 1;
    for (const part of [
      this.context,
      this.attribution,
      this.budget,
      this.allocation,
      this.efficiency,
      this.proposer,
    ])
      part.ensure(count);
    this.#never.ensure(count);
    const own = settingsForSymbol(this.settings, symbol);
    this.settingsOf.push(own);
    const isOwn = own !== this.settings;
    this.efficiencySettingsOf.push(isOwn ? efficiencySettings(own) : this.#efficiencySettings);
    this.proposerSettingsOf.push(isOwn ? proposerSettings(own) : this.#proposerSettings);
    return id;
  }

  labelId(label: string | null): number {
    return label === null ? 0 : this.labels.id(label);
  }

  applyExecution(event: ExecutionEvent): void {
    const symbol = this.symbolId(event.symbol);
    this.symbols.markKnown(symbol);
    const named = event.cluster === UNKNOWN ? null : event.cluster;
    if (named !== null) this.context.noteExecutionCluster(symbol, named);
    const { pnlUsd, eventTs } = event;
    if (pnlUsd !== null) {
      applyProfit(this.portfolio, pnlUsd);
      this.governor.applyProfit(event.ts, pnlUsd);
      const settings = this.settings;
      const profit = {
        pnlUsd,
        regime: this.labelId(event.regime),
        cluster: this.labelId(this.clusterOfExecution(event, symbol)),
        signal: this.labelId(event.signal),
        eventTs,
      };
      this.attribution.apply(
        symbol,
        profit,
        settings.P30_PNL_SCALE,
        settings.P30_EWMA_ALPHA,
        equityUsd(this.portfolio),
      );
      this.efficiency.applyProfit(symbol, pnlUsd, this.efficiencySettingsOf[symbol]!);
    }
    this.attribution.noteExecution(symbol, eventTs);
    this.efficiency.noteExecution(symbol, eventTs);
  }

  /** The execution's own cluster (`UNKNOWN` is none), else the configured one, else null. */
  clusterOfExecution(event: ExecutionEvent, symbol: number): string | null {
    if (event.cluster !== null && event.cluster !== UNKNOWN) return event.cluster;
    const configured = this.context.columns.configuredCluster.data[symbol]!;
    return configured < 0 ? null : this.context.clusterName(configured);
  }

  /** Whether another program tells the account's equity. */
  get isFed(): boolean {
    return this.portfolio.fed !== null;
  }

  /** USD by which a symbol's position is over its newest budget; 0 where it is not, or one of them is unknown. */
  overBudgetUsd(symbol: number): number {
    const notionalUsd = this.governor.positionNotionalUsd(symbol);
    if (notionalUsd === null || this.budget.columns.ts.data[symbol]! <= 0) return 0;
    return overBudgetUsd(notionalUsd, this.budget.columns.budgetUsd.data[symbol]!);
  }

  applyPortfolio = (event: Parameters<typeof applyPortfolio>[1]): void =>
    applyPortfolio(this.portfolio, event);
  applyCashflow = (event: Parameters<typeof applyCashflow>[1]): void => applyCashflow(this.portfolio, event);

  portfolioAt(now: number): PortfolioView {
    return viewPortfolio(this.portfolio, now);
  }

  /** The newest known equity in USD. */
  get equityUsd(): number {
    return equityUsd(this.portfolio);
  }

  /** A reader in enforce sees enforced records only, one in shadow sees shadow ones too. */
  #seen(column: Column, producer: Mode, reader: Mode): Float64Array {
    return producer === 'enforce' || reader === 'shadow' ? column.data : this.#never.data;
  }

  allocationInputs(tick: number): AllocationInputs {
    const { P28_MODE, P29_MODE, P30_MODE, P29_APPLY_PROPOSED } = this.settings;
    const proposals = this.proposer.columns;
    return {
      portfolio: viewPortfolio(this.portfolio, tick),
      context: this.context,
      budgetTs: this.#seen(this.budget.columns.ts, P28_MODE, P29_MODE),
      budgetUsd: this.budget.columns.budgetUsd.data,
      attributionTs: this.#seen(this.attribution.columns.ts, P30_MODE, P29_MODE),
      performanceFactor: this.attribution.columns.publishedFactor.data,
      performanceConfidence: this.attribution.columns.publishedConfidence.data,
      attributionLifeSec: this.settings.P30_ATTRIBUTION_TTL_SEC,
      proposals: P29_APPLY_PROPOSED
        ? { ts: proposals.ts.data, multiplier: proposals.multiplier.data, reason: proposals.reason.data }
        : null,
    };
  }

  efficiencyInputs(): EfficiencyInputs {
    const { P29_MODE, P30_MODE, P31_MODE } = this.settings;
    return {
      attributionTs: this.#seen(this.attribution.columns.ts, P30_MODE, P31_MODE),
      performanceFactor: this.attribution.columns.publishedFactor.data,
      performanceConfidence: this.attribution.columns.publishedConfidence.data,
      attributionLifeSec: this.settings.P30_ATTRIBUTION_TTL_SEC,
      targetTs: this.#seen(this.allocation.columns.ts, P29_MODE, P31_MODE),
      baseTargetUsd: this.allocation.columns.baseTargetUsd.data,
      targetConfidence: this.allocation.columns.confidence.data,
      targetLifeSec: this.settings.TARGET_TTL_SEC,
    };
  }

  /** The proposer is always in shadow and reads its upstream as if it were enforced. */
  proposerInputs(): { targets: TargetView; efficiency: EfficiencyView } {
    const { ts, score, confidence } = this.efficiency.columns;
    return {
      targets: {
        ts: this.allocation.columns.ts.data,
        baseTargetUsd: this.allocation.columns.baseTargetUsd.data,
        lifeSec: this.settings.TARGET_TTL_SEC,
      },
      efficiency: {
        ts: ts.data,
        score: score.data,
        confidence: confidence.data,
        lifeSec: this.settings.P31_KEY_TTL_SEC,
      },
    };
  }

  /** What the governor may act on at `now` about a plan's symbol; -1 for a symbol nobody has met. */
  governorView(symbol: number, now: number): PipelineView {
    const { P28_MODE, P29_MODE, P31_MODE, P31_KEY_TTL_SEC, STALE_DATA_SEC } = this.settings;
    const portfolio = viewPortfolio(this.portfolio, now);
    const equity = portfolio.ageSec <= EQUITY_MAX_AGE_SEC ? portfolio.equityUsd : null;
    const missing = { usd: 0, ageSec: Infinity, lifeSec: 0 };
    if (symbol < 0) {
      const efficiency = { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 };
      return { markUsd: null, equityUsd: equity, budget: missing, target: missing, efficiency };
    }
    const { marketTs, mark } = this.context.columns;
    const markFresh = now - marketTs.data[symbol]! <= STALE_DATA_SEC && mark.data[symbol]! > 0;
    const efficiency = this.efficiency.columns;
    return {
      markUsd: markFresh ? mark.data[symbol]! : null,
      equityUsd: equity,
      budget: {
        usd: this.budget.columns.budgetUsd.data[symbol]!,
        ageSec: ageSec(this.#seen(this.budget.columns.ts, P28_MODE, 'enforce')[symbol]!, now),
        lifeSec: BUDGET_LIFE_SEC,
      },
      target: {
        usd: this.allocation.columns.targetUsd.data[symbol]!,
        ageSec: ageSec(this.#seen(this.allocation.columns.ts, P29_MODE, 'enforce')[symbol]!, now),
        lifeSec: this.settings.TARGET_TTL_SEC,
      },
      efficiency: {
        score: efficiency.score.data[symbol]!,
        confidence: efficiency.confidence.data[symbol]!,
        ageSec: ageSec(this.#seen(efficiency.ts, P31_MODE, 'enforce')[symbol]!, now),
        lifeSec: P31_KEY_TTL_SEC,
      },
    };
  }

  judge(plan: PlanEvent): ReturnType<Governor['plan']> {
    const symbol = plan.symbolValid ? this.symbolId(plan.symbol) : -1;
    return this.governor.plan(symbol, plan, this.governorView(symbol, plan.ts));
  }
}

function ageSec(ts: number, now: number): number {
  return ts > 0 ? now - ts : Infinity;
}
