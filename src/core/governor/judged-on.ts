/** What a plan was judged on: with the settings, all it takes to judge it again and hear the same. */
import { evaluationFailed, judge, type Verdict } from './judge.ts';
import { reduces } from './read-plan.ts';
import type { PlanEvent } from '../event.ts';
import type { Settings } from '../settings.ts';
import type { JudgeView } from './view.ts';

export interface JudgedOn {
  readonly plan: PlanEvent;
  readonly view: JudgeView;
  /** Why openings could not be judged then: counters, ages or losses could not be trusted; null: they could. */
  readonly doubt: string | null;
}

/** The verdict on a plan, in doubt none for openings. `settings`: as they hold for the plan. */
export function judgeOn({ plan, view, doubt }: JudgedOn, settings: Settings): Verdict {
  // What stops openings anyway is the better answer.
  const isStopped = view.state !== 'ACTIVE' || view.disarmed;
  if (doubt !== null && !reduces(plan) && !isStopped) return evaluationFailed(new Error(doubt));
  return judge(plan, view, settings);
}
