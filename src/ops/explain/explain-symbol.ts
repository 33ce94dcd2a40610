/** A symbol: what it may use and why, what its capital earned, and what was judged of it last. */
import { readWaterfall } from './allocations.ts';
import { readEfficiency } from './efficiency-parts.ts';
import { readExecutions } from './executions.ts';
import { roughText } from './numbers.ts';
import { lookThrough, type ExplainSource } from './source.ts';
import { verdictIn, type VerdictEvent } from './verdict-record.ts';
import { readSettings } from '../../components/governor/recorded-settings.ts';
import { keyOf } from '../../contract/keys.ts';
import { newestEntries } from '../stream-tail.ts';
import type { Store } from '../../store/store.ts';
import type { EfficiencyParts, SymbolExplanation, Waterfall } from './explanation.ts';

/** Verdicts shown. */
const MAX_VERDICTS = 20;
/** Looked through first: enough where the symbol is traded. */
const NEWEST_EVENTS = 1000;

/** Null where nothing is recorded about it. */
export async function explainSymbol(
  { store, namespace, settings }: ExplainSource,
  symbol: string,
  aliases: ReadonlyMap<string, string>,
): Promise<SymbolExplanation | null> {
  const recorded = await readSettings(store, namespace);
  const known = recorded.flatMap((one) => (one.settings === null ? [] : [one.settings]));
  const candidates = [...known, settings];
  const [allocation, scored, executed, verdicts] = await Promise.all([
    readWaterfall(store, namespace, symbol, null),
    readEfficiency(store, namespace, symbol, null, candidates),
    readExecutions(store, namespace, symbol, null, candidates[0]!.P30_LOOKBACK_WINDOW, aliases),
    readVerdicts(store, namespace, symbol),
  ]);
  const { waterfall } = allocation;
  const { efficiency } = scored;
  const { executions } = executed;
  if (waterfall === null && efficiency === null && executions.length === 0 && verdicts.length === 0)
    return null;
  const times = [waterfall?.ts, efficiency?.ts, verdicts[0]?.at].filter((ts) => ts !== undefined);
  return {
    subject: 'symbol',
    symbol,
    at: times.length === 0 ? null : Math.max(...times),
    sentence: sentenceOf(symbol, waterfall, efficiency, verdicts[0]),
    waterfall,
    efficiency,
    executions,
    verdicts: verdicts.map(({ planId, at, reason }) => ({
      plan_id: planId,
      at,
      outcome: reason === null ? 'permitted' : 'blocked',
      reason,
    })),
    missing: [allocation.missing, ...scored.missing, executed.missing].filter((what) => what !== null),
  };
}

/** Newest first. */
async function readVerdicts(
  store: Store,
  namespace: string,
  symbol: string,
): Promise<readonly VerdictEvent[]> {
  const stream = keyOf(namespace, 'governorEvents');
  const found: VerdictEvent[] = [];
  const newest = await newestEntries(store, stream, NEWEST_EVENTS);
  for (const entry of newest.entries) {
    const verdict = entry.fields.includes(symbol) ? verdictIn(entry) : null;
    if (verdict?.symbol === symbol) found.push(verdict);
  }
  if (found.length < MAX_VERDICTS && newest.hasOlder) {
    found.length = 0;
    await lookThrough(store, stream, 0, (entry) => {
      const verdict = entry.fields.includes(symbol) ? verdictIn(entry) : null;
      if (verdict?.symbol === symbol) found.push(verdict);
      return false;
    });
  }
  return found.slice(-MAX_VERDICTS).toReversed();
}

function sentenceOf(
  symbol: string,
  waterfall: Waterfall | null,
  efficiency: EfficiencyParts | null,
  verdict: VerdictEvent | undefined,
): string {
  const parts = [
    ...(waterfall === null
      ? []
      : [
          `${symbol} may use ${roughText(waterfall.target_usd, 'USD')} USD of a base budget of ${roughText(waterfall.base_budget_usd, 'USD')} USD${waterfall.mode === 'shadow' ? ' (in shadow, so nothing acts on it)' : ''}.`,
        ]),
    ...(efficiency === null
      ? []
      : [
          `Its capital scores ${efficiency.ewma.toFixed(2)} of 1, which asks to ${PRESSURE[efficiency.pressure] ?? 'hold'} it.`,
        ]),
    ...(verdict === undefined
      ? []
      : [
          `Its last plan, ${verdict.planId}, was ${verdict.reason === null ? 'permitted' : `blocked (${verdict.reason})`}.`,
        ]),
  ];
  return parts.length === 0
    ? `${symbol} was traded, and nothing was decided about it that is still recorded.`
    : parts.join(' ');
}

const PRESSURE: Readonly<Record<string, string>> = {
  INCREASE: 'increase',
  HOLD: 'hold',
  DECREASE: 'decrease',
};
