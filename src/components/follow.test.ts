import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { follow } from './follow.ts';
import { systemClock } from '../runtime/clock.ts';
import { openMemoryStore } from '../store/memory/memory-store.ts';
import { scratchFolder } from '../../test/support/cli.ts';
import { until } from '../../test/support/live-process.ts';
import type { Store } from '../store/store.ts';

const CURSORS = 'quantum:ballast:followed.files';

/** Follows until `isDone`; returns what it said. */
async function followUntil(store: Store, path: string, isDone: () => Promise<boolean>): Promise<string[]> {
  const stop = new AbortController();
  const said: string[] = [];
  const onState = (what: string): void => void said.push(what);
  const running = follow({ store, namespace: 'quantum', path, clock: systemClock, onState }, stop.signal);
  try {
    await until('the file being followed', async () => ((await isDone()) ? true : undefined), 3000);
  } finally {
    stop.abort();
    await running;
  }
  return said;
}

async function entries(store: Store, name: string): Promise<Record<string, string>[]> {
  const { streams } = await store.read([{ stream: `quantum:stream:${name}`, after: '0-0', count: 1000 }]);
  return streams[0]!.entries.map(({ fields }) =>
    Object.fromEntries(
      Array.from({ length: fields.length / 2 }, (_, i) => [fields[2 * i]!, fields[2 * i + 1]!]),
    ),
  );
}

async function cursor(store: Store, path: string): Promise<string | undefined> {
  const [answer] = await store.hashes([{ key: CURSORS, fields: [path] }]);
  return answer?.get(path);
}

it('puts a cash flow once, also where it died before it noted how far it had read', async () => {
  await using store = await openMemoryStore({ namespace: 'quantum', folder: null });
  const path = join(scratchFolder(), 'events.jsonl');
  const flow = (amount: number): string => `{"type":"cashflow","amount_usd":${amount}}\n`;
  writeFileSync(path, `${flow(100)}{"symbol":"BTC","pnl":1}\n${flow(100)}`);
  const first = String(flow(100).length * 2 + 25);
  await followUntil(store, path, async () => (await cursor(store, path)) === first);
  expect((await entries(store, 'cashflow')).map((entry) => entry['amount_usd'])).toEqual(['100', '100']);

  await store.writeFields(CURSORS, [[path, String(flow(100).length)]]);
  appendFileSync(path, flow(-7));
  const second = String(Number(first) + flow(-7).length);
  await followUntil(store, path, async () => (await cursor(store, path)) === second);
  expect((await entries(store, 'cashflow')).map((entry) => entry['amount_usd'])).toEqual([
    '100',
    '100',
    '-7',
  ]);
  // The execution came again, under the same name: who reads it drops it.
  const names = (await entries(store, 'execution.result')).map((entry) => entry['execution_id']);
  expect(names).toEqual([`${path}:${flow(100).length}`, `${path}:${flow(100).length}`]);
});

it('reads a file that was cut from its beginning, and takes its lines for new ones', async () => {
  await using store = await openMemoryStore({ namespace: 'quantum', folder: null });
  const path = join(scratchFolder(), 'events.jsonl');
  writeFileSync(path, '{"symbol":"BTC","pnl":1}\n{"symbol":"BTC","pnl":2}\n');
  await followUntil(store, path, async () => (await cursor(store, path)) === '50');
  writeFileSync(path, '{"symbol":"BTC","pnl":3}\n');
  const said = await followUntil(store, path, async () => (await cursor(store, path)) === '25 1');
  expect(said).toEqual([`${path} is shorter than it was: it is read from its beginning`]);
  appendFileSync(path, '{"symbol":"BTC","pnl":4}\n');
  await followUntil(store, path, async () => (await cursor(store, path)) === '50 1');
  expect((await entries(store, 'execution.result')).map((entry) => entry['execution_id'])).toEqual([
    `${path}:0`,
    `${path}:25`,
    `${path}:1:0`,
    `${path}:1:25`,
  ]);
});

it('says that it cannot read what is no file, and takes it once it is one', async () => {
  await using store = await openMemoryStore({ namespace: 'quantum', folder: null });
  const folder = scratchFolder();
  mkdirSync(join(folder, 'one'));
  const said: string[] = [];
  await Promise.all(
    ['one', 'none'].map(async (name) => {
      const path = join(folder, name);
      const stop = new AbortController();
      const onState = (what: string): void => {
        said.push(what);
        stop.abort();
      };
      await follow({ store, namespace: 'quantum', path, clock: systemClock, onState }, stop.signal);
    }),
  );
  expect(said.toSorted()).toEqual([
    expect.stringMatching(/\/none cannot be read: ENOENT.*; it is looked for again$/),
    expect.stringMatching(/\/one cannot be read: EISDIR.*; it is looked for again$/),
  ]);
  const path = join(folder, 'none');
  writeFileSync(path, '{"type":["execution"]}\n{"type":"market","symbol":"BTC","mark_price":5,"ts":{}}\n');
  await followUntil(store, path, async () => (await cursor(store, path)) !== undefined);
  expect(await entries(store, 'execution.result.dlq')).toEqual([
    { line: '{"type":["execution"]}', reason: 'unknown_type', source_id: `${path}:0` },
  ]);
  const [market] = await store.hashes([{ key: 'quantum:state:market:BTC', fields: null }]);
  expect(market).toEqual(new Map([['mark_price', '5']]));
});

it('goes on after a line that is too long for an event', async () => {
  await using store = await openMemoryStore({ namespace: 'quantum', folder: null });
  const path = join(scratchFolder(), 'events.jsonl');
  const text = `{"symbol":"BTC","pnl":1}\n"${'x'.repeat(2_500_000)}"\n{"symbol":"BTC","pnl":2}\n`;
  writeFileSync(path, text);
  await followUntil(store, path, async () => (await cursor(store, path)) === String(text.length));
  expect((await entries(store, 'execution.result')).map((entry) => entry['pnl'])).toEqual(['1', '2']);
  const letters = await entries(store, 'execution.result.dlq');
  expect(letters.map((entry) => entry['reason'])).toEqual(['oversized', 'oversized', 'not_json']);
});

it('gives an execution a name of its own where its own is null or empty', async () => {
  await using store = await openMemoryStore({ namespace: 'quantum', folder: null });
  const path = join(scratchFolder(), 'events.jsonl');
  const lines = ['null', '""', '"mine"'].map((id) => `{"symbol":"BTC","pnl":1,"execution_id":${id}}\n`);
  writeFileSync(path, lines.join(''));
  await followUntil(store, path, async () => (await entries(store, 'execution.result')).length === 3);
  const ids = (await entries(store, 'execution.result')).map((entry) => entry['execution_id']);
  expect(ids).toEqual([`${path}:0`, `${path}:${lines[0]!.length}`, 'mine']);
});

it('replaces all fields of a state: what a line leaves out is not kept from one before', async () => {
  await using store = await openMemoryStore({ namespace: 'quantum', folder: null });
  const path = join(scratchFolder(), 'events.jsonl');
  const portfolio = '{"type":"portfolio","equity_usd":1000,"ts":1700000000';
  const text = `${portfolio},"heat":0.5,"drawdown":0.1}\n${portfolio}}\n`;
  writeFileSync(path, text);
  await followUntil(store, path, async () => (await cursor(store, path)) === String(text.length));
  const [hash] = await store.hashes([{ key: 'quantum:state:portfolio', fields: null }]);
  expect(Object.fromEntries(hash!)).toEqual({ equity_usd: '1000', timestamp: '1700000000' });
});
