/**
 * How a setting is read from text, and how everything that is wrong is said at once. The tables themselves are in
 * settings.ts (the engine's) and runtime-settings.ts (everything around it).
 */
import { parseDecimal } from './decimal.ts';

/** How one setting is read from text: its value, or what is allowed instead. */
export interface SettingSpec<Value> {
  readonly default: Value;
  /** What is allowed, for the message of a violation. */
  readonly allowed: string;
  /** The value, or undefined where the text is not allowed. */
  readonly parse: (text: string) => Value | undefined;
  /** Can be set for one symbol, or for one symbol and one bot, in `ballast.config.json`. */
  readonly scope: 'all' | 'symbol' | 'bot';
  /** Never shown, not even where it is wrong. */
  readonly secret?: boolean;
}

export type SettingTable = Readonly<Record<string, SettingSpec<unknown>>>;

/** One thing wrong with the settings, in a line that names the setting, the value, its source and what is allowed. */
export interface Violation {
  readonly setting: string;
  readonly message: string;
}

/** A setting as text and where it came from: `--set`, `environment`, `.env line 3`, `ballast.config.json`. */
export interface SettingText {
  readonly text: string;
  readonly source: string;
}

/**
 * The values of the texts that are allowed; what is wrong with the others is added to `violations`. `where` is said
 * beside the source.
 */
export function parseTexts(
  table: SettingTable,
  texts: ReadonlyMap<string, SettingText>,
  violations: Violation[],
  isAllowed: (spec: SettingSpec<unknown>) => boolean = () => true,
  where = '',
): Record<string, unknown> {
  const values: Record<string, unknown> = {};
  for (const [name, { text, source }] of texts) {
    const from = `(${source}${where})`;
    const spec = Object.hasOwn(table, name) ? table[name] : undefined;
    if (spec === undefined) {
      violations.push(unknownSetting(name, from, Object.keys(table)));
      continue;
    }
    const value = spec.parse(text);
    if (!isAllowed(spec))
      violations.push({ setting: name, message: `${name}=${shown(spec, text)} ${from} cannot be set there` });
    else if (value === undefined)
      violations.push({
        setting: name,
        message: `${name}=${shown(spec, text)} ${from} is not allowed: ${spec.allowed}`,
      });
    else values[name] = value;
  }
  return values;
}

/** What to say about a name that is no setting, with the known one most like it. `from`: its source, in brackets. */
export function unknownSetting(name: string, from: string, known: readonly string[]): Violation {
  return { setting: name, message: `${plain(name)} ${from} is no setting${suggestion(name, known)}` };
}

/** Text for a message: in quotes, short, and on one line whatever it holds. */
export function quote(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  return JSON.stringify(short).replaceAll(
    /[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** A name for a message: as it is, or in quotes where it holds anything unusual. */
export function plain(name: string): string {
  return /^[\w./:-]{1,80}$/.test(name) ? name : quote(name);
}

function shown(spec: SettingSpec<unknown>, text: string): string {
  return spec.secret === true && text !== '' ? '(not shown)' : quote(text);
}

/** The known name closest to a mistyped one: most words in common, else few letters apart. */
function suggestion(name: string, known: readonly string[]): string {
  const upper = name.slice(0, 80).toUpperCase();
  const words = new Set(upper.split('_'));
  const scored = known.map((candidate) => {
    const own = candidate.split('_');
    const common = own.filter((word) => words.has(word)).length / Math.max(own.length, words.size);
    const letters = 1 - distance(upper, candidate) / Math.max(upper.length, candidate.length);
    return { candidate, score: Math.max(common, letters) };
  });
  const best = scored.toSorted((a, b) => b.score - a.score)[0];
  return best !== undefined && best.score >= 0.6 ? `; did you mean ${best.candidate}?` : '';
}

/** Letters to insert, remove or change to get from one text to another (Levenshtein). */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const change = row[j - 1]! + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, change));
    }
    row = next;
  }
  return row[to.length]!;
}

export function number(value: number, min: number, max: number): SettingSpec<number> {
  const allowed = `a number from ${min} to ${max}`;
  const parse = (text: string): number | undefined => {
    const parsed = parseDecimal(text);
    return parsed !== null && parsed >= min && parsed <= max ? parsed : undefined;
  };
  return { default: value, allowed, parse, scope: 'all' };
}

export function above0(value: number, max: number): SettingSpec<number> {
  const spec = number(value, 0, max);
  const parse = (text: string): number | undefined => {
    const parsed = spec.parse(text);
    return parsed === 0 ? undefined : parsed;
  };
  return { ...spec, allowed: `a number above 0, at most ${max}`, parse };
}

export function integer(value: number, min: number, max: number): SettingSpec<number> {
  const spec = number(value, min, max);
  const parse = (text: string): number | undefined => {
    const parsed = spec.parse(text);
    return Number.isInteger(parsed) ? parsed : undefined;
  };
  return { ...spec, allowed: `a whole number from ${min} to ${max}`, parse };
}

/** None unless set, and none again where set to the empty text. */
export function optional(spec: SettingSpec<number>): SettingSpec<number | null> {
  const parse = (text: string): number | null | undefined => (text === '' ? null : spec.parse(text));
  return { ...spec, default: null, allowed: `${spec.allowed}, or empty for none`, parse };
}

export function flag(value: boolean): SettingSpec<boolean> {
  const parse = (text: string): boolean | undefined =>
    ['true', '1', 'yes', 'on'].includes(text.toLowerCase())
      ? true
      : ['false', '0', 'no', 'off'].includes(text.toLowerCase())
        ? false
        : undefined;
  return { default: value, allowed: 'true or false', parse, scope: 'all' };
}

export function oneOf<Value extends string>(value: Value, values: readonly Value[]): SettingSpec<Value> {
  return {
    default: value,
    allowed: values.join(' or '),
    parse: (text) => values.find((one) => one === text),
    scope: 'all',
  };
}
