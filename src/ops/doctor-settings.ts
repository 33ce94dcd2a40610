/** Settings that fight each other: lives against ages, intervals against limits, budgets against equity. */
import { BUDGET_LIFE_SEC } from '../core/allocation/allocation.ts';
import { finding, type Finding } from './doctor-table.ts';
import { equityOf, type Situation } from './doctor-situation.ts';
import type { Settings } from '../core/settings.ts';

type NumberSetting = {
  [Name in keyof Settings]: Settings[Name] extends number ? Name : never;
}[keyof Settings];
type Pair = readonly [left: NumberSetting, right: NumberSetting, what: string];

export function judgeSettings(situation: Situation): Finding[] {
  const { settings } = situation;
  return [
    ...lives(settings),
    ...intervals(settings),
    ...budgets(situation),
    ...factors(settings),
    ...multipliers(settings),
    ...permits(situation),
  ];
}

/** How old a record may be before it is stale, and when it is deleted. Alike is the contract's default. */
const STALE_AND_LIFE: readonly Pair[] = [
  ['P31_STALE_SEC', 'P31_KEY_TTL_SEC', 'an old efficiency is missing_eff, never stale_eff'],
  ['P31_EFF_TTL_SEC', 'P31_KEY_TTL_SEC', 'an old efficiency is missing_eff, never stale_eff'],
  ['P31_STALE_SEC_P30', 'P30_ATTRIBUTION_TTL_SEC', 'an old attribution is P30_MISSING, never P30_STALE'],
  ['P31_STALE_SEC_P29', 'TARGET_TTL_SEC', 'an old target is P29_MISSING, never P29_STALE'],
];
const INTERVAL_AND_LIFE: readonly (readonly [NumberSetting, NumberSetting])[] = [
  ['P30_INTERVAL_SEC', 'P30_ATTRIBUTION_TTL_SEC'],
  ['P29_INTERVAL_SEC', 'TARGET_TTL_SEC'],
  ['P31_LOOP_SEC', 'P31_KEY_TTL_SEC'],
  ['LOOP_INTERVAL_SEC', 'PROPOSE_KEY_TTL'],
];

function lives(settings: Settings): Finding[] {
  const isBudgetLost = settings.P28_INTERVAL_SEC >= BUDGET_LIFE_SEC;
  return [
    ...STALE_AND_LIFE.filter(([stale, life]) => settings[stale] > settings[life]).map(([stale, life, what]) =>
      finding(
        'stale-never-seen',
        both(settings, stale, life),
        `the record is deleted before it is stale: ${what}`,
        `set ${stale} below ${life}`,
      ),
    ),
    ...INTERVAL_AND_LIFE.filter(([interval, life]) => settings[life] <= settings[interval]).map(
      ([interval, life]) =>
        finding(
          'life-below-interval',
          both(settings, interval, life),
          'the record is deleted before the next tick writes it again: its readers see it come and go',
          `set ${life} to several times ${interval}`,
        ),
    ),
    ...(isBudgetLost
      ? [
          finding(
            'life-below-interval',
            `P28_INTERVAL_SEC=${settings.P28_INTERVAL_SEC}`,
            `a budget lives ${BUDGET_LIFE_SEC} s, and is deleted before the next tick writes it again`,
            `set P28_INTERVAL_SEC below ${BUDGET_LIFE_SEC}`,
          ),
        ]
      : []),
  ];
}

const INTERVAL_AND_LIMIT: readonly Pair[] = [
  ['P28_INTERVAL_SEC', 'STALE_DATA_SEC', 'allocation takes every budget for stale'],
  ['P30_INTERVAL_SEC', 'STALE_DATA_SEC', 'allocation takes every performance for stale'],
  ['P30_INTERVAL_SEC', 'P31_STALE_SEC_P30', 'efficiency takes every attribution for stale'],
  ['P29_INTERVAL_SEC', 'P31_STALE_SEC_P29', 'efficiency takes every target for stale'],
  ['P31_LOOP_SEC', 'P31_STALE_SEC', 'the proposer takes every efficiency for stale'],
  ['P31_LOOP_SEC', 'P31_EFF_TTL_SEC', 'the governor takes every efficiency for stale'],
  ['LOOP_INTERVAL_SEC', 'P31_STALE_SEC', 'allocation takes every proposal for stale'],
];

