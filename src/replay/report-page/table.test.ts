import { describe, expect, it } from 'vitest';
import { table, toned, type Column } from './table.ts';

const COLUMNS: readonly Column[] = [
  { head: 'Name', kind: 'name' },
  { head: 'profit', kind: 'number' },
  { head: '', kind: 'bar' },
  { head: 'remark', kind: 'text' },
];

describe('a table', () => {
  it('has a caption, scopes, and escapes what it is given', () => {
    const { text } = table({
      caption: 'By <signal>',
      note: 'a & b',
      columns: COLUMNS,
      rows: [{ cells: ['<i>', toned('+1.00', 1), '', '"x"'], kind: 'weak' }],
      total: { cells: ['Total', toned('−2.00', -2), '', ''] },
    });
    expect(text).toContain('aria-label="By &lt;signal&gt;"');
    expect(text).toContain('<caption>By &lt;signal&gt; <span class="note">a &amp; b</span></caption>');
    expect(text).toContain('<th scope="col" class="number">profit</th>');
    expect(text).toContain(
      '<tr class="weak"><th scope="row" class="name">&lt;i&gt;</th><td class="number gain">+1.00</td><td class="bar" aria-hidden="true"></td><td class="text">&quot;x&quot;</td></tr>',
    );
    expect(text).toContain('<tfoot><tr class="total"><th scope="row" class="name">Total</th>');
  });

  it('leaves out a column of remarks that nobody has', () => {
    const rows = [{ cells: ['a', '1', '', ''] }, { cells: ['b', '2', '', ''] }];
    const { text } = table({ caption: 'x', columns: COLUMNS, rows, total: { cells: ['t', '3', '', ''] } });
    expect(text).not.toContain('remark');
    // Three columns in a head, two rows and a total.
    expect(text.match(/<t[dh][ >]/g)).toHaveLength(3 * 4);
  });

  it('stays on one sheet only where it is short', () => {
    const rows = (count: number): { cells: string[] }[] =>
      Array.from({ length: count }, () => ({ cells: ['a', '1', '', 'r'] }));
    expect(table({ caption: 'x', columns: COLUMNS, rows: rows(26) }).text).toContain('class="short"');
    expect(table({ caption: 'x', columns: COLUMNS, rows: rows(27) }).text).toContain('class="long"');
  });

  it('gives no colour to nothing', () => {
    expect([toned('0.00', 0), toned('–', null)]).toEqual([{ text: '0.00' }, { text: '–' }]);
  });
});
