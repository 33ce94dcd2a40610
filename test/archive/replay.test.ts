/** A recorded day is a file like any other to `ballast replay`: what comes out is what its inputs give. */
import { appendFileSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { archiveFilesIn } from '../../src/runtime/archive/reader.ts';
import { runCli, scratchFiles, scratchFolder } from '../support/cli.ts';
import { ALL, drive, entriesOf, recorderIn, type DriveOptions } from '../support/recorded-run.ts';
import { testSettings } from '../support/engine-run.ts';
import type { InputStream } from '../../src/contract/keys.ts';
import type { SavedComponent } from '../../src/store/store.ts';

/** 2026-11-20T23:55:00Z. */
const START = 1_795_218_900;
const UNTIL = START + 600;
const ENTRIES = entriesOf({ seed: 11, startSec: START, spanSec: 600, count: 400 });
const TYPES: { readonly [Name in InputStream]?: string } = {
  executions: 'execution',
  cashflows: 'cashflow',
  regimes: 'regime',
};

/** The same inputs as lines of the `ballast` format. */
function original(): string {
  const lines = ENTRIES.map(({ key, ms, fields }) =>
    JSON.stringify({ type: TYPES[key], ts: ms / 1000, ...fields }),
  );
  const cluster = { type: 'cluster', ts: START, symbol: 'S0USDT', cluster: 'majors' };
  return scratchFiles({ 'original.jsonl': [JSON.stringify(cluster), ...lines].join('\n') })['original.jsonl'];
}

async function record(
  folder: string,
  components: DriveOptions['components'],
  name: string,
  from = START,
  until = UNTIL,
  saved = new Map<string, SavedComponent>(),
): Promise<void> {
  const settings = testSettings();
  const { archive, recorder } = recorderIn(folder, settings, from * 1000, name);
  const entries = ENTRIES.filter(({ ms }) => ms >= from * 1000 && ms < until * 1000);
  drive({ components, settings, listener: recorder, entries, untilSec: until, saved });
  await archive.close();
}

async function decisionsOf(...words: string[]): Promise<string[]> {
  const out = join(scratchFolder(), 'out');
  const { code, errors } = await runCli(['replay', ...words, '--emit', 'all', '--out', out, '--json']);
  expect({ code, errors }).toEqual({ code: 0, errors: [] });
  return readFileSync(join(out, 'decisions.jsonl'), 'utf8').split('\n');
}

describe('the replay of an archive', () => {
  it('gives the decisions that a replay of the original events gives, and those made live are among them', async () => {
    const folder = scratchFolder();
    await record(folder, ALL, 'up');
    const expected = await decisionsOf(original());
    expect(expected.length).toBeGreaterThan(2000);
    expect(await decisionsOf(folder)).toEqual(expected);
    const all = new Set(expected);
    const live = archiveFilesIn(folder)
      .flatMap((file) => gunzipSync(readFileSync(file)).toString('utf8').split('\n'))
      .filter((line) => /^\{"type":"(?:attribution|budget|allocation|efficiency|proposal)",/.test(line));
    expect(live.length).toBeGreaterThan(500);
    expect(live.filter((line) => !all.has(line))).toEqual([]);
  });

  it('counts an entry once where several components recorded it, or a process and its successor', async () => {
    const folder = scratchFolder();
    await record(folder, ['budget', 'allocation'], 'budget');
    await record(folder, ['attribution'], 'attribution');
    await record(folder, ['efficiency', 'proposer'], 'efficiency');
    // What was not committed is read again.
    await record(folder, ['attribution'], 'attribution', START + 200, START + 400);
    expect(await decisionsOf(folder)).toEqual(await decisionsOf(original()));
    const files = archiveFilesIn(folder);
    expect(await decisionsOf(...files.toReversed())).toEqual(await decisionsOf(original()));
  });

  it('reads a file that ends early as far as it goes, and says so', async () => {
    const folder = scratchFolder();
    await record(folder, ALL, 'up');
    const file = archiveFilesIn(folder)[0]!;
    truncateSync(file, Math.floor(statSync(file).size * 0.6));
    const { code, out } = await runCli(['replay', file]);
    expect(code).toBe(0);
    expect(out).toContain('the recording ends early here');
    expect((await runCli(['replay', file, '--strict'])).errors.join()).toContain('ends early');
    const { out: json } = await runCli(['replay', file, '--json']);
    expect((JSON.parse(json) as { executions: number }).executions).toBeGreaterThan(40);
  });

  it('says where lines are missing', async () => {
    const folder = scratchFolder();
    await record(folder, ALL, 'up');
    const file = archiveFilesIn(folder)[0]!;
    const lines = gunzipSync(readFileSync(file)).toString('utf8').split('\n');
    writeFileSync(file, gzipSync(lines.toSpliced(400, 0, '{"type":"missing","lines":12}').join('\n')));
    const { code, out } = await runCli(['replay', file]);
    expect(code).toBe(0);
    expect(out).toContain(`${file}:401: bad_row: 12 lines are missing`);
    expect(out).not.toContain('ends early');
  });

  it('still refuses a gzip file of another format that ends too early', async () => {
    const lines = `${readFileSync(original(), 'utf8')}\n`.repeat(20);
    const path = join(scratchFolder(), 'cut.jsonl.gz');
    const whole = gzipSync(lines);
    appendFileSync(path, whole.subarray(0, whole.length - 40));
    const { code, errors } = await runCli(['replay', path]);
    expect(code).toBe(1);
    expect(errors.join()).toContain('the gzip file ends too early; copy it again');
  });
});
