/**
 * The hashes of a symbol as the columns of its row: what each component published last. Another program may have written them:
 * a field that cannot be read is null, the others are shown.
 */
import { keyOf, shadowKeyOf } from '../../contract/keys.ts';
import { modeIn, numberIn, textIn, timeIn, type FieldMap } from './fields.ts';
import { PRESSURES } from '../../core/decision.ts';
import type { HashAnswer, HashRequest } from '../../store/store.ts';
import type { SymbolRow } from '../wire.ts';

/** The columns that come from hashes. */
export type HashColumns = Omit<
  SymbolRow,
  'symbol' | 'cluster' | 'regime' | 'profit_usd' | 'executions' | 'last_execution_ts' | 'spark' | 'disarmed'
>;

/** The parts of an efficiency score that a row does not show. */
export interface EfficiencyParts {
  readonly volatilityRatio: number | null;
  readonly drawdownRatio: number | null;
  readonly holdTimePenalty: number | null;
  readonly performanceFactor: number | null;
}

export interface SymbolHashes {
  readonly columns: HashColumns;
  readonly efficiency: EfficiencyParts;
}

const TIMES = ['ts', 'ts_utc', 'timestamp'] as const;
const ATTRIBUTION = ['alpha_score', 'performance_factor', 'confidence', 'mode', ...TIMES];
const TARGET = ['target_usd', 'base_target_usd', 'confidence', 'mode', ...TIMES];
const EFFICIENCY = [
  ...['efficiency_score', 'efficiency_ewma', 'capital_pressure', 'reallocation_weight', 'confidence'],
  ...['stale_flags', 'volatility_ratio', 'dd_ratio', 'hold_time_penalty', 'p30_perf', 'mode', ...TIMES],
];
const PROPOSAL_TIMES = ['last_update_ts_epoch', 'ts_epoch'] as const;
const PROPOSAL = ['proposed_target', 'multiplier', 'reason', ...PROPOSAL_TIMES];
const POSITION = ['position_amt', 'mark_price', 'notional_usd', 'timestamp'];

/** In the order `readHashes` takes the answers. */
export function hashRequests(namespace: string, symbol: string): readonly HashRequest[] {
  return [
    { key: keyOf(namespace, 'attribution', symbol), fields: ATTRIBUTION },
    { key: shadowKeyOf(namespace, 'attribution', symbol), fields: ATTRIBUTION },
    { key: keyOf(namespace, 'budget', symbol), fields: ['budget_usd', ...TIMES] },
    { key: keyOf(namespace, 'target', symbol), fields: TARGET },
    { key: shadowKeyOf(namespace, 'target', symbol), fields: TARGET },
    { key: keyOf(namespace, 'proposal', symbol), fields: PROPOSAL },
    { key: keyOf(namespace, 'efficiency', symbol), fields: EFFICIENCY },
    { key: shadowKeyOf(namespace, 'efficiency', symbol), fields: EFFICIENCY },
    { key: keyOf(namespace, 'position', symbol), fields: POSITION },
    { key: keyOf(namespace, 'market', symbol), fields: ['mark_price', 'timestamp'] },
  ];
}
export const REQUESTS_A_SYMBOL = 10;

const NONE: FieldMap = new Map();

export function readHashes(answers: readonly HashAnswer[]): SymbolHashes {
  const at = (i: number): HashAnswer => answers[i] ?? null;
  const attribution = at(0) ?? at(1) ?? NONE;
  const budget = at(2) ?? NONE;
  const target = at(3) ?? at(4) ?? NONE;
  const shadow = at(4) ?? NONE;
  const proposal = at(5) ?? NONE;
  const efficiency = at(6) ?? at(7) ?? NONE;
  return {
    columns: {
      performance_factor: numberIn(attribution, 'performance_factor'),
      alpha_score: numberIn(attribution, 'alpha_score'),
      performance_confidence: numberIn(attribution, 'confidence'),
      performance_ts: timeIn(attribution, ...TIMES),
      performance_mode: placeOf(at(0), at(1)),
      budget_usd: numberIn(budget, 'budget_usd'),
      budget_ts: timeIn(budget, ...TIMES),
      target_usd: numberIn(target, 'target_usd'),
      base_target_usd: numberIn(target, 'base_target_usd'),
      target_confidence: numberIn(target, 'confidence'),
      target_ts: timeIn(target, ...TIMES),
      target_mode: placeOf(at(3), at(4)),
      shadow_target_usd: numberIn(shadow, 'target_usd'),
      shadow_target_ts: timeIn(shadow, ...TIMES),
      proposed_usd: numberIn(proposal, 'proposed_target'),
      multiplier: numberIn(proposal, 'multiplier'),
      proposed_reason: textIn(proposal, 'reason'),
      proposed_ts: timeIn(proposal, ...PROPOSAL_TIMES),
      efficiency: numberIn(efficiency, 'efficiency_score'),
      efficiency_ewma: numberIn(efficiency, 'efficiency_ewma'),
      pressure: pressureIn(efficiency),
      reallocation_weight: numberIn(efficiency, 'reallocation_weight'),
      efficiency_confidence: numberIn(efficiency, 'confidence'),
      stale_flags: textIn(efficiency, 'stale_flags') ?? '',
      efficiency_ts: timeIn(efficiency, ...TIMES),
      efficiency_mode: placeOf(at(6), at(7)),
      ...positionColumns(at(8) ?? NONE, at(9) ?? NONE),
    },
    efficiency: {
      volatilityRatio: numberIn(efficiency, 'volatility_ratio'),
      drawdownRatio: numberIn(efficiency, 'dd_ratio'),
      holdTimePenalty: numberIn(efficiency, 'hold_time_penalty'),
      performanceFactor: numberIn(efficiency, 'p30_perf'),
    },
  };
}

/** Before anything was read. */
export const UNREAD: SymbolHashes = readHashes([]);

export function pressureIn(fields: FieldMap): string | null {
  return PRESSURES.find((name) => name === fields.get('capital_pressure')) ?? null;
}

/** What lies under the key others act on is enforced, unless it says otherwise. */
function placeOf(live: HashAnswer, shadow: HashAnswer): 'shadow' | 'enforce' | null {
  if (live !== null) return modeIn(live, 'enforce');
  return shadow === null ? null : 'shadow';
}

function positionColumns(
  position: FieldMap,
  market: FieldMap,
): Pick<HashColumns, 'position_amt' | 'position_usd' | 'position_ts' | 'mark_price' | 'mark_ts'> {
  const amount = numberIn(position, 'position_amt');
  const notionalUsd = numberIn(position, 'notional_usd');
  const hasMarket = numberIn(market, 'mark_price') !== null;
  const mark = hasMarket ? market : position;
  const price = numberIn(mark, 'mark_price');
  const sizeUsd = notionalUsd ?? (amount === null || price === null ? null : amount * price);
  const isKnown = amount !== null && sizeUsd !== null && Number.isFinite(sizeUsd);
  return {
    position_amt: amount,
    position_usd: isKnown ? Math.sign(amount) * Math.abs(sizeUsd) : null,
    position_ts: timeIn(position, 'timestamp'),
    mark_price: price,
    mark_ts: price === null ? null : timeIn(mark, 'timestamp'),
  };
}
