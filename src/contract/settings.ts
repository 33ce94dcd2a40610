/**
 * Every setting the engine reads: its kind, default and range, in the order of spec/contract.md. Parsing reports all
 * violations at once and gives frozen settings, or none.
 */
import { parseDecimal } from './decimal.ts';
import {
  above0,
  flag,
  integer,
  number,
  oneOf,
  optional,
  parseTexts,
  plain,
  type SettingSpec,
  type SettingText,
  type Violation,
} from './setting-spec.ts';
import { GATES } from '../core/governor/reasons.ts';
import type { GovernorSettings, Mode, PnlScale, Settings, SymbolSettings } from '../core/settings.ts';

export type { SettingSpec, SettingText, Violation };
export type SettingName = Exclude<keyof Settings, 'bySymbol' | 'byBot'>;

type Table = { readonly [Name in SettingName]: SettingSpec<Settings[Name]> };

const share = (value: number): SettingSpec<number> => number(value, 0, 1);
const factor = (value: number): SettingSpec<number> => number(value, 0, 100);
const seconds = (value: number): SettingSpec<number> => integer(value, 1, 31_536_000);
const interval = (value: number): SettingSpec<number> => integer(value, 1, 3600);
const usd = (value: number): SettingSpec<number> => number(value, 0, 9e9);
const ewma = (value: number): SettingSpec<number> => ({ ...number(value, 0, 1), ...above0(value, 1) });
const mode = (): SettingSpec<Mode> => oneOf('shadow', ['shadow', 'enforce']);
const bySymbol = <Value>(spec: SettingSpec<Value>): SettingSpec<Value> => ({ ...spec, scope: 'symbol' });
const byBot = <Value>(spec: SettingSpec<Value>): SettingSpec<Value> => ({ ...spec, scope: 'bot' });

