/**
 * The settings around the engine: the store, the namespace, the permit's keys and the ports (spec/contract.md,
 * Settings). The engine's own are in settings.ts; `parseAllSettings` reads both and reports everything at once.
 */
import { COMPONENTS, type MetricsPortSetting } from './components.ts';
import {
  integer,
  oneOf,
  parseTexts,
  type SettingSpec,
  type SettingText,
  type Violation,
} from './setting-spec.ts';
import { parseSettings, SETTING_NAMES, type Overrides } from './settings.ts';
import type { Settings } from '../core/settings.ts';

export interface RuntimeSettings extends Record<MetricsPortSetting, number> {
  /** `redis://` or `rediss://` with host, and optionally user, password, port and database. */
  REDIS_URL: string | null;
  REDIS_HOST: string | null;
  REDIS_PORT: number | null;
  REDIS_DB: number | null;
  /** What every key begins with. */
  BALLAST_NAMESPACE: string;
  /** Path of the file with the Ed25519 private key that signs permits. */
  GOV_PERMIT_KEY: string | null;
  /** Shared secret that signs permits (HMAC-SHA256) where there is no key. */
  GOV_PERMIT_SECRET: string | null;
  METRICS_HOST: string;
  METRICS_MAX_SYMBOLS: number;
  /** Where the dashboard listens; a host that is not loopback needs `DASHBOARD_READ_TOKEN`. */
  DASHBOARD_HOST: string;
  /** Names by which the dashboard is reached, besides those of this machine: of a proxy before it. */
  DASHBOARD_ALLOWED_HOSTS: readonly string[];
  /** Who may look; null: whoever reaches it. */
  DASHBOARD_READ_TOKEN: string | null;
  /** Who may stop entries and halt; null: nobody acts through the dashboard. */
  DASHBOARD_STOP_TOKEN: string | null;
  /** The second secret for re-arming; null: nobody re-arms through the dashboard. */
  DASHBOARD_REARM_TOKEN: string | null;
  /** Symbols past this many are refused as input. */
  BALLAST_MAX_SYMBOLS: number;
  BALLAST_LOG_LEVEL: LogLevel;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

export type RuntimeSettingName = keyof RuntimeSettings;

type Table = { readonly [Name in RuntimeSettingName]: SettingSpec<RuntimeSettings[Name]> };

const HOST_NAME =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9_-]{0,62})(?:\.[A-Za-z0-9_-]{1,63})*\.?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]+)$/;
const MAX_HOST_LENGTH = 253;
/** A hash tag in braces keeps a whole namespace on one node of a Redis cluster. */
const NAMESPACE = /^(?:[A-Za-z0-9][A-Za-z0-9._-]{0,63}|\{[A-Za-z0-9][A-Za-z0-9._-]{0,61}\})$/;
/** A secret shorter than its hash is what breaks HMAC first. */
const MIN_SECRET_LENGTH = 32;
const MAX_TEXT_LENGTH = 4096;
const MIN_TOKEN_LENGTH = 16;
const MAX_TOKEN_LENGTH = 512;
/** They travel in a header: what can be seen, without blanks. */
const TOKEN = new RegExp(`^[\\x21-\\x7e]{${MIN_TOKEN_LENGTH},${MAX_TOKEN_LENGTH}}$`);
const MAX_ALLOWED_HOSTS = 32;
const TOKENS = ['DASHBOARD_READ_TOKEN', 'DASHBOARD_STOP_TOKEN', 'DASHBOARD_REARM_TOKEN'] as const;

