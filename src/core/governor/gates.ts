/**
 * The governor's gates as an ordered array of small functions: (plan, view, settings) → nothing, or the reason it
 * blocks and what was compared. Source: spec/model.md, Gates. `kill` and `plan` are judged before them, in judge.ts.
 */
import { clamp, exp, microUsd, saturate } from '../num.ts';
import { signedNotionalUsd, type PlanReading } from './read-plan.ts';
import type { PlanEvent } from '../event.ts';
import type { ApplyMode, Settings } from '../settings.ts';
import type { BlockReason, GateName } from './reasons.ts';
import type { EnforcedRecord, JudgeView } from './view.ts';

export interface GateInput {
  readonly plan: PlanEvent;
  readonly reading: PlanReading;
  /** USD after `qty_scale`; null where unknown. */
  readonly notionalUsd: number | null;
  readonly view: JudgeView;
  readonly settings: Settings;
}

/** What a gate compared; `reason` null: it passes. */
export interface GateResult {
  readonly reason: BlockReason | null;
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
  readonly note: string | null;
}

export interface Gate {
  readonly name: GateName;
  readonly judge: (input: GateInput) => GateResult;
  /** Judges reducing plans too where `GOV_EXITS_EXEMPT` is false. */
  readonly canJudgeExits: boolean;
  /** An error inside it passes instead of blocking. */
  readonly failOpen: boolean;
  readonly enforcedIn: readonly ApplyMode[];
}

const BUDGET_MAX_AGE_SEC = 60;
const TARGET_MAX_AGE_SEC = 300;
/** How long a gate that was armed once may miss its record before `GOV_ARMED_GATES=closed` blocks. */
const ARMED_LOSS_SEC = 900;

export const GATES_IN_ORDER: readonly Gate[] = [
  { name: 'budget', judge: budgetGate, canJudgeExits: false, failOpen: true, enforcedIn: ['production'] },
  {
    name: 'allocation',
    judge: allocationGate,
    canJudgeExits: false,
    failOpen: true,
    enforcedIn: ['production'],
  },
  {
    name: 'kill_score',
    judge: killScoreGate,
    canJudgeExits: false,
    failOpen: false,
    enforcedIn: ['production'],
  },
  { name: 'loss', judge: lossGate, canJudgeExits: false, failOpen: false, enforcedIn: ['production'] },
  { name: 'hourly', judge: hourlyGate, canJudgeExits: true, failOpen: false, enforcedIn: ['production'] },
  { name: 'burst', judge: burstGate, canJudgeExits: true, failOpen: false, enforcedIn: ['production'] },
  {
    name: 'caps',
    judge: capsGate,
    canJudgeExits: false,
    failOpen: false,
    enforcedIn: ['testnet', 'production'],
  },
  { name: 'daily', judge: dailyGate, canJudgeExits: true, failOpen: false, enforcedIn: ['production'] },
];

/** Whether a gate's block counts: by `GOV_GATE_MODES`, else by `APPLY_MODE`. */
export function isEnforced(gate: Gate, settings: Settings): boolean {
  const own = settings.GOV_GATE_MODES.get(gate.name);
  return own !== undefined ? own === 'enforce' : gate.enforcedIn.includes(settings.APPLY_MODE);
}

function budgetGate(input: GateInput): GateResult {
  return recordGate(input, input.view.budget, BUDGET_MAX_AGE_SEC, 'p28_budget_violation', 'P28_MODE');
}

function allocationGate(input: GateInput): GateResult {
  return recordGate(input, input.view.target, TARGET_MAX_AGE_SEC, 'p29_allocation_cap', 'P29_MODE');
}

