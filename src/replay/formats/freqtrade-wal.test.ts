import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import initSqlJs from 'sql.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InputError } from './format.ts';
import type { FormatOptions, ReadItem, Source } from './format.ts';
import { freqtrade } from './freqtrade.ts';
import { applyLog, withoutLogMark } from './freqtrade-wal.ts';

const OPTIONS: FormatOptions = { timeZone: 'UTC', columns: new Map(), usdPer: new Map() };
const PAGE_BYTES = 4096;

interface Frame {
  readonly page: number;
  readonly content: Uint8Array;
  /** Pages of the database after this commit; 0 within a transaction. */
  readonly commitPages: number;
}

/** A log as "WAL-Mode File Format" lays it out, by code of its own: words summed over the bytes written so far. */
function logOf(frames: readonly Frame[], bigEndian = false, pageBytes = PAGE_BYTES): Buffer {
  let sums: [number, number] = [0, 0];
  const add = (bytes: Buffer): void => {
    for (let at = 0; at < bytes.length; at += 4) {
      const word = bigEndian ? bytes.readUInt32BE(at) : bytes.readUInt32LE(at);
      const [changed, other] = sums;
      const next = Number((BigInt(changed) + BigInt(other) + BigInt(word)) & 0xffffffffn);
      sums = [other, next];
    }
  };
  const words = (...values: number[]): Buffer => {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, index * 4));
    return bytes;
  };
  const header = words(bigEndian ? 0x377f0683 : 0x377f0682, 3007000, pageBytes, 0, 0xdead, 0xbeef);
  add(header);
  const parts = [header, words(...sums)];
  for (const { page, content, commitPages } of frames) {
    const place = words(page, commitPages);
    add(place);
    add(Buffer.from(content));
    parts.push(place, words(0xdead, 0xbeef), words(...sums), Buffer.from(content));
  }
  return Buffer.concat(parts);
}

/** The pages of an image as one transaction. */
function transaction(image: Uint8Array): Frame[] {
  const pages = image.length / PAGE_BYTES;
  return Array.from({ length: pages }, (_, index) => ({
    page: index + 1,
    content: image.subarray(index * PAGE_BYTES, (index + 1) * PAGE_BYTES),
    commitPages: index + 1 === pages ? pages : 0,
  }));
}

function inLogMode(image: Uint8Array): Uint8Array {
  const copy = image.slice();
  copy[18] = 2;
  copy[19] = 2;
  return copy;
}

/** The same small bot after one, two and two hundred closed trades. */
const images: Uint8Array[] = [];

beforeAll(async () => {
  const sql = await initSqlJs();
  const database = new sql.Database();
  database.run(`CREATE TABLE trades (id INTEGER PRIMARY KEY, pair TEXT, is_open BOOLEAN, close_date DATETIME,
    close_profit_abs FLOAT)`);
  let trades = 0;
  for (const upTo of [1, 2, 200]) {
    for (; trades < upTo; trades += 1) {
      database.run(`INSERT INTO trades (pair, is_open, close_date, close_profit_abs) VALUES (?, 0, ?, ?)`, [
        'X/USDT',
        '2024-01-02 04:30:00.000000',
        trades + 1,
      ]);
    }
    images.push(inLogMode(database.export()));
  }
  database.close();
});

function image(index: number): Uint8Array {
  const found = images[index];
  if (found === undefined) throw new Error(`no image ${index}`);
  return found;
}

function expectImage(actual: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(actual, withoutLogMark(expected))).toBe(0);
}

