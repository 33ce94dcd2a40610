/** The governor's limits that can never block, or always do; and confidences that cannot be reached. */
import { finding, listed, type Finding } from './doctor-table.ts';
import { equityOf, type Situation, type Stored } from './doctor-situation.ts';
import { ratesOf } from './doctor-rates.ts';
import type { Settings } from '../core/settings.ts';

const BURST_SEC = 300;
const HOUR_SEC = 3600;
const HOURS_A_DAY = 24;
const MONTH_SEC = 30 * 86_400;

export function judgeLimits(situation: Situation): Finding[] {
  return [...idleLimits(situation), ...zeroLimits(situation.settings), ...confidences(situation)];
}

function idleLimits(situation: Situation): Finding[] {
  const { settings } = situation;
  const equity = equityOf(situation);
  const trade = share(
    settings.GOV_MAX_NOTIONAL_PER_TRADE_PCT,
    settings.GOV_MAX_NOTIONAL_PER_TRADE_USD,
    equity,
  );
  const total = share(settings.GOV_MAX_TOTAL_NOTIONAL_PCT, settings.GOV_MAX_TOTAL_NOTIONAL_USD, equity);
  const day = share(settings.GOV_MAX_NOTIONAL_PER_DAY_PCT, settings.GOV_MAX_NOTIONAL_PER_DAY_USD, equity);
  const {
    GOV_MAX_EXEC_PER_HOUR: hourly,
    GOV_MAX_EXEC_PER_5MIN: burst,
    GOV_SYMBOL_COOLDOWN_SECONDS: cooldown,
  } = settings;
  const { MAX_SYMBOL_PCT: symbol, MAX_CLUSTER_PCT: cluster, MAX_GROSS_PCT: gross } = settings;
  const rules: readonly (readonly [isIdle: boolean, where: string, what: string])[] = [
    [
      burst >= hourly && hourly > 0,
      `GOV_MAX_EXEC_PER_5MIN=${burst}, GOV_MAX_EXEC_PER_HOUR=${hourly}`,
      'the hourly limit blocks before the burst limit can, so that a burst never disarms',
    ],
    [
      burst > 0 && cooldown * burst >= BURST_SEC,
      `GOV_MAX_EXEC_PER_5MIN=${burst}, GOV_SYMBOL_COOLDOWN_SECONDS=${cooldown}`,
      `with that cooldown never ${burst} permits fall within five minutes of the next, so that a burst never disarms`,
    ],
    [
      hourly > 0 && cooldown * hourly >= HOUR_SEC,
      `GOV_MAX_EXEC_PER_HOUR=${hourly}, GOV_SYMBOL_COOLDOWN_SECONDS=${cooldown}`,
      `with that cooldown never ${hourly} permits fall within an hour of the next`,
    ],
    [
      trade > total,
      'GOV_MAX_NOTIONAL_PER_TRADE, GOV_MAX_TOTAL_NOTIONAL',
      'what one trade may have is more than all together may have',
    ],
    [
      trade > day,
      'GOV_MAX_NOTIONAL_PER_TRADE, GOV_MAX_NOTIONAL_PER_DAY',
      'what one trade may have is more than a symbol may have in a day',
    ],
    [
      trade * hourly * HOURS_A_DAY < day,
      'GOV_MAX_NOTIONAL_PER_DAY, GOV_MAX_EXEC_PER_HOUR, GOV_MAX_NOTIONAL_PER_TRADE',
      'as many trades as a day allows, each as large as allowed, stay below the limit of a day',
    ],
    [
      symbol > cluster,
      `MAX_SYMBOL_PCT=${symbol}, MAX_CLUSTER_PCT=${cluster}`,
      'in a cluster the cap of a symbol never binds',
    ],
    [
      cluster > gross,
      `MAX_CLUSTER_PCT=${cluster}, MAX_GROSS_PCT=${gross}`,
      'the cap of a cluster never binds',
    ],
  ];
  return rules
    .filter(([isIdle]) => isIdle)
    .map(([, where, what]) =>
      finding('limit-never-binds', where, what, 'nothing, if that is meant; else bring the limits in order'),
    );
}

