import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { renderTable, type Column, type Table } from './table.ts';
import { textWidth } from './text-width.ts';

const NAME: Column = { header: 'name', align: 'left', importance: 9 };
const PROFIT: Column = { header: 'profit', align: 'right', importance: 9 };
const NOTE: Column = { header: 'note', align: 'right', importance: 1 };
const plain = { colour: false, width: Infinity };

describe('renderTable', () => {
  test('aligns text left and numbers right, with a rule, and a total set apart', () => {
    const table: Table = {
      columns: [NAME, PROFIT],
      rows: [
        ['BTCUSDT', '+1,000.00'],
        ['A', '-1.00'],
      ],
      total: ['total', '+999.00'],
    };
    expect(renderTable(table, plain).split('\n')).toEqual([
      'name        profit',
      '───────  ─────────',
      'BTCUSDT  +1,000.00',
      'A            -1.00',
      '───────  ─────────',
      'total      +999.00',
    ]);
  });

  test('keeps its columns straight with wide characters and makes control characters harmless', () => {
    const table: Table = {
      columns: [NAME, PROFIT],
      rows: [
        ['比特币', '1'],
        ['a\u001b[2Jb\n', '2'],
      ],
    };
    const lines = renderTable(table, plain).split('\n');
    expect(lines.slice(2)).toEqual(['比特币        1', 'a·[2Jb·       2']);
    expect(new Set(lines.map(textWidth))).toEqual(new Set([15]));
  });

  test('drops the least important columns first, then cuts long names, never numbers', () => {
    const table: Table = {
      columns: [NAME, NOTE, PROFIT],
      rows: [['a-rather-long-name-of-a-signal', 'remark', '+12,345.67']],
    };
    const at = (width: number): string | undefined => renderTable(table, { ...plain, width }).split('\n')[2];
    expect(at(50)).toBe('a-rather-long-name-of-a-signal  remark  +12,345.67');
    expect(at(40)).toBe('a-rather-long-name-of-a-sig…  +12,345.67');
    expect(at(24)).toBe('a-rather-lo…  +12,345.67');
    expect(at(5)).toBe('a-rathe…  +12,345.67');
  });

  test('colours by sign without changing the alignment', () => {
    const table: Table = {
      columns: [NAME, PROFIT],
      rows: [
        ['a', { text: '+1', sign: 1 }],
        ['b', { text: '-10', sign: -10 }],
      ],
    };
    const coloured = renderTable(table, { ...plain, colour: true });
    expect(coloured).toContain('\u001b[32m+1\u001b[39m');
    expect(coloured).toContain('\u001b[31m-10\u001b[39m');
    expect(coloured.replace(/\u001b\[\d+m/g, '')).toBe(renderTable(table, plain));
  });

  test('draws its rule in ASCII on request', () => {
    expect(renderTable({ columns: [NAME], rows: [] }, { ...plain, ascii: true })).toBe('name\n----');
  });

  test('fits any width that leaves room for the most important columns', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { maxLength: 8 }),
        fc.integer({ min: 16, max: 80 }),
        (names, width) => {
          const rows = names.map((name, index) => [name, 'n'.repeat(index), String(index)]);
          const lines = renderTable({ columns: [NAME, NOTE, PROFIT], rows }, { ...plain, width }).split('\n');
          expect(lines).toHaveLength(names.length + 2);
          for (const line of lines) expect(textWidth(line)).toBeLessThanOrEqual(width);
        },
      ),
    );
  });
});
