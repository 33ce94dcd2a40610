/** `kill` and `rearm`: the trading state and disarmed symbols, changed by an operator. */
import { canonicalSymbol } from '../../contract/symbol.ts';
import { OperatorError, situation, type Deployment } from './operation.ts';
import { StoreError } from '../../store/store.ts';
import type { TradingState } from '../../core/event.ts';

export interface KillRequest {
  readonly state: TradingState;
  readonly reason: string;
  /** Who wants it; null: no name was given. */
  readonly by: string | null;
}

export interface KillReport {
  readonly state: TradingState;
  /** Null: it could not be read. */
  readonly before: TradingState | null;
  /** More is allowed than before, or symbols were armed again. */
  readonly is_rearming: boolean;
  readonly by: string;
  readonly reason: string;
  /** Outstanding permits that lost their force. */
  readonly voided: number;
  /** Symbols that were disarmed, and are armed now. */
  readonly rearmed: readonly string[];
  /** Symbols that are disarmed still. */
  readonly disarmed: readonly string[];
  readonly revision: number;
  /** The process that judges plans; null: none runs. */
  readonly governor: string | null;
  /** From the request to the store's answer that it is done, milliseconds. */
  readonly took_ms: number;
}

/** Who switched something off, where no name was given. */
const NO_NAME = 'operator';

const LENIENCY: Readonly<Record<TradingState, number>> = { HALTED: 0, REDUCING: 1, ACTIVE: 2 };

/** Stopping takes no name; whoever allows more than is allowed now has to give one. */
export async function switchTrading(deployment: Deployment, request: KillRequest): Promise<KillReport> {
  const { state, reason, by } = request;
  const looking = situation(deployment);
  if (state !== 'HALTED') refuseWithoutName(request, (await looking).state);
  const name = by ?? NO_NAME;
  const startMs = performance.now();
  const changing = deployment.store.permits.change({ kind: 'switch', state, by: name, reason });
  // Halting waits for nothing, and needs to know nothing of what was before.
  const [looked, done] = await Promise.allSettled([looking, changing]);
  const tookMs = performance.now() - startMs;
  if (done.status === 'rejected') throw await failed(deployment, done.reason);
  const before = looked.status === 'fulfilled' ? looked.value : null;
  const disarmed = [...(before?.trading.disarmed.keys() ?? [])].toSorted();
  const rearmed = state === 'ACTIVE' ? disarmed : [];
  return {
    state: done.value.state,
    before: before?.state ?? null,
    is_rearming: (before !== null && LENIENCY[state] > LENIENCY[before.state]) || rearmed.length > 0,
    by: name,
    reason,
    voided: done.value.voided,
    rearmed,
    disarmed: state === 'ACTIVE' ? [] : disarmed,
    revision: done.value.revision,
    governor: before?.governor ?? null,
    took_ms: tookMs,
  };
}

function refuseWithoutName({ state, by }: KillRequest, before: TradingState): void {
  if (by !== null || (state !== 'ACTIVE' && LENIENCY[state] <= LENIENCY[before])) return;
  throw new OperatorError(
    `trading is ${before}: to set it ${state} is to re-arm, which takes the name of a person; add --by NAME`,
  );
}

/** What the store said, and what holds all the same. */
async function failed(deployment: Deployment, error: unknown): Promise<unknown> {
  if (!(error instanceof StoreError)) return error;
  const [looked] = await Promise.allSettled([situation(deployment)]);
  const state =
    looked.status === 'fulfilled' ? `trading is ${looked.value.state} now` : 'what holds is not known';
  return new OperatorError(`${error.message}; ${state}`, { cause: error });
}

export interface RearmRequest {
  /** Null: every one. */
  readonly symbol: string | null;
  readonly by: string;
  readonly reason: string;
}

export interface RearmReport {
  readonly rearmed: readonly string[];
  readonly disarmed: readonly string[];
  /** Unless `ACTIVE`, openings stay blocked all the same. */
  readonly state: TradingState;
  readonly by: string;
  readonly reason: string;
  readonly took_ms: number;
}

export async function rearm(
  deployment: Deployment,
  { symbol, by, reason }: RearmRequest,
): Promise<RearmReport> {
  const { trading, state } = await situation(deployment);
  const disarmed = [...trading.disarmed.keys()].toSorted();
  const found =
    symbol === null
      ? null
      : [symbol, canonicalSymbol(symbol, deployment.aliases)].find(
          (name) => name !== null && disarmed.includes(name),
        );
  if (found === undefined)
    throw new OperatorError(
      disarmed.length === 0
        ? `${symbol} is not disarmed; no symbol is`
        : `${symbol} is not disarmed; disarmed: ${disarmed.join(', ')}`,
    );
  const startMs = performance.now();
  const rearmed = await deployment.store.permits.rearm(found, by, reason);
  const tookMs = performance.now() - startMs;
  return {
    rearmed,
    disarmed: disarmed.filter((name) => !rearmed.includes(name)),
    state,
    by,
    reason,
    took_ms: tookMs,
  };
}
