import { mkdtempSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { InputError } from './formats/format.ts';
import { openSource, readHeadBytes } from './sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'ballast-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

async function textOf(path: string): Promise<string> {
  using source = await openSource(path);
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.bytes()) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

describe('a source', () => {
  it('is read the same plain and gzipped, whatever its name, and as often as wanted', async () => {
    const text = 'héllo\n'.repeat(100_000);
    expect(await textOf(file('plain.gz', text))).toBe(text);
    expect(await textOf(file('zipped.txt', gzipSync(text)))).toBe(text);
    using source = await openSource(join(folder, 'zipped.txt'));
    for (let i = 0; i < 2; i++) {
      let length = 0;
      for await (const chunk of source.bytes()) length += chunk.length;
      expect(length).toBe(Buffer.byteLength(text));
    }
  });

  it('may be several gzip files joined', async () => {
    expect(await textOf(file('joined.gz', Buffer.concat([gzipSync('a\n'), gzipSync('b\n')])))).toBe('a\nb\n');
  });

  it('knows its name and its place', async () => {
    const path = file('named', 'abc');
    using source = await openSource(path);
    expect(source).toMatchObject({ name: path, path });
  });

  it('shows its first 64 KiB and can be read from the start after that', async () => {
    const path = file('head', 'x'.repeat(300_000));
    using source = await openSource(path);
    expect(await readHeadBytes(source)).toHaveLength(65_536);
    expect(await textOf(path)).toHaveLength(300_000);
  });

  it.each([
    ['none', /there is no such file/],
    ['sub', /is a directory/],
    ['head/x', /./],
  ])('that is %s is refused', async (name, why) => {
    mkdirSync(join(folder, 'sub'), { recursive: true });
    file('head', 'x');
    await expect(openSource(join(folder, name))).rejects.toThrow(InputError);
    await expect(openSource(join(folder, name))).rejects.toThrow(why);
  });

  it('that is a gzip file without its end is refused as such', async () => {
    const path = file('cut.gz', gzipSync('x'.repeat(1000)).subarray(0, -9));
    await expect(textOf(path)).rejects.toThrow(InputError);
    await expect(textOf(path)).rejects.toThrow(/ends too early/);
  });

  it('that is damaged inside is refused as such', async () => {
    const bytes = gzipSync('x'.repeat(1000));
    bytes.fill(0xff, 12, 18);
    await expect(textOf(file('bad.gz', bytes))).rejects.toThrow(/is damaged/);
  });
});
