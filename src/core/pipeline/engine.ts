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
import type { OwnRecords, Records, Upstream } from './upstream.ts';
import type { Ticking } from './ticking.ts';

/** The equity of a portfolio older than this is unknown to the governor. */
const EQUITY_MAX_AGE_SEC = 900;

/** The modes of the components that have one. */
export type Modes = Pick<Settings, 'P28_MODE' | 'P29_MODE' | 'P30_MODE' | 'P31_MODE'>;

/** Where an engine of some components finds what the others publish. */
export interface Surroundings {
  /** The components that run in this process. */
  readonly own: ReadonlySet<Ticking>;
  readonly upstreams: { readonly [Name in Ticking]: Upstream };
}

/** A record of others is alive while its key is there, whatever its age; only time 0, which says that it is not, is older. */
const ANY_AGE_SEC = 1e9;

export class Engine {
  readonly settings: Settings;
  /** As in the settings at first; an operator may switch them while it runs. */
  modes: Modes;
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
  /** Its input is gone: the last attributions are published again, and so are there for longer than they live. */
  repeatsAttribution = false;
  readonly #surroundings: Surroundings | null;
  readonly #never = new Column();
  readonly #efficiencySettings: EfficiencySettings;
  readonly #proposerSettings: ProposerSettings;

  /** `surroundings` null: every component runs here and nobody else publishes, as in replay. */
  constructor(settings: Settings, surroundings: Surroundings | null = null) {
    this.settings = settings;
    const { P28_MODE, P29_MODE, P30_MODE, P31_MODE } = settings;
    this.modes = { P28_MODE, P29_MODE, P30_MODE, P31_MODE };
    this.#surroundings = surroundings;
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
    if (this.#surroundings !== null)
      for (const upstream of Object.values(this.#surroundings.upstreams)) upstream.ensure(count);
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
      // Its 24 hours of profits are the governor's own; the other components do without.
      if (this.#surroundings === null) this.governor.applyProfit(event.ts, pnlUsd);
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
  #visibleTs(ts: Float64Array, producer: Mode, reader: Mode): Float64Array {
    return producer === 'enforce' || reader === 'shadow' ? ts : this.#never.data;
  }

  /** The records of a component as a reader sees them at `now`: our own, and beside them what others publish. */
  #records(
    component: Ticking,
    reader: Mode,
    now: number,
    own: OwnRecords,
  ): Records & { readonly lifeSec: number } {
    const around = this.#surroundings;
    if (around === null)
      return {
        ts: this.#visibleTs(own.ts, own.mode, reader),
        values: own.values,
        lifeSec: own.lifeSec,
      };
    const records = around.upstreams[component].seen(reader, around.own.has(component) ? own : null, now);
    return { ...records, lifeSec: ANY_AGE_SEC };
  }

  #budgets(reader: Mode, now: number): Records {
    const { ts, budgetUsd } = this.budget.columns;
    return this.#records('budget', reader, now, {
      ts: ts.data,
      values: [budgetUsd.data],
      mode: this.modes.P28_MODE,
      lifeSec: BUDGET_LIFE_SEC,
    });
  }