export const RUNTIME_SETTINGS: Table = {
  REDIS_URL: {
    ...text('redis://HOST:PORT/DB, or rediss:// for TLS', isRedisUrl),
    secret: true,
  },
  REDIS_HOST: text('a host name or an IP address', isHost),
  REDIS_PORT: unlessSet(integer(6379, 1, 65_535)),
  REDIS_DB: unlessSet(integer(0, 0, 65_535)),
  BALLAST_NAMESPACE: byDefault(
    'quantum',
    text('1 to 64 letters, digits, dots, dashes or underscores, the first a letter or digit', (value) =>
      NAMESPACE.test(value),
    ),
  ),
  GOV_PERMIT_KEY: text('the path of a key file', (value) => !/[\0\r\n]/.test(value)),
  GOV_PERMIT_SECRET: {
    ...text(`at least ${MIN_SECRET_LENGTH} characters`, (value) => value.length >= MIN_SECRET_LENGTH),
    secret: true,
  },
  P28_METRICS_PORT: port(COMPONENTS.budget.metricsPort),
  P29_METRICS_PORT: port(COMPONENTS.allocation.metricsPort),
  P30_METRICS_PORT: port(COMPONENTS.attribution.metricsPort),
  P31_METRICS_PORT: port(COMPONENTS.efficiency.metricsPort),
  PROPOSER_METRICS_PORT: port(COMPONENTS.proposer.metricsPort),
  GOV_METRICS_PORT: port(COMPONENTS.governor.metricsPort),
  DASHBOARD_METRICS_PORT: port(COMPONENTS.dashboard.metricsPort),
  METRICS_HOST: byDefault('127.0.0.1', text('a host name or an IP address', isHost)),
  METRICS_MAX_SYMBOLS: integer(1000, 1, 100_000),
  DASHBOARD_HOST: byDefault('127.0.0.1', text('a host name or an IP address', isHost)),
  DASHBOARD_ALLOWED_HOSTS: {
    default: [],
    allowed: `host names or IP addresses without ports, set apart by commas, at most ${MAX_ALLOWED_HOSTS}`,
    parse: hostList,
    scope: 'all',
  },
  DASHBOARD_READ_TOKEN: token(),
  DASHBOARD_STOP_TOKEN: token(),
  DASHBOARD_REARM_TOKEN: token(),
  BALLAST_MAX_SYMBOLS: integer(20_000, 1, 1_000_000),
  BALLAST_LOG_LEVEL: oneOf<LogLevel>('info', ['debug', 'info', 'warn', 'error']),
};

export const RUNTIME_SETTING_NAMES = Object.keys(RUNTIME_SETTINGS) as readonly RuntimeSettingName[];
/** Every name that is a setting, of the engine or around it. */
export const ALL_SETTING_NAMES: readonly string[] = [...SETTING_NAMES, ...RUNTIME_SETTING_NAMES];

/** Both kinds of settings, frozen, or everything that is wrong with either. */
export type ParsedAllSettings =
  | { readonly settings: Settings; readonly runtime: RuntimeSettings; readonly violations: readonly [] }
  | { readonly settings: null; readonly runtime: null; readonly violations: readonly Violation[] };

/** Reads every setting of both tables; a name of neither is a violation. */
export function parseAllSettings(
  texts: ReadonlyMap<string, SettingText>,
  overrides?: Overrides,
): ParsedAllSettings {
  const isRuntime = ([name]: readonly [string, SettingText]): boolean =>
    Object.hasOwn(RUNTIME_SETTINGS, name);
  const runtimeTexts = new Map([...texts].filter(isRuntime));
  const engineTexts = new Map([...texts].filter((entry) => !isRuntime(entry)));
  const engine = parseSettings(engineTexts, overrides);
  const around = parseRuntimeSettings(runtimeTexts);
  return engine.settings !== null && around.runtime !== null
    ? { settings: engine.settings, runtime: around.runtime, violations: [] }
    : { settings: null, runtime: null, violations: [...engine.violations, ...around.violations] };
}

export function parseRuntimeSettings(
  texts: ReadonlyMap<string, SettingText>,
):
  | { readonly runtime: RuntimeSettings; readonly violations: readonly [] }
  | { readonly runtime: null; readonly violations: readonly Violation[] } {
  const violations: Violation[] = [];
  const values = parseTexts(RUNTIME_SETTINGS, withoutServiceLinks(texts), violations);
  const runtime: RuntimeSettings = Object.freeze({ ...defaultRuntimeSettings(), ...values });
  violations.push(...sharedTokens(runtime));
  return violations.length > 0 ? { runtime: null, violations } : { runtime, violations: [] };
}

