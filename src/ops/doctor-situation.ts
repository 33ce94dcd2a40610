/** Everything the doctor looks at: collected once, then judged by pure functions. */
import { parseDecimal } from '../contract/decimal.ts';
import type { KeyName } from '../contract/keys.ts';
import type { RuntimeSettings } from '../contract/runtime-settings.ts';
import type { Settings } from '../core/settings.ts';
import type { HashAnswer, StoreFacts, StreamFacts } from '../store/store.ts';
import type { ComponentRecord } from './status-collect.ts';
import type { HealthAnswer } from './status-health.ts';

/** What was set, where the doctor was called. */
export interface Configured {
  readonly namespace: string;
  readonly settings: Settings;
  readonly runtime: RuntimeSettings;
  /** Names of the settings that were set anywhere. */
  readonly given: ReadonlySet<string>;
  /** From ballast.config.json: a venue's name → symbol, symbol → cluster. */
  readonly aliases: ReadonlyMap<string, string>;
  readonly clusters: ReadonlyMap<string, string>;
}

export interface Disk {
  readonly folder: string;
  readonly freeBytes: number;
}

/** A key named after a symbol or a cluster, and what it holds. */
export interface NamedHash {
  readonly kind: KeyName;
  readonly isShadow: boolean;
  readonly key: string;
  /** The symbol or cluster as the key spells it. */
  readonly name: string;
  /** Null: it is of another type. */
  readonly fields: ReadonlyMap<string, string> | null;
}

export interface StreamView {
  /** `execution.result` */
  readonly input: string;
  readonly stream: string;
  readonly facts: StreamFacts | null;
  readonly error: string | null;
  readonly deadLetters: StreamFacts | null;
  /** Reasons of the newest dead letters, newest first. */
  readonly newestReasons: readonly string[];
}

/** An execution of the newest ones. */
export interface SeenExecution {
  /** As its producer wrote it. */
  readonly raw: string;
  /** Null: no symbol. */
  readonly symbol: string | null;
  readonly cluster: string | null;
  /** Unix seconds. */
  readonly ts: number;
}

/** What the store holds. */
export interface Stored {
  readonly facts: StoreFacts;
  /** The store's clock, Unix seconds. */
  readonly nowSec: number;
  /** The store's clock less this machine's, as far as the time of asking allows to say: 0 within it. */
  readonly skewMs: number;
  /** Why functions cannot be called; null: they can. */
  readonly functionsError: string | null;
  readonly components: readonly ComponentRecord[];
  readonly portfolio: HashAnswer;
  readonly modes: HashAnswer;
  readonly aliases: HashAnswer;
  readonly clusters: HashAnswer;
  /** Of `portfolio`, `modes`, `aliases` and `clusters`: those of another type. */
  readonly wrongTypes: readonly string[];
  readonly hashes: readonly NamedHash[];
  /** Keys of the namespace that are none of the contract's and none of Ballast's own. */
  readonly strangers: readonly string[];
  /** Every key of the namespace was seen. */
  readonly isWhole: boolean;
  readonly streams: readonly StreamView[];
  /** The newest, oldest first. */
  readonly executions: readonly SeenExecution[];
  /** There are older ones. */
  readonly hasOlder: boolean;
  readonly knownSymbols: readonly string[];
}

export interface Situation extends Configured {
  /** Null: no store was read, `notRead` says why. */
  readonly stored: Stored | null;
  readonly notRead: string | null;
  /** What the components' ports answered. */
  readonly health: readonly HealthAnswer[];
  /** Null: the store is on no disk of ours. */
  readonly disk: Disk | null;
}

/** Symbols that trade, have a position, or were ever met by a component. */
export function symbolsSeen({ executions, hashes, knownSymbols }: Stored): Set<string> {
  const seen = new Set(knownSymbols);
  for (const { symbol } of executions) if (symbol !== null) seen.add(symbol);
  for (const { kind, name } of hashes) if (kind === 'position') seen.add(name);
  return seen;
}

/** The hash's entries go before the file's. */
export function aliasesOf(file: ReadonlyMap<string, string>, hash: HashAnswer): ReadonlyMap<string, string> {
  return new Map([...file, ...(hash ?? [])]);
}

/** USD: what the portfolio says, else what a budget was made from, else what it began with. */
export function equityOf({ settings, stored }: Situation): number {
  const budget = stored?.hashes.find(({ kind }) => kind === 'budget');
  const known = [stored?.portfolio, budget?.fields].map((hash) => parseDecimal(hash?.get('equity_usd')));
  return known.find((equity) => equity !== null && equity > 0) ?? settings.INITIAL_EQUITY_USD;
}
