/** A plan: what it asked for, what each gate saw, what would turn the verdict, and what it rested on. */
import { readWaterfall } from './allocations.ts';
import { readEfficiency } from './efficiency-parts.ts';
import { readExecutions } from './executions.ts';
import { gateOfBlock, gateSteps } from './gate-steps.ts';
import { flipsOf, type JudgedAgain } from './judged-again.ts';
import { blockSentence, permitSentence } from './sentence.ts';
import { readPlanRecord, type PlanRecord, type VerdictEvent } from './verdict-record.ts';
import { readSettings, type RecordedSettings } from '../../components/governor/recorded-settings.ts';
import { parseDecimal } from '../../contract/decimal.ts';
import { reduces } from '../../core/governor/read-plan.ts';
import type { ExplainSource } from './source.ts';
import type { Settings } from '../../core/settings.ts';
import type { PlanEvent } from '../../core/event.ts';
import type { GateStep, PlanExplanation } from './explanation.ts';

/** Null where nothing is recorded about it. */
export async function explainPlan(
  source: ExplainSource,
  planId: string,
  aliases: ReadonlyMap<string, string>,
): Promise<PlanExplanation | null> {
  const { store, namespace } = source;
  const [record, recorded] = await Promise.all([
    readPlanRecord(store, namespace, planId),
    readSettings(store, namespace),
  ]);
  if (record === null) return null;
  const { event, block, kept } = record;
  const symbol = event?.symbol ?? kept?.symbol ?? block?.symbol ?? '';
  const at = event?.at ?? Math.max(record.use?.issued_at ?? 0, block?.timestamp ?? 0);
  const candidates = candidatesOf(event, recorded, source.settings);
  const window = candidates[0]!.P30_LOOKBACK_WINDOW;
  const [allocation, scored, executed] = await Promise.all([
    readWaterfall(store, namespace, symbol, at),
    readEfficiency(store, namespace, symbol, at, candidates),
    readExecutions(store, namespace, symbol, at, window, aliases),
  ]);
  const again = flipsOf(event, recorded, source.settings);
  const reason = event === null ? (isPermitted(record) ? null : block!.reason) : event.reason;
  const gates = gatesOf(record);
  return {
    subject: 'plan',
    plan_id: planId,
    symbol,
    bot: event?.bot ?? null,
    at,
    outcome: reason === null ? 'permitted' : 'blocked',
    reason,
    sentence: sentenceOf(record, gates, again),
    plan: planOf(event?.judged?.plan ?? null, again),
    gates,
    permit: reason === null ? permitOf(record) : null,
    next_eligible_at: reason === null ? null : (blockOf(record)?.next_eligible_at ?? null),
    max_qty: reason === null ? null : maxQtyOf(record, again),
    flips: again.flips,
    flips_note: again.note,
    waterfall: allocation.waterfall,
    efficiency: scored.efficiency,
    executions: executed.executions,
    missing: [...missingOf(record), allocation.missing, ...scored.missing, executed.missing].filter(
      (what) => what !== null,
    ),
  };
}

/** Those it was judged under first, then others that are recorded, then those of the process that asks. */
function candidatesOf(
  event: VerdictEvent | null,
  recorded: readonly RecordedSettings[],
  own: Settings,
): readonly Settings[] {
  const sorted = recorded.toSorted(
    (a, b) => Number(b.digest === event?.config) - Number(a.digest === event?.config),
  );
  return [...sorted.flatMap(({ settings }) => (settings === null ? [] : [settings])), own];
}

/** Without an event: the newer of both says. */
function isPermitted({ use, block }: PlanRecord): boolean {
  return use !== null && use.issued_at >= (block?.timestamp ?? 0);
}

/** The block the verdict is about; a plan may have been blocked before. */
function blockOf({ event, block }: PlanRecord): PlanRecord['block'] {
  return event === null || block?.timestamp === event.at ? block : null;
}

function gatesOf(record: PlanRecord): readonly GateStep[] {
  const { event, block } = record;
  if (event !== null) return gateSteps(event.traces);
  return isPermitted(record) || block === null ? [] : [gateOfBlock(block)];
}

function maxQtyOf(record: PlanRecord, { roundedQty }: JudgedAgain): number | null {
  const qty = blockOf(record)?.max_qty ?? null;
  return qty === null ? null : roundedQty(qty);
}

function sentenceOf(record: PlanRecord, gates: readonly GateStep[], { recorded }: JudgedAgain): string {
  const { event, block, kept } = record;
  const reason = event === null ? (isPermitted(record) ? null : block!.reason) : event.reason;
  if (reason !== null) {
    const gate = gates.find(({ outcome }) => outcome === 'block');
    return blockSentence(reason, gate ?? { value: null, limit: null, setting: null, note: null }, recorded);
  }
  const number = (field: string): number | null => parseDecimal(event?.fields.get(field));
  return permitSentence({
    notionalUsd: number('computed_notional') ?? kept?.notionalUsd ?? null,
    qty: number('computed_qty') ?? kept?.qty ?? null,
    qtyScale: number('qty_scale') ?? 1,
    downsizeFactor: number('downsize_factor') ?? 1,
    reduces: event?.fields.get('reduce_only') === 'true' || kept?.reducing === true,
    wouldBlock: gates.flatMap(({ gate, outcome }) => (outcome === 'would_block' ? [gate] : [])),
  });
}

function planOf(plan: PlanEvent | null, { notionalUsd }: JudgedAgain): PlanExplanation['plan'] {
  if (plan === null) return null;
  return {
    action: plan.action,
    side: plan.side,
    qty: finite(plan.qty),
    price: finite(plan.price),
    notional_usd: notionalUsd ?? finite(plan.notionalUsd),
    reduce_only: reduces(plan),
    kill_score: finite(plan.killScore),
    confidence: finite(plan.confidence),
    made_at: finite(plan.madeAt),
  };
}

/** JSON has no other. */
function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

function permitOf({ event, use, kept }: PlanRecord): PlanExplanation['permit'] {
  const number = (field: string): number | null => parseDecimal(event?.fields.get(field));
  return {
    outcome:
      use?.outcome ??
      (typeof kept?.takenAt === 'number' ? 'used' : kept?.voided === true ? 'voided' : 'issued'),
    qty: number('computed_qty') ?? kept?.qty ?? null,
    notional_usd: number('computed_notional') ?? kept?.notionalUsd ?? null,
    qty_scale: number('qty_scale') ?? 1,
    downsize_factor: number('downsize_factor') ?? 1,
    expires_at: number('expires_at') ?? kept?.expiresAt ?? use?.issued_at ?? 0,
    ended_at: use?.ended_at ?? kept?.takenAt ?? null,
  };
}

function missingOf(record: PlanRecord): string[] {
  const { event, use, block } = record;
  const missing: string[] = [];
  if (event === null)
    missing.push(
      `The event of the verdict is not recorded any more (the newest 10,000 are kept): what is said comes from ${isPermitted(record) ? 'the use record of its permit' : 'its block record'} alone.`,
    );
  else if (event.judged === null)
    missing.push('What the plan asked for and what was known then was not recorded with its verdict.');
  if (event?.reason === null && use === null)
    missing.push('What became of its permit is not recorded any more: use records are kept for 24 hours.');
  if (event !== null && event.reason !== null && block?.timestamp !== event.at)
    missing.push('When the plan could have passed is not recorded any more: blocks are kept for an hour.');
  return missing;
}
