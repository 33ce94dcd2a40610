/** One permit as the book remembers it, and how long it holds what it reserves. Source: spec/model.md, Reservations. */
import { microUsd } from '../num.ts';

export interface PermitRecord {
  /** Counts up with every permit issued: the order of the sums. */
  readonly sequence: number;
  readonly planId: string;
  readonly symbol: number;
  readonly reducing: boolean;
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly reserveSec: number;
  readonly qty: number | null;
  readonly notionalUsd: number | null;
  readonly takeable: boolean;
  takenAt: number | null;
  /** When its plan's result said it was executed. */
  executedAt: number | null;
  /** Its plan's result said it was not executed. */
  failed: boolean;
  voided: boolean;
  /** Counts against the hourly, burst and daily limits. */
  counted: boolean;
  reserved: boolean;
}

export function microOf(record: PermitRecord): number {
  return record.notionalUsd === null ? 0 : microUsd(record.notionalUsd);
}

export function exactSum(records: Iterable<PermitRecord>): number {
  const inOrder = [...records].sort((a, b) => a.sequence - b.sequence);
  let sum = 0;
  for (const record of inOrder) sum += record.notionalUsd ?? 0;
  return sum;
}

/** Neither taken, failed, voided nor expired at `now`. */
export function isOutstanding(record: PermitRecord, now: number): boolean {
  return record.takenAt === null && !record.failed && !record.voided && now <= record.expiresAt;
}

/** The last moment a permit reserves anything, as far as time decides. */
export function reservedUntil(record: PermitRecord): number {
  if (record.failed) return -Infinity;
  const until = (record.executedAt ?? record.issuedAt) + record.reserveSec;
  if (!record.reducing || record.takenAt !== null || record.executedAt !== null) return until;
  return record.voided ? -Infinity : Math.min(until, record.expiresAt);
}

/** Whether a snapshot of that time already shows what the permit did. */
export function isContained(record: PermitRecord, snapshotTs: number): boolean {
  const known = Math.min(record.takenAt ?? Infinity, record.executedAt ?? Infinity);
  return snapshotTs > known;
}