export const SETTINGS: Table = {
  P30_MODE: mode(),
  P30_INTERVAL_SEC: interval(5),
  P30_EWMA_ALPHA: ewma(0.3),
  P30_LOOKBACK_WINDOW: integer(20, 1, 1000),
  P30_PNL_SCALE: {
    default: { kind: 'usd', value: 100 },
    allowed: 'usd:AMOUNT or equity:SHARE, above 0',
    parse: parsePnlScale,
    scope: 'all',
  },
  P30_MAX_LKG_AGE_SEC: seconds(900),
  P30_ATTRIBUTION_TTL_SEC: seconds(300),
  P28_MODE: mode(),
  P28_INTERVAL_SEC: interval(5),
  BASE_RISK_PCT: share(0.02),
  ALPHA_HEAT: factor(0.4),
  BETA_CLUSTER: factor(0.4),
  GAMMA_VOL: factor(0.2),
  MIN_BUDGET_USD: usd(500),
  MAX_BUDGET_USD: usd(10_000),
  P28_STALE_SEC: seconds(30),
  P28_MAX_LKG_AGE_SEC: seconds(900),
  INITIAL_EQUITY_USD: usd(100_000),
  P29_MODE: mode(),
  P29_INTERVAL_SEC: interval(5),
  MAX_SYMBOL_PCT: factor(0.4),
  MAX_CLUSTER_PCT: factor(0.6),
  MAX_GROSS_PCT: factor(1),
  STALE_DATA_SEC: seconds(60),
  REGIME_FACTOR_TREND: factor(1.2),
  REGIME_FACTOR_MR: factor(1),
  REGIME_FACTOR_CHOP: factor(0.6),
  DD_LOW_THRESHOLD: share(0.05),
  DD_HIGH_THRESHOLD: share(0.15),
  DD_FACTOR_LOW: factor(1),
  DD_FACTOR_MID: factor(0.7),
  DD_FACTOR_HIGH: factor(0.4),
  CLUSTER_STRESS_MIN: share(0.3),
  CLUSTER_STRESS_MAX: factor(1),
  P29_PERF_SCALE: factor(1),
  P29_PERF_MIN: factor(0.5),
  P29_PERF_MAX: factor(1.5),
  TARGET_TTL_SEC: seconds(300),
  P29_APPLY_PROPOSED: flag(false),
  P31_MODE: mode(),
  P31_LOOP_SEC: interval(5),
  P31_SCORE_ALPHA: bySymbol(ewma(0.25)),
  P31_VOL_ALPHA: bySymbol(ewma(0.2)),
  P31_DD_ALPHA: bySymbol(ewma(0.2)),
  P31_W_VOL: bySymbol(factor(0.8)),
  P31_W_DD: bySymbol(factor(1.2)),
  P31_W_HOLD: bySymbol(factor(0.6)),
  P31_HOLD_PENALTY_MAX_SEC: bySymbol(seconds(3600)),
  P31_HOLD_BASIS: oneOf('since_exec', ['since_exec', 'trade_rate']),
  P31_PRESSURE_UP: bySymbol(share(0.65)),
  P31_PRESSURE_DOWN: bySymbol(share(0.35)),
  P31_PRESSURE_MIN_CONF: bySymbol(share(0.5)),
  P31_PRESSURE_MAX_DD: bySymbol(factor(0.5)),
  P31_STALE_SEC_P30: bySymbol(seconds(300)),
  P31_STALE_SEC_P29: bySymbol(seconds(300)),
  P31_KEY_TTL_SEC: seconds(600),
  P31_PF_RANGE: oneOf('-1_1', ['-1_1', '0_1']),
  LOOP_INTERVAL_SEC: interval(10),
  P31_MIN_CONF: byBot(share(0.65)),
  P31_STALE_SEC: bySymbol(seconds(600)),
  P31_MIN_MULT: bySymbol(factor(0.5)),
  P31_MAX_MULT: bySymbol(factor(1.5)),
  P31_SCALE: bySymbol(factor(1)),
  P31_BASE: bySymbol(factor(1)),
  PROPOSE_KEY_TTL: seconds(600),
  PROPOSER_EWMA_ALPHA: bySymbol(ewma(1)),
  APPLY_MODE: oneOf('testnet', ['dry_run', 'testnet', 'production']),
  GOV_MAX_EXEC_PER_HOUR: byBot(integer(3, 0, 1_000_000)),
  GOV_MAX_EXEC_PER_5MIN: byBot(integer(2, 0, 1_000_000)),
  GOV_MAX_OPEN_POSITIONS: byBot(integer(10, 0, 1_000_000)),
  GOV_MAX_NOTIONAL_PER_TRADE_PCT: byBot(factor(0.05)),
  GOV_MAX_NOTIONAL_PER_TRADE_USD: byBot(optional(usd(0))),
  GOV_MAX_TOTAL_NOTIONAL_PCT: byBot(factor(1)),
  GOV_MAX_TOTAL_NOTIONAL_USD: byBot(optional(usd(0))),
  GOV_MAX_NOTIONAL_PER_DAY_PCT: byBot(factor(0.5)),
  GOV_MAX_NOTIONAL_PER_DAY_USD: byBot(optional(usd(0))),
  GOV_MAX_DAILY_LOSS_PCT: byBot(share(0.05)),
  GOV_SYMBOL_COOLDOWN_SECONDS: byBot(number(60, 0, 86_400)),
  GOV_MAX_PRICE_DEVIATION_PCT: byBot(factor(0.05)),
  GOV_MAX_NOTIONAL_MISMATCH_PCT: byBot(share(0.05)),
  GOV_POSITION_STALE_SEC: byBot(seconds(300)),
  GOV_RESERVE_SEC: byBot(integer(120, 1, 86_400)),
  GOV_EXITS_EXEMPT: flag(true),
  GOV_ARMED_GATES: oneOf('open', ['open', 'closed']),
  GOV_KILL_SCORE_CRITICAL: byBot(share(0.8)),
  GOV_KILL_SCORE_OPEN_THRESHOLD: byBot(share(0.6)),
  GOV_KILL_SCORE_OPEN_QTY_SCALE_ALPHA: byBot(factor(2)),
  GOV_KILL_SCORE_OPEN_MIN_SCALE: byBot(share(0.25)),
  P31_DOWNSIZE_THRESHOLD: byBot(ewma(0.45)),
  P31_MIN_FACTOR: byBot(share(0.25)),
  P31_MAX_EXTRA_COOLDOWN_SEC: byBot(number(120, 0, 86_400)),
  P31_EFF_TTL_SEC: byBot(seconds(600)),
  GOV_ENABLE_AUTO_DISARM: flag(true),
  GOV_DISARM_ON_BURST_BREACH: flag(true),
  GOV_DISARM_ON_ERROR_COUNT: integer(5, 1, 1_000_000),
  GOV_DISARM_ALL_AFTER: integer(3, 1, 1_000_000),
  GOV_PERMIT_TTL_SEC: byBot(integer(60, 1, 86_400)),
  GOV_GATE_MODES: {
    default: new Map(),
    allowed: `a list like burst=shadow,loss=enforce of ${GATES.slice(2).join(', ')}`,
    parse: parseGateModes,
    scope: 'all',
  },
  GOV_PLAN_MAX_AGE_SEC: byBot(number(30, 0, 86_400)),
  GOV_EXIT_MAX_AGE_SEC: byBot(number(300, 0, 86_400)),
};

