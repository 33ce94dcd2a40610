/** What is always permitted: everything an ordinary plan is judged on, for a plan of which no shorter answer was found. */
import { GATES_IN_ORDER, isEnforced } from '../gates.ts';
import { reduces } from '../read-plan.ts';
import { MAX_NOTIONAL_USD } from './levers.ts';
import { withMode, type Case, type InputName, type Value } from './inputs.ts';

const DAY_SEC = 86_400;
const AMPLE_USD = 1e12;

/**
 * Every input with an ordinary value, what is worst to change first. Together they are permitted whatever the case: the plan can be
 * read, and no gate is enforced.
 */
export function plainInputs(one: Case): readonly (readonly [InputName, Value])[] {
  const { plan, view } = one.judged;
  const { settings } = one;
  const enforced = GATES_IN_ORDER.filter((gate) => isEnforced(gate, settings)).map(({ name }) => name);
  return [
    ['GOV_GATE_MODES', withMode(settings.GOV_GATE_MODES, enforced, 'shadow')],
    ...limits(settings),
    ['trading_state', 'ACTIVE'],
    ['symbol_disarmed', false],
    ['doubt', null],
    ['equity_usd', AMPLE_USD],
    ['budget_usd', AMPLE_USD],
    ['target_usd', AMPLE_USD],
    ['gross_position_usd', 0],
    ['reserved_usd', 0],
    ['all_reserved_usd', 0],
    ['reserved_qty', 0],
    ['permitted_day_usd', 0],
    ['loss_usd', 0],
    ['permits_last_hour', 0],
    ['permits_last_5min', 0],
    ['open_positions', 0],
    ['since_last_opening_sec', DAY_SEC],
    ['mark_usd', null],
    ...(reduces(plan) && view.position !== null ? [['position_amt', 1] as const] : []),
    ['names_valid', true],
    ...(plan.madeAt === null || Number.isNaN(plan.madeAt)
      ? [['made_at', plan.madeAt === null ? null : plan.ts] as const]
      : [['age_sec', 0] as const]),
    ['kill_score', null],
    ['confidence', null],
    ['k_regime_flip', null],
    ...(reduces(plan) ? EXIT : OPENING),
  ];
}

type Plain = readonly (readonly [InputName, Value])[];

const OPENING: Plain = [
  ['qty', null],
  ['price', null],
  ['stated_notional_usd', 1],
];
const EXIT: Plain = [
  ['side', null],
  ['price', 1],
  ['qty', 1],
];

function limits(settings: Case['settings']): Plain {
  const sums = [
    'GOV_MAX_NOTIONAL_PER_TRADE_USD',
    'GOV_MAX_TOTAL_NOTIONAL_USD',
    'GOV_MAX_NOTIONAL_PER_DAY_USD',
  ] as const;
  return [
    ['GOV_MAX_EXEC_PER_HOUR', 1_000_000],
    ['GOV_MAX_EXEC_PER_5MIN', 1_000_000],
    ['GOV_MAX_OPEN_POSITIONS', 1_000_000],
    ['GOV_MAX_NOTIONAL_PER_TRADE_PCT', 100],
    ['GOV_MAX_TOTAL_NOTIONAL_PCT', 100],
    ['GOV_MAX_NOTIONAL_PER_DAY_PCT', 100],
    ['GOV_MAX_DAILY_LOSS_PCT', 1],
    ...sums.flatMap((name) => (settings[name] === null ? [] : [[name, MAX_NOTIONAL_USD] as const])),
  ];
}
