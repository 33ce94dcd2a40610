/** What would have stopped a plan that passed: every input, moved to where it would have been too much. */
import { reduces } from '../read-plan.ts';
import { otherSide, type Lever } from './levers.ts';
import type { Case, InputName, Value } from './inputs.ts';

const lever = (input: InputName, ...to: readonly Value[]): Lever => ({ input, to });

const MUCH = 1e12;
const MAX_COUNT = 1_000_000;
const MAX_AGE_SEC = 1e9;

/** Trading halted is always among them. */
export const HALTED: Lever = lever('trading_state', 'HALTED');

export function worseningLevers({ judged: { plan, view } }: Case): readonly Lever[] {
  const { price } = plan;
  const shared = [
    HALTED,
    lever('age_sec', MAX_AGE_SEC),
    lever('permits_last_hour', MAX_COUNT),
    lever('permits_last_5min', MAX_COUNT),
    lever('permitted_day_usd', MUCH),
    lever('GOV_MAX_EXEC_PER_HOUR', 0),
    lever('GOV_MAX_EXEC_PER_5MIN', 0),
    lever('GOV_MAX_NOTIONAL_PER_DAY_PCT', 0),
    lever('GOV_MAX_NOTIONAL_PER_DAY_USD', 0),
  ];
  if (reduces(plan))
    return [
      ...shared,
      lever('side', otherSide(plan.side)),
      lever('position_amt', 0),
      lever('reserved_qty', Math.abs(view.position?.amount ?? 0)),
      lever('GOV_EXIT_MAX_AGE_SEC', 0),
    ];
  return [
    ...shared,
    lever('notional_usd', MUCH),
    lever('kill_score', 1),
    ...(price === null ? [] : [lever('price', price * 1000), lever('price', price / 1000)]),
    lever('trading_state', 'REDUCING'),
    lever('symbol_disarmed', true),
    lever('budget_usd', 0),
    lever('target_usd', 0),
    lever('loss_usd', MUCH),
    lever('equity_usd', 0),
    lever('since_last_opening_sec', 0),
    lever('open_positions', MAX_COUNT),
    lever('gross_position_usd', MUCH),
    lever('GOV_MAX_OPEN_POSITIONS', 0),
    lever('GOV_MAX_NOTIONAL_PER_TRADE_PCT', 0),
    lever('GOV_MAX_NOTIONAL_PER_TRADE_USD', 0),
    lever('GOV_MAX_TOTAL_NOTIONAL_PCT', 0),
    lever('GOV_MAX_TOTAL_NOTIONAL_USD', 0),
    lever('GOV_MAX_DAILY_LOSS_PCT', 0),
    lever('GOV_KILL_SCORE_CRITICAL', 0),
    lever('GOV_SYMBOL_COOLDOWN_SECONDS', 86_400),
    lever('GOV_PLAN_MAX_AGE_SEC', 0),
    lever('GOV_MAX_PRICE_DEVIATION_PCT', 0),
  ];
}
