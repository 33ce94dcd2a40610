/** A million events, cut at a hundred random places with --save and --load, give the bytes of the whole run. */
import {
  createReadStream,
  createWriteStream,
  openSync,
  readSync,
  closeSync,
  readFileSync,
  rmSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { runCli, scratchFolder } from '../support/cli.ts';
import { eventLines, seededRandom } from '../support/event-lines.ts';
import { randomCuts } from '../support/replay-runs.ts';

const EVENTS = 1_000_000;
const CUTS = 100;
const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

it(`a million events cut at ${CUTS} places, SEED=${seed}`, async () => {
  process.stdout.write(`SEED=${seed}\n`);
  const folder = scratchFolder();
  const file = join(folder, 'events.jsonl');
  await writeLines(file, eventLines({ seed, events: EVENTS, symbols: 500, spanSec: 86_400 }));
  const whole = join(folder, 'whole');
  const startedAt = performance.now();
  await replay([file, '--out', whole]);
  const wholeSec = (performance.now() - startedAt) / 1000;

  const cuts = [...randomCuts(EVENTS, CUTS, seededRandom(seed)), EVENTS];
  const out = join(folder, 'pieces');
  const state = join(folder, 'state.json');
  const decisions = openSync(join(whole, 'decisions.jsonl'), 'r');
  const lines = createInterface({ input: createReadStream(file), crlfDelay: Infinity })[
    Symbol.asyncIterator
  ]();
  let from = 0;
  for (const [index, to] of cuts.entries()) {
    const piece = join(folder, 'piece.jsonl');
    await writeLines(piece, take(lines, to - from));
    const isLast = index === cuts.length - 1;
    const flags = [...(index === 0 ? [] : ['--load', state]), ...(isLast ? [] : ['--save', state])];
    await replay([piece, '--out', out, ...flags]);
    const found = readFileSync(join(out, 'decisions.jsonl'));
    const wanted = Buffer.alloc(found.length);
    expect(readSync(decisions, wanted), `lines ${from + 1} to ${to}, SEED=${seed}`).toBe(found.length);
    expect(found.equals(wanted), `lines ${from + 1} to ${to}, SEED=${seed}`).toBe(true);
    from = to;
  }
  expect(readSync(decisions, Buffer.alloc(1)), 'the whole has more').toBe(0);
  closeSync(decisions);
  const final = readFileSync(join(out, 'final.json'));
  expect(final.equals(readFileSync(join(whole, 'final.json')))).toBe(true);
  expect(final.length).toBeGreaterThan(100_000);
  rmSync(whole, { recursive: true });
  const allSec = (performance.now() - startedAt) / 1000;
  process.stdout.write(`whole ${wholeSec.toFixed(1)} s, all ${allSec.toFixed(1)} s\n`);
});

async function replay(words: readonly string[]): Promise<void> {
  const { code, errors } = await runCli(['replay', '--format', 'ballast', ...words]);
  expect(errors).toEqual([]);
  expect(code).toBe(0);
}

async function writeLines(path: string, lines: Iterable<string> | AsyncIterable<string>): Promise<void> {
  const stream = createWriteStream(path);
  for await (const line of lines) if (!stream.write(`${line}\n`)) await once(stream, 'drain');
  stream.end();
  await once(stream, 'close');
}

async function* take(lines: AsyncIterator<string>, count: number): AsyncGenerator<string> {
  for (let i = 0; i < count; i++) {
    const next = await lines.next();
    if (next.done === true) throw new Error(`the file ended ${count - i} lines early`);
    yield next.value;
  }
}
