/** What the governor knows at the moment it judges: plain values, wherever they were kept. */
import type { TradingState } from '../event.ts';
import type { SymbolView } from './read-plan.ts';

/** A record another component enforces. */
export interface EnforcedRecord {
  /** USD; meaningless where `ageSec` says it is not there. */
  readonly usd: number;
  /** Seconds since it was computed; Infinity where there never was one or its component is in shadow. */
  readonly ageSec: number;
  /** Seconds a record is there; older, it is missing. */
  readonly lifeSec: number;
}

export interface EfficiencyRecord {
  readonly score: number;
  readonly confidence: number;
  /** Seconds since its tick; Infinity where there is none. */
  readonly ageSec: number;
  readonly lifeSec: number;
}

export interface JudgeView extends SymbolView {
  readonly state: TradingState;
  readonly disarmed: boolean;
  /** Null where the portfolio is older than 900 s. */
  readonly equityUsd: number | null;
  readonly budget: EnforcedRecord;
  readonly target: EnforcedRecord;
  readonly efficiency: EfficiencyRecord;
  /** Open opening reservations of the symbol and of all, micro-USD. */
  readonly reservedMicro: number;
  readonly allReservedMicro: number;
  /** All positions by their newest snapshots, however old, without netting, USD. */
  readonly grossPositionUsd: number;
  readonly openSymbols: number;
  /** Net loss of the last 24 h, USD; negative is profit. */
  readonly lossUsd: number;
  /** Counted permits of the symbol within the last hour and the last 5 minutes. */
  readonly permitsLastHour: number;
  readonly permitsLast5Min: number;
  /** Seconds since the symbol's last opening permit; Infinity where there was none. */
  readonly sinceLastOpeningSec: number;
  /** Notional of the symbol's counted permits of the last 24 h, micro-USD. */
  readonly permittedDayMicro: number;
}
