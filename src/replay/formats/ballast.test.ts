import { describe, expect, it } from 'vitest';
import { ballast } from './ballast.ts';
import {
  InputError,
  type FormatOptions,
  type LocatedEvent,
  type ReadItem,
  type RejectedLine,
  type Source,
} from './format.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };

function source(text: string | Uint8Array): Source {
  return {
    name: 'events.jsonl',
    path: null,
    async *bytes() {
      yield await Promise.resolve(Buffer.from(text));
    },
  };
}

async function read(text: string | Uint8Array): Promise<ReadItem[]> {
  const items: ReadItem[] = [];
  for await (const batch of ballast.read(source(text), OPTIONS)) items.push(...batch);
  return items;
}

async function readEvents(text: string | Uint8Array): Promise<(LocatedEvent | RejectedLine)[]> {
  const items: (LocatedEvent | RejectedLine)[] = [];
  for await (const batch of ballast.readEvents!(source(text), 0, { aliases: new Map() }))
    items.push(...batch);
  return items;
}

const reasons = (items: readonly (ReadItem | (LocatedEvent | RejectedLine))[]): (string | null)[] =>
  items.map((item) => ('reason' in item ? item.reason : null));

describe('the ballast format', () => {
  it('is known by a first line that begins an object', () => {
    const known = (text: string): boolean => ballast.recognise(Buffer.from(text), source(text)) !== null;
    expect(['{"ts":1}', '\uFEFF\n \n  {"a":1}\n'].map(known)).toEqual([true, true]);
    expect(['', '\n\n', '[1]', 'a,b', '"x"'].map(known)).toEqual([false, false, false, false, false]);
  });

  it('numbers its lines as an editor does, blank ones counted', async () => {
    const items = await readEvents(
      '\n{"ts":1700000000,"symbol":"A","pnl":1}\r\n  \r\n{"ts":1700000000,"symbol":"B","pnl":"1"}',
    );
    expect(items.map(({ line }) => line)).toEqual([2, 4]);
    expect(reasons(items)).toEqual([null, null]);
  });

  it('refuses what is no JSON object, and keeps it', async () => {
    const items = await read('{"ts":\n[1]\nnull\n7\n"x"\n{}');
    expect(reasons(items)).toEqual([
      'not_json',
      'not_an_object',
      'not_an_object',
      'not_an_object',
      'not_an_object',
      null,
    ]);
    expect(items[0]).toMatchObject({ line: 1, raw: '{"ts":' });
  });

  it('keeps no more than 2,048 characters of a refused line', async () => {
    const [item] = await read(`x${'y'.repeat(5000)}`);
    expect(item).toMatchObject({ reason: 'not_json' });
    expect('raw' in item! && item.raw.length).toBe(2048);
  });

  it.each([
    ['one long text', `,"note":"${'x'.repeat(70_000)}"`],
    ['many fields', Array.from({ length: 9000 }, (_, i) => `,"f${i}":${i}`).join('')],
    ['nothing but spaces', ' '.repeat(70_000)],
  ])('refuses an oversized line, of %s, both ways', async (_what, filling) => {
    const line = `{"ts":1700000000,"symbol":"A","pnl":1${filling}}`;
    expect(line.length).toBeGreaterThan(65_536);
    expect(reasons(await read(line))).toEqual(['oversized']);
    expect(reasons(await readEvents(line))).toEqual(['oversized']);
  });

  it('refuses a file that is one endless line', async () => {
    await expect(read(Buffer.alloc((1 << 24) + 10, 'x'))).rejects.toThrow(InputError);
  });

  it('says where an event time was bent to its arrival', async () => {
    const [bent, plain] = await readEvents(
      '{"ts":1700000000,"timestamp":1700000100,"symbol":"A","pnl":1}\n{"ts":1700000000,"symbol":"A","pnl":1}',
    );
    expect(bent).toMatchObject({ futureTime: true, event: { eventTs: 1_700_000_000 } });
    expect(plain).toMatchObject({ futureTime: false });
  });
});