describe('a write-ahead log', () => {
  it.each([false, true])(
    'brings the database to its last commit, also where it grows (big-endian: %s)',
    (big) => {
      const log = logOf([...transaction(image(1)), ...transaction(image(2))], big);
      expect(image(2).length).toBeGreaterThan(image(0).length);
      expectImage(applyLog(image(0), log, 'x-wal'), image(2));
    },
  );

  it('leaves out a transaction that was not committed', () => {
    const unfinished = transaction(image(2)).slice(0, -1);
    expectImage(applyLog(image(0), logOf([...transaction(image(1)), ...unfinished]), 'x-wal'), image(1));
  });

  it('cut at any byte gives the last whole commit before the cut', () => {
    const first = transaction(image(1));
    const log = logOf([...first, ...transaction(image(2))]);
    const firstCommitEnds = 32 + first.length * (24 + PAGE_BYTES);
    for (let length = 32; length < log.length; length += 997) {
      const expected = length < firstCommitEnds ? image(0) : image(1);
      expectImage(applyLog(image(0), log.subarray(0, length), 'x-wal'), expected);
    }
  });

  it('stops at a frame with a wrong checksum or of an older generation', () => {
    const first = transaction(image(1));
    const place = 32 + first.length * (24 + PAGE_BYTES);
    for (const at of [place + 8, place + 16, place + 24 + 100]) {
      const log = logOf([...first, ...transaction(image(2))]);
      log[at] = (log[at] ?? 0) ^ 1;
      expectImage(applyLog(image(0), log, 'x-wal'), image(1));
    }
  });

  it('that shrinks the database drops its last pages', () => {
    expectImage(applyLog(image(2), logOf(transaction(image(0))), 'x-wal'), image(0));
  });

  it('that is empty changes nothing but the mark', () => {
    expectImage(applyLog(image(1), new Uint8Array(), 'x-wal'), image(1));
  });

  it('that is none, is damaged or has pages of another size is an error', () => {
    expect(() => applyLog(image(0), Buffer.from('hello'), 'x-wal')).toThrow(
      'x-wal: is no SQLite write-ahead log',
    );
    const damaged = logOf([]);
    damaged[20] = 1;
    expect(() => applyLog(image(0), damaged, 'x-wal')).toThrow("x-wal: the log's header is damaged");
    expect(() => applyLog(image(0), logOf([], false, 1024), 'x-wal')).toThrow('the log of another one');
    const huge = logOf([{ page: 1, content: image(0).subarray(0, PAGE_BYTES), commitPages: 2 ** 31 }]);
    expect(() => applyLog(image(0), huge, 'x-wal')).toThrow('more than can be read');
  });
});

describe('a database beside its log', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ballast-wal-'));
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function read(path: string, bytes: Uint8Array): Promise<ReadItem[]> {
    const source: Source = {
      name: path,
      path,
      async *bytes() {
        yield bytes;
      },
    };
    const items: ReadItem[] = [];
    for await (const batch of freqtrade.read(source, OPTIONS)) items.push(...batch);
    return items;
  }

  it('is read with the trades of the log, plain or gzipped, and with the database gzipped', async () => {
    const log = logOf(transaction(image(2)));
    await writeFile(join(folder, 'a.sqlite-wal'), log);
    await writeFile(join(folder, 'b.sqlite-wal.gz'), gzipSync(log));
    for (const name of ['a.sqlite', 'b.sqlite', 'b.sqlite.gz']) {
      expect(await read(join(folder, name), image(0))).toHaveLength(200);
    }
    expect(await read(join(folder, 'alone.sqlite'), image(0))).toHaveLength(1);
  });

  it('says when it recognises the database whether the log is there', () => {
    const source = (name: string): Source => ({
      name,
      path: join(folder, name),
      bytes: () => (async function* () {})(),
    });
    expect(freqtrade.recognise(image(0), source('a.sqlite'))).toContain('a.sqlite-wal');
    expect(freqtrade.recognise(image(0), source('none.sqlite'))).toContain('no write-ahead log');
  });

  it('is an error where the log is that of another database', async () => {
    const foreign = logOf([{ page: 2, content: new Uint8Array(PAGE_BYTES).fill(7), commitPages: 2 }]);
    await writeFile(join(folder, 'c.sqlite-wal'), foreign);
    await expect(read(join(folder, 'c.sqlite'), image(0))).rejects.toThrow(InputError);
    await expect(read(join(folder, 'c.sqlite'), image(0))).rejects.toThrow(/may be the log of another one/);
  });
});
