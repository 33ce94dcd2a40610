import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lineEnd, readWholeLines } from './lines.ts';

async function read(chunks: readonly Uint8Array[]): Promise<{ number: number; text: string }[]> {
  const found: { number: number; text: string }[] = [];
  for await (const buffer of readWholeLines(stream(chunks))) {
    for (let start = 0; start < buffer.length;) {
      const end = lineEnd(buffer, start);
      found.push({ number: found.length + 1, text: buffer.toString('utf8', start, end) });
      start = end + 1;
    }
  }
  return found;
}

async function* stream(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

describe('reading lines', () => {
  it('gives the lines of the text with their numbers, wherever its bytes are cut', async () => {
    const line = fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => text.replaceAll('\n', ''));
    await fc.assert(
      fc.asyncProperty(
        fc.array(line),
        fc.boolean(),
        fc.array(fc.nat(), { maxLength: 6 }),
        async (lines, ends, cuts) => {
          fc.pre(!(lines[0] ?? '').startsWith('\uFEFF'));
          const bytes = Buffer.from(lines.join('\n') + (ends ? '\n' : ''));
          const places = cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b);
          const edges = [0, ...places, bytes.length];
          const chunks = edges.slice(1).map((to, i) => bytes.subarray(edges[i], to));
          // A text that ends with a line break has no line after it.
          const wanted = bytes.toString().split('\n');
          if (wanted.at(-1) === '') wanted.pop();
          expect(await read(chunks)).toEqual(wanted.map((text, i) => ({ number: i + 1, text })));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('drops a byte order mark at the start, and only there', async () => {
    const mark = '\uFEFF';
    expect(await read([Buffer.from(`${mark}a\n${mark}b`)])).toEqual([
      { number: 1, text: 'a' },
      { number: 2, text: `${mark}b` },
    ]);
    const bytes = Buffer.from(`${mark}a`);
    expect(await read([bytes.subarray(0, 1), bytes.subarray(1)])).toEqual([{ number: 1, text: 'a' }]);
  });

  it('gives nothing for nothing', async () => {
    expect(await read([])).toEqual([]);
  });

  it('refuses a line that would fill the memory', async () => {
    const chunk = Buffer.alloc(1 << 20, 'x');
    const chunks = [Buffer.from('one\n'), ...Array.from({ length: 17 }, () => chunk)];
    await expect(read(chunks)).rejects.toThrow(/^a line has more than /);
  });
});