function recordGate(
  input: GateInput,
  record: EnforcedRecord,
  maxAgeSec: number,
  reason: BlockReason,
  setting: string,
): GateResult {
  if (record.ageSec > Math.min(maxAgeSec, record.lifeSec)) {
    const never = record.ageSec === Infinity;
    const lost = !never && record.ageSec > ARMED_LOSS_SEC && input.settings.GOV_ARMED_GATES === 'closed';
    if (lost) return { reason, value: null, limit: null, setting: 'GOV_ARMED_GATES', note: 'record lost' };
    return passes(never ? 'no enforced record' : 'record too old');
  }
  const exposure = exposureAfterUsd(input);
  const compared = compare(reason, exposure, record.usd, setting, microUsd(exposure) > microUsd(record.usd));
  return { ...compared, note: positionAge(input) };
}

/** Said where the position the exposure is made of is older than one that counts as known. */
function positionAge({ plan, view, settings }: GateInput): string | null {
  if (view.position === null) return null;
  const ageSec = plan.ts - view.position.ts;
  return ageSec > settings.GOV_POSITION_STALE_SEC ? `the position is ${ageSec} s old` : null;
}

/** USD at risk in the symbol if the plan were carried out: the position, what is reserved, and the plan; unknown notional counts 0. */
function exposureAfterUsd(input: GateInput): number {
  const { view, reading } = input;
  const position = view.position === null ? 0 : signedNotionalUsd(view.position);
  const notional = input.notionalUsd ?? 0;
  const after =
    reading.side === 0 ? Math.abs(position) + notional : Math.abs(position + reading.side * notional);
  return saturate(after + view.reservedMicro / 1e6);
}

/** Kill scores from here up to the critical one pass with a smaller quantity. */
function openThreshold(input: GateInput): number {
  const { plan, settings } = input;
  const flip = plan.regimeFlip ?? 0;
  const confidence = plan.confidence ?? 0.5;
  return clamp(settings.GOV_KILL_SCORE_OPEN_THRESHOLD - 0.15 * flip + 0.1 * (confidence - 0.5), 0.4, 0.8);
}

/** Factor on quantity and notional of an opening by its kill score, `GOV_KILL_SCORE_OPEN_MIN_SCALE`..1. */
export function qtyScale(input: GateInput): number {
  const score = input.plan.killScore;
  if (score === null) return 1;
  const threshold = openThreshold(input);
  if (score <= threshold) return 1;
  const { settings } = input;
  const scale = exp(-settings.GOV_KILL_SCORE_OPEN_QTY_SCALE_ALPHA * (score - threshold));
  return Math.max(settings.GOV_KILL_SCORE_OPEN_MIN_SCALE, scale);
}

function killScoreGate(input: GateInput): GateResult {
  const score = input.plan.killScore;
  if (score === null) return passes('no kill score');
  const limit = input.settings.GOV_KILL_SCORE_CRITICAL;
  return compare('kill_score_critical_non_close', score, limit, 'GOV_KILL_SCORE_CRITICAL', score >= limit);
}

function lossGate(input: GateInput): GateResult {
  const { equityUsd, lossUsd } = input.view;
  if (equityUsd === null) return passes('equity unknown');
  const limit = input.settings.GOV_MAX_DAILY_LOSS_PCT * (equityUsd + lossUsd);
  const blocks = microUsd(lossUsd) > 0 && microUsd(lossUsd) >= microUsd(limit);
  return compare('daily_loss_limit', lossUsd, limit, 'GOV_MAX_DAILY_LOSS_PCT', blocks);
}

function hourlyGate(input: GateInput): GateResult {
  const limit = input.settings.GOV_MAX_EXEC_PER_HOUR;
  const count = input.view.permitsLastHour;
  return compare('hourly_limit_exceeded', count, limit, 'GOV_MAX_EXEC_PER_HOUR', count >= limit);
}

function burstGate(input: GateInput): GateResult {
  const limit = input.settings.GOV_MAX_EXEC_PER_5MIN;
  const count = input.view.permitsLast5Min;
  return compare('burst_limit_exceeded', count, limit, 'GOV_MAX_EXEC_PER_5MIN', count >= limit);
}

