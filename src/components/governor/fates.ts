/** What became of permits, as the store shows it: their use records say it, and a permit that is gone before its time was taken. */
import { decodeKeptPermit, KEPT_PREFIX, type KeptPermit } from '../../contract/kept-permit.ts';
import { decodePermitUse } from '../../contract/governor-records.ts';
import type { SavedComponent, Store } from '../../store/store.ts';

/** A permit that may still be taken, as far as is known. */
export interface OpenPermit {
  readonly planId: string;
  /** Unix seconds. */
  readonly expiresAt: number;
}

export type Fate =
  /** `at` Unix seconds; of a plain `GETDEL`, when it was noticed. */
  | { readonly kind: 'taken'; readonly at: number; readonly how: 'take' | 'getdel' }
  | { readonly kind: 'voided' };

/** Plan → what became of its permit. */
export type Fates = ReadonlyMap<string, Fate>;

/** What happened so long before a commit may not have been noted in it. */
const WAITED_SEC = 60;
const FOUND_AT_ONCE = 1000;

/** Plan → its permit, as committed. */
export type KeptPermits = ReadonlyMap<string, KeptPermit>;

/** The permits among what was committed. Throws `RangeError` where one is unreadable. */
export function permitsIn({ records }: SavedComponent): KeptPermits {
  const kept = new Map<string, KeptPermit>();
  for (const [field, text] of records)
    if (field.startsWith(KEPT_PREFIX.permit))
      kept.set(field.slice(KEPT_PREFIX.permit.length), decodeKeptPermit(text));
  return kept;
}

/** Those that were outstanding when they were committed. */
export function outstandingIn(kept: KeptPermits, { meta }: SavedComponent): readonly OpenPermit[] {
  const committedSec = Number(meta.get('now') ?? 0);
  const open: OpenPermit[] = [];
  for (const [planId, { takenAt, voided, failed, expiresAt }] of kept)
    if (takenAt === null && !voided && !failed && expiresAt >= committedSec - WAITED_SEC)
      open.push({ planId, expiresAt });
  return open;
}

/** Of those permits, what became of the ones that were taken or voided. Rejects with a `StoreError`. */
export async function fatesOf(open: readonly OpenPermit[], store: Store): Promise<Fates> {
  const fates = new Map<string, Fate>();
  for (let from = 0; from < open.length; from += FOUND_AT_ONCE) {
    const some = open.slice(from, from + FOUND_AT_ONCE);
    const texts = await store.permits.find(some.map(({ planId }) => planId));
    const uses = texts.map(({ use }) => (use === null ? null : decodePermitUse(use)));
    const isGone = (i: number): boolean => texts[i]!.permit === null && uses[i]?.outcome === 'issued';
    // One whose time was over when it was looked for is gone by itself: only the time after that tells.
    const nowSec = some.some((_one, i) => isGone(i)) ? (await store.permits.look([])).nowMs / 1000 : 0;
    some.forEach(({ planId, expiresAt }, i) => {
      const { outcome, ended_at: endedAt } = uses[i] ?? {};
      if (outcome === 'used') fates.set(planId, { kind: 'taken', at: endedAt ?? expiresAt, how: 'take' });
      else if (outcome === 'voided') fates.set(planId, { kind: 'voided' });
      else if (isGone(i) && nowSec < expiresAt)
        fates.set(planId, { kind: 'taken', at: nowSec, how: 'getdel' });
    });
  }
  return fates;
}
