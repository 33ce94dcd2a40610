/** The result of a replay as one JSON object: the fields of spec/replay.md, then the whole period. */
import { encode } from '../contract/encode.ts';
import { attributionJson } from './report/attribution-tables.ts';
import { holdPenaltyShare } from './report/hold-penalty.ts';
import type { By } from './report/breakdown.ts';
import type { Pipeline } from '../core/pipeline/pipeline.ts';
import type { PlanOutcome, PlanTally } from './as-plans.ts';
import type { ReplayRecord } from './record.ts';
import type { QualitySummary } from './report/quality.ts';
import type { ReplayOutcome } from './outcome.ts';

/** `final.json`: depends on the events and settings only, not on the files they came in. */
export function finalJson(pipeline: Pipeline, record: ReplayRecord, finished: boolean): string {
  return encode(resultOf(pipeline, record, null, finished));
}

/** What `--json` prints: the same, and how the files were read and what looked wrong in them. */
export function replayJson(outcome: ReplayOutcome, by: By | null): string {
  const { pipeline, record, finished, files, plans, quality, rejectedExamples } = outcome;
  return encode({
    ...resultOf(pipeline, record, by, finished),
    data_quality: qualityJson(quality),
    ...(plans === null ? {} : { as_plans: plansJson(plans) }),
    files,
    rejected_lines: rejectedExamples,
  });
}

function resultOf(
  pipeline: Pipeline,
  record: ReplayRecord,
  by: By | null,
  finished: boolean,
): Record<string, unknown> {
  const { engine } = pipeline;
  const names = { symbols: engine.symbols.names, labels: record.labels };
  return {
    end_tick: Math.max(0, ...pipeline.next.map((next, i) => next - pipeline.intervals[i]!)),
    executions: record.executions,
    rejected: sorted(record.rejected),
    equity_usd: engine.equityUsd,
    final: finished ? finalStates(pipeline) : null,
    permits: record.permits,
    blocks: sorted(record.blocks),
    openings: record.openings,
    duplicates: record.duplicates,
    future_ts: record.futureTimes,
    excluded: record.excluded,
    downsized: record.downsized,
    disarms: record.disarms,
    trading_state: engine.governor.tradingState,
    would_block: sorted(record.wouldBlock),
    over_budget_usd: overBudget(pipeline),
    drawdown: drawdownJson(record),
    equity_curve: record.curve.points().map(({ tsSec, equityUsd }) => [tsSec, equityUsd]),
    period: attributionJson(record.ledger, names, by),
    hold_penalty_share: new Map(
      [...engine.symbols.known()].map((symbol) => [
        engine.symbols.name(symbol),
        holdPenaltyShare(engine, symbol),
      ]),
    ),
  };
}

/** The deepest falls of equity below its highest before; times in Unix seconds. */
function drawdownJson(record: ReplayRecord): Record<string, number | null> {
  const { maxUsd, maxUsdSec, maxFraction, maxFractionSec } = record.curve.drawdown();
  return {
    max_usd: maxUsd,
    max_usd_ts: maxUsdSec,
    max_fraction: maxFraction,
    max_fraction_ts: maxFractionSec,
  };
}

/** Symbols whose position is over its budget at the end, USD. */
function overBudget({ engine }: Pipeline): Map<string, number> {
  const all = [...engine.symbols.known()].map(
    (symbol) => [engine.symbols.name(symbol), engine.overBudgetUsd(symbol)] as const,
  );
  return new Map(all.filter(([, usd]) => usd > 0));
}

function finalStates(pipeline: Pipeline): Map<string, unknown> {
  const states = new Map<string, unknown>();
  for (const [symbol, decisions] of pipeline.final()) {
    const own = Object.entries(decisions).map(([component, decision]) => {
      if (decision === null) return [component, null];
      const { type: _type, tick: _tick, symbol: _symbol, ...fields } = decision;
      return [component, fields];
    });
    states.set(symbol, Object.fromEntries(own));
  }
  return states;
}

function qualityJson({ observed, flags }: QualitySummary): Record<string, unknown> {
  const found = [...flags].map(([flag, { count, pnlMicroUsd, late }]) => [
    flag,
    { count, pnl_usd: pnlMicroUsd / 1e6, late_count: late.count, late_pnl_usd: late.pnlMicroUsd / 1e6 },
  ]);
  return { observed, flags: Object.fromEntries(found) as unknown };
}

function plansJson(plans: PlanTally): Record<string, unknown> {
  return {
    openings: plans.openings,
    closes: plans.closes,
    without_entry: plans.withoutEntry,
    blocked: outcomes(plans.blocked),
    downsized: outcomeJson(plans.downsized),
    would_block: outcomes(plans.wouldBlock),
    blocked_closes: sorted(plans.blockedCloses),
  };
}

function outcomes(found: ReadonlyMap<string, PlanOutcome>): Map<string, unknown> {
  return new Map([...sorted(found)].map(([reason, outcome]) => [reason, outcomeJson(outcome)]));
}

function outcomeJson(outcome: PlanOutcome): Record<string, number> {
  return { count: outcome.count, pnl_usd: outcome.pnlUsd, saved_usd: outcome.savedUsd };
}

function sorted<Value>(map: ReadonlyMap<string, Value>): Map<string, Value> {
  return new Map([...map].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