function capsGate(input: GateInput): GateResult {
  const { view, settings, notionalUsd } = input;
  const since = view.sinceLastOpeningSec;
  const cooldown = settings.GOV_SYMBOL_COOLDOWN_SECONDS;
  // Written so that what is no number blocks.
  // After a clock was set back the last permit is one of the future: without a cooldown that is none of its business.
  if (Number.isNaN(since) || (cooldown > 0 && since < cooldown))
    return compare('symbol_cooldown', since, cooldown, 'GOV_SYMBOL_COOLDOWN_SECONDS', true);
  const isOpen = view.position !== null && view.position.amount !== 0;
  const positions = settings.GOV_MAX_OPEN_POSITIONS;
  if (!isOpen && !(view.openSymbols < positions))
    return compare('max_positions_reached', view.openSymbols, positions, 'GOV_MAX_OPEN_POSITIONS', true);
  if (settings.APPLY_MODE === 'production') {
    if (notionalUsd === null) return unknown('notional_unknown');
    if (view.equityUsd === null) return unknown('equity_unknown');
  }
  const notional = notionalUsd ?? 0;
  const trade = usdLimit(input, 'GOV_MAX_NOTIONAL_PER_TRADE_PCT', 'GOV_MAX_NOTIONAL_PER_TRADE_USD');
  if (trade !== null && microUsd(notional) > microUsd(trade.usd))
    return compare('notional_per_trade_exceeded', notional, trade.usd, trade.setting, true);
  const total = usdLimit(input, 'GOV_MAX_TOTAL_NOTIONAL_PCT', 'GOV_MAX_TOTAL_NOTIONAL_USD');
  if (total === null) return passes('equity unknown');
  const value = saturate(view.grossPositionUsd + view.allReservedMicro / 1e6 + notional);
  return compare(
    'total_notional_exceeded',
    value,
    total.usd,
    total.setting,
    microUsd(value) > microUsd(total.usd),
  );
}

function dailyGate(input: GateInput): GateResult {
  const limit = usdLimit(input, 'GOV_MAX_NOTIONAL_PER_DAY_PCT', 'GOV_MAX_NOTIONAL_PER_DAY_USD');
  if (limit === null) return passes('equity unknown');
  const value = input.view.permittedDayMicro / 1e6 + (input.notionalUsd ?? 0);
  return compare(
    'daily_limit_exceeded',
    value,
    limit.usd,
    limit.setting,
    microUsd(value) > microUsd(limit.usd),
  );
}

type PctSetting =
  'GOV_MAX_NOTIONAL_PER_TRADE_PCT' | 'GOV_MAX_TOTAL_NOTIONAL_PCT' | 'GOV_MAX_NOTIONAL_PER_DAY_PCT';
type UsdSetting =
  'GOV_MAX_NOTIONAL_PER_TRADE_USD' | 'GOV_MAX_TOTAL_NOTIONAL_USD' | 'GOV_MAX_NOTIONAL_PER_DAY_USD';

/** The smaller of a share of equity (where it is known) and a fixed sum (where it is set); null where there is neither. */
function usdLimit(
  input: GateInput,
  pct: PctSetting,
  usd: UsdSetting,
): { usd: number; setting: string } | null {
  const { equityUsd } = input.view;
  const byShare = equityUsd === null ? null : input.settings[pct] * Math.max(equityUsd, 0);
  const fixed = input.settings[usd];
  if (byShare === null) return fixed === null ? null : { usd: fixed, setting: usd };
  return fixed !== null && fixed < byShare ? { usd: fixed, setting: usd } : { usd: byShare, setting: pct };
}

function compare(
  reason: BlockReason,
  value: number,
  limit: number,
  setting: string,
  blocks: boolean,
): GateResult {
  return { reason: blocks ? reason : null, value, limit, setting, note: null };
}

function unknown(reason: BlockReason): GateResult {
  return { reason, value: null, limit: null, setting: 'APPLY_MODE', note: null };
}

function passes(note: string): GateResult {
  return { reason: null, value: null, limit: null, setting: null, note };
}
