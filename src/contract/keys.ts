/**
 * Every Redis key of the contract: its name after the namespace, its type and its life (spec/contract.md, Inputs and
 * Outputs). Nothing else spells a key.
 */
import { BUDGET_LIFE_SEC } from '../core/allocation/allocation.ts';
import type { Settings } from '../core/settings.ts';

/** How long a key lives after it was written: so many seconds, or as the setting says; null: until it is deleted. */
export type Life = number | LifeSetting | null;
export type LifeSetting = keyof Settings &
  (
    | 'P30_ATTRIBUTION_TTL_SEC'
    | 'TARGET_TTL_SEC'
    | 'P31_KEY_TTL_SEC'
    | 'PROPOSE_KEY_TTL'
    | 'GOV_PERMIT_TTL_SEC'
  );

export interface KeySpec {
  /** After the namespace; what stands in braces is filled in. */
  readonly pattern: string;
  readonly type: 'string' | 'hash' | 'stream' | 'list';
  readonly direction: 'input' | 'output';
  readonly life: Life;
  /** Entries kept: of a stream about so many, of a list exactly; null: all. */
  readonly maxLength: number | null;
  /** A component in shadow writes it below `shadow:` instead. */
  readonly hasShadow: boolean;
}

const DAY_SEC = 86_400;
const HOUR_SEC = 3600;

export const KEYS = {
  executions: input('stream:execution.result', 'stream'),
  plans: input('stream:apply.plan', 'stream'),
  results: input('stream:apply.result', 'stream'),
  cashflows: input('stream:cashflow', 'stream'),
  regimes: input('stream:regime.state', 'stream'),
  portfolio: input('state:portfolio', 'hash'),
  market: input('state:market:{symbol}', 'hash'),
  clusterStress: input('cluster:stress:{cluster}', 'hash'),
  symbolClusters: input('config:symbol.cluster', 'hash'),
  symbolAliases: input('config:symbol.alias', 'hash'),
  position: input('position:snapshot:{symbol}', 'hash'),
  kill: input('kill', 'string'),
  modes: input('config:mode', 'hash'),

  attribution: shadowed('alpha:attribution:{symbol}', 'P30_ATTRIBUTION_TTL_SEC'),
  attributions: stream('stream:alpha.attribution', 1000),
  budget: output('portfolio:budget:{symbol}', 'hash', BUDGET_LIFE_SEC),
  budgetViolations: stream('stream:budget.violation', 1000),
  target: shadowed('allocation:target:{symbol}', 'TARGET_TTL_SEC'),
  allocations: stream('stream:allocation.decision', 1000),
  efficiency: shadowed('capital:efficiency:{symbol}', 'P31_KEY_TTL_SEC'),
  efficiencies: stream('stream:capital.efficiency.decision', 10_000),
  proposals: stream('stream:allocation.target.proposed', 1000),
  proposal: output('allocation:target:proposed:{symbol}', 'hash', 'PROPOSE_KEY_TTL'),
  permit: output('permit:{plan_id}', 'string', 'GOV_PERMIT_TTL_SEC'),
  permitUse: output('permit:used:{plan_id}', 'string', DAY_SEC),
  block: output('governor:block:{plan_id}', 'string', HOUR_SEC),
  governorEvents: stream('stream:governor.events', 10_000),
  permitTimes: { ...output('governor:exec:{symbol}', 'list', DAY_SEC), maxLength: 100 },
  dailyNotional: output('governor:daily:{symbol}:{YYYY-MM-DD}', 'string', DAY_SEC),
  permitReply: output('permit:reply:{plan_id}', 'list', 60),
  disarmed: output('governor:disarmed', 'hash', null),
} as const satisfies Record<string, KeySpec>;

export type KeyName = keyof typeof KEYS;
type NamesWhere<Shape> = { [Name in KeyName]: (typeof KEYS)[Name] extends Shape ? Name : never }[KeyName];
export type InputStream = NamesWhere<{ type: 'stream'; direction: 'input' }>;
export type ShadowedKey = NamesWhere<{ hasShadow: true }>;

/** What a key's braces are filled with, in order. */
type Parts<Pattern extends string> = Pattern extends `${string}{${string}}${infer Rest}`
  ? [part: string, ...Parts<Rest>]
  : [];
export type PartsOf<Name extends KeyName> = Parts<(typeof KEYS)[Name]['pattern']>;

/** `keyOf('quantum', 'budget', 'BTCUSDT')` is `quantum:portfolio:budget:BTCUSDT`. */
export function keyOf<Name extends KeyName>(namespace: string, name: Name, ...parts: PartsOf<Name>): string {
  return fill(`${namespace}:`, name, parts);
}

/** The key a component in shadow writes instead: `quantum:shadow:alpha:attribution:BTCUSDT`. */
export function shadowKeyOf<Name extends ShadowedKey>(
  namespace: string,
  name: Name,
  ...parts: PartsOf<Name>
): string {
  return fill(`${namespace}:shadow:`, name, parts);
}

