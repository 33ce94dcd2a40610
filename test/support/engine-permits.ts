/**
 * A slow reading of spec/model.md on permits: everything is worked out anew from the whole history of events, by the
 * words of the model, with nothing kept in between. The governor's own book has to agree with it at every plan.
 */
import type { PermitDecision } from '../../src/core/decision.ts';
import type { InputEvent, PositionEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';

interface Permit {
  readonly decision: PermitDecision;
  /** How many events had happened when it was issued. */
  readonly at: number;
}

interface Fate {
  takenAt: number | null;
  executedAt: number | null;
  failed: boolean;
  voided: boolean;
}

export class SlowPermits {
  readonly #settings: Settings;
  readonly #events: InputEvent[] = [];
  readonly #permits: Permit[] = [];

  constructor(settings: Settings) {
    this.#settings = settings;
  }

  note(event: InputEvent): void {
    this.#events.push(event);
  }

  issue(decision: PermitDecision): void {
    this.#permits.push({ decision, at: this.#events.length });
  }

  /** Whether a plan is dropped without a decision; null where its permit is forgotten or about to be, after 24 h. */
  isDropped(planId: string, reduces: boolean, now: number): boolean | null {
    const last = this.#permits.findLast(({ decision }) => decision.plan_id === planId);
    if (last === undefined) return false;
    if (now - last.decision.ts > 86_400) return null;
    if (!last.decision.reduce_only) return true;
    // The same id with another content: a test of its own.
    if (!reduces) return null;
    const { failed, takenAt, executedAt, voided } = this.#fate(last);
    if (failed) return false;
    return takenAt !== null || executedAt !== null || !(voided || now > last.decision.expires_at);
  }

  /** Permits of a plan that could be acted on at `now`. */
  alive(planId: string, now: number): number {
    return this.#permits.filter((permit) => {
      const { failed, takenAt, voided } = this.#fate(permit);
      const { plan_id, expires_at } = permit.decision;
      return plan_id === planId && !failed && takenAt === null && !voided && now <= expires_at;
    }).length;
  }

  count(symbol: string, withinSec: number, now: number): number {
    return this.#counted(symbol).filter(({ decision }) => now - decision.ts < withinSec).length;
  }

  dayUsd(symbol: string, now: number): number {
    return this.#counted(symbol)
      .filter(({ decision }) => now - decision.ts < 86_400)
      .reduce((sum, { decision }) => sum + (decision.computed_notional ?? 0), 0);
  }

  sinceLastOpeningSec(symbol: string, now: number): number {
    const last = this.#counted(symbol).findLast(({ decision }) => !decision.reduce_only);
    return last === undefined ? Infinity : now - last.decision.ts;
  }

  reservedUsd(symbol: string | null, now: number): number {
    return this.#permits
      .filter(({ decision }) => !decision.reduce_only && (symbol === null || decision.symbol === symbol))
      .filter((permit) => this.#reserves(permit, now))
      .reduce((sum, { decision }) => sum + (decision.computed_notional ?? 0), 0);
  }

  reservedQty(symbol: string, now: number): number {
    return this.#permits
      .filter(({ decision }) => decision.reduce_only && decision.symbol === symbol)
      .filter((permit) => this.#reserves(permit, now))
      .reduce((sum, { decision }) => sum + (decision.computed_qty ?? 0), 0);
  }

  /** The newest snapshot by its own time; of equal ones the one that came last. */
  position(symbol: string): PositionEvent | null {
    let newest: PositionEvent | null = null;
    for (const event of this.#events)
      if (event.type === 'position' && event.symbol === symbol && event.stateTs >= (newest?.stateTs ?? 0))
        newest = event;
    return newest;
  }

  #counted(symbol: string): Permit[] {
    return this.#permits
      .filter(({ decision }) => decision.symbol === symbol)
      .filter(({ decision }) => !decision.reduce_only || !this.#settings.GOV_EXITS_EXEMPT)
      .filter((permit) => !this.#fate(permit).failed);
  }

  #fate(permit: Permit): Fate {
    const fate: Fate = { takenAt: null, executedAt: null, failed: false, voided: false };
    const { plan_id, expires_at, reduce_only, apply_mode } = permit.decision;
    const next = this.#permits.find((other) => other.decision.plan_id === plan_id && other.at > permit.at);
    for (const [index, event] of this.#events.entries()) {
      if (index < permit.at || (next !== undefined && index >= next.at)) continue;
      const isAlive = fate.takenAt === null && !fate.failed && !fate.voided && event.ts <= expires_at;
      if (event.type === 'take' && event.planId === plan_id && isAlive && apply_mode !== 'dry_run')
        fate.takenAt = event.ts;
      if (event.type === 'kill' && isAlive)
        fate.voided = event.state === 'HALTED' || (event.state === 'REDUCING' && !reduce_only);
      const isForgotten = event.ts - permit.decision.ts > 86_400;
      if (event.type === 'result' && event.planId === plan_id && !fate.failed && !isForgotten) {
        if (event.executed) fate.executedAt ??= event.ts;
        else fate.failed = true;
      }
    }
    return fate;
  }

  #reserves(permit: Permit, now: number): boolean {
    const { failed, takenAt, executedAt, voided } = this.#fate(permit);
    const { symbol, ts, expires_at, reduce_only, computed_qty } = permit.decision;
    if (failed || (reduce_only && computed_qty === null)) return false;
    const known = Math.min(takenAt ?? Infinity, executedAt ?? Infinity);
    const isContained = this.#events.some(
      (event) => event.type === 'position' && event.symbol === symbol && event.stateTs > known,
    );
    if (isContained || now > (executedAt ?? ts) + this.#settings.GOV_RESERVE_SEC) return false;
    return !reduce_only || known < Infinity || !(voided || now > expires_at);
  }
}