export const SETTING_NAMES = Object.keys(SETTINGS) as readonly SettingName[];

/** Settings that parsed but contradict each other. */
const CROSS_RULES: readonly {
  readonly left: SettingName;
  readonly right: SettingName;
  readonly strict: boolean;
}[] = [
  { left: 'MIN_BUDGET_USD', right: 'MAX_BUDGET_USD', strict: false },
  { left: 'DD_LOW_THRESHOLD', right: 'DD_HIGH_THRESHOLD', strict: true },
  { left: 'CLUSTER_STRESS_MIN', right: 'CLUSTER_STRESS_MAX', strict: false },
  { left: 'P29_PERF_MIN', right: 'P29_PERF_MAX', strict: false },
  { left: 'P31_PRESSURE_DOWN', right: 'P31_PRESSURE_UP', strict: true },
  { left: 'P31_MIN_MULT', right: 'P31_MAX_MULT', strict: false },
  { left: 'GOV_KILL_SCORE_OPEN_THRESHOLD', right: 'GOV_KILL_SCORE_CRITICAL', strict: false },
];

export interface Overrides {
  readonly bySymbol: ReadonlyMap<string, ReadonlyMap<string, SettingText>>;
  readonly byBot: ReadonlyMap<string, ReadonlyMap<string, SettingText>>;
}

/** Either the settings, frozen, or everything that is wrong with them. */
export type ParsedSettings =
  | { readonly settings: Settings; readonly violations: readonly [] }
  | { readonly settings: null; readonly violations: readonly Violation[] };

export function parseSettings(
  texts: ReadonlyMap<string, SettingText>,
  overrides: Overrides = NO_OVERRIDES,
): ParsedSettings {
  const violations: Violation[] = [];
  const values = parseTexts(SETTINGS, texts, violations);
  const defaults = defaultSettings();
  const settings = {
    ...defaults,
    ...values,
    bySymbol: parseOverrides(overrides.bySymbol, 'symbol', violations),
    byBot: parseOverrides(overrides.byBot, 'bot', violations),
  };
  const general: readonly Layer[] = [
    { values, texts },
    { values: defaults, texts: new Map() },
  ];
  const symbols = layersOf(settings.bySymbol, overrides.bySymbol);
  const bots = layersOf(settings.byBot, overrides.byBot);
  checkCrossRules(general, symbols, bots, violations);
  return violations.length > 0
    ? { settings: null, violations }
    : { settings: Object.freeze(settings), violations: [] };
}

const NO_OVERRIDES: Overrides = { bySymbol: new Map(), byBot: new Map() };

/** Every setting at its default. */
export function defaultSettings(): Settings {
  const values = Object.fromEntries(SETTING_NAMES.map((name) => [name, SETTINGS[name].default]));
  return { ...values, bySymbol: new Map(), byBot: new Map() } as unknown as Settings;
}

/** A setting's value as text that parses back to it. */
export function formatSetting(name: SettingName, settings: Settings): string {
  const value = settings[name];
  if (value === null) return '';
  if (typeof value !== 'object') return String(value);
  if ('kind' in value) return `${value.kind}:${value.value}`;
  return [...value].map(([gate, gateMode]) => `${gate}=${gateMode}`).join(',');
}

