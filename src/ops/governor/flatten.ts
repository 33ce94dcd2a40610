/** `flatten`: a plan that closes it for every position that is not flat, and what the governor answered. */
import { randomUUID } from 'node:crypto';
import { formatDecimal } from '../../contract/decimal.ts';
import { keyOf, partOfKey } from '../../contract/keys.ts';
import { canonicalSymbol, SYMBOL_GRAMMAR } from '../../contract/symbol.ts';
import { positionRequest, readPosition } from '../../components/governor/plan-view.ts';
import { awaitVerdicts, governorEventsEnd, type PlanVerdict } from './verdicts.ts';
import { situation, type Deployment } from './operation.ts';
import type { TradingState } from '../../core/event.ts';
import type { HashAnswer, Store } from '../../store/store.ts';

export interface FlattenRequest {
  /** Null: every one there is a snapshot of. */
  readonly symbol: string | null;
  readonly reason: string;
  readonly by: string;
  /** Shows what would be done. */
  readonly is_dry_run: boolean;
}

export interface FlattenRow {
  readonly symbol: string;
  /** Signed quantity of the newest snapshot; null: there is none that can be used. */
  readonly position: number | null;
  readonly notional_usd: number | null;
  readonly age_sec: number | null;
  /** Older than the governor takes for known: the plan closes whatever there is. */
  readonly is_old: boolean;
  readonly side: 'BUY' | 'SELL' | null;
  readonly plan_id: string | null;
  /** `no_answer`: the plan lies in its stream, and nobody judged it in time. `not_sent`: there is no plan, `reason` says why. */
  readonly outcome: 'granted' | 'blocked' | 'no_answer' | 'not_sent' | 'would_send';
  /** Of a block, or why there is no plan. */
  readonly reason: string | null;
  /** Of a permit: nobody can take one of `dry_run`. */
  readonly apply_mode: string | null;
}

export interface FlattenReport {
  readonly rows: readonly FlattenRow[];
  /** Symbols whose newest snapshot says that there is nothing to close. */
  readonly flat: number;
  readonly is_dry_run: boolean;
  readonly state: TradingState;
  readonly governor: string | null;
  readonly took_ms: number;
}

/** So long nobody may say anything before it is no answer. */
const SILENCE_MS = 3000;

export async function flatten(
  deployment: Deployment,
  request: FlattenRequest,
  signal: AbortSignal,
  silenceMs = SILENCE_MS,
): Promise<FlattenReport> {
  const startMs = performance.now();
  const { store, namespace, settings, aliases } = deployment;
  const symbols =
    request.symbol === null
      ? await symbolsWithPositions(store, namespace)
      : [canonicalSymbol(request.symbol, aliases) ?? request.symbol];
  const { hashes, nowMs, state, governor } = await situation(
    deployment,
    symbols.map((symbol) => positionRequest(namespace, symbol)),
  );
  const limitSec = settings.GOV_POSITION_STALE_SEC;
  const found = symbols.map((symbol, i) => rowOf(symbol, hashes[i] ?? null, nowMs / 1000, limitSec));
  const open = found.filter(({ position }) => position !== 0);
  const rows = request.is_dry_run ? open : await send(deployment, open, request, nowMs, signal, silenceMs);
  return {
    rows,
    flat: found.length - open.length,
    is_dry_run: request.is_dry_run,
    state,
    governor,
    took_ms: performance.now() - startMs,
  };
}

/** What components met, and whatever else has a snapshot. */
async function symbolsWithPositions(store: Store, namespace: string): Promise<string[]> {
  const symbols = new Set((await store.knownSymbols(0)) ?? []);
  const snapshots = new Set<string>();
  const prefix = keyOf(namespace, 'position', '');
  let cursor = '0';
  do {
    const step = await store.scan(prefix, cursor);
    for (const key of step.keys) {
      const symbol = partOfKey(namespace, 'position', key);
      if (symbol !== null) snapshots.add(symbol);
    }
    cursor = step.cursor;
  } while (cursor !== '0');
  // A walk may miss what was written meanwhile, and symbols without a snapshot have nothing to close.
  const requests = [...symbols].filter((symbol) => !snapshots.has(symbol));
  const answers = await store.hashes(requests.map((symbol) => positionRequest(namespace, symbol)));
  for (const [i, symbol] of requests.entries()) if (answers[i] !== null) snapshots.add(symbol);
  return [...snapshots].toSorted();
}

/** The row as it is before anything was sent. */
function rowOf(symbol: string, answer: HashAnswer, nowSec: number, limitSec: number): FlattenRow {
  const row: FlattenRow = {
    symbol,
    position: null,
    notional_usd: null,
    age_sec: null,
    is_old: false,
    side: null,
    plan_id: null,
    outcome: 'not_sent',
    reason: null,
    apply_mode: null,
  };
  if (!SYMBOL_GRAMMAR.test(symbol)) return { ...row, reason: 'this is no name of a symbol' };
  if (answer === null) return { ...row, reason: 'there is no position snapshot' };
  const snapshot = readPosition(symbol, answer, nowSec);
  if (snapshot === null) return { ...row, reason: 'its position snapshot cannot be used' };
  const { amount, markPrice, notionalUsd, stateTs } = snapshot;
  const notional = notionalUsd ?? (markPrice === null ? null : amount * markPrice);
  const ageSec = Math.max(0, nowSec - stateTs);
  return {
    ...row,
    position: amount,
    notional_usd: notional === null ? null : Math.sign(amount) * Math.abs(notional),
    age_sec: ageSec,
    is_old: ageSec > limitSec,
    side: amount > 0 ? 'SELL' : 'BUY',
    outcome: 'would_send',
  };
}

/** The plans go out together; each row comes back with what became of its plan. */
async function send(
  { store, namespace }: Deployment,
  rows: readonly FlattenRow[],
  { reason, by }: FlattenRequest,
  nowMs: number,
  signal: AbortSignal,
  silenceMs: number,
): Promise<FlattenRow[]> {
  const planned = rows.map((row) =>
    row.outcome === 'would_send'
      ? { ...row, plan_id: `flatten-${row.symbol}-${randomUUID().slice(0, 13)}` }
      : row,
  );
  const plans = planned.flatMap(({ plan_id, symbol, side }) =>
    plan_id === null ? [] : [{ plan_id, symbol, side }],
  );
  if (plans.length === 0) return planned;
  const after = await governorEventsEnd(store, namespace);
  const fields = { action: 'FULL_CLOSE_PROPOSED', decision: 'EXECUTE', reduceOnly: 'true', reason, by };
  await store.append(
    plans.map((plan) => ({
      stream: keyOf(namespace, 'plans'),
      fields: Object.entries({
        ...plan,
        ...fields,
        timestamp: formatDecimal(nowMs / 1000),
      }).flat() as string[],
      maxLength: null,
    })),
  );
  const ids = plans.map(({ plan_id }) => plan_id);
  const verdicts = await awaitVerdicts(store, namespace, ids, after, silenceMs, signal);
  return planned.map((row) =>
    row.plan_id === null ? row : { ...row, ...answered(verdicts.get(row.plan_id)) },
  );
}

function answered(verdict: PlanVerdict | undefined): Pick<FlattenRow, 'outcome' | 'reason' | 'apply_mode'> {
  if (verdict === undefined) return { outcome: 'no_answer', reason: null, apply_mode: null };
  return verdict.granted
    ? { outcome: 'granted', reason: null, apply_mode: verdict.applyMode }
    : { outcome: 'blocked', reason: verdict.reason, apply_mode: null };
}
