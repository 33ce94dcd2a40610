/** How often symbols trade, and what that costs those that trade rarely. */
import { settingsForSymbol } from '../core/settings.ts';
import { finding, listed, type Finding } from './doctor-table.ts';
import { seconds } from './status.ts';
import type { Situation, Stored } from './doctor-situation.ts';

export interface TradeRate {
  readonly symbol: string;
  /** Executions among the newest. */
  readonly count: number;
  /** Between two executions; null: there is but one. */
  readonly meanGapSec: number | null;
}

/** Symbols in the order they were seen first. */
export function ratesOf({ executions }: Stored): TradeRate[] {
  const seen = new Map<string, { count: number; first: number; last: number }>();
  for (const { symbol, ts } of executions) {
    if (symbol === null) continue;
    const one = seen.get(symbol);
    if (one === undefined) seen.set(symbol, { count: 1, first: ts, last: ts });
    else {
      one.count++;
      one.first = Math.min(one.first, ts);
      one.last = Math.max(one.last, ts);
    }
  }
  return [...seen].map(([symbol, { count, first, last }]) => ({
    symbol,
    count,
    meanGapSec: count < 2 ? null : (last - first) / (count - 1),
  }));
}

/** Fewer tell nothing about a pace. */
const MIN_EXECUTIONS = 3;

export function judgeHoldPenalty({ settings, stored }: Situation): Finding[] {
  if (stored === null || settings.P31_HOLD_BASIS === 'trade_rate') return [];
  const rare = ratesOf(stored).filter(({ symbol, count, meanGapSec }) => {
    const { P31_HOLD_PENALTY_MAX_SEC: maxSec, P31_W_HOLD: weight } = settingsForSymbol(settings, symbol);
    return count >= MIN_EXECUTIONS && weight > 0 && meanGapSec! > maxSec;
  });
  if (rare.length === 0) return [];
  const names = rare.map(({ symbol, meanGapSec }) => `${symbol} (every ${seconds(meanGapSec!)})`);
  const { P31_W_HOLD: weight, P31_HOLD_PENALTY_MAX_SEC: maxSec } = settings;
  return [
    finding(
      'hold-penalty',
      `P31_HOLD_BASIS=since_exec, P31_HOLD_PENALTY_MAX_SEC=${maxSec}, P31_W_HOLD=${weight}`,
      `${listed(names)}: between two executions the hold penalty is full most of the time, and the efficiency score cannot exceed ${(1 / (1 + weight)).toFixed(3)}`,
      'set P31_HOLD_BASIS=trade_rate, which measures the pause against how often the symbol trades',
    ),
  ];
}
