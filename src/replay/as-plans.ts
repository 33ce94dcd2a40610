/**
 * `--as-plans`: closed trades as the plans that would have led to them, so that one's own history shows what the governor
 * would have blocked or downsized. History stays as it was: a blocked opening still shows its position and its profit;
 * what its block would have saved or cost is that trade's profit with the sign turned. Source: spec/replay.md.
 */
import type { GovernorDecision, Decision } from '../core/decision.ts';
import type { ExecutionEvent, InputEvent, PlanEvent } from '../core/event.ts';
import type { LocatedEvent, RejectedLine } from './formats/format.ts';

type Batch = readonly (LocatedEvent | RejectedLine)[];

/** Snapshots stand this much beside what they show, seconds: a snapshot of the same time would not count as newer. */
const BESIDE_SEC = 0.001;
/** A position is shown again before a plan where its last snapshot is older. */
const SNAPSHOT_EVERY_SEC = 60;

interface Trade {
  readonly id: string;
  readonly execution: ExecutionEvent;
  readonly entryTs: number;
  /** Signed. */
  readonly amount: number;
  readonly notionalUsd: number | null;
  readonly located: LocatedEvent;
}

/** What the governor would have done to trades of one kind, and the money in them. */
export interface PlanOutcome {
  readonly count: number;
  /** Profit the trades made in fact, USD. */
  readonly pnlUsd: number;
  /** What the governor would have saved (positive) or cost (negative), USD. */
  readonly savedUsd: number;
}

/** Collects the verdicts on the plans made from trades. */
export class PlanTally {
  openings = 0;
  closes = 0;
  /** Trades that say neither when they were opened nor how long they were held. */
  withoutEntry = 0;
  readonly #trades = new Map<string, Trade>();
  readonly blocked = new Map<string, PlanOutcome>();
  readonly wouldBlock = new Map<string, PlanOutcome>();
  readonly blockedCloses = new Map<string, number>();
  downsized: PlanOutcome = NONE;

  expect(trade: Trade): void {
    this.#trades.set(trade.id, trade);
  }

  decision(decision: Decision): void {
    if (decision.type !== 'permit' && decision.type !== 'block') return;
    this.#verdict(decision);
  }

  #verdict(decision: Extract<GovernorDecision, { type: 'permit' | 'block' }>): void {
    const trade = this.#trades.get(decision.plan_id.replace(/-(open|close)$/, ''));
    if (trade === undefined) return;
    const pnlUsd = trade.execution.pnlUsd ?? 0;
    if (decision.plan_id.endsWith('-close')) {
      this.closes++;
      if (decision.type === 'block')
        this.blockedCloses.set(decision.reason, (this.blockedCloses.get(decision.reason) ?? 0) + 1);
      return;
    }
    this.openings++;
    if (decision.type === 'block') {
      add(this.blocked, decision.reason, pnlUsd, -pnlUsd);
      return;
    }
    const share = decision.qty_scale * decision.downsize_factor;
    if (share < 1) this.downsized = sum(this.downsized, pnlUsd, -pnlUsd * (1 - share));
    for (const { outcome, reason } of decision.gates)
      if (outcome === 'would_block' && reason !== null) add(this.wouldBlock, reason, pnlUsd, -pnlUsd);
  }
}

const NONE: PlanOutcome = { count: 0, pnlUsd: 0, savedUsd: 0 };

function sum(outcome: PlanOutcome, pnlUsd: number, savedUsd: number): PlanOutcome {
  return { count: outcome.count + 1, pnlUsd: outcome.pnlUsd + pnlUsd, savedUsd: outcome.savedUsd + savedUsd };
}

function add(outcomes: Map<string, PlanOutcome>, reason: string, pnlUsd: number, savedUsd: number): void {
  outcomes.set(reason, sum(outcomes.get(reason) ?? NONE, pnlUsd, savedUsd));
}

/** All events with the plans, takes, results and positions that the trades among them imply; in order of time. */
export async function* asPlans(batches: AsyncIterable<Batch>, tally: PlanTally): AsyncGenerator<Batch> {
  const events: LocatedEvent[] = [];
  for await (const batch of batches) {
    yield batch.filter((item) => item.event === null);
    for (const item of batch) if (item.event !== null) events.push(item);
  }
  const trades = tradesOf(events, tally);
  const implied = impliedEvents(trades);
  const before = new Map<LocatedEvent, LocatedEvent[]>();
  for (const { event, beforeExecution, trade } of implied) {
    if (!beforeExecution) continue;
    const list = before.get(trade.located) ?? [];
    list.push(located(event, trade));
    before.set(trade.located, list);
  }
  const all = implied.filter((one) => !one.beforeExecution).map(({ event, trade }) => located(event, trade));
  for (const item of events) all.push(...(before.get(item) ?? []), item);
  yield all.sort((a, b) => a.event.ts - b.event.ts);
}

function located(event: InputEvent, trade: Trade): LocatedEvent {
  return { event, source: trade.located.source, line: trade.located.line, futureTime: false };
}

