/** Why: a plan or a symbol explained from what the store holds about it, and nothing else. */
import { explainPlan } from './explain-plan.ts';
import { explainSymbol } from './explain-symbol.ts';
import { nearNames } from './near-names.ts';
import { reachOf, type ExplainSource, type Reach } from './source.ts';
import { keyOf } from '../../contract/keys.ts';
import { canonicalSymbol, PLAN_ID_GRAMMAR } from '../../contract/symbol.ts';
import type { Explanation } from './explanation.ts';

export type { ExplainSource };

/** Null: nothing is recorded about it. Rejects with `StoreError` where the store does not answer. */
export async function explain(
  source: ExplainSource,
  what: { readonly plan: string } | { readonly symbol: string },
): Promise<Explanation | null> {
  const aliases = await aliasesOf(source);
  if ('plan' in what)
    return PLAN_ID_GRAMMAR.test(what.plan) ? await explainPlan(source, what.plan, aliases) : null;
  const symbol = canonicalSymbol(what.symbol, aliases);
  return symbol === null ? null : await explainSymbol(source, symbol, aliases);
}

/** What someone may have meant by a name, and where it was looked for. */
export interface ExplainReport {
  /** Null: nothing is recorded about it. */
  readonly explanation: Explanation | null;
  /** It is a plan, and a symbol of that name is known too. */
  readonly is_symbol_too: boolean;
  /** The governor's events, in which plans are looked for. */
  readonly looked_through: Reach;
  /** Where nothing is recorded about it: names that are, spelled nearly so. */
  readonly near: readonly string[];
}

/** `as` `any`: a plan of that name, else a symbol. */
export async function explainName(
  source: ExplainSource,
  name: string,
  as: 'any' | 'plan' | 'symbol',
): Promise<ExplainReport> {
  const plan = as === 'symbol' ? null : await explain(source, { plan: name });
  const isBothPossible = as === 'any' && canonicalSymbol(name, new Map()) !== null;
  const symbol =
    as === 'symbol' || (as === 'any' && (plan === null || isBothPossible))
      ? await explain(source, { symbol: name })
      : null;
  const explanation = plan ?? symbol;
  return {
    explanation,
    is_symbol_too: plan !== null && symbol !== null,
    looked_through: await reachOf(source.store, keyOf(source.namespace, 'governorEvents')),
    near: explanation === null ? await nearNames(source.store, source.namespace, name, as) : [],
  };
}

async function aliasesOf({ store, namespace, aliases }: ExplainSource): Promise<ReadonlyMap<string, string>> {
  const [named] = await store.hashes([{ key: keyOf(namespace, 'symbolAliases'), fields: null }]);
  return new Map([...(aliases ?? []), ...(named ?? [])]);
}
