/** The settings of the demo: everything enforced, and limits for bots that trade every minute or two. */
import { defaultSettings, formatSetting, parseSettings, SETTING_NAMES } from '../contract/settings.ts';
import type { Settings } from '../core/settings.ts';

/** What differs from the defaults, and why. */
const TABLE: Readonly<Record<string, string>> = {
  // Decisions act, and every gate judges.
  P28_MODE: 'enforce',
  P29_MODE: 'enforce',
  P30_MODE: 'enforce',
  P31_MODE: 'enforce',
  P29_APPLY_PROPOSED: 'true',
  APPLY_MODE: 'production',
  // Trades earn and lose a few dozen dollars, not hundreds.
  P30_PNL_SCALE: 'usd:8',
  // All budgets together are more than the account, so that what one symbol loses others can have.
  BASE_RISK_PCT: '0.3',
  MAX_BUDGET_USD: '60000',
  REGIME_FACTOR_TREND: '1.1',
  REGIME_FACTOR_CHOP: '0.9',
  // Minutes are what days are elsewhere.
  GOV_MAX_EXEC_PER_HOUR: '60',
  GOV_MAX_EXEC_PER_5MIN: '8',
  GOV_SYMBOL_COOLDOWN_SECONDS: '5',
  GOV_MAX_NOTIONAL_PER_TRADE_PCT: '0.4',
  GOV_MAX_NOTIONAL_PER_DAY_PCT: '100',
};

export function demoSettings(): Settings {
  const texts = new Map(Object.entries(TABLE).map(([name, text]) => [name, { text, source: 'the demo' }]));
  const { settings, violations } = parseSettings(texts);
  if (settings === null) throw new RangeError(violations.map(({ message }) => message).join('\n'));
  return settings;
}

export interface ChangedSetting {
  readonly name: string;
  readonly value: string;
  readonly default: string;
}

/** Each setting that differs from its default, as text. */
export function changedSettings(settings: Settings): readonly ChangedSetting[] {
  const defaults = defaultSettings();
  return SETTING_NAMES.map((name) => ({
    name,
    value: formatSetting(name, settings),
    default: formatSetting(name, defaults),
  })).filter((one) => one.value !== one.default);
}
