/**
 * Drills in the running governor: an entry of the plans that names a case is judged as that synthetic case under the
 * settings in force, and answered. Nothing that could be issued ever comes of it, whatever else the entry says.
 */
import { drillCases, runDrill } from '../../core/governor/drill.ts';
import { encode } from '../../contract/encode.ts';
import { PLAN_ID_GRAMMAR } from '../../contract/symbol.ts';
import type { Settings } from '../../core/settings.ts';
import { valueIn } from '../../store/fields.ts';
import type { StreamEntry } from '../../store/store.ts';
import type { Reply } from './batch.ts';

/** Null: the entry is no drill. */
export function drillReply({ fields }: StreamEntry, settings: Settings): Reply | 'unanswerable' | null {
  const wanted = valueIn(fields, 'drill');
  if (wanted === null) return null;
  const planId = valueIn(fields, 'plan_id') ?? '';
  if (!PLAN_ID_GRAMMAR.test(planId)) return 'unanswerable';
  const found = drillCases(settings).find(({ plan }) => plan.planId === `drill-${wanted}`);
  const answer = { granted: false, reason: 'drill' };
  if (found === undefined)
    return { planId, reply: encode({ ...answer, drill: { case: wanted, note: 'there is no such case' } }) };
  const { planId: _planId, cannotFire, ...result } = runDrill(found, settings);
  return { planId, reply: encode({ ...answer, drill: { case: wanted, ...result, note: cannotFire } }) };
}
