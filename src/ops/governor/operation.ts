/** What every operator's command works with, and how it says that it cannot be done. */
import { ownKeyOf } from '../../contract/keys.ts';
import { tradingState } from '../../core/governor/trading-state.ts';
import type { TradingState } from '../../core/event.ts';
import type { Settings } from '../../core/settings.ts';
import type { HashAnswer, HashRequest, Store } from '../../store/store.ts';
import type { Look, Trading } from '../../store/permits.ts';

/** A deployment, as an operator's command meets it. */
export interface Deployment {
  readonly store: Store;
  readonly namespace: string;
  readonly settings: Settings;
  /** A venue's name → symbol. */
  readonly aliases: ReadonlyMap<string, string>;
  /** A store of the same kind that holds nothing of anyone, for trying things out. */
  readonly openScratch: (namespace: string) => Promise<Scratch>;
}

export interface Scratch {
  readonly namespace: string;
  readonly store: Store;
  /** Closes it and removes what it holds; returns how many keys could not be removed. */
  readonly remove: () => Promise<number>;
}

/** Why a command was not done, in plain words; nothing was changed. */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}

export interface Situation extends Look {
  readonly state: TradingState;
  /** The process that has the governor; null: none. */
  readonly governor: string | null;
}

/** The trading state and who judges plans, and further hashes, in one round trip. */
export async function situation(
  { store, namespace }: Pick<Deployment, 'store' | 'namespace'>,
  requests: readonly HashRequest[] = [],
): Promise<Situation> {
  const owner = { key: ownKeyOf(namespace, 'owner', 'governor'), fields: ['owner', 'expires_ms'] };
  const look = await store.permits.look([owner, ...requests]);
  return {
    ...look,
    hashes: look.hashes.slice(1),
    state: stateOf(look.trading),
    governor: holder(look.hashes[0] ?? null, look.nowMs),
  };
}

/** The state that holds: the more severe of flag and latch. */
export function stateOf({ flag, latched }: Pick<Trading, 'flag' | 'latched'>): TradingState {
  return tradingState(flag.kind === 'text' ? flag.text : undefined, latched);
}

function holder(record: HashAnswer, nowMs: number): string | null {
  const owner = record?.get('owner') ?? '';
  return owner !== '' && Number(record?.get('expires_ms') ?? 0) > nowMs ? owner : null;
}
