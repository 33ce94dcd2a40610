/** What became of permits, as the store shows it: their use records say it, and a permit that is gone before its time was taken. */
import { decodeKeptPermit, KEPT_PREFIX } from '../../contract/kept-permit.ts';
import { decodePermitUse } from '../../contract/governor-records.ts';
import type { PlanTexts } from '../../store/permits.ts';
import type { SavedComponent, Store } from '../../store/store.ts';
import type { Fates } from './plan-table.ts';

export interface Taken {
  /** Unix seconds; of a plain `GETDEL`, when it was noticed. */
  readonly atSec: number;
  readonly how: 'take' | 'getdel';
}

interface OpenPermit {
  readonly planId: string;
  readonly expiresAt: number;
}

/** Null: nobody is known to have taken it. */
export function takenOf(
  { permit, use }: Omit<PlanTexts, 'block'>,
  expiresAt: number,
  nowSec: number,
): Taken | null {
  const found = use === null ? null : decodePermitUse(use);
  if (found?.outcome === 'used') return { atSec: found.ended_at ?? nowSec, how: 'take' };
  const isGoneEarly = permit === null && found?.outcome === 'issued' && nowSec <= expiresAt;
  return isGoneEarly ? { atSec: nowSec, how: 'getdel' } : null;
}

/** Permits that were outstanding when `saved` was committed. Throws `RangeError` where one is unreadable. */
export function outstandingIn(saved: SavedComponent): readonly OpenPermit[] {
  const committedSec = Number(saved.meta.get('now') ?? 0);
  const open: OpenPermit[] = [];
  for (const [field, text] of saved.records) {
    if (!field.startsWith(KEPT_PREFIX.permit)) continue;
    const { takenAt, voided, failed, expiresAt } = decodeKeptPermit(text);
    if (takenAt === null && !voided && !failed && expiresAt >= committedSec - WAITED_SEC)
      open.push({ planId: field.slice(KEPT_PREFIX.permit.length), expiresAt });
  }
  return open;
}

/** Of those permits, the ones taken or voided since. Rejects with a `StoreError`. */
export async function fatesOf(open: readonly OpenPermit[], store: Store, nowSec: number): Promise<Fates> {
  const fates = new Map<string, Fate>();
  for (let from = 0; from < open.length; from += FOUND_AT_ONCE) {
    const some = open.slice(from, from + FOUND_AT_ONCE);
    const texts = await store.permits.find(some.map(({ planId }) => planId));
    some.forEach(({ planId, expiresAt }, i) => {
      const { use } = texts[i]!;
      const taken = takenOf(texts[i]!, expiresAt, nowSec);
      if (taken !== null) fates.set(planId, { takenAt: taken.atSec });
      else if (use !== null && decodePermitUse(use)?.outcome === 'voided') fates.set(planId, { voided: true });
    });
  }
  return fates;
}

type Fate = Fates extends ReadonlyMap<string, infer Value> ? Value : never;

/** What happened so long before the commit may not have been noted in it. */
const WAITED_SEC = 60;
const FOUND_AT_ONCE = 1000;
