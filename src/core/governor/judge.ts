/**
 * One plan, judged: pure, from the plan, what is known and the settings. Only this makes a `Granted`, and only a
 * `Granted` becomes a permit. Source: spec/model.md, P3.2.
 */
import { efficiencyReason, EFFICIENCY_REASONS } from '../proposer/proposer.ts';
import { GATES_IN_ORDER, isEnforced, qtyScale, type Gate, type GateInput, type GateResult } from './gates.ts';
import { readPlan, reduces, type PlanReading } from './read-plan.ts';
import type { EfficiencyReason, GateTrace } from '../decision.ts';
import type { PlanEvent } from '../event.ts';
import type { Settings } from '../settings.ts';
import type { BlockReason, GateName } from './reasons.ts';
import type { JudgeView } from './view.ts';

export interface Downsize {
  readonly action: 'NONE' | 'DOWNSIZE';
  readonly factor: number;
  readonly extraCooldownSec: number;
  readonly reason: EfficiencyReason;
  readonly score: number | null;
  readonly confidence: number | null;
  readonly stale: 0 | 1;
}

export interface Granted {
  readonly granted: true;
  readonly reading: PlanReading;
  readonly qtyScale: number;
  readonly qty: number | null;
  readonly notionalUsd: number | null;
  readonly downsize: Downsize;
  readonly trace: readonly GateTrace[];
}

export interface Blocked {
  readonly granted: false;
  readonly reason: BlockReason;
  readonly gate: GateName;
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
  readonly trace: readonly GateTrace[];
  /** Notional the plan asked for, after `qty_scale`; null where unknown or unread. */
  readonly notionalUsd: number | null;
}

export type Verdict = Granted | Blocked;

/** An error outside the gates blocks too: in doubt there is no permit. */
export function judge(plan: PlanEvent, view: JudgeView, settings: Settings): Verdict {
  try {
    return judgeInOrder(plan, view, settings);
  } catch (error) {
    return evaluationFailed(error);
  }
}

/** The verdict where judging itself failed: no permit. */
export function evaluationFailed(error: unknown): Blocked {
  return blocked('plan', failed('evaluation_error', error), [], null);
}

function judgeInOrder(plan: PlanEvent, view: JudgeView, settings: Settings): Verdict {
  const trace: GateTrace[] = [];
  const killed = killReason(plan, view);
  if (killed !== null) return blocked('kill', found(killed), trace, null);
  trace.push(traceOf('kill', true, found(null)));

  const reading = readPlan(plan, view, settings);
  if (reading.problem !== null) return blocked('plan', { ...reading.problem, note: null }, trace, null);
  // No limit would hold a worth of nothing, below it, or that is no number: its mark is broken.
  if (!reading.reducing && reading.notionalUsd !== null && !(reading.notionalUsd > 0))
    throw new Error('the plan is worth nothing');
  trace.push(traceOf('plan', true, found(null)));

  const unscaled = { plan, reading, notionalUsd: reading.notionalUsd, view, settings };
  const scale = reading.reducing || !isKillScoreEnforced(settings) ? 1 : qtyScale(unscaled);
  const notionalUsd = reading.notionalUsd === null ? null : reading.notionalUsd * scale;
  const input: GateInput = { ...unscaled, notionalUsd };
  for (const gate of GATES_IN_ORDER) {
    if (reading.reducing && (settings.GOV_EXITS_EXEMPT || !gate.canJudgeExits)) continue;
    const enforced = isEnforced(gate, settings);
    const result = evaluate(gate, input);
    if (result.reason !== null && enforced) return blocked(gate.name, result, trace, notionalUsd);
    trace.push(traceOf(gate.name, enforced, result));
  }
  const qty = reading.qty === null ? null : reading.qty * scale;
  return {
    granted: true,
    reading,
    qtyScale: scale,
    qty,
    notionalUsd,
    downsize: hintOf(reading, view, settings),
    trace,
  };
}