/** A token that is two things at once gives whoever may do the one the other too. */
function sharedTokens(runtime: RuntimeSettings): Violation[] {
  return TOKENS.flatMap((name, i) => {
    const twin = TOKENS.slice(0, i).find(
      (other) => runtime[other] !== null && runtime[other] === runtime[name],
    );
    if (twin === undefined) return [];
    return [
      {
        setting: name,
        message: `${name}=(not shown) is the same as ${twin}: each has to be a secret of its own`,
      },
    ];
  });
}

export function defaultRuntimeSettings(): RuntimeSettings {
  const values = RUNTIME_SETTING_NAMES.map((name) => [name, RUNTIME_SETTINGS[name].default]);
  return Object.fromEntries(values) as RuntimeSettings;
}

/** Where Redis is: `REDIS_URL`, else put together from host, port and database; null where none of them is set: the embedded store. */
export function redisUrl(runtime: RuntimeSettings): string | null {
  const { REDIS_URL: url, REDIS_HOST: host, REDIS_PORT: portNumber, REDIS_DB: database } = runtime;
  if (url !== null) return url;
  if (host === null && portNumber === null && database === null) return null;
  const address = host?.includes(':') === true ? `[${host}]` : (host ?? '127.0.0.1');
  return `redis://${address}:${portNumber ?? 6379}/${database ?? 0}`;
}

/**
 * Kubernetes and Docker put `REDIS_PORT=tcp://…` into the environment beside a service called redis: with a URL, what
 * the environment says about host, port and database is not read.
 */
function withoutServiceLinks(texts: ReadonlyMap<string, SettingText>): ReadonlyMap<string, SettingText> {
  if (!texts.has('REDIS_URL')) return texts;
  const parts = ['REDIS_HOST', 'REDIS_PORT', 'REDIS_DB'];
  return new Map(
    [...texts].filter(([name, { source }]) => !parts.includes(name) || source !== 'environment'),
  );
}

function text(allowed: string, isAllowed: (value: string) => boolean): SettingSpec<string | null> {
  const parse = (value: string): string | undefined =>
    value !== '' && value.length <= MAX_TEXT_LENGTH && isAllowed(value) ? value : undefined;
  return { default: null, allowed, parse, scope: 'all' };
}

function byDefault(value: string, spec: SettingSpec<string | null>): SettingSpec<string> {
  return { ...spec, default: value, parse: (given) => spec.parse(given) ?? undefined };
}

function unlessSet(spec: SettingSpec<number>): SettingSpec<number | null> {
  return { ...spec, default: null };
}

function token(): SettingSpec<string | null> {
  const spec = text(
    `${MIN_TOKEN_LENGTH} to ${MAX_TOKEN_LENGTH} letters, digits and signs without blanks`,
    (value) => TOKEN.test(value),
  );
  return { ...spec, secret: true };
}

function hostList(value: string): readonly string[] | undefined {
  const hosts = value === '' ? [] : value.split(',').map((host) => host.trim());
  return hosts.length <= MAX_ALLOWED_HOSTS && hosts.every(isHost) ? Object.freeze(hosts) : undefined;
}

/** 0 lets the system choose a free one. */
function port(value: number): SettingSpec<number> {
  return integer(value, 0, 65_535);
}

function isHost(value: string): boolean {
  return value.length <= MAX_HOST_LENGTH && HOST_NAME.test(value);
}

function isRedisUrl(value: string): boolean {
  if (!/^rediss?:\/\//.test(value) || !URL.canParse(value)) return false;
  const { hostname, pathname, hash } = new URL(value);
  return hostname !== '' && hash === '' && /^(?:\/\d{0,5})?$/.test(pathname);
}
