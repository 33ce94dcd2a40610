/** A made-up permit as the step that would write it, by the governor's own way from a plan to a step. */
import { issueStep } from '../../components/governor/steps.ts';
import { decodeEntry } from '../../contract/decode.ts';
import { defaultSettings } from '../../contract/settings.ts';
import { Governor } from '../../core/governor/governor.ts';
import type { PlanEvent } from '../../core/event.ts';
import type { IssueStep, Trading } from '../../store/permits.ts';

export interface DrillPermit {
  readonly planId: string;
  readonly symbol: string;
  /** It closes; else it opens. */
  readonly reduces: boolean;
  readonly isTakeable: boolean;
  /** The store's clock. */
  readonly nowSec: number;
  readonly entryId: string;
  readonly judgedOn: Pick<Trading, 'flag' | 'revision'>;
}

const NO_RECORD = { usd: 0, ageSec: Infinity, lifeSec: -1 };
const NO_EFFICIENCY = { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 };

export function drillPermit(given: DrillPermit): IssueStep {
  const { planId, symbol, reduces, isTakeable, nowSec } = given;
  const fields = {
    plan_id: planId,
    symbol,
    action: reduces ? 'FULL_CLOSE_PROPOSED' : 'OPEN_PROPOSED',
    decision: 'EXECUTE',
    side: reduces ? 'SELL' : 'BUY',
    qty: '1',
    price: '1',
  };
  const plan = decodeEntry('plan', fields, nowSec, { aliases: new Map() }).event as PlanEvent;
  // A governor of its own, which knows of no other permit: nothing is in its way.
  const outcome = new Governor(defaultSettings()).judge(0, plan, {
    markUsd: 1,
    equityUsd: 1000,
    budget: NO_RECORD,
    target: NO_RECORD,
    efficiency: NO_EFFICIENCY,
  });
  if (outcome.kind !== 'granted') throw new Error(`the plan of a drill was ${outcome.kind}`);
  const { decision, record, before } = outcome;
  const unusable = {
    kind: 'granted',
    decision: { ...decision, apply_mode: 'dry_run' as const },
    record: { ...record, takeable: isTakeable },
    before,
  } as const;
  return issueStep(unusable, given.entryId, given.judgedOn, (permit) => permit).step;
}
