/**
 * What the governor's stream of events tells, folded as it comes: verdicts, events, how many of the last hour, the newest change
 * of the trading state, and the permits that may still be taken. At thousands of verdicts a second only those that are
 * shown are read in full.
 */
import { parseDecimal } from '../../contract/decimal.ts';
import { idMs, compareIds, type StreamEntry } from '../../store/store.ts';
import { valueIn } from '../../store/fields.ts';
import { SHOWN_EVENTS, SHOWN_VERDICTS } from '../views/apply-patch.ts';
import { KEPT_EVENTS, KEPT_VERDICTS, MAX_OUTSTANDING } from './bounds.ts';
import { textIn } from './fields.ts';
import { HourCount } from './hour-count.ts';
import { Newest } from './newest.ts';
import { eventOf, verdictOf } from './verdicts.ts';
import { fieldsOf } from '../../ops/governor/verdicts.ts';
import type { EventRow, Verdict } from '../wire.ts';

/** Who wanted which trading state, when and why. */
export interface TradingNote {
  readonly state: string | null;
  readonly since: number | null;
  readonly by: string | null;
  readonly why: string | null;
}

interface Issued {
  readonly expiresAt: number;
  readonly isExit: boolean;
}

export class GovernorEvents {
  readonly #verdicts = new Newest<StreamEntry>(KEPT_VERDICTS);
  readonly #events = new Newest<EventRow>(KEPT_EVENTS);
  #newVerdicts = new Newest<StreamEntry>(SHOWN_VERDICTS);
  #newEvents = new Newest<EventRow>(SHOWN_EVENTS);
  #outstanding = new Map<string, Issued>();
  /** More were outstanding than are kept: how many is not known before those ran out. */
  #unknownUntil = 0;
  readonly counts = { permits: new HourCount(), blocks: new HourCount(), unpermitted: new HourCount() };
  change: TradingNote | null = null;
  /** Entries that could not be used. */
  bad = 0;

  /** Entries of the stream of governor events. */
  apply(entries: readonly StreamEntry[]): void {
    for (const entry of entries) this.#apply(entry);
  }

  /** Entries of the stream of budget violations. */
  applyViolations(entries: readonly StreamEntry[]): void {
    for (const entry of entries) this.#keepEvent(eventOf(entry, 'BUDGET_VIOLATION'));
  }

  /** Those that came since the last call, oldest first, the newest of them. */
  takeVerdicts(): Verdict[] {
    const entries = this.#newVerdicts.all();
    this.#newVerdicts = new Newest(SHOWN_VERDICTS);
    return entries.flatMap((entry) => verdictOf(entry) ?? []);
  }

  takeEvents(): EventRow[] {
    const events = this.#newEvents.all();
    this.#newEvents = new Newest(SHOWN_EVENTS);
    // Two streams: each is in order, both together may not be.
    return events.toSorted((a, b) => compareIds(a.id, b.id));
  }

  /** Newest first. */
  verdicts({
    symbol,
    outcome,
    limit,
  }: {
    readonly symbol: string | null;
    readonly outcome: Verdict['outcome'] | null;
    readonly limit: number;
  }): Verdict[] {
    const event = outcome === null ? null : outcome === 'permitted' ? 'PERMIT_ISSUED' : 'PLAN_BLOCKED';
    const found: Verdict[] = [];
    for (const entry of this.#verdicts.all().toReversed()) {
      if (found.length >= limit) break;
      if (symbol !== null && valueIn(entry.fields, 'symbol') !== symbol) continue;
      if (event !== null && valueIn(entry.fields, 'event') !== event) continue;
      const verdict = verdictOf(entry);
      if (verdict !== null) found.push(verdict);
    }
    return found;
  }

  /** Newest first. */
  events({ event, limit }: { readonly event: string | null; readonly limit: number }): EventRow[] {
    return this.#events
      .all()
      .filter((row) => event === null || row.event === event)
      .toReversed()
      .toSorted((a, b) => compareIds(b.id, a.id))
      .slice(0, limit);
  }

