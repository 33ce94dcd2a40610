/**
 * Settings as one canonical text and back: what `ballast:settings` keeps of them, so that a decision can be looked into under
 * the very settings it was made under.
 */
import { parseJsonObject } from './json-object.ts';
import { defaultSettings, formatSetting, SETTING_NAMES, SETTINGS, type SettingName } from './settings.ts';
import type { Settings } from '../core/settings.ts';

type Own = Partial<Settings>;

/** Every setting as text in the order of the table, then what differs for symbols and bots. */
export function encodeSettings(settings: Settings): string {
  const general = ownText(settings, SETTING_NAMES);
  return `{"all":${general},"symbols":${namedText(settings.bySymbol)},"bots":${namedText(settings.byBot)}}`;
}

/** Null where the text is none, or holds what this program does not allow. A setting it lacks is at its default. */
export function decodeSettings(stored: string): Settings | null {
  const json = parseJsonObject(stored);
  const own = json === null ? null : ownFrom(json.get('all'));
  const bySymbol = namedFrom(json?.get('symbols'));
  const byBot = namedFrom(json?.get('bots'));
  return own === null || bySymbol === null || byBot === null
    ? null
    : { ...defaultSettings(), ...own, bySymbol, byBot };
}

function ownText(values: Own, names: readonly SettingName[]): string {
  return JSON.stringify(names.map((name) => [name, formatSetting(name, values as Settings)]));
}

function namedText(named: ReadonlyMap<string, Own>): string {
  const sorted = [...named].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const texts = sorted.map(([name, values]) => {
    const own = SETTING_NAMES.filter((setting) => Object.hasOwn(values, setting));
    return `[${JSON.stringify(name)},${ownText(values, own)}]`;
  });
  return `[${texts.join(',')}]`;
}

function ownFrom(json: unknown): Own | null {
  if (!Array.isArray(json)) return null;
  const values = new Map<SettingName, unknown>();
  for (const pair of json) {
    const [given, text] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const name = SETTING_NAMES.find((known) => known === given);
    // What another version calls a setting does not move this one's judge.
    if (name === undefined) continue;
    const value = typeof text === 'string' ? SETTINGS[name].parse(text) : undefined;
    if (value === undefined) return null;
    values.set(name, value);
  }
  return Object.fromEntries(values);
}

function namedFrom(json: unknown): ReadonlyMap<string, Own> | null {
  if (!Array.isArray(json)) return null;
  const named = new Map<string, Own>();
  for (const pair of json) {
    const [name, given] = Array.isArray(pair) ? (pair as unknown[]) : [];
    const own = ownFrom(given);
    if (typeof name !== 'string' || own === null) return null;
    named.set(name, own);
  }
  return named;
}