/**
 * Ballast's own keys, which no other program reads: who owns a component, what it committed, and a commit on its way.
 * `known` holds every symbol a component has met; `deadLetters` how far each input stream's dead letters were copied, `followed` how
 * far each followed file was read. `trading` is the trading state and what is latched, `takes` the stream of permits taken,
 * `outstanding…` the permits that may still be taken, `settings` the settings plans
 * were judged under.
 */
export const OWN_KEYS = {
  owner: 'ballast:owner:{component}',
  meta: 'ballast:meta:{component}',
  records: 'ballast:records:{component}',
  seen: 'ballast:seen:{component}',
  pending: 'ballast:pending:{commit}',
  known: 'ballast:known.symbols',
  deadLetters: 'ballast:dead.letters',
  followed: 'ballast:followed.files',
  trading: 'ballast:trading',
  takes: 'ballast:takes',
  outstandingOpenings: 'ballast:outstanding.openings',
  outstandingExits: 'ballast:outstanding.exits',
  settings: 'ballast:settings',
} as const;

/** `ownKeyOf('quantum', 'meta', 'budget')` is `quantum:ballast:meta:budget`. */
export function ownKeyOf(namespace: string, name: keyof typeof OWN_KEYS, part = ''): string {
  return `${namespace}:${OWN_KEYS[name].replace(/\{[^}]*\}/, () => part)}`;
}

/** The stream an unusable entry of an input stream is copied to, with `reason` and `source_id`. */
export function deadLetterKeyOf(namespace: string, name: InputStream): string {
  return `${fill(`${namespace}:`, name, [])}.dlq`;
}

/** Entries a dead-letter stream keeps, about. */
export const DEAD_LETTER_MAX_LENGTH = 10_000;

/** A glob for `SCAN`: it also finds keys that only begin alike, which `partOfKey` tells apart. */
export function scanPatternOf(namespace: string, name: KeyName): string {
  return fill(`${namespace}:`, name, ['*', '*']);
}

/**
 * What fills the braces of a key with one of them, or null where the key is another: `quantum:allocation:target:BTCUSDT`
 * is a target of `BTCUSDT`, `quantum:allocation:target:proposed:BTCUSDT` is none. Only clusters may hold colons.
 */
export function partOfKey(namespace: string, name: KeyName, key: string): string | null {
  const pieces = PIECES.get(name)!;
  const prefix = `${namespace}:${pieces[0]}`;
  if (pieces.length !== 2 || !key.startsWith(prefix)) return null;
  const part = key.slice(prefix.length);
  return part !== '' && (name === 'clusterStress' || !part.includes(':')) ? part : null;
}

/** The key a component in enforce would write where this one is written in shadow; any other key is returned as it is. */
export function withoutShadow(namespace: string, key: string): string {
  const shadow = `${namespace}:shadow:`;
  return key.startsWith(shadow) ? `${namespace}:${key.slice(shadow.length)}` : key;
}

/** Seconds a key lives with these settings; null: until it is deleted. */
export function lifeSecOf(name: KeyName, settings: Pick<Settings, LifeSetting>): number | null {
  const life: Life = KEYS[name].life;
  return typeof life === 'string' ? settings[life] : life;
}

/** Patterns cut at their braces, once: a key is made for every permit. */
const PIECES: ReadonlyMap<KeyName, readonly string[]> = new Map(
  Object.entries(KEYS).map(([name, { pattern }]) => [name as KeyName, pattern.split(/\{[^}]*\}/)]),
);

function fill(prefix: string, name: KeyName, parts: readonly string[]): string {
  const pieces = PIECES.get(name)!;
  let key = prefix + pieces[0]!;
  for (let i = 1; i < pieces.length; i++) key += parts[i - 1]! + pieces[i]!;
  return key;
}

type Spec<Pattern, Type, Direction, Shadow> = KeySpec & {
  readonly pattern: Pattern;
  readonly type: Type;
  readonly direction: Direction;
  readonly hasShadow: Shadow;
};

function input<Pattern extends string, Type extends KeySpec['type']>(
  pattern: Pattern,
  type: Type,
): Spec<Pattern, Type, 'input', false> {
  return { pattern, type, direction: 'input', life: null, maxLength: null, hasShadow: false };
}

function output<Pattern extends string, Type extends KeySpec['type']>(
  pattern: Pattern,
  type: Type,
  life: Life,
): Spec<Pattern, Type, 'output', false> {
  return { pattern, type, direction: 'output', life, maxLength: null, hasShadow: false };
}

function stream<Pattern extends string>(
  pattern: Pattern,
  maxLength: number,
): Spec<Pattern, 'stream', 'output', false> & { readonly maxLength: number } {
  return { ...output(pattern, 'stream', null), maxLength };
}

function shadowed<Pattern extends string>(
  pattern: Pattern,
  life: LifeSetting,
): Spec<Pattern, 'hash', 'output', true> {
  return { ...output(pattern, 'hash', life), hasShadow: true };
}