function intervals(settings: Settings): Finding[] {
  return INTERVAL_AND_LIMIT.filter(([interval, limit]) => settings[interval] > settings[limit]).map(
    ([interval, limit, what]) =>
      finding(
        'interval-above-limit',
        both(settings, interval, limit),
        `between two ticks ${what}`,
        `set ${interval} to a third of ${limit} or less`,
      ),
  );
}

function budgets(situation: Situation): Finding[] {
  const { settings, given } = situation;
  const { MIN_BUDGET_USD: min, MAX_BUDGET_USD: max, BASE_RISK_PCT: risk, MAX_SYMBOL_PCT: cap } = settings;
  const equity = equityOf(situation);
  const usd = (value: number): string => `${Math.round(value).toLocaleString('en-US')} USD`;
  const findings: Finding[] = [];
  if (min > cap * equity)
    findings.push(
      finding(
        'min-budget-above-cap',
        both(settings, 'MIN_BUDGET_USD', 'MAX_SYMBOL_PCT'),
        `with an equity of ${usd(equity)} a symbol is capped at ${usd(cap * equity)}: every budget is that, whatever the stress`,
        `set MIN_BUDGET_USD below ${usd(cap * equity)}`,
      ),
    );
  else if (equity * risk <= min && max > min)
    findings.push(
      finding(
        'min-budget-always',
        both(settings, 'MIN_BUDGET_USD', 'BASE_RISK_PCT'),
        `with an equity of ${usd(equity)} the budget without stress is ${usd(equity * risk)}: every budget is ${usd(min)}`,
        'lower MIN_BUDGET_USD or raise BASE_RISK_PCT',
      ),
    );
  if (given.has('MAX_BUDGET_USD') && equity * risk < max)
    findings.push(
      finding(
        'max-budget-unreachable',
        both(settings, 'MAX_BUDGET_USD', 'BASE_RISK_PCT'),
        `with an equity of ${usd(equity)} a budget is at most ${usd(equity * risk)}`,
        'nothing, if it is meant for a larger account',
      ),
    );
  return findings;
}

function factors(settings: Settings): Finding[] {
  const { DD_FACTOR_LOW: low, DD_FACTOR_MID: mid, DD_FACTOR_HIGH: high } = settings;
  if (low >= mid && mid >= high) return [];
  return [
    finding(
      'factors-out-of-order',
      `DD_FACTOR_LOW=${low}, DD_FACTOR_MID=${mid}, DD_FACTOR_HIGH=${high}`,
      'targets grow as the drawdown deepens',
      'give DD_FACTOR_HIGH the least and DD_FACTOR_LOW the greatest of the three',
    ),
  ];
}

function multipliers(settings: Settings): Finding[] {
  const { P31_MIN_MULT: min, P31_MAX_MULT: max } = settings;
  if (min <= 1 && max >= 1) return [];
  return [
    finding(
      'multiplier-one-sided',
      both(settings, 'P31_MIN_MULT', 'P31_MAX_MULT'),
      min > 1 ? 'the proposer can only raise targets' : 'the proposer can only lower targets',
      min > 1 ? 'set P31_MIN_MULT to 1 or less' : 'set P31_MAX_MULT to 1 or more',
    ),
  ];
}

function permits({ settings, runtime }: Situation): Finding[] {
  const findings: Finding[] = [];
  if (settings.GOV_PERMIT_TTL_SEC > settings.GOV_RESERVE_SEC)
    findings.push(
      finding(
        'permit-outlives-reservation',
        both(settings, 'GOV_PERMIT_TTL_SEC', 'GOV_RESERVE_SEC'),
        'between the two a permit can be taken whose amount is promised to others again',
        'set GOV_RESERVE_SEC to GOV_PERMIT_TTL_SEC or more',
      ),
    );
  if (runtime.GOV_PERMIT_KEY !== null && runtime.GOV_PERMIT_SECRET !== null)
    findings.push(
      finding(
        'permit-signing-twice',
        'GOV_PERMIT_KEY, GOV_PERMIT_SECRET',
        'permits are signed with the key, the secret is not used',
        'remove the one that the consumers do not verify with',
      ),
    );
  return findings;
}

function both(settings: Settings, left: NumberSetting, right: NumberSetting): string {
  return `${left}=${settings[left]}, ${right}=${settings[right]}`;
}