function killReason(plan: PlanEvent, view: JudgeView): BlockReason | null {
  if (view.state === 'HALTED') return 'kill_switch_active';
  if (reduces(plan)) return null;
  if (view.state === 'REDUCING') return 'kill_switch_reducing';
  return view.disarmed ? 'symbol_disarmed' : null;
}

function isKillScoreEnforced(settings: Settings): boolean {
  return GATES_IN_ORDER.some((gate) => gate.name === 'kill_score' && isEnforced(gate, settings));
}

/**
 * A gate that fails passes where the model says analytics fail open, and blocks everywhere else. What is no number is over
 * no limit, so a gate that compared it has failed.
 */
function evaluate(gate: Gate, input: GateInput): GateResult {
  try {
    const result = gate.judge(input);
    if (Number.isNaN(result.value) || Number.isNaN(result.limit))
      throw new Error('compared what is no number');
    return result;
  } catch (error) {
    return failed(gate.failOpen ? null : 'evaluation_error', error);
  }
}

/** It never blocks: a record that cannot be looked at hints at nothing. */
function hintOf(reading: PlanReading, view: JudgeView, settings: Settings): Downsize {
  try {
    return downsizeHint(reading, view, settings);
  } catch {
    return noHint('redis_error', null, null, 0);
  }
}

/**
 * How much smaller an opening should be for a symbol that uses its capital badly; never blocks.
 * Score below `P31_DOWNSIZE_THRESHOLD`: factor max(`P31_MIN_FACTOR`, score / threshold), extra cooldown (1 − score) of the longest.
 */
function downsizeHint(reading: PlanReading, view: JudgeView, settings: Settings): Downsize {
  if (reading.reducing) return noHint('ok', null, null, 0);
  const { ageSec, score, confidence, lifeSec } = view.efficiency;
  const code = efficiencyReason(
    ageSec,
    0,
    confidence,
    lifeSec,
    settings.P31_EFF_TTL_SEC,
    settings.P31_MIN_CONF,
  );
  const reason = EFFICIENCY_REASONS[code]!;
  if (reason === 'missing_eff') return noHint(reason, null, null, 0);
  if (reason !== 'ok' || !(score < settings.P31_DOWNSIZE_THRESHOLD))
    return noHint(reason, score, confidence, reason === 'stale_eff' ? 1 : 0);
  return {
    action: 'DOWNSIZE',
    factor: Math.max(settings.P31_MIN_FACTOR, score / settings.P31_DOWNSIZE_THRESHOLD),
    extraCooldownSec: Math.round((1 - score) * settings.P31_MAX_EXTRA_COOLDOWN_SEC),
    reason,
    score,
    confidence,
    stale: 0,
  };
}

function noHint(
  reason: EfficiencyReason,
  score: number | null,
  confidence: number | null,
  stale: 0 | 1,
): Downsize {
  return { action: 'NONE', factor: 1, extraCooldownSec: 0, reason, score, confidence, stale };
}

function failed(reason: BlockReason | null, error: unknown): GateResult {
  const what = error instanceof Error ? error.message : String(error);
  return { reason, value: null, limit: null, setting: null, note: `evaluation error: ${what}` };
}

function found(reason: BlockReason | null): GateResult {
  return { reason, value: null, limit: null, setting: null, note: null };
}

function blocked(
  gate: GateName,
  result: GateResult,
  before: readonly GateTrace[],
  notionalUsd: number | null,
): Blocked {
  const { reason, value, limit, setting } = result;
  if (reason === null) throw new Error(`the gate ${gate} blocks without a reason`);
  const trace = [...before, { ...traceOf(gate, true, result), outcome: 'block' as const }];
  return { granted: false, reason, gate, value, limit, setting, trace, notionalUsd };
}

function traceOf(gate: GateName, enforced: boolean, result: GateResult): GateTrace {
  const compared = result.value !== null || result.reason !== null || result.note === null;
  const outcome = result.reason !== null ? 'would_block' : compared ? 'pass' : 'not_evaluated';
  const { reason, value, limit, setting, note } = result;
  return { gate, enforced, outcome, reason, value, limit, setting, note };
}
