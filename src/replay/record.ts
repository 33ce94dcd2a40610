/**
 * What a replay remembers beside the pipeline's own state: counts, the whole period's profit by every dimension, the
 * equity curve, and what looked wrong with the data. Saved and loaded with the pipeline.
 */
import { Names } from '../core/names.ts';
import { UNKNOWN } from '../core/context/context.ts';
import { EquityCurve, type CurveState } from './report/curve.ts';
import { PeriodLedger, type LedgerState } from './report/ledger.ts';
import {
  QualityWatch,
  type QualityFlag,
  type QualityKnowledge,
  type QualityState,
} from './report/quality.ts';
import type { Decision } from '../core/decision.ts';
import type { CashflowEvent, ExecutionEvent, PortfolioEvent } from '../core/event.ts';
import type { Engine } from '../core/pipeline/engine.ts';
import type { RejectedLine } from './formats/format.ts';

export interface RecordState {
  readonly executions: number;
  readonly openings: number;
  readonly duplicates: number;
  readonly futureTimes: number;
  readonly excluded: number;
  readonly permits: number;
  readonly downsized: number;
  readonly disarms: number;
  readonly firstTs: number;
  readonly rejected: readonly (readonly [string, number])[];
  readonly blocks: readonly (readonly [string, number])[];
  readonly wouldBlock: readonly (readonly [string, number])[];
  readonly labels: readonly string[];
  readonly ledger: LedgerState;
  readonly curve: CurveState;
  readonly quality: QualityState;
}

/** The parts of a record's state, for checking one that comes from a file. */
export const RECORD_PARTS = [
  'executions',
  'openings',
  'duplicates',
  'futureTimes',
  'excluded',
  'permits',
  'downsized',
  'disarms',
  'firstTs',
  'rejected',
  'blocks',
  'wouldBlock',
  'labels',
  'ledger',
  'curve',
  'quality',
] as const satisfies readonly (keyof RecordState)[];

export class ReplayRecord {
  /** Executions that realised profit and were applied. */
  executions = 0;
  openings = 0;
  duplicates = 0;
  futureTimes = 0;
  excluded = 0;
  permits = 0;
  downsized = 0;
  disarms = 0;
  /** Arrival of the first event, Unix seconds; 0 before it. */
  firstTs = 0;
  readonly rejected = new Map<string, number>();
  readonly blocks = new Map<string, number>();
  /** Reasons of gates that are not enforced, for plans that got a permit. */
  readonly wouldBlock = new Map<string, number>();
  /** Bots, signals, regimes, clusters, exit reasons and sides; number 0 is `UNKNOWN`. */
  readonly labels = new Names([UNKNOWN]);
  ledger = new PeriodLedger();
  curve = new EquityCurve();
  quality: QualityWatch;
  readonly #observation = { ...EMPTY_OBSERVATION };

  constructor(learned?: QualityKnowledge) {
    this.quality = new QualityWatch(learned);
  }

  reject(line: RejectedLine): void {
    count(this.rejected, line.reason);
  }

  /** Looks at an execution that realises profit before it is applied. */
  observe(event: ExecutionEvent, symbol: number, source: number): QualityFlag | null {
    if (event.pnlUsd === null) return null;
    const seen = this.#observation;
    seen.symbolId = symbol;
    seen.eventSec = event.eventTs;
    seen.pnlUsd = event.pnlUsd;
    seen.pnlPct = event.pnlPct ?? NaN;
    seen.grossUsd = event.grossUsd ?? NaN;
    seen.hasIdentity = event.executionId !== null || event.orderId !== null;
    seen.sourceId = source;
    seen.botId = this.#label(event.bot);
    seen.signalId = this.#label(event.signal);
    seen.qty = event.qty ?? NaN;
    seen.price = event.price ?? NaN;
    seen.holdSec = event.holdSec ?? NaN;
    return this.quality.observe(seen);
  }

  /** Takes in the execution that was observed last, after it was applied. */
  execution(event: ExecutionEvent, symbol: number, engine: Engine): void {
    if (event.pnlUsd === null) {
      this.openings++;
      return;
    }
    this.executions++;
    this.ledger.add(
      symbol,
      this.#observation.botId,
      this.#observation.signalId,
      this.#label(event.regime),
      this.#label(engine.clusterOfExecution(event, symbol)),
      this.#label(event.exitReason),
      this.#label(event.side),
      event.eventTs,
      event.pnlUsd,
    );
    if (!engine.isFed) this.curve.add(event.ts, engine.equityUsd);
  }

  /** Takes in what moves the account beside profit, after it was applied. */
  account(event: CashflowEvent | PortfolioEvent, engine: Engine, wasFed: boolean): void {
    if (event.type === 'portfolio') {
      // What was counted here until then is not the same account's equity.
      if (!wasFed) this.curve = new EquityCurve();
      this.curve.add(event.ts, engine.equityUsd);
    } else if (!engine.isFed) this.curve.shift(event.amountUsd);
  }

  decision(decision: Decision): void {
    if (decision.type === 'permit') {
      this.permits++;
      if (decision.eff_action === 'DOWNSIZE' || decision.qty_scale < 1) this.downsized++;
      for (const { outcome, reason } of decision.gates)
        if (outcome === 'would_block' && reason !== null) count(this.wouldBlock, reason);
    } else if (decision.type === 'block') count(this.blocks, decision.reason);
    else if (decision.type === 'disarm') this.disarms++;
  }

  #label(label: string | null): number {
    return label === null ? 0 : this.labels.id(label);
  }

  save(): RecordState {
    const { executions, openings, duplicates, futureTimes, excluded, permits, downsized, disarms, firstTs } =
      this;
    return {
      ...{ executions, openings, duplicates, futureTimes, excluded, permits, downsized, disarms, firstTs },
      rejected: [...this.rejected],
      blocks: [...this.blocks],
      wouldBlock: [...this.wouldBlock],
      labels: this.labels.save(),
      ledger: this.ledger.save(),
      curve: this.curve.save(),
      quality: this.quality.save(),
    };
  }

  static load(state: RecordState): ReplayRecord {
    const record = new ReplayRecord();
    const { executions, openings, duplicates, futureTimes, excluded, permits, downsized, disarms, firstTs } =
      state;
    Object.assign(record, {
      executions,
      openings,
      duplicates,
      futureTimes,
      excluded,
      permits,
      downsized,
      disarms,
      firstTs,
    });
    for (const [reason, times] of state.rejected) record.rejected.set(reason, times);
    for (const [reason, times] of state.blocks) record.blocks.set(reason, times);
    for (const [reason, times] of state.wouldBlock) record.wouldBlock.set(reason, times);
    for (const label of state.labels) record.labels.id(label);
    record.ledger = PeriodLedger.load(state.ledger);
    record.curve = EquityCurve.load(state.curve);
    record.quality = QualityWatch.load(state.quality);
    return record;
  }
}

const EMPTY_OBSERVATION = {
  symbolId: 0,
  eventSec: 0,
  pnlUsd: 0,
  pnlPct: NaN,
  grossUsd: NaN,
  hasIdentity: false,
  sourceId: 0,
  botId: 0,
  signalId: 0,
  qty: NaN,
  price: NaN,
  holdSec: NaN,
};

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
