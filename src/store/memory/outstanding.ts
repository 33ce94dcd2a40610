/** Permits that may still be taken, and what the use record says once one no longer may. */
import { keyOf, ownKeyOf } from '../../contract/keys.ts';
import { decodePermitUse, encodePermitUse, type PermitUse } from '../../contract/governor-records.ts';
import type { KeySpace } from './key-space.ts';

/** A use record that was gone when a permit was taken lives so long. */
const DAY_MS = 86_400_000;
/** Permits over for so long are not looked for any more, and how often they are dropped. */
const HOUR_MS = 3_600_000;

export class Outstanding {
  readonly #keys: KeySpace;
  readonly #namespace: string;
  readonly #openings: string;
  readonly #exits: string;
  /** Dropping is seen by nobody: that it happens at another time after a recovery changes no answer. */
  #droppedMs = 0;

  constructor(keys: KeySpace, namespace: string) {
    this.#keys = keys;
    this.#namespace = namespace;
    this.#openings = ownKeyOf(namespace, 'outstandingOpenings');
    this.#exits = ownKeyOf(namespace, 'outstandingExits');
  }

  /** Throws `WRONGTYPE` where something else lies under its keys. */
  check(nowMs: number): void {
    this.#keys.find(this.#openings, 'hash', nowMs);
    this.#keys.find(this.#exits, 'hash', nowMs);
  }

  add(planId: string, opens: boolean, expiresMs: number, nowMs: number): void {
    this.#removeFrom(opens ? this.#exits : this.#openings, planId, nowMs);
    const { fields } = this.#keys.need(opens ? this.#openings : this.#exits, 'hash', nowMs);
    fields.set(planId, String(expiresMs));
    if (nowMs - this.#droppedMs >= HOUR_MS) this.#drop(nowMs);
  }

  remove(planId: string, nowMs: number): void {
    this.#removeFrom(this.#openings, planId, nowMs);
    this.#removeFrom(this.#exits, planId, nowMs);
  }

  #removeFrom(key: string, planId: string, nowMs: number): void {
    const fields = this.#keys.find(key, 'hash', nowMs)?.fields;
    if (fields?.delete(planId) === true && fields.size === 0) this.#keys.delete(key);
  }

  /**
   * Deletes their permits; those that are gone by themselves or taken without us are not counted, nor called void. Nothing
   * of another type stands in its way.
   */
  void(which: 'all' | 'openings', nowMs: number): number {
    let voided = 0;
    for (const key of which === 'all' ? [this.#openings, this.#exits] : [this.#openings]) {
      const held = this.#keys.get(key, nowMs);
      const planIds = held?.type === 'hash' ? held.fields.keys() : [];
      for (const planId of planIds) {
        const permitKey = keyOf(this.#namespace, 'permit', planId);
        if (this.#keys.get(permitKey, nowMs) === undefined) continue;
        this.#keys.delete(permitKey);
        this.end(planId, 'voided', nowMs / 1000, nowMs);
        voided++;
      }
      this.#keys.delete(key);
    }
    return voided;
  }

  /** The use record says this from now on, where it still says `issued`. */
  end(planId: string, outcome: PermitUse['outcome'], endedAt: number, nowMs: number): void {
    const use = this.use(planId, nowMs);
    if (use?.outcome === 'issued') this.#write(planId, { ...use, outcome, ended_at: endedAt }, nowMs);
  }

  /** The use record; null where there is none, or something else. */
  use(planId: string, nowMs: number): PermitUse | null {
    const found = this.#keys.get(keyOf(this.#namespace, 'permitUse', planId), nowMs);
    return found?.type === 'string' ? decodePermitUse(found.text) : null;
  }

  /** The use record says `used`, whatever it said. */
  taken(planId: string, issuedAt: number, nowMs: number): void {
    this.#write(planId, { outcome: 'used', issued_at: issuedAt, ended_at: nowMs / 1000 }, nowMs);
    this.remove(planId, nowMs);
  }

  #write(planId: string, use: PermitUse, nowMs: number): void {
    const key = keyOf(this.#namespace, 'permitUse', planId);
    const before = this.#keys.find(key, 'string', nowMs);
    this.#keys.setText(key, encodePermitUse(use), before === undefined ? nowMs + DAY_MS : before.expiresMs);
  }

  #drop(nowMs: number): void {
    this.#droppedMs = nowMs;
    for (const key of [this.#openings, this.#exits]) {
      const fields = this.#keys.find(key, 'hash', nowMs)?.fields;
      for (const [planId, expiresMs] of fields ?? [])
        if (Number(expiresMs) + HOUR_MS <= nowMs) fields!.delete(planId);
    }
  }
}
