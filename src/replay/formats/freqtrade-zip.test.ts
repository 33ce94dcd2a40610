import { crc32, deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { InputError } from './format.ts';
import type { FormatOptions, ReadItem, Source } from './format.ts';
import { freqtrade } from './freqtrade.ts';
import { MAX_ENTRY_BYTES, zipEntries } from './freqtrade-zip.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };
const RESULT = JSON.stringify({
  strategy: {
    A: {
      trades: [{ pair: 'X/USDT', profit_abs: 1.5, close_date: '2024-01-02 04:30:00+00:00', is_open: false }],
    },
  },
});

interface Member {
  readonly name: string;
  readonly content: string;
  readonly stored?: boolean;
  readonly flags?: number;
  readonly method?: number;
  readonly sizeBytes?: number;
  readonly extra?: string;
}

/** A zip as PKWARE's application note lays it out: members with their local headers, directory, end record. */
function zipOf(members: readonly Member[], comment = ''): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, content, stored = false, flags = 0, method, sizeBytes, extra = '' } of members) {
    const plain = Buffer.from(content);
    const packed = stored ? plain : deflateRawSync(plain);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(flags, 2);
    common.writeUInt16LE(method ?? (stored ? 0 : 8), 4);
    common.writeUInt32LE(crc32(plain), 10);
    common.writeUInt32LE(packed.length, 14);
    common.writeUInt32LE(sizeBytes ?? plain.length, 18);
    common.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([
      Buffer.from('PK\x03\x04'),
      common,
      Buffer.from(name),
      Buffer.from(extra),
      packed,
    ]);
    local.writeUInt16LE(extra.length, 28);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02\x14\x00'), common, tail, Buffer.from(name)]));
    files.push(local);
    at += local.length;
  }
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(members.length, 8);
  end.writeUInt16LE(members.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(at, 16);
  end.writeUInt16LE(comment.length, 20);
  return Buffer.concat([...files, ...directory, end, Buffer.from(comment)]);
}

async function read(zip: Uint8Array): Promise<ReadItem[]> {
  const source: Source = {
    name: 'result.zip',
    path: null,
    async *bytes() {
      yield zip;
    },
  };
  const items: ReadItem[] = [];
  for await (const batch of freqtrade.read(source, OPTIONS)) items.push(...batch);
  return items;
}

describe('a zip', () => {
  it('gives its files, packed or stored, behind any local extra field and before a comment', () => {
    const zip = zipOf(
      [
        { name: 'a.txt', content: 'first '.repeat(100), extra: 'xxxx' },
        { name: 'b.txt', content: 'second', stored: true },
        { name: 'empty', content: '' },
      ],
      'made by hand',
    );
    const files = zipEntries(zip, 'z.zip').map((entry) => [
      entry.name,
      Buffer.from(entry.content()).toString(),
    ]);
    expect(files).toEqual([
      ['a.txt', 'first '.repeat(100)],
      ['b.txt', 'second'],
      ['empty', ''],
    ]);
  });

  it('that is cut off has no directory, wherever it was cut', () => {
    const zip = zipOf([{ name: 'a.txt', content: 'abc' }]);
    for (let length = 0; length < zip.length; length += 1) {
      expect(() => zipEntries(zip.subarray(0, length), 'z.zip')).toThrow('z.zip: the zip has no directory');
    }
  });

  it('whose bytes are changed is refused or unchanged, never read wrongly and never a crash', () => {
    const zip = zipOf([{ name: 'a.txt', content: 'some content of a file' }]);
    for (let at = 0; at < zip.length; at += 1) {
      const broken = Buffer.from(zip);
      broken[at] = (broken[at] ?? 0) ^ 0x55;
      try {
        for (const entry of zipEntries(broken, 'z.zip')) {
          expect(Buffer.from(entry.content()).toString()).toBe('some content of a file');
        }
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }
  });

  it('is not inflated past the size it gives, nor past what can be read', () => {
    const bomb = { name: 'bomb', content: '0'.repeat(1_000_000) };
    const [lying] = zipEntries(zipOf([{ ...bomb, sizeBytes: 1000 }]), 'z.zip');
    expect(() => lying?.content()).toThrow('"bomb" in the zip is damaged');
    const [honest] = zipEntries(zipOf([{ ...bomb, sizeBytes: MAX_ENTRY_BYTES + 1 }]), 'z.zip');
    expect(() => honest?.content()).toThrow('more than can be read');
  });

  it('that is encrypted or packed in another way says so', () => {
    const [locked] = zipEntries(zipOf([{ name: 'a', content: 'x', flags: 1 }]), 'z.zip');
    expect(() => locked?.content()).toThrow('z.zip: "a" in the zip is encrypted');
    const [other] = zipEntries(zipOf([{ name: 'a', content: 'x', method: 12 }]), 'z.zip');
    expect(() => other?.content()).toThrow('packed by method 12');
  });
});

describe('a backtest result in a zip', () => {
  it('is found among the settings and parameters that freqtrade puts beside it', async () => {
    const zip = zipOf([
      { name: 'backtest-result-1_config.json', content: '{"strategy": {"A": {"trades": 1}}}' },
      { name: 'backtest-result-1_A.json', content: '{"strategy_name": "A", "params": {}}' },
      { name: 'backtest-result-1_market_change.feather', content: 'ARROW1' },
      { name: 'backtest-result-1.json', content: RESULT },
    ]);
    expect(await read(zip)).toMatchObject([
      { line: 1, record: { symbol: 'X/USDT', realized_pnl: 1.5, bot: 'A' } },
    ]);
  });

  it('that is not there is an error with what is there instead', async () => {
    await expect(read(zipOf([{ name: 'notes.txt', content: 'hello' }]))).rejects.toThrow(
      'result.zip: no freqtrade result in the zip, only notes.txt',
    );
  });

  it('that is no JSON is an error with its place in the zip', async () => {
    await expect(read(zipOf([{ name: 'r.json', content: RESULT.slice(0, 60) }]))).rejects.toThrow(
      'result.zip/r.json: the JSON ends in the middle',
    );
  });
});
