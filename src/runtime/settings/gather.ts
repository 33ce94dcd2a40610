/**
 * Where a setting's text comes from: `--set` before the environment before `.env` before `ballast.config.json` before the
 * default. Gathers texts and names; what they mean is parsed by the contract's tables.
 */
import {
  ALL_SETTING_NAMES,
  parseAllSettings,
  RUNTIME_SETTINGS,
  type RuntimeSettings,
} from '../../contract/runtime-settings.ts';
import { quote, unknownSetting, type SettingText, type Violation } from '../../contract/setting-spec.ts';
import { parseDotEnv } from './dot-env.ts';
import type { Overrides } from '../../contract/settings.ts';
import type { Settings } from '../../core/settings.ts';
import type { ParsedConfig } from './config-file.ts';

export interface SettingSources {
  /** The `NAME=VALUE` of each `--set`; of a repeated name the last counts. */
  readonly sets: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The text of `.env`; null: there is none. */
  readonly dotEnvText: string | null;
  /** The parsed `ballast.config.json`; null: there is none. */
  readonly config: ParsedConfig | null;
}

export interface GatherOptions {
  /** `set`: the components' modes are what `--set` says, else `enforce`, for a replay has nobody to protect. */
  readonly modesFrom?: 'everywhere' | 'set';
}

export interface GatheredSettings {
  readonly texts: ReadonlyMap<string, SettingText>;
  readonly overrides: Overrides;
  /** A venue's name → symbol. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Symbol → cluster. */
  readonly clusters: ReadonlyMap<string, string>;
  readonly violations: readonly Violation[];
}

/** A name of `.env` that begins like this is meant for us, and a mistake where it is no setting. */
const OUR_PREFIXES = ['P28_', 'P29_', 'P30_', 'P31_', 'GOV_', 'BALLAST_'];
const MODES = ['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE'];
const KNOWN: ReadonlySet<string> = new Set(ALL_SETTING_NAMES);

export function gatherSettings(sources: SettingSources, options: GatherOptions = {}): GatheredSettings {
  const violations: Violation[] = [];
  const sets = fromSets(sources.sets, violations);
  const below = [
    fromConfig(sources.config, violations),
    fromDotEnv(sources.dotEnvText, violations),
    fromEnvironment(sources.env),
  ];
  const texts = new Map(below.flatMap((source) => [...source]));
  if (options.modesFrom === 'set')
    for (const mode of MODES) texts.set(mode, { text: 'enforce', source: 'replay' });
  for (const [name, text] of sets) texts.set(name, text);
  const config = sources.config?.config;
  return {
    texts,
    overrides: {
      bySymbol: overridesOf('symbol', config?.symbols, violations),
      byBot: overridesOf('bot', config?.bots, violations),
    },
    aliases: config?.aliases ?? new Map(),
    clusters: config?.clusters ?? new Map(),
    violations,
  };
}

/** All settings and names, or everything that is wrong with them, whichever step found it. */
export type ResolvedSettings =
  | {
      readonly settings: Settings;
      readonly runtime: RuntimeSettings;
      readonly aliases: ReadonlyMap<string, string>;
      readonly clusters: ReadonlyMap<string, string>;
      /** The names that were set anywhere; the others are at their defaults. */
      readonly given: ReadonlySet<string>;
      readonly violations: readonly [];
    }
  | { readonly settings: null; readonly runtime: null; readonly violations: readonly Violation[] };

export function resolveSettings(gathered: GatheredSettings): ResolvedSettings {
  const parsed = parseAllSettings(gathered.texts, gathered.overrides);
  if (parsed.settings === null || gathered.violations.length > 0)
    return { settings: null, runtime: null, violations: [...gathered.violations, ...parsed.violations] };
  return {
    ...parsed,
    aliases: gathered.aliases,
    clusters: gathered.clusters,
    given: new Set(gathered.texts.keys()),
  };
}

function fromSets(sets: readonly string[], violations: Violation[]): ReadonlyMap<string, SettingText> {
  const texts = new Map<string, SettingText>();
  for (const set of sets) {
    const equals = set.indexOf('=');
    const name = equals < 0 ? set : set.slice(0, equals);
    if (equals < 1)
      violations.push({
        setting: name,
        message: `--set ${quote(set)} is not allowed: write --set NAME=VALUE`,
      });
    else if (KNOWN.has(name)) texts.set(name, { text: set.slice(equals + 1), source: '--set' });
    else violations.push(unknownSetting(name, '(--set)', ALL_SETTING_NAMES));
  }
  return texts;
}

/** The environment holds everything else too: only known names are looked at. */
function fromEnvironment(env: SettingSources['env']): ReadonlyMap<string, SettingText> {
  const texts = new Map<string, SettingText>();
  for (const name of ALL_SETTING_NAMES) {
    const text = Object.hasOwn(env, name) ? env[name] : undefined;
    if (text !== undefined) texts.set(name, { text, source: 'environment' });
  }
  return texts;
}

function fromDotEnv(file: string | null, violations: Violation[]): ReadonlyMap<string, SettingText> {
  const texts = new Map<string, SettingText>();
  const { entries, problems } = parseDotEnv(file ?? '');
  for (const { line, what } of problems)
    violations.push({ setting: '.env', message: `.env line ${line} ${what}` });
  for (const { name, text, line } of entries) {
    const source = `.env line ${line}`;
    if (KNOWN.has(name)) texts.set(name, { text, source });
    else if (OUR_PREFIXES.some((prefix) => name.startsWith(prefix)))
      violations.push(unknownSetting(name, `(${source})`, ALL_SETTING_NAMES));
  }
  return texts;
}

function fromConfig(parsed: ParsedConfig | null, violations: Violation[]): ReadonlyMap<string, SettingText> {
  const texts = new Map<string, SettingText>();
  violations.push(...(parsed?.violations ?? []));
  for (const [name, text] of parsed?.config.settings ?? []) {
    if (KNOWN.has(name)) texts.set(name, { text, source: 'ballast.config.json' });
    else violations.push(unknownSetting(name, '(ballast.config.json)', ALL_SETTING_NAMES));
  }
  return texts;
}

function overridesOf(
  kind: 'symbol' | 'bot',
  given: ReadonlyMap<string, ReadonlyMap<string, string>> | undefined,
  violations: Violation[],
): ReadonlyMap<string, ReadonlyMap<string, SettingText>> {
  const overrides = new Map<string, ReadonlyMap<string, SettingText>>();
  for (const [owner, settings] of given ?? []) {
    const texts = new Map<string, SettingText>();
    const from = `(ballast.config.json, ${kind} ${quote(owner)})`;
    for (const [name, text] of settings) {
      if (!KNOWN.has(name)) violations.push(unknownSetting(name, from, ALL_SETTING_NAMES));
      else if (Object.hasOwn(RUNTIME_SETTINGS, name))
        violations.push({ setting: name, message: `${name} ${from} cannot be set for one ${kind}` });
      else texts.set(name, { text, source: 'ballast.config.json' });
    }
    overrides.set(owner, texts);
  }
  return overrides;
}