function tradesOf(events: readonly LocatedEvent[], tally: PlanTally): Trade[] {
  const trades: Trade[] = [];
  for (const item of events) {
    const execution = item.event;
    if (execution.type !== 'execution' || execution.pnlUsd === null) continue;
    const entryTs =
      execution.entryTs ?? (execution.holdSec === null ? null : execution.ts - execution.holdSec);
    if (entryTs === null || entryTs > execution.ts) {
      tally.withoutEntry++;
      continue;
    }
    const sign = execution.side?.toUpperCase() === 'SHORT' ? -1 : 1;
    const { qty, entryPrice, price, stakeUsd } = execution;
    const marked = entryPrice ?? price;
    const byStake = stakeUsd !== null && marked !== null && marked > 0 ? stakeUsd / marked : null;
    const byPrice = qty === null || (entryPrice ?? price) === null ? null : qty * (entryPrice ?? price)!;
    const trade: Trade = {
      // No plan of a file can have such an id.
      id: `~trade-${trades.length + 1}`,
      execution,
      // A trade opened and closed at the same moment still has a position in between.
      entryTs: Math.min(entryTs, execution.ts - 2 * BESIDE_SEC),
      // Of a trade that does not say its size only the direction is known.
      amount: sign * (qty ?? byStake ?? 1),
      notionalUsd: byPrice ?? stakeUsd,
      located: item,
    };
    trades.push(trade);
    tally.expect(trade);
  }
  return trades;
}

interface Implied {
  readonly event: InputEvent;
  readonly trade: Trade;
  /** Comes right before the trade's own execution where their times are equal. */
  readonly beforeExecution: boolean;
}

function impliedEvents(trades: readonly Trade[]): Implied[] {
  const moments = trades.flatMap((trade) => [
    { ts: trade.entryTs, trade, isClose: false },
    { ts: trade.execution.ts, trade, isClose: true },
  ]);
  moments.sort((a, b) => a.ts - b.ts);
  const books = new Map<string, { open: Set<Trade>; snapshotTs: number }>();
  const implied: Implied[] = [];
  for (const { ts, trade, isClose } of moments) {
    const { symbol } = trade.execution;
    const book = books.get(symbol) ?? { open: new Set<Trade>(), snapshotTs: -Infinity };
    books.set(symbol, book);
    const push = (event: InputEvent): void => {
      implied.push({ event, trade, beforeExecution: isClose && event.type !== 'position' });
    };
    const sameSide = new Set([...book.open].filter((other) => other.amount * trade.amount > 0));
    // With long and short open together the account holds both; a close is about its own side.
    const isHedged = isClose && sameSide.size < book.open.size;
    if (isHedged) push(positionOf(symbol, sameSide, ts - BESIDE_SEC));
    else if (book.open.size > 0 && ts - book.snapshotTs > SNAPSHOT_EVERY_SEC)
      push(positionOf(symbol, book.open, ts - BESIDE_SEC));
    const plan = isClose ? closePlan(trade, sameSide.size <= 1) : openPlan(trade);
    push(plan);
    push({ type: 'take', ts, planId: plan.planId });
    push({ type: 'result', ts, planId: plan.planId, executed: true });
    if (isClose) book.open.delete(trade);
    else book.open.add(trade);
    push(positionOf(symbol, book.open, ts + BESIDE_SEC));
    book.snapshotTs = ts;
  }
  return implied;
}

function positionOf(symbol: string, open: ReadonlySet<Trade>, ts: number): InputEvent {
  let amount = 0;
  let notionalUsd = 0;
  for (const trade of open) {
    amount += trade.amount;
    notionalUsd += Math.sign(trade.amount) * (trade.notionalUsd ?? 0);
  }
  return {
    type: 'position',
    ts,
    stateTs: ts,
    symbol,
    amount,
    markPrice: null,
    notionalUsd: Math.abs(notionalUsd),
  };
}

function openPlan(trade: Trade): PlanEvent {
  const { qty, entryPrice, price, side } = trade.execution;
  const hasPrice = qty !== null && (entryPrice ?? price) !== null;
  return {
    ...basePlan(trade),
    ts: trade.entryTs,
    planId: `${trade.id}-open`,
    action: 'OPEN_PROPOSED',
    side: side?.toUpperCase() === 'SHORT' ? 'SELL' : 'BUY',
    qty,
    price: hasPrice ? (entryPrice ?? price) : null,
    notionalUsd: hasPrice ? null : trade.notionalUsd,
  };
}

/** Closes the whole position, or this trade's part of it where others are open in the symbol. */
function closePlan(trade: Trade, isLast: boolean): PlanEvent {
  const { ts, qty, price, side } = trade.execution;
  return {
    ...basePlan(trade),
    ts,
    planId: `${trade.id}-close`,
    action: isLast ? 'FULL_CLOSE_PROPOSED' : 'REDUCE_PROPOSED',
    side: side?.toUpperCase() === 'SHORT' ? 'BUY' : 'SELL',
    reduceOnly: true,
    qty,
    price,
    notionalUsd: null,
  };
}

function basePlan(
  trade: Trade,
): Omit<PlanEvent, 'ts' | 'planId' | 'action' | 'side' | 'qty' | 'price' | 'notionalUsd'> {
  const { symbol, bot } = trade.execution;
  return {
    type: 'plan',
    symbol,
    symbolValid: true,
    namesValid: true,
    decision: 'EXECUTE',
    reduceOnly: false,
    bot,
    killScore: null,
    confidence: null,
    regimeFlip: null,
    madeAt: null,
  };
}