/** The smaller of a share of equity and an amount, as a share. */
function share(pct: number, usd: number | null, equity: number): number {
  return usd === null ? pct : Math.min(pct, usd / equity);
}

const ZERO = [
  'GOV_MAX_EXEC_PER_HOUR',
  'GOV_MAX_EXEC_PER_5MIN',
  'GOV_MAX_OPEN_POSITIONS',
  'GOV_MAX_NOTIONAL_PER_TRADE_PCT',
  'GOV_MAX_NOTIONAL_PER_TRADE_USD',
  'GOV_MAX_TOTAL_NOTIONAL_PCT',
  'GOV_MAX_TOTAL_NOTIONAL_USD',
  'GOV_MAX_NOTIONAL_PER_DAY_PCT',
  'GOV_MAX_NOTIONAL_PER_DAY_USD',
] as const satisfies readonly (keyof Settings)[];

function zeroLimits(settings: Settings): Finding[] {
  return ZERO.filter((name) => settings[name] === 0).map((name) =>
    finding(
      'limit-blocks-all',
      `${name}=0`,
      'every opening is blocked where this gate enforces',
      `set ${name} above 0, or set the trading state to stop openings`,
    ),
  );
}

function confidences({ settings, stored }: Situation): Finding[] {
  if (stored === null || stored.executions.length === 0) return [];
  return [...unreachable(settings, stored), ...far(settings, stored)];
}

/** Allocation's confidence is the mean of five parts: a regime or a cluster that nobody tells counts one half. */
function unreachable(settings: Settings, stored: Stored): Finding[] {
  const hasRegime = stored.streams.some(
    ({ input, facts }) => input === 'regime.state' && (facts?.added ?? 0) > 0,
  );
  const hasStress = stored.hashes.some(({ kind }) => kind === 'clusterStress');
  const reachable = (3 + (hasRegime ? 1 : 0.5) + (hasStress ? 1 : 0.5)) / 5;
  const missing = [...(hasRegime ? [] : ['a regime']), ...(hasStress ? [] : ['the stress of clusters'])].join(
    ' and ',
  );
  return (['P31_MIN_CONF', 'P31_PRESSURE_MIN_CONF'] as const).flatMap((name) => {
    const isPressure = name === 'P31_PRESSURE_MIN_CONF';
    const isReached = isPressure ? reachable > settings[name] : reachable >= settings[name];
    if (isReached) return [];
    return [
      finding(
        'confidence-unreachable',
        `${name}=${settings[name]}`,
        missing === ''
          ? `a confidence is at most ${reachable}: the pressure is never INCREASE`
          : `nobody tells ${missing}, so that no confidence is above ${reachable}`,
        `lower ${name}${missing === '' ? '' : `, or publish ${missing}`}`,
      ),
    ];
  });
}

/** Confidence is executions in the window over its length, and the oldest leave it. */
function far(settings: Settings, stored: Stored): Finding[] {
  const needed = Math.ceil(settings.P31_MIN_CONF * settings.P30_LOOKBACK_WINDOW);
  const names = ratesOf(stored)
    .filter(
      ({ count, meanGapSec }) =>
        count < needed && meanGapSec !== null && meanGapSec * (needed - count) > MONTH_SEC,
    )
    .map(({ symbol }) => symbol);
  if (names.length === 0 || stored.hasOlder) return [];
  return [
    finding(
      'confidence-far',
      `P31_MIN_CONF=${settings.P31_MIN_CONF}, P30_LOOKBACK_WINDOW=${settings.P30_LOOKBACK_WINDOW}`,
      `${listed(names)} need ${needed} executions for that confidence, and at their pace more than a month for it`,
      'lower P30_LOOKBACK_WINDOW or P31_MIN_CONF',
    ),
  ];
}
