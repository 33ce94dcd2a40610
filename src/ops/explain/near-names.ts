/** What may have been meant by a name nobody knows: symbols and plans of what was decided and executed last, spelled nearly so. */
import { keyOf } from '../../contract/keys.ts';
import { distance } from '../../contract/setting-spec.ts';
import { canonicalSymbol, PLAN_ID_GRAMMAR } from '../../contract/symbol.ts';
import { fieldsOf } from '../governor/verdicts.ts';
import { newestEntries } from '../stream-tail.ts';
import type { Store } from '../../store/store.ts';

/** Looked through of each stream. */
const NEWEST = 1000;
const MAX_NAMES = 3;
/** As near as a setting's name has to be. */
const NEAR = 0.6;
/** Fewer letters begin too many names. */
const MIN_BEGINNING = 2;

/** The nearest first; of those as near the newest. */
export async function nearNames(
  store: Store,
  namespace: string,
  name: string,
  as: 'any' | 'plan' | 'symbol',
): Promise<readonly string[]> {
  const streams = (['executions', 'allocations', 'governorEvents'] as const).map((stream) =>
    newestEntries(store, keyOf(namespace, stream), NEWEST),
  );
  const symbols = new Set<string>();
  const plans = new Set<string>();
  for (const { entries } of await Promise.all(streams))
    for (const entry of entries.toReversed()) {
      const fields = fieldsOf(entry.fields);
      const symbol = canonicalSymbol(fields.get('symbol'), new Map());
      if (symbol !== null) symbols.add(symbol);
      const planId = fields.get('plan_id') ?? '';
      if (PLAN_ID_GRAMMAR.test(planId)) plans.add(planId);
    }
  const candidates = [...(as === 'plan' ? [] : symbols), ...(as === 'symbol' ? [] : plans)];
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, score: nearness(name, candidate) }))
    .filter(({ score }) => score >= NEAR)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, MAX_NAMES)
    .map(({ candidate }) => candidate);
}

/** 0..1: the share of letters that are right, however they are written; one that begins the other is near, too. */
function nearness(name: string, candidate: string): number {
  const [one, other] = [name.toUpperCase(), candidate.toUpperCase()];
  const letters = 1 - distance(one, other) / Math.max(one.length, other.length);
  return one.length >= MIN_BEGINNING && other.startsWith(one) ? Math.max(NEAR, letters) : letters;
}
