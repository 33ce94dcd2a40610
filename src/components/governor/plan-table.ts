/** What is kept of each permit of the last 24 hours beside the core's record, and which of them have to be written again. */
import { encodeKeptPermit, KEPT_PREFIX } from '../../contract/kept-permit.ts';
import type { Fate, Fates, KeptPermits } from './fates.ts';
import { keptOf, type KeptExtras } from './steps.ts';
import type { ExecutionEvent } from '../../core/event.ts';
import { reservedUntil } from '../../core/governor/permit.ts';
import type { PermitRecord } from '../../core/governor/permit-book.ts';

/** Permits that ran out so long ago were settled by whoever governed then, or are past caring. */
const SETTLED_SEC = 3600;

export class PlanTable {
  /** In order of issue. */
  readonly #extras = new Map<string, KeptExtras>();
  readonly #touched = new Set<string>();
  /** Plans whose permit may still be taken, in order of issue, with the end of its time. */
  readonly #open = new Map<string, number>();

  /** Returns the core's records in order of issue. */
  restore(
    permits: KeptPermits,
    fates: Fates,
    nowSec: number,
    symbolOf: (name: string) => number,
  ): PermitRecord[] {
    const records: { readonly record: PermitRecord; readonly extras: KeptExtras }[] = [];
    for (const [planId, { symbol, side, filledQty, realisedQty, epoch, digest, ...rest }] of permits) {
      const fate = fates.get(planId);
      const record = { ...rest, ...changeBy(fate), planId, symbol: symbolOf(symbol), reserved: false };
      record.reserved = reservedUntil(record) >= nowSec;
      records.push({
        record,
        extras: { symbol, side, filledQty, realisedQty, epoch, digest },
      });
      if (fate !== undefined) this.#touched.add(planId);
    }
    records.sort((a, b) => a.record.sequence - b.record.sequence);
    for (const { record, extras } of records) {
      this.#extras.set(record.planId, extras);
      // Those that were over long before were settled then.
      const isOver = record.expiresAt < nowSec - SETTLED_SEC;
      if (record.takenAt === null && !record.voided && !record.failed && !isOver)
        this.#open.set(record.planId, record.expiresAt);
    }
    return records.map(({ record }) => record);
  }

  add(record: PermitRecord, extras: KeptExtras): void {
    this.#extras.delete(record.planId);
    this.#extras.set(record.planId, extras);
    this.#touched.delete(record.planId);
    this.#open.delete(record.planId);
    this.#open.set(record.planId, record.expiresAt);
  }

  extras(planId: string): KeptExtras | undefined {
    return this.#extras.get(planId);
  }

  /** Something of its record changed. */
  touch(planId: string): void {
    if (this.#extras.has(planId)) this.#touched.add(planId);
  }

  /** Adds an execution to what the plan's orders filled; returns how much of its kind (opening or realising) that is now. */
  fill(planId: string, { qty, pnlUsd }: Pick<ExecutionEvent, 'qty' | 'pnlUsd'>): number {
    const extras = this.#extras.get(planId)!;
    const field = pnlUsd === null ? 'filledQty' : 'realisedQty';
    const total = extras[field] + Math.abs(qty ?? 0);
    this.#extras.set(planId, { ...extras, [field]: total });
    this.touch(planId);
    return total;
  }

  /** Plans whose permit may still be taken, with the end of its time, in order of issue. */
  open(): Iterable<readonly [planId: string, expiresAt: number]> {
    return this.#open;
  }

  get openCount(): number {
    return this.#open.size;
  }

  close(planId: string): void {
    this.#open.delete(planId);
  }

  /** Fields and texts of records that changed, in turns; `find` gives the core's record, null once it is forgotten. */
  changes(find: (planId: string) => PermitRecord | null, forgets: boolean): string[] {
    const records: string[] = [];
    for (const planId of this.#touched) {
      const record = find(planId);
      if (record === null) continue;
      records.push(KEPT_PREFIX.permit + planId, encodeKeptPermit(keptOf(record, this.#extras.get(planId)!)));
    }
    this.#touched.clear();
    // Forgotten in order of issue: the first that is not ends it.
    for (const planId of this.#extras.keys()) {
      if (!forgets || find(planId) !== null) break;
      this.#extras.delete(planId);
      this.#open.delete(planId);
      records.push(KEPT_PREFIX.permit + planId, '');
    }
    return records;
  }
}

function changeBy(fate: Fate | undefined): Partial<Pick<PermitRecord, 'takenAt' | 'voided'>> {
  if (fate === undefined) return {};
  return fate.kind === 'taken' ? { takenAt: fate.at } : { voided: true };
}
