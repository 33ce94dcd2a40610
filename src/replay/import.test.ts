import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { importRecords } from './import.ts';
import type { FormatOptions } from './formats/format.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };
const folder = mkdtempSync(join(tmpdir(), 'ballast-import-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, lines: readonly string[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => `${line}\n`).join(''));
  return path;
}

const none = new Map<string, string>();

describe('importing', () => {
  it('puts the lines of all files in order of time, equal times by argument, then by line', async () => {
    const line = (ts: number, pnl: number): string => `{"ts":${ts},"symbol":"A","pnl":${pnl}}`;
    const a = file('a', [line(1_700_000_005, 1), line(1_700_000_001, 2), line(1_700_000_001, 3)]);
    const b = file('b', [line(1_700_000_001, 4), line(1_700_000_009, 5)]);
    const { lines, files } = await importRecords([a, b], 'auto', OPTIONS, none);
    expect(lines.map((text) => (JSON.parse(text) as { pnl: number }).pnl)).toEqual([2, 3, 4, 1, 5]);
    expect(files.map(({ name, records }) => [name, records])).toEqual([
      [a, 3],
      [b, 2],
    ]);
  });

  it('keeps every field of a record, and writes its symbol in its one form', async () => {
    const path = file('c', [
      '{"ts":1700000000,"symbol":"eth/usdt","pnl":"1.50","note":"x","__proto__":{"a":1}}',
    ]);
    const { lines } = await importRecords([path], 'auto', OPTIONS, none);
    expect(lines).toEqual([
      '{"type":"execution","ts":1700000000,"symbol":"ETHUSDT","pnl":"1.50","note":"x","__proto__":{"a":1}}',
    ]);
  });

  it('applies the aliases of symbols', async () => {
    const path = file('d', ['{"ts":1700000000,"symbol":"XBT","pnl":1}']);
    const { lines } = await importRecords([path], 'auto', OPTIONS, new Map([['XBT', 'BTCUSD']]));
    expect(JSON.parse(lines[0]!)).toMatchObject({ symbol: 'BTCUSD' });
  });

  it('keeps refused lines apart, with their reason', async () => {
    const path = file('e', ['{"ts":1700000000,"symbol":"A","pnl":1}', '{"ts":1,"symbol":"A","pnl":1}', '{']);
    const { lines, files } = await importRecords([path], 'auto', OPTIONS, none);
    expect(lines).toHaveLength(1);
    expect(files[0]!.rejected.map(({ line, reason }) => [line, reason])).toEqual([
      [2, 'bad_time'],
      [3, 'not_json'],
    ]);
  });
});
