/** Equity and drawdown over time: backwards from what is there by the executions that are known, then as it is read. */
import { saturate } from '../../core/num.ts';
import { compareIds, type EntryId } from '../../store/store.ts';
import type { EquityPoint } from '../wire.ts';
import type { Account, AccountReading } from './account.ts';
import type { KnownExecution } from './executions.ts';

/** A deposit or a withdrawal. */
export interface KnownCashflow {
  readonly id: EntryId;
  readonly ts: number;
  readonly amountUsd: number;
}

/** What does not change is noted so often. */
const QUIET_SEC = 60;

/** The points of an account that is counted from executions, oldest first, up to `reading`; empty where it is fed. */
export function backfill(
  reading: AccountReading,
  executions: readonly KnownExecution[],
  cashflows: readonly KnownCashflow[],
): EquityPoint[] {
  const { account, counted } = reading;
  if (counted === null) return [];
  const moves = [
    ...executions
      .filter(({ id }) => isUpTo(id, counted.executions))
      .map(({ id, ts, microUsd }) => ({ id, ts, usd: microUsd / 1e6, isFlow: false })),
    ...cashflows
      .filter(({ id }) => isUpTo(id, counted.cashflows))
      .map(({ id, ts, amountUsd }) => ({ id, ts, usd: amountUsd, isFlow: true })),
  ].sort((a, b) => compareIds(a.id, b.id));
  if (moves.length === 0) return [];
  const startUsd = moves.reduceRight((usd, move) => usd - move.usd, account.equity_usd);
  const flowsUsd = moves.reduce((usd, move) => usd + (move.isFlow ? move.usd : 0), 0);
  const peakAtEnd = forward(moves, startUsd, startUsd).at(-1)!.peakUsd;
  // Where the peak of now is none of these points it lies before them.
  const isBefore = account.peak_usd > peakAtEnd + PEAK_NOISE * Math.abs(account.peak_usd);
  const startPeakUsd = isBefore ? account.peak_usd - flowsUsd : startUsd;
  return forward(moves, startUsd, startPeakUsd).map(({ ts, usd, peakUsd }) => [
    ts,
    usd,
    peakUsd <= 0 ? 0 : saturate((peakUsd - usd) / peakUsd),
  ]);
}

/** Sums in another order differ in their last bits. */
const PEAK_NOISE = 1e-9;

/** Whether what was read is worth a point after the last. */
export function isNewPoint(last: EquityPoint | undefined, account: Account, nowSec: number): boolean {
  if (last === undefined) return true;
  if (nowSec <= last[0]) return false;
  const isSame = last[1] === account.equity_usd && last[2] === account.drawdown;
  return !isSame || nowSec - last[0] >= QUIET_SEC;
}

function isUpTo(id: EntryId, end: EntryId | null): boolean {
  return end === null || compareIds(id, end) <= 0;
}

function forward(
  moves: readonly { readonly ts: number; readonly usd: number; readonly isFlow: boolean }[],
  startUsd: number,
  startPeakUsd: number,
): { readonly ts: number; readonly usd: number; readonly peakUsd: number }[] {
  const first = { ts: moves[0]!.ts, usd: startUsd, peakUsd: startPeakUsd };
  const points = [first];
  let { ts, usd, peakUsd } = first;
  for (const move of moves) {
    // Executions may be told late: time does not go back on a chart.
    ts = Math.max(ts, move.ts);
    usd += move.usd;
    peakUsd = move.isFlow ? peakUsd + move.usd : Math.max(peakUsd, usd);
    points.push({ ts, usd, peakUsd });
  }
  return points;
}
