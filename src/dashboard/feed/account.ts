/** The account as the components have it: fed by another program, or counted by one of them and committed with its state. */
import { parseDecimal } from '../../contract/decimal.ts';
import { parseJsonObject } from '../../contract/json-object.ts';
import { ownKeyOf } from '../../contract/keys.ts';
import { portfolioRequest, readPortfolio } from '../../components/governor/plan-view.ts';
import { applyPortfolio, viewPortfolio, type PortfolioState } from '../../core/portfolio/portfolio.ts';
import { decodePositions } from '../../runtime/positions.ts';
import type { EntryId, HashAnswer, HashRequest } from '../../store/store.ts';
import type { Overview } from '../wire.ts';

export type Account = NonNullable<Overview['account']>;

export interface AccountReading {
  readonly account: Account;
  /** Where it is counted from executions: up to which entry of each stream; null where it does not say. */
  readonly counted: { readonly executions: EntryId | null; readonly cashflows: EntryId | null } | null;
}

/** Who keeps an account. */
const KEEPERS = ['budget', 'allocation', 'governor'] as const;
const META_FIELDS = ['portfolio', 'tick', 'now', 'inputs'];

/** In the order `accountIn` takes the answers. */
export function accountRequests(namespace: string): readonly HashRequest[] {
  return [
    portfolioRequest(namespace),
    ...KEEPERS.map((name) => ({ key: ownKeyOf(namespace, 'meta', name), fields: META_FIELDS })),
  ];
}

/** Null where nobody keeps one. */
export function accountIn(
  answers: readonly HashAnswer[],
  nowSec: number,
  staleSec: number,
): AccountReading | null {
  const [hash, ...metas] = answers;
  const kept = metas
    .flatMap((meta) => {
      const portfolio = portfolioIn(meta?.get('portfolio'));
      return portfolio === null ? [] : [{ portfolio, meta: meta!, ts: tsOf(meta!) }];
    })
    .toSorted((a, b) => b.ts - a.ts);
  const best = kept.find(({ portfolio }) => portfolio.fed !== null) ?? kept[0] ?? null;
  const told = readPortfolio(hash ?? null, nowSec);
  if (best === null && told === null) return null;
  const portfolio: PortfolioState = best?.portfolio ?? { ownEquityUsd: 0, ownPeakUsd: 0, fed: null };
  if (told !== null && told.stateTs > (portfolio.fed?.ts ?? 0)) applyPortfolio(portfolio, told);
  const view = viewPortfolio(portfolio, nowSec);
  const { fed } = portfolio;
  const ts = fed?.ts ?? (best !== null && best.ts > 0 ? best.ts : null);
  return {
    account: {
      equity_usd: view.equityUsd,
      peak_usd: fed?.peakUsd ?? portfolio.ownPeakUsd,
      drawdown: view.drawdown,
      source: fed === null ? 'own' : 'fed',
      ts,
      stale: ts === null || nowSec - ts > staleSec,
    },
    counted: fed === null && best !== null ? countedIn(best.meta) : null,
  };
}

/** Up to when it is counted. The governor has no tick: it says when it committed. */
function tsOf(meta: NonNullable<HashAnswer>): number {
  return parseDecimal(meta.get('tick') ?? meta.get('now')) ?? 0;
}

/** Null where another version keeps it in another form. */
function portfolioIn(text: string | undefined): PortfolioState | null {
  const fields = text === undefined ? null : parseJsonObject(text);
  if (fields === null) return null;
  const ownEquityUsd = parseDecimal(fields.get('ownEquityUsd'));
  const ownPeakUsd = parseDecimal(fields.get('ownPeakUsd'));
  if (ownEquityUsd === null || ownPeakUsd === null) return null;
  const told = fields.get('fed');
  if (typeof told !== 'object' || told === null) return { ownEquityUsd, ownPeakUsd, fed: null };
  const fed = new Map<string, unknown>(Object.entries(told));
  const [ts, equityUsd] = [parseDecimal(fed.get('ts')), parseDecimal(fed.get('equityUsd'))];
  if (ts === null || equityUsd === null) return null;
  return {
    ownEquityUsd,
    ownPeakUsd,
    fed: {
      ts,
      equityUsd,
      drawdown: parseDecimal(fed.get('drawdown')) ?? 0,
      heat: parseDecimal(fed.get('heat')) ?? 0,
      peakUsd: parseDecimal(fed.get('peakUsd')) ?? equityUsd,
    },
  };
}

function countedIn(meta: NonNullable<HashAnswer>): AccountReading['counted'] {
  try {
    const positions = decodePositions(meta.get('inputs') ?? '{}');
    return {
      executions: positions.get('execution.result')?.after ?? null,
      cashflows: positions.get('cashflow')?.after ?? null,
    };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return { executions: null, cashflows: null };
  }
}
