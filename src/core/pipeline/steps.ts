/** How one event changes the engine, and how one component makes its tick: what replay and the live pipeline share. */
import type { InputEvent } from '../event.ts';
import type { GovernorDecision } from '../decision.ts';
import type { Ticking } from './ticking.ts';
import type { Engine } from './engine.ts';

const NO_DECISIONS: readonly GovernorDecision[] = [];

/** Applies an event; returns what the governor decided about it. */
export function applyEvent(engine: Engine, event: InputEvent): readonly GovernorDecision[] {
  switch (event.type) {
    case 'execution':
      engine.applyExecution(event);
      break;
    case 'plan':
      return engine.judge(event);
    case 'regime':
      engine.context.applyRegime(event.symbol === null ? -1 : engine.symbolId(event.symbol), event);
      break;
    case 'market':
      engine.context.applyMarket(engine.symbolId(event.symbol), event);
      break;
    case 'cluster':
      engine.context.configureCluster(engine.symbolId(event.symbol), event.cluster);
      break;
    case 'cluster_stress':
      engine.context.applyClusterStress(event);
      break;
    case 'position':
      engine.symbols.markKnown(engine.symbolId(event.symbol));
      engine.governor.applyPosition(engine.symbolId(event.symbol), event);
      break;
    case 'portfolio':
      engine.applyPortfolio(event);
      break;
    case 'cashflow':
      engine.applyCashflow(event);
      break;
    case 'take':
      engine.governor.applyTake(event.planId, event.ts);
      break;
    case 'result':
      engine.governor.applyResult(event.planId, event.executed, event.ts);
      break;
    case 'kill':
      engine.governor.applyKill(event);
      break;
    case 'rearm':
      engine.governor.applyRearm(event.symbol === null ? -1 : engine.symbolId(event.symbol), event);
      break;
  }
  return NO_DECISIONS;
}

/** One tick of one component; returns whether one of the values that move by themselves did. */
export function runTick(engine: Engine, component: Ticking, tick: number): boolean {
  const { symbols, settings } = engine;
  switch (component) {
    case 'budget':
      engine.budget.tick(tick, symbols.knownById(), engine.portfolioAt(tick), engine.context, settings);
      return false;
    case 'attribution':
      engine.attribution.tick(tick, symbols.knownById());
      return false;
    case 'allocation':
      engine.allocation.tick(tick, symbols.all(), engine.allocationInputs(tick), settings);
      return false;
    case 'efficiency':
      return engine.efficiency.tick(
        tick,
        symbols.allById(),
        engine.efficiencyInputs(tick),
        engine.efficiencySettingsOf,
      );
    case 'proposal': {
      const { targets, efficiency } = engine.proposerInputs(tick);
      return engine.proposer.tick(tick, symbols.allById(), targets, efficiency, engine.proposerSettingsOf);
    }
  }
}
