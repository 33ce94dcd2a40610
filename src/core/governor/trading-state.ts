/** What the kill flag says, and what holds where something is latched besides. Source: spec/contract.md (`quantum:kill`), spec/model.md (Disarm). */
import type { TradingState } from '../event.ts';

const SEVERITY: Readonly<Record<TradingState, number>> = { ACTIVE: 0, REDUCING: 1, HALTED: 2 };

/** `null`: there is no flag. Anything that is not understood halts. */
export function stateOfFlag(text: string | null): TradingState {
  if (text === null || text === '0') return 'ACTIVE';
  return text === 'reduce' ? 'REDUCING' : 'HALTED';
}

/** The more severe of two. */
export function moreSevere(one: TradingState, other: TradingState): TradingState {
  return SEVERITY[one] >= SEVERITY[other] ? one : other;
}

/** The more severe of the flag (`undefined`: unreadable) and what was latched: an absent flag re-arms nothing. */
export function tradingState(flag: string | null | undefined, latched: TradingState): TradingState {
  const flagged = flag === undefined ? 'HALTED' : stateOfFlag(flag);
  return moreSevere(flagged, latched);
}

/** The flag that says this state. */
export const FLAG_OF: Readonly<Record<TradingState, string>> = {
  ACTIVE: '0',
  REDUCING: 'reduce',
  HALTED: '1',
};
