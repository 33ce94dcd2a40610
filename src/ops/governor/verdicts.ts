/**
 * What the governor decided about plans, from its stream of events. The reply list of a plan is the executor's: who read it
 * here would take the answer from the program that is to act on it.
 */
import { keyOf } from '../../contract/keys.ts';
import type { EntryId, FlatFields, Store } from '../../store/store.ts';

export type PlanVerdict =
  | { readonly granted: true; readonly applyMode: string }
  | { readonly granted: false; readonly reason: string };

const PAGE_ENTRIES = 500;

/** The id of the newest event: what comes after it is new. */
export async function governorEventsEnd(store: Store, namespace: string): Promise<EntryId> {
  const stream = keyOf(namespace, 'governorEvents');
  const { streams } = await store.read([{ stream, after: '0-0', count: 1 }]);
  return streams[0]!.facts?.lastId ?? '0-0';
}

/** Until each plan has one, or none came for `silenceMs`. */
export async function awaitVerdicts(
  store: Store,
  namespace: string,
  planIds: readonly string[],
  end: EntryId,
  silenceMs: number,
  signal: AbortSignal,
): Promise<Map<string, PlanVerdict>> {
  const stream = keyOf(namespace, 'governorEvents');
  const open = new Set(planIds);
  const verdicts = new Map<string, PlanVerdict>();
  let after = end;
  let heardMs = performance.now();
  while (open.size > 0 && !signal.aborted) {
    const waitMs = Math.ceil(heardMs + silenceMs - performance.now());
    if (waitMs <= 0) break;
    const [answer] = await store.wait([{ stream, after, count: PAGE_ENTRIES }], waitMs, signal);
    for (const { id, fields } of answer?.entries ?? []) {
      after = id;
      const found = verdictIn(fields);
      if (found === null || !open.delete(found.planId)) continue;
      verdicts.set(found.planId, found.verdict);
      heardMs = performance.now();
    }
  }
  return verdicts;
}

function verdictIn(flat: FlatFields): { readonly planId: string; readonly verdict: PlanVerdict } | null {
  const fields = fieldsOf(flat);
  const planId = fields.get('plan_id');
  if (planId === undefined) return null;
  switch (fields.get('event')) {
    case 'PERMIT_ISSUED':
      return { planId, verdict: { granted: true, applyMode: fields.get('apply_mode') ?? '' } };
    case 'PLAN_BLOCKED':
      return { planId, verdict: { granted: false, reason: fields.get('reason') ?? '' } };
    default:
      return null;
  }
}

/** Of a repeated name the last counts. */
export function fieldsOf(flat: FlatFields): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) fields.set(flat[i]!, flat[i + 1]!);
  return fields;
}
