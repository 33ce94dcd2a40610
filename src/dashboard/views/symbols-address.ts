/** Filter and order of the table of symbols as the address holds them, so that a view can be kept and sent to others. */
import type { SymbolRow } from '../wire.ts';
import { NO_FILTER, SYMBOL_COLUMNS, type SymbolFilter, type SymbolSort } from './symbols.ts';

/** Where the table begins: what earned most first. */
export const FIRST_SORT: SymbolSort = { column: 'profit', direction: 'descending' };

/** What an address does not say, or says wrongly, is as at first. */
export function readSymbolsAddress(query: URLSearchParams): { filter: SymbolFilter; sort: SymbolSort } {
  const column = SYMBOL_COLUMNS.find(({ key }) => key === query.get('sort'))?.key;
  const only = (query.get('only') ?? '').split(',');
  return {
    filter: {
      text: query.get('q') ?? '',
      pressure: query.get('pressure'),
      cluster: query.get('cluster'),
      isDisarmedOnly: only.includes('disarmed'),
      isStaleOnly: only.includes('stale'),
    },
    sort:
      column === undefined
        ? FIRST_SORT
        : { column, direction: query.get('order') === 'ascending' ? 'ascending' : 'descending' },
  };
}

/** `/symbols?q=btc&sort=efficiency`: only what differs from the first view. */
export function symbolsAddress(filter: SymbolFilter, sort: SymbolSort): string {
  const query = new URLSearchParams();
  if (filter.text !== '') query.set('q', filter.text);
  if (filter.pressure !== null) query.set('pressure', filter.pressure);
  if (filter.cluster !== null) query.set('cluster', filter.cluster);
  const only = [...(filter.isDisarmedOnly ? ['disarmed'] : []), ...(filter.isStaleOnly ? ['stale'] : [])];
  if (only.length > 0) query.set('only', only.join(','));
  if (sort.column !== FIRST_SORT.column || sort.direction !== FIRST_SORT.direction) {
    query.set('sort', sort.column);
    query.set('order', sort.direction);
  }
  const text = query.toString();
  return text === '' ? '/symbols' : `/symbols?${text}`;
}

export const isFiltered = (filter: SymbolFilter): boolean =>
  symbolsAddress(filter, FIRST_SORT) !== symbolsAddress(NO_FILTER, FIRST_SORT);

/** Rows in the order they had, so that none moves away under a pointer; those that were not there stand last. */
export function keepOrder(rows: readonly SymbolRow[], before: readonly SymbolRow[]): readonly SymbolRow[] {
  const places = new Map(before.map(({ symbol }, index) => [symbol, index]));
  const place = ({ symbol }: SymbolRow): number => places.get(symbol) ?? before.length;
  return rows.toSorted((a, b) => place(a) - place(b));
}
