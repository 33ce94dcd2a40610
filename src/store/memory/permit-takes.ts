/** Taking permits from the memory store: once each, and only while the trading state allows it. */
import { createHash } from 'node:crypto';
import { formatDecimal } from '../../contract/decimal.ts';
import { governorNotice } from '../../contract/governor-records.ts';
import { KEYS, keyOf, ownKeyOf } from '../../contract/keys.ts';
import type { TakeAnswer, TakeRefusal } from '../permits.ts';
import type { TakeCommand } from './commands.ts';
import type { KeySpace } from './key-space.ts';
import { expiryMsOf, keptPermit, type KeptFields } from './kept-permits.ts';
import type { Outstanding } from './outstanding.ts';
import { effective, type TradingRecord } from './trading-record.ts';

/** Takes told of, about: many more than anyone is behind. */
const TAKES_KEPT = 100_000;
/** A clock set back by less is taken for the same. */
const EARLY_MS = 1000;

export class PermitTakes {
  readonly #keys: KeySpace;
  readonly #namespace: string;
  readonly #trading: TradingRecord;
  readonly #outstanding: Outstanding;
  readonly #recordsKey: string;
  readonly #takesKey: string;
  readonly #eventsKey: string;

  constructor(keys: KeySpace, namespace: string, trading: TradingRecord, outstanding: Outstanding) {
    this.#keys = keys;
    this.#namespace = namespace;
    this.#trading = trading;
    this.#outstanding = outstanding;
    this.#recordsKey = ownKeyOf(namespace, 'records', 'governor');
    this.#takesKey = ownKeyOf(namespace, 'takes');
    this.#eventsKey = keyOf(namespace, 'governorEvents');
  }

  take({ nowMs, planId }: TakeCommand): TakeAnswer {
    this.#keys.sweep(nowMs);
    this.#checkTypes(planId, nowMs);
    const permitKey = keyOf(this.#namespace, 'permit', planId);
    const found = this.#keys.get(permitKey, nowMs);
    if (found === undefined) return { taken: false, why: this.#whyGone(planId, nowMs) };
    const outcome = this.#outstanding.use(planId, nowMs)?.outcome;
    // Something put it back.
    if (outcome !== undefined && outcome !== 'issued') return { taken: false, why: outcome };
    const kept = keptPermit(this.#keys, this.#recordsKey, planId, nowMs);
    const permit = found.type === 'string' ? found.text : null;
    if (kept === null || permit === null || sha1(permit) !== kept.digest)
      return { taken: false, why: 'altered' };
    const why = this.#whyNot(kept, nowMs);
    if (why !== null) return { taken: false, why };
    this.#keys.delete(permitKey);
    this.#outstanding.taken(planId, kept.issuedAt, nowMs);
    const at = formatDecimal(nowMs / 1000);
    this.#keys.addEntry(this.#takesKey, ['plan_id', planId, 'at', at], TAKES_KEPT, nowMs);
    const event = governorNotice('PERMIT_TAKEN', nowMs / 1000, { plan_id: planId, symbol: kept.symbol });
    this.#keys.addEntry(this.#eventsKey, event.flat(), KEYS.governorEvents.maxLength, nowMs);
    return { taken: true, permit, nowMs };
  }

  #whyGone(planId: string, nowMs: number): TakeRefusal {
    if (this.#keys.get(keyOf(this.#namespace, 'permitUse', planId), nowMs) === undefined) return 'unknown';
    const outcome = this.#outstanding.use(planId, nowMs)?.outcome ?? 'issued';
    if (outcome !== 'issued') return outcome;
    const expiresMs = expiryMsOf(this.#keys, this.#recordsKey, planId, nowMs);
    // One that is gone before its time was taken without us.
    return expiresMs !== null && nowMs < expiresMs ? 'used' : 'expired';
  }

  #whyNot(kept: KeptFields, nowMs: number): TakeRefusal | null {
    const stance = this.#trading.stance(nowMs);
    const state = effective(stance);
    if (!kept.takeable) return 'dry_run';
    if (state === 'HALTED') return 'halted';
    if (state === 'REDUCING' && !kept.reducing) return 'reducing';
    if (kept.epoch < stance.voidAllBelow) return 'voided';
    if (!kept.reducing && kept.epoch < stance.voidOpeningsBelow) return 'voided';
    if (nowMs > kept.expiresAt * 1000) return 'expired';
    return nowMs < kept.issuedAt * 1000 - EARLY_MS ? 'early' : null;
  }

  #checkTypes(planId: string, nowMs: number): void {
    this.#trading.check(nowMs);
    this.#outstanding.check(nowMs);
    this.#keys.find(keyOf(this.#namespace, 'permitUse', planId), 'string', nowMs);
    this.#keys.find(this.#takesKey, 'stream', nowMs);
  }
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
