/** What the governor reads of the store to judge a plan: the hashes of its symbol and the account, in enforced keys only. */
import { PORTFOLIO_FIELDS, POSITION_FIELDS } from '../world.ts';
import { decodeEntry } from '../../contract/decode.ts';
import { parseDecimal } from '../../contract/decimal.ts';
import { keyOf } from '../../contract/keys.ts';
import { parseMoment } from '../../contract/moment.ts';
import { clamp01 } from '../../core/num.ts';
import type { PipelineView } from '../../core/governor/governor.ts';
import type { EfficiencyRecord, EnforcedRecord } from '../../core/governor/view.ts';
import type { PortfolioEvent, PositionEvent } from '../../core/event.ts';
import type { Settings } from '../../core/settings.ts';
import type { HashAnswer, HashRequest } from '../../store/store.ts';

/** A time further ahead is of a broken clock: what it belongs to would stay fresh for ever. */
const MAX_FUTURE_SEC = 60;
/** A key that is there is alive, whatever its age: its life is the store's to end. */
const ANY_AGE_SEC = 1e9;
const NO_ALIASES = { aliases: new Map<string, string>() };

export function portfolioRequest(namespace: string): HashRequest {
  return { key: keyOf(namespace, 'portfolio'), fields: PORTFOLIO_FIELDS };
}

export function positionRequest(namespace: string, symbol: string): HashRequest {
  return { key: keyOf(namespace, 'position', symbol), fields: POSITION_FIELDS };
}

/** In the order `readSymbol` takes the answers. */
export function symbolRequests(namespace: string, symbol: string): readonly HashRequest[] {
  return [
    positionRequest(namespace, symbol),
    { key: keyOf(namespace, 'market', symbol), fields: ['mark_price', 'timestamp'] },
    { key: keyOf(namespace, 'budget', symbol), fields: ['budget_usd', 'timestamp', 'mode'] },
    { key: keyOf(namespace, 'target', symbol), fields: ['target_usd', 'timestamp', 'ts', 'mode'] },
    {
      key: keyOf(namespace, 'efficiency', symbol),
      fields: ['efficiency_score', 'confidence', 'ts', 'timestamp', 'mode'],
    },
  ];
}
export const REQUESTS_A_SYMBOL = 5;

/** When a symbol's enforced budget and target were last computed, as far as was seen; 0: never. */
export interface LastEnforced {
  readonly budgetTs: number;
  readonly targetTs: number;
}

export type SymbolReading = Omit<PipelineView, 'equityUsd'> & { readonly last: LastEnforced };

/** Reads the answers to `symbolRequests` at `now`, but for the position; what cannot be used counts as missing. */
export function readSymbol(
  answers: readonly HashAnswer[],
  now: number,
  settings: Settings,
  before: LastEnforced,
): SymbolReading {
  const [, market, budget, target, efficiency] = answers as [
    HashAnswer,
    HashAnswer,
    HashAnswer,
    HashAnswer,
    HashAnswer,
  ];
  // Budgets have one key in both modes and say which; a target below the enforced key is enforced.
  const budgetRead = budget?.get('mode') === 'enforce' ? readUsd(budget, 'budget_usd', now) : null;
  const targetRead = target?.get('mode') === 'shadow' ? null : readUsd(target, 'target_usd', now);
  const last = {
    budgetTs: budgetRead?.ts ?? before.budgetTs,
    targetTs: targetRead?.ts ?? before.targetTs,
  };
  return {
    last,
    markUsd: readMark(market, now, settings.STALE_DATA_SEC),
    budget: enforcedRecord(budgetRead, last.budgetTs, now),
    target: enforcedRecord(targetRead, last.targetTs, now),
    efficiency: readEfficiency(efficiency, now),
  };
}

/** Null where there is none, or it cannot be used. */
export function readPosition(symbol: string, answer: HashAnswer, now: number): PositionEvent | null {
  return readState('position', { symbol }, answer, now) as PositionEvent | null;
}

/** Null where there is none, or it cannot be used. */
export function readPortfolio(answer: HashAnswer, now: number): PortfolioEvent | null {
  return readState('portfolio', {}, answer, now) as PortfolioEvent | null;
}

/** Whether a state hash says it was written in the future: what it holds counts as of now, but only once. */
export function isAhead(answer: HashAnswer, now: number): boolean {
  const ts = parseMoment(answer?.get('timestamp'));
  return ts !== null && ts > now + MAX_FUTURE_SEC;
}

/** A state hash must say when it was written: else it would never grow old. */
function readState(
  type: 'position' | 'portfolio',
  names: Readonly<Record<string, string>>,
  answer: HashAnswer,
  now: number,
): PositionEvent | PortfolioEvent | null {
  if (answer === null || !answer.has('timestamp')) return null;
  const decoded = decodeEntry(type, { ...Object.fromEntries(answer), ...names }, now, NO_ALIASES);
  return decoded.event as PositionEvent | PortfolioEvent | null;
}

function readMark(answer: HashAnswer, now: number, maxAgeSec: number): number | null {
  const mark = parseDecimal(answer?.get('mark_price'));
  const ts = readTime(answer, now);
  return mark !== null && mark > 0 && ts !== null && now - ts <= maxAgeSec ? mark : null;
}

function readUsd(
  answer: HashAnswer,
  field: string,
  now: number,
): { readonly ts: number; readonly usd: number } | null {
  const usd = parseDecimal(answer?.get(field));
  const ts = readTime(answer, now);
  if (usd === null || ts === null) return null;
  return { ts, usd: Math.max(usd, 0) };
}

function enforcedRecord(
  read: { readonly ts: number; readonly usd: number } | null,
  lastTs: number,
  now: number,
): EnforcedRecord {
  if (read !== null) return { usd: read.usd, ageSec: now - read.ts, lifeSec: ANY_AGE_SEC };
  return { usd: 0, ageSec: lastTs > 0 ? now - lastTs : Infinity, lifeSec: -1 };
}

function readEfficiency(answer: HashAnswer, now: number): EfficiencyRecord {
  const score = parseDecimal(answer?.get('efficiency_score'));
  const confidence = parseDecimal(answer?.get('confidence'));
  const ts = readTime(answer, now);
  if (score === null || confidence === null || ts === null || answer?.get('mode') === 'shadow')
    return { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 };
  return {
    score: clamp01(score),
    confidence: clamp01(confidence),
    ageSec: now - ts,
    lifeSec: ANY_AGE_SEC,
  };
}

function readTime(answer: HashAnswer, now: number): number | null {
  const ts = parseMoment(answer?.get('ts') ?? answer?.get('timestamp'));
  return ts === null || ts > now + MAX_FUTURE_SEC ? null : ts;
}
