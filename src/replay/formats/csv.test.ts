import { describe, expect, test } from 'vitest';
import { readCsv, readHead, sniffCsv, type CsvItem } from './csv.ts';
import type { Source } from './format.ts';

const sourceOf = (data: Uint8Array, size: number): Source => ({
  name: 'made up',
  path: null,
  async *bytes() {
    for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size);
  },
});

async function rowsOf(text: string | Uint8Array, size = 7): Promise<CsvItem[]> {
  const source = sourceOf(typeof text === 'string' ? Buffer.from(text) : text, size);
  const items: CsvItem[] = [];
  for await (const batch of readCsv(source, sniffCsv(await readHead(source)), 0)) items.push(...batch);
  return items;
}

describe('delimited text', () => {
  test.each([
    ['a,b\n1,2\n', ','],
    ['a;b;c\n1,5;2,5;3,5\n', ';'],
    ['a\tb\n1\t2\n', '\t'],
    ['sep=;\na;b\n', ';'],
  ])('%j is divided by %j', (text, delimiter) =>
    expect(sniffCsv(Buffer.from(text)).delimiter).toBe(delimiter),
  );

  test('rows carry the line they start on, whatever the chunks', async () => {
    const text = '\uFEFFa,b\r\n1,"two\nlines"\r\n\r\n"q""uote", 3 \r\n';
    const expected = [
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', 'two\nlines'] },
      { line: 5, cells: ['q"uote', '3'] },
    ];
    for (const size of [1, 3, 1000]) expect(await rowsOf(text, size)).toEqual(expected);
  });

  test('UTF-16 as spreadsheets save it is read', async () => {
    expect(await rowsOf(Buffer.from('\uFEFFa\tb\n€\t2\n', 'utf16le'))).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['€', '2'] },
    ]);
  });

  test('a quote that is never closed keeps the rows before it and says where it began', async () => {
    const items = await rowsOf('a,b\n1,2\n3,"4\n5,6\n', 1000);
    expect(items.slice(0, 2)).toEqual([
      { line: 1, cells: ['a', 'b'] },
      { line: 2, cells: ['1', '2'] },
    ]);
    expect(items[2]).toMatchObject({ line: 3, problem: expect.stringContaining('never closed') });
  });

  test('JSON and binary data have no rows', () => {
    expect(sniffCsv(Buffer.from('{"a":1,"b":2}\n')).rows).toEqual([]);
    expect(sniffCsv(Buffer.from([0x50, 0x4b, 3, 4, 0, 0, 0, 0])).rows).toEqual([]);
  });
});