  /** Permits that may still be taken, as far as the events tell; null: more than are kept. */
  outstanding(nowSec: number): ReadonlyMap<string, { readonly isExit: boolean }> | null {
    for (const [planId, { expiresAt }] of this.#outstanding)
      if (expiresAt < nowSec) this.#outstanding.delete(planId);
    return nowSec < this.#unknownUntil ? null : this.#outstanding;
  }

  #apply(entry: StreamEntry): void {
    const sec = idMs(entry.id) / 1000;
    switch (valueIn(entry.fields, 'event')) {
      case 'PERMIT_ISSUED':
        return this.#permitted(entry, sec);
      case 'PLAN_BLOCKED':
        return this.#verdict(entry, this.counts.blocks, sec);
      case 'PERMIT_TAKEN':
        this.#outstanding.delete(valueIn(entry.fields, 'plan_id') ?? '');
        return;
      // It says again what PLAN_BLOCKED said, for older programs.
      case 'P29_ALLOCATION_CAP_BLOCK':
        return;
      case 'KILL_SWITCH':
        this.#switched(entry);
        break;
      case 'AUTO_DISARM':
        this.#disarmed(entry, sec);
        break;
      case 'UNPERMITTED_EXECUTION':
        this.counts.unpermitted.add(sec);
        break;
      default:
    }
    this.#keepEvent(eventOf(entry, null));
  }

  #permitted(entry: StreamEntry, sec: number): void {
    this.#verdict(entry, this.counts.permits, sec);
    const planId = valueIn(entry.fields, 'plan_id');
    const expiresAt = parseDecimal(valueIn(entry.fields, 'expires_at'));
    if (planId === null || expiresAt === null) return;
    if (this.#outstanding.size >= MAX_OUTSTANDING) this.#dropOldest(sec);
    if (this.#outstanding.size >= MAX_OUTSTANDING) {
      this.#unknownUntil = Math.max(this.#unknownUntil, expiresAt);
      return;
    }
    this.#outstanding.set(planId, {
      expiresAt,
      isExit: valueIn(entry.fields, 'reduce_only') === 'true',
    });
  }

  /** Those issued first run out first, but for a few: looking through all of them at every permit would take too long. */
  #dropOldest(nowSec: number): void {
    for (const [planId, { expiresAt }] of this.#outstanding) {
      if (expiresAt >= nowSec) return;
      this.#outstanding.delete(planId);
    }
  }

  #verdict(entry: StreamEntry, count: HourCount, sec: number): void {
    if (!valueIn(entry.fields, 'plan_id') || !valueIn(entry.fields, 'symbol')) {
      this.bad++;
      return;
    }
    count.add(sec);
    this.#verdicts.add(entry);
    this.#newVerdicts.add(entry);
  }

  #switched(entry: StreamEntry): void {
    const fields = fieldsOf(entry.fields);
    const [state, how] = [fields.get('state') ?? null, fields.get('how')];
    if (state === 'HALTED' || how === 'void') this.#outstanding.clear();
    else if (state === 'REDUCING')
      for (const [planId, { isExit }] of this.#outstanding) if (!isExit) this.#outstanding.delete(planId);
    if (how === 'void') return;
    const [by, why] = [textIn(fields, 'by'), textIn(fields, 'reason')];
    this.change = { state, since: parseDecimal(fields.get('timestamp')), by, why };
  }

  /** Too many symbols disarmed: openings are stopped altogether, and nothing else says so. */
  #disarmed(entry: StreamEntry, sec: number): void {
    const fields = fieldsOf(entry.fields);
    if (fields.get('scope') !== 'all' || (this.change !== null && this.change.state !== 'ACTIVE')) return;
    this.#voidOpenings();
    const since = parseDecimal(fields.get('timestamp')) ?? sec;
    this.change = { state: 'REDUCING', since, by: 'governor', why: textIn(fields, 'reason') };
  }

  #voidOpenings(): void {
    for (const [planId, { isExit }] of this.#outstanding) if (!isExit) this.#outstanding.delete(planId);
  }

  #keepEvent(event: EventRow | null): void {
    if (event === null) {
      this.bad++;
      return;
    }
    this.#events.add(event);
    this.#newEvents.add(event);
  }
}
