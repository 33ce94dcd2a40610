/**
 * The account: fed by another program, or kept from executions and cash flows (spec/model.md, Portfolio).
 * Once fed it stays fed; it never falls back to its own count.
 */
import { saturate } from '../num.ts';
import type { CashflowEvent, PortfolioEvent } from '../event.ts';

export interface PortfolioState {
  /** USD, kept from executions and cash flows while nothing feeds. */
  ownEquityUsd: number;
  ownPeakUsd: number;
  fed: {
    /** Unix seconds of the newest update. */
    ts: number;
    equityUsd: number;
    drawdown: number;
    heat: number;
    /** The highest equity ever fed: a missing drawdown is taken from it. */
    peakUsd: number;
  } | null;
}

/** The account as a component sees it at one moment. */
export interface PortfolioView {
  readonly equityUsd: number;
  /** Fraction of the peak, 0..1 (own: more than 1 where equity is below zero). */
  readonly drawdown: number;
  readonly heat: number;
  /** Seconds since the newest update; 0 when the account is kept here. */
  readonly ageSec: number;
}

export function newPortfolio(initialEquityUsd: number): PortfolioState {
  return { ownEquityUsd: initialEquityUsd, ownPeakUsd: initialEquityUsd, fed: null };
}

/** A realised profit, USD, positive or negative. */
export function applyProfit(state: PortfolioState, pnlUsd: number): void {
  state.ownEquityUsd = saturate(state.ownEquityUsd + pnlUsd);
  if (state.ownEquityUsd > state.ownPeakUsd) state.ownPeakUsd = state.ownEquityUsd;
}

/** A deposit or withdrawal moves equity and peak alike: it is no profit and no drawdown. */
export function applyCashflow(state: PortfolioState, event: CashflowEvent): void {
  state.ownEquityUsd = saturate(state.ownEquityUsd + event.amountUsd);
  state.ownPeakUsd = saturate(state.ownPeakUsd + event.amountUsd);
}

/** A portfolio update replaces all fields. */
export function applyPortfolio(state: PortfolioState, event: PortfolioEvent): void {
  const peakUsd = Math.max(state.fed?.peakUsd ?? event.equityUsd, event.equityUsd);
  state.fed = {
    ts: event.stateTs,
    equityUsd: event.equityUsd,
    drawdown: event.drawdown ?? drawdownFrom(peakUsd, event.equityUsd),
    heat: event.heat ?? 0,
    peakUsd,
  };
}

/** The account, and of what was fed the newest that either of two saw: once fed it never falls back. */
export function joinFed(state: PortfolioState, other: PortfolioState): PortfolioState {
  const [one, two] = [state.fed, other.fed];
  if (one === null || two === null) return { ...state, fed: one ?? two };
  return { ...state, fed: { ...(two.ts > one.ts ? two : one), peakUsd: Math.max(one.peakUsd, two.peakUsd) } };
}

/** The newest known equity in USD, however old. */
export function equityUsd(state: PortfolioState): number {
  return state.fed === null ? state.ownEquityUsd : state.fed.equityUsd;
}

export function viewPortfolio(state: PortfolioState, now: number): PortfolioView {
  const fed = state.fed;
  if (fed !== null)
    return { equityUsd: fed.equityUsd, drawdown: fed.drawdown, heat: fed.heat, ageSec: now - fed.ts };
  const drawdown = drawdownFrom(state.ownPeakUsd, state.ownEquityUsd);
  return { equityUsd: state.ownEquityUsd, drawdown, heat: 0, ageSec: 0 };
}

function drawdownFrom(peakUsd: number, nowUsd: number): number {
  return peakUsd <= 0 ? 0 : saturate((peakUsd - nowUsd) / peakUsd);
}
