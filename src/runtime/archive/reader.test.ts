import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { archiveFilesIn, splitLines, type ArchiveLine } from './reader.ts';

async function split(text: string, chunkBytes: number): Promise<ArchiveLine[]> {
  const bytes = Buffer.from(text);
  async function* chunks(): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < bytes.length; at += chunkBytes)
      yield await Promise.resolve(bytes.subarray(at, at + chunkBytes));
  }
  const all: ArchiveLine[] = [];
  for await (const lines of splitLines(chunks())) all.push(...lines);
  return all;
}

describe('the lines of a file', () => {
  it.each([1, 2, 3, 7, 1000])('are whole however the bytes come: %i at a time', async (chunkBytes) => {
    const texts = ['{"a":"grüße"}', '', '{"b":"\u2028 😀"}', '{"c":1}'];
    expect(await split(`${texts.join('\n')}\n`, chunkBytes)).toEqual(
      texts.map((text, i) => ({ line: i + 1, text, isWhole: true })),
    );
  });

  it('say of the last one whether it was cut', async () => {
    expect(await split('{"a":1}\n{"b', 4)).toEqual([
      { line: 1, text: '{"a":1}', isWhole: true },
      { line: 2, text: '{"b', isWhole: false },
    ]);
    expect(await split('', 4)).toEqual([]);
  });
});

describe('the files of an archive', () => {
  it('come by day, then by start, then by number; other files are none', () => {
    const folder = mkdtempSync(join(tmpdir(), 'ballast-archive-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const inOrder = [
      '2026-11-20/up.999999999999.jsonl.gz',
      '2026-11-20/budget.1795218600000.jsonl.gz',
      '2026-11-20/up.1795218600000.jsonl.gz',
      '2026-11-20/up.1795218600000.2.jsonl.gz',
      '2026-11-20/up.1795218600000.10.jsonl.gz',
      '2026-11-21/up.1795218600000.jsonl.gz',
    ];
    for (const name of [...inOrder.toReversed(), '2026-11-20/notes.txt', '2026-11-21/trades.jsonl.gz']) {
      mkdirSync(join(folder, name, '..'), { recursive: true });
      writeFileSync(join(folder, name), '');
    }
    expect(archiveFilesIn(folder)).toEqual(inOrder.map((name) => join(folder, name)));
  });
});