  #attributions(reader: Mode, now: number): Records & { readonly lifeSec: number } {
    const { ts, publishedFactor, publishedConfidence } = this.attribution.columns;
    const { P30_ATTRIBUTION_TTL_SEC, P30_MAX_LKG_AGE_SEC } = this.settings;
    return this.#records('attribution', reader, now, {
      ts: ts.data,
      values: [publishedFactor.data, publishedConfidence.data],
      mode: this.modes.P30_MODE,
      lifeSec: this.repeatsAttribution
        ? Math.max(P30_ATTRIBUTION_TTL_SEC, P30_MAX_LKG_AGE_SEC)
        : P30_ATTRIBUTION_TTL_SEC,
    });
  }

  #targets(reader: Mode, now: number): Records & { readonly lifeSec: number } {
    const { ts, baseTargetUsd, confidence } = this.allocation.columns;
    return this.#records('allocation', reader, now, {
      ts: ts.data,
      values: [baseTargetUsd.data, confidence.data],
      mode: this.modes.P29_MODE,
      lifeSec: this.settings.TARGET_TTL_SEC,
    });
  }

  #efficiencies(reader: Mode, now: number): Records & { readonly lifeSec: number } {
    const { ts, score, confidence } = this.efficiency.columns;
    return this.#records('efficiency', reader, now, {
      ts: ts.data,
      values: [score.data, confidence.data],
      mode: this.modes.P31_MODE,
      lifeSec: this.settings.P31_KEY_TTL_SEC,
    });
  }

  /** Proposals have no mode of their own: `P29_APPLY_PROPOSED` says whether they count. */
  #proposals(now: number): AllocationInputs['proposals'] {
    if (!this.settings.P29_APPLY_PROPOSED) return null;
    const { ts, multiplier, reason } = this.proposer.columns;
    const seen = this.#records('proposal', 'enforce', now, {
      ts: ts.data,
      values: [multiplier.data, reason.data],
      mode: 'enforce',
      lifeSec: this.settings.PROPOSE_KEY_TTL,
    });
    return { ts: seen.ts, multiplier: seen.values[0]!, reason: seen.values[1]! };
  }

  allocationInputs(tick: number): AllocationInputs {
    const reader = this.modes.P29_MODE;
    const budgets = this.#budgets(reader, tick);
    const attributions = this.#attributions(reader, tick);
    return {
      portfolio: viewPortfolio(this.portfolio, tick),
      context: this.context,
      budgetTs: budgets.ts,
      budgetUsd: budgets.values[0]!,
      attributionTs: attributions.ts,
      performanceFactor: attributions.values[0]!,
      performanceConfidence: attributions.values[1]!,
      factorRange: attributions.values[2] ?? null,
      attributionLifeSec: attributions.lifeSec,
      proposals: this.#proposals(tick),
    };
  }

  efficiencyInputs(tick: number): EfficiencyInputs {
    const reader = this.modes.P31_MODE;
    const attributions = this.#attributions(reader, tick);
    const targets = this.#targets(reader, tick);
    return {
      attributionTs: attributions.ts,
      performanceFactor: attributions.values[0]!,
      performanceConfidence: attributions.values[1]!,
      factorRange: attributions.values[2] ?? null,
      attributionLifeSec: attributions.lifeSec,
      targetTs: targets.ts,
      baseTargetUsd: targets.values[0]!,
      targetConfidence: targets.values[1]!,
      targetLifeSec: targets.lifeSec,
    };
  }

  /** The proposer is always in shadow and reads its upstream as if it were enforced. */
  proposerInputs(tick: number): { targets: TargetView; efficiency: EfficiencyView } {
    const targets = this.#targets('shadow', tick);
    const efficiencies = this.#efficiencies('shadow', tick);
    return {
      targets: { ts: targets.ts, baseTargetUsd: targets.values[0]!, lifeSec: targets.lifeSec },
      efficiency: {
        ts: efficiencies.ts,
        score: efficiencies.values[0]!,
        confidence: efficiencies.values[1]!,
        lifeSec: efficiencies.lifeSec,
      },
    };
  }

  /** What the governor may act on at `now` about a plan's symbol; -1 for a symbol nobody has met. */
  governorView(symbol: number, now: number): PipelineView {
    const { P28_MODE, P29_MODE, P31_MODE } = this.modes;
    const { P31_KEY_TTL_SEC, STALE_DATA_SEC } = this.settings;
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
        ageSec: ageSec(this.#visibleTs(this.budget.columns.ts.data, P28_MODE, 'enforce')[symbol]!, now),
        lifeSec: BUDGET_LIFE_SEC,
      },
      target: {
        usd: this.allocation.columns.targetUsd.data[symbol]!,
        ageSec: ageSec(this.#visibleTs(this.allocation.columns.ts.data, P29_MODE, 'enforce')[symbol]!, now),
        lifeSec: this.settings.TARGET_TTL_SEC,
      },
      efficiency: {
        score: efficiency.score.data[symbol]!,
        confidence: efficiency.confidence.data[symbol]!,
        ageSec: ageSec(this.#visibleTs(efficiency.ts.data, P31_MODE, 'enforce')[symbol]!, now),
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
