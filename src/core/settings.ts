/**
 * The settings the engine reads, under the names operators know (spec/contract.md, Settings). Parsed, ranged and
 * frozen elsewhere (contract/settings.ts); nothing in the core knows where they came from.
 */
export type Mode = 'shadow' | 'enforce';
export type ApplyMode = 'dry_run' | 'testnet' | 'production';
export type PnlScale = { readonly kind: 'usd' | 'equity'; readonly value: number };

/** Thresholds that `ballast.config.json` can set for one symbol. */
export interface SymbolSettings {
  P31_SCORE_ALPHA: number;
  P31_VOL_ALPHA: number;
  P31_DD_ALPHA: number;
  P31_W_VOL: number;
  P31_W_DD: number;
  P31_W_HOLD: number;
  P31_HOLD_PENALTY_MAX_SEC: number;
  P31_PRESSURE_UP: number;
  P31_PRESSURE_DOWN: number;
  P31_PRESSURE_MIN_CONF: number;
  P31_PRESSURE_MAX_DD: number;
  P31_STALE_SEC_P30: number;
  P31_STALE_SEC_P29: number;
  P31_STALE_SEC: number;
  P31_MIN_MULT: number;
  P31_MAX_MULT: number;
  P31_SCALE: number;
  P31_BASE: number;
  PROPOSER_EWMA_ALPHA: number;
}

/** Thresholds that can be set for one symbol or for one bot. */
export interface GovernorSettings {
  P31_MIN_CONF: number;
  P31_DOWNSIZE_THRESHOLD: number;
  P31_MIN_FACTOR: number;
  P31_MAX_EXTRA_COOLDOWN_SEC: number;
  P31_EFF_TTL_SEC: number;
  GOV_MAX_EXEC_PER_HOUR: number;
  GOV_MAX_EXEC_PER_5MIN: number;
  GOV_MAX_OPEN_POSITIONS: number;
  GOV_MAX_NOTIONAL_PER_TRADE_PCT: number;
  GOV_MAX_NOTIONAL_PER_TRADE_USD: number | null;
  GOV_MAX_TOTAL_NOTIONAL_PCT: number;
  GOV_MAX_TOTAL_NOTIONAL_USD: number | null;
  GOV_MAX_NOTIONAL_PER_DAY_PCT: number;
  GOV_MAX_NOTIONAL_PER_DAY_USD: number | null;
  GOV_MAX_DAILY_LOSS_PCT: number;
  GOV_SYMBOL_COOLDOWN_SECONDS: number;
  GOV_MAX_PRICE_DEVIATION_PCT: number;
  GOV_MAX_NOTIONAL_MISMATCH_PCT: number;
  GOV_POSITION_STALE_SEC: number;
  GOV_RESERVE_SEC: number;
  GOV_KILL_SCORE_CRITICAL: number;
  GOV_KILL_SCORE_OPEN_THRESHOLD: number;
  GOV_KILL_SCORE_OPEN_QTY_SCALE_ALPHA: number;
  GOV_KILL_SCORE_OPEN_MIN_SCALE: number;
  GOV_PERMIT_TTL_SEC: number;
  GOV_PLAN_MAX_AGE_SEC: number;
  GOV_EXIT_MAX_AGE_SEC: number;
}

export interface Settings extends SymbolSettings, GovernorSettings {
  P28_MODE: Mode;
  P29_MODE: Mode;
  P30_MODE: Mode;
  P31_MODE: Mode;
  P30_INTERVAL_SEC: number;
  P30_EWMA_ALPHA: number;
  P30_LOOKBACK_WINDOW: number;
  P30_PNL_SCALE: PnlScale;
  P30_MAX_LKG_AGE_SEC: number;
  P30_ATTRIBUTION_TTL_SEC: number;
  P28_INTERVAL_SEC: number;
  BASE_RISK_PCT: number;
  ALPHA_HEAT: number;
  BETA_CLUSTER: number;
  GAMMA_VOL: number;
  MIN_BUDGET_USD: number;
  MAX_BUDGET_USD: number;
  P28_STALE_SEC: number;
  P28_MAX_LKG_AGE_SEC: number;
  INITIAL_EQUITY_USD: number;
  P29_INTERVAL_SEC: number;
  MAX_SYMBOL_PCT: number;
  MAX_CLUSTER_PCT: number;
  MAX_GROSS_PCT: number;
  STALE_DATA_SEC: number;
  REGIME_FACTOR_TREND: number;
  REGIME_FACTOR_MR: number;
  REGIME_FACTOR_CHOP: number;
  DD_LOW_THRESHOLD: number;
  DD_HIGH_THRESHOLD: number;
  DD_FACTOR_LOW: number;
  DD_FACTOR_MID: number;
  DD_FACTOR_HIGH: number;
  CLUSTER_STRESS_MIN: number;
  CLUSTER_STRESS_MAX: number;
  P29_PERF_SCALE: number;
  P29_PERF_MIN: number;
  P29_PERF_MAX: number;
  TARGET_TTL_SEC: number;
  P29_APPLY_PROPOSED: boolean;
  P31_LOOP_SEC: number;
  P31_HOLD_BASIS: 'since_exec' | 'trade_rate';
  P31_KEY_TTL_SEC: number;
  P31_PF_RANGE: '-1_1' | '0_1';
  LOOP_INTERVAL_SEC: number;
  PROPOSE_KEY_TTL: number;
  APPLY_MODE: ApplyMode;
  GOV_EXITS_EXEMPT: boolean;
  GOV_ARMED_GATES: 'open' | 'closed';
  GOV_ENABLE_AUTO_DISARM: boolean;
  GOV_DISARM_ON_BURST_BREACH: boolean;
  GOV_DISARM_ON_ERROR_COUNT: number;
  GOV_DISARM_ALL_AFTER: number;
  GOV_GATE_MODES: ReadonlyMap<string, Mode>;
  /** Symbol → what differs for it. */
  bySymbol: ReadonlyMap<string, Partial<SymbolSettings & GovernorSettings>>;
  /** Bot → what differs for its plans; a symbol's own value goes before. */
  byBot: ReadonlyMap<string, Partial<GovernorSettings>>;
}

/** The settings as they hold for one symbol: the same object when nothing differs. */
export function settingsForSymbol(settings: Settings, symbol: string): Settings {
  const own = settings.bySymbol.get(symbol);
  return own === undefined ? settings : { ...settings, ...own };
}

/** The governor's settings as they hold for one plan: the symbol's own, else the bot's, else the general. */
export function settingsForPlan(settings: Settings, symbol: string, bot: string | null): Settings {
  const byBot = bot === null ? undefined : settings.byBot.get(bot);
  const bySymbol = settings.bySymbol.get(symbol);
  return byBot === undefined && bySymbol === undefined ? settings : { ...settings, ...byBot, ...bySymbol };
}
