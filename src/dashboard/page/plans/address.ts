/** The filter of the list as the address holds it, so that a link leads to the same list. */
import { NO_FILTER, type VerdictFilter } from '../../views/verdicts.ts';

export function filterIn(query: URLSearchParams): VerdictFilter {
  const outcome = query.get('outcome');
  return {
    outcome: outcome === 'permitted' || outcome === 'blocked' ? outcome : 'all',
    symbol: query.get('symbol') ?? '',
    reason: query.get('reason') ?? '',
  };
}

export function addressOf(filter: VerdictFilter): string {
  const query = new URLSearchParams();
  for (const name of ['outcome', 'symbol', 'reason'] as const)
    if (filter[name] !== NO_FILTER[name]) query.set(name, filter[name]);
  const text = query.toString();
  return text === '' ? '/plans' : `/plans?${text}`;
}
