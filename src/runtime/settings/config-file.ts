/**
 * `ballast.config.json`: settings in general, for one symbol and for one bot, names of venues and clusters. Its shape is
 * checked here, the settings' values are where all settings are parsed. Loaded only where there is such a file.
 */
import { z } from 'zod';
import { canonicalSymbol } from '../../contract/symbol.ts';
import { plain, type Violation } from '../../contract/setting-spec.ts';
import { repeatedKeys } from './repeated-keys.ts';

export const CONFIG_FILE = 'ballast.config.json';

/** What the file holds, symbols in canonical form. */
export interface Config {
  /** Setting → text. */
  readonly settings: ReadonlyMap<string, string>;
  /** Symbol → setting → text. */
  readonly symbols: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** Bot → setting → text. */
  readonly bots: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** A venue's name → symbol. */
  readonly aliases: ReadonlyMap<string, string>;
  /** Symbol → cluster. */
  readonly clusters: ReadonlyMap<string, string>;
}

export interface ParsedConfig {
  /** What could be used; the rest is among the violations. */
  readonly config: Config;
  readonly violations: readonly Violation[];
}

const MAX_LABEL_LENGTH = 256;
const NO_CONFIG: Config = {
  settings: new Map(),
  symbols: new Map(),
  bots: new Map(),
  aliases: new Map(),
  clusters: new Map(),
};

/** Reads the text of the file. Never throws. */
export function parseConfig(file: string): ParsedConfig {
  const text = file.replace(/^\ufeff/, '');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { config: NO_CONFIG, violations: [violation('', `is no JSON${whereIn(text, error)}`)] };
  }
  const violations = repeatedKeys(text).map((path) => violation(path, 'is there twice'));
  const parsed = SCHEMA.safeParse(json);
  if (!parsed.success) {
    const issues = parsed.error.issues.flatMap(violationsOf);
    return { config: NO_CONFIG, violations: [...violations, ...issues] };
  }
  return { config: checkNames(parsed.data, violations), violations };
}

/** Text, a number or a boolean as the text a setting is parsed from. */
const settingText = z.unknown().transform((value, context): string => {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  context.addIssue({
    code: 'custom',
    message: `is ${kindOf(value)}, and has to be text, a number, true or false`,
  });
  return z.NEVER;
});
const label = z
  .string({ error: 'has to be text' })
  .min(1, { error: 'is empty' })
  .max(MAX_LABEL_LENGTH, { error: `has more than ${MAX_LABEL_LENGTH} characters` });

const SCHEMA = z.strictObject(
  {
    settings: mapOf(settingText),
    symbols: mapOf(mapOf(settingText)),
    bots: mapOf(mapOf(settingText)),
    aliases: mapOf(label),
    clusters: mapOf(label),
  },
  { error: (issue) => (issue.code === 'invalid_type' ? 'has to be an object' : undefined) },
);

/** An object as a map, so that no name in it means anything to JavaScript; absent: empty. */
function mapOf<Value extends z.ZodType>(value: Value): z.ZodPreprocess<z.ZodMap<z.ZodString, Value>> {
  const toMap = (given: unknown): unknown => {
    if (given === undefined) return new Map();
    const isObject = typeof given === 'object' && given !== null && !Array.isArray(given);
    return isObject ? new Map(Object.entries(given)) : given;
  };
  return z.preprocess(toMap, z.map(z.string(), value, { error: 'has to be an object' }));
}

function violationsOf(issue: z.core.$ZodIssue): Violation[] {
  if (issue.code === 'unrecognized_keys') return issue.keys.map(unknownKey);
  return [violation(issue.path.map(String).join('.'), issue.message)];
}

function unknownKey(key: string): Violation {
  return violation(key, `is no key of it; allowed are ${Object.keys(SCHEMA.shape).join(', ')}`);
}

/** Symbols in canonical form, each once; aliases that lead to a symbol in one step. */
function checkNames(parsed: z.infer<typeof SCHEMA>, violations: Violation[]): Config {
  const aliases = new Map<string, string>();
  for (const [name, target] of parsed.aliases) {
    const symbol = canonicalSymbol(target, new Map());
    if (symbol === null || name === '') violations.push(noSymbol(`aliases.${name}`, target));
    else aliases.set(name, symbol);
  }
  for (const [name, symbol] of aliases) {
    const further = aliases.get(symbol);
    if (further === undefined || further === symbol) continue;
    const what = `is ${symbol}, which is itself an alias of ${further}; name ${further} here`;
    violations.push(violation(`aliases.${name}`, what));
  }
  const bots = [...parsed.bots].filter(([bot]) => {
    const usable = bot !== '' && bot.length <= MAX_LABEL_LENGTH;
    if (!usable)
      violations.push(
        violation(`bots.${bot}`, `has a name that is empty or longer than ${MAX_LABEL_LENGTH} characters`),
      );
    return usable;
  });
  return {
    settings: parsed.settings,
    symbols: canonicalKeys('symbols', parsed.symbols, aliases, violations),
    bots: new Map(bots),
    aliases,
    clusters: canonicalKeys('clusters', parsed.clusters, aliases, violations),
  };
}

function canonicalKeys<Value>(
  where: 'symbols' | 'clusters',
  values: ReadonlyMap<string, Value>,
  aliases: ReadonlyMap<string, string>,
  violations: Violation[],
): ReadonlyMap<string, Value> {
  const canonical = new Map<string, Value>();
  for (const [name, value] of values) {
    const symbol = canonicalSymbol(name, aliases);
    if (symbol === null) violations.push(noSymbol(`${where}.${name}`, name));
    else if (canonical.has(symbol))
      violations.push(violation(`${where}.${name}`, `is ${symbol}, which is there twice`));
    else canonical.set(symbol, value);
  }
  return canonical;
}

function noSymbol(path: string, name: string): Violation {
  return violation(
    path,
    `names ${plain(name)}, which is no symbol: letters, digits, dots, dashes and underscores, at most 64`,
  );
}

function violation(path: string, what: string): Violation {
  const where = path === '' ? CONFIG_FILE : `${CONFIG_FILE}: ${plain(path)}`;
  return { setting: path, message: `${where} ${what}` };
}

/** Where the text stops being JSON. Not what stands there: it may be a secret. */
function whereIn(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const position = /\bposition (\d+)/.exec(message)?.[1];
  if (position === undefined) return message.includes('end of JSON') ? ': it ends too early' : '';
  const before = text.slice(0, Number(position)).split('\n');
  return ` from line ${before.length}, column ${before.at(-1)!.length + 1} on`;
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
}