function parseOverrides(
  overrides: ReadonlyMap<string, ReadonlyMap<string, SettingText>>,
  kind: 'symbol' | 'bot',
  violations: Violation[],
): ReadonlyMap<string, Partial<SymbolSettings & GovernorSettings>> {
  const isAllowed = (spec: SettingSpec<unknown>): boolean => spec.scope === 'bot' || spec.scope === kind;
  const parsed = [...overrides].map(
    ([name, texts]) =>
      [name, parseTexts(SETTINGS, texts, violations, isAllowed, `, ${kind} ${plain(name)}`)] as const,
  );
  return new Map(parsed);
}

/**
 * Settings that contradict each other: in general, for each symbol and bot that changes one of the two, and for a bot's
 * plans of a symbol where each changes one (the symbol's own value goes before the bot's).
 */
function checkCrossRules(
  general: readonly Layer[],
  symbols: readonly NamedLayer[],
  bots: readonly NamedLayer[],
  violations: Violation[],
): void {
  checkLayers(general, '', violations, () => true);
  for (const [symbol, own] of symbols)
    checkLayers([own, ...general], ` for the symbol ${plain(symbol)}`, violations, (name) =>
      Object.hasOwn(own.values, name),
    );
  for (const [bot, own] of bots)
    checkLayers([own, ...general], ` for the bot ${plain(bot)}`, violations, (name) =>
      Object.hasOwn(own.values, name),
    );
  for (const [symbol, bySymbol] of symbols)
    for (const [bot, byBot] of bots)
      checkLayers(
        [bySymbol, byBot, ...general],
        ` for the symbol ${plain(symbol)} and the bot ${plain(bot)}`,
        violations,
        (name, other) =>
          Object.hasOwn(bySymbol.values, name) &&
          !Object.hasOwn(bySymbol.values, other) &&
          Object.hasOwn(byBot.values, other),
      );
}

/** Values that were set in one place, with their texts. */
interface Layer {
  readonly values: Partial<Settings>;
  readonly texts: ReadonlyMap<string, SettingText>;
}

/** What a symbol or a bot sets for itself. */
type NamedLayer = readonly [name: string, layer: Layer];

function layersOf(
  parsed: ReadonlyMap<string, Partial<Settings>>,
  texts: ReadonlyMap<string, ReadonlyMap<string, SettingText>>,
): NamedLayer[] {
  return [...parsed].map(([name, values]) => [name, { values, texts: texts.get(name) ?? new Map() }]);
}

/** Looks each name up in the first layer that has it, and checks the rules `concerns` says this is about. */
function checkLayers(
  layers: readonly Layer[],
  where: string,
  violations: Violation[],
  concerns: (name: SettingName, other: SettingName) => boolean,
): void {
  const find = (name: SettingName): { value: number; source: string } => {
    const layer = layers.find(({ values }) => Object.hasOwn(values, name))!;
    return { value: Number(layer.values[name]), source: layer.texts.get(name)?.source ?? 'default' };
  };
  for (const { left, right, strict } of CROSS_RULES) {
    if (!concerns(left, right) && !concerns(right, left)) continue;
    const [low, high] = [find(left), find(right)];
    if (strict ? low.value < high.value : low.value <= high.value) continue;
    const values = `${left}=${low.value} (${low.source}) and ${right}=${high.value} (${high.source})${where}`;
    violations.push({
      setting: left,
      message: `${values}: ${left} has to be ${strict ? 'below' : 'at most'} ${right}`,
    });
  }
}

function parsePnlScale(text: string): PnlScale | undefined {
  const match = /^(usd|equity):(.+)$/.exec(text);
  const value = match === null ? null : parseDecimal(match[2]);
  return value !== null && value > 0 && value <= 9e9
    ? { kind: match![1] as PnlScale['kind'], value }
    : undefined;
}

/** The kill switch and the reading of a plan are no gates one may switch off. */
function parseGateModes(text: string): ReadonlyMap<string, Mode> | undefined {
  const modes = new Map<string, Mode>();
  for (const part of text === '' ? [] : text.split(',')) {
    const [gate, gateMode, ...rest] = part.trim().split('=');
    const isGate = (GATES.slice(2) as readonly string[]).includes(gate ?? '');
    if (!isGate || rest.length > 0 || (gateMode !== 'shadow' && gateMode !== 'enforce')) return undefined;
    modes.set(gate!, gateMode);
  }
  return modes;
}
