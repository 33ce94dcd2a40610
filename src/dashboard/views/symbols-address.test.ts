import { describe, expect, it } from 'vitest';
import { symbolRow as row } from '../../../test/support/symbol-row.ts';
import { FIRST_SORT, isFiltered, keepOrder, readSymbolsAddress, symbolsAddress } from './symbols-address.ts';
import { NO_FILTER } from './symbols.ts';

const read = (address: string) => readSymbolsAddress(new URLSearchParams(address.split('?')[1] ?? ''));

describe('the address of the table', () => {
  it('is bare for the first view', () => {
    expect(symbolsAddress(NO_FILTER, FIRST_SORT)).toBe('/symbols');
    expect(read('/symbols')).toEqual({ filter: NO_FILTER, sort: FIRST_SORT });
  });

  it('comes back as it was, whatever names hold', () => {
    const filter = {
      ...{ text: '<b>&"é', pressure: 'HOLD', cluster: 'a,b=c&d' },
      ...{ isDisarmedOnly: true, isStaleOnly: true },
    };
    const sort = { column: 'age', direction: 'ascending' } as const;
    expect(read(symbolsAddress(filter, sort))).toEqual({ filter, sort });
  });

  it('that makes no sense is read as far as it does', () => {
    expect(read('/symbols?sort=__proto__&order=up&only=x').sort).toEqual(FIRST_SORT);
    expect(read('/symbols?sort=budget&order=up').sort).toEqual({ column: 'budget', direction: 'descending' });
  });

  it('says whether anything is filtered, which an order is not', () => {
    expect(isFiltered(NO_FILTER)).toBe(false);
    expect(isFiltered({ ...NO_FILTER, isStaleOnly: true })).toBe(true);
  });
});

describe('the order that is kept', () => {
  it('is that of before, new rows last, gone ones gone', () => {
    const kept = keepOrder([row('N'), row('A'), row('B')], [row('B'), row('GONE'), row('A')]);
    expect(kept.map(({ symbol }) => symbol)).toEqual(['B', 'A', 'N']);
  });

  it('has the rows as they are now', () => {
    expect(keepOrder([row('A', { profit_usd: 5 })], [row('A')])[0]?.profit_usd).toBe(5);
  });
});
