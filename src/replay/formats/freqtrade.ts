/** freqtrade's files: backtest results (JSON, or the zip around it), exported trades, and a bot's SQLite database. */
import { InputError } from './format.ts';
import type { Format, FormatOptions, ReadItem, Source } from './format.ts';
import { isDatabase, recogniseDatabase } from './freqtrade-database.ts';
import { isBacktestResult, jsonTrades, parseJson, recogniseJson } from './freqtrade-json.ts';
import { readWhole } from './freqtrade-source.ts';
import { databaseTrades } from './freqtrade-sqlite.ts';
import { zipEntries } from './freqtrade-zip.ts';

const BATCH_ITEMS = 1000;

/**
 * A closed trade is one execution at its close. freqtrade writes all times in UTC and names its fields itself, so
 * `timeZone` and `columns` have no effect.
 */
export const freqtrade: Format = {
  name: 'freqtrade',
  recognise(head: Uint8Array, source: Source): string | null {
    if (isZip(head)) return 'freqtrade backtest result in a zip';
    return recogniseDatabase(head, source) ?? recogniseJson(Buffer.from(head).toString('utf8'));
  },
  read(source: Source, options: FormatOptions): AsyncIterable<readonly ReadItem[]> {
    return inBatches(tradesOf(source, options));
  },
};

async function* tradesOf(source: Source, options: FormatOptions): AsyncGenerator<ReadItem> {
  const bytes = await readWhole(source);
  if (bytes.length === 0) throw new InputError(`${source.name}: is empty`);
  if (isDatabase(bytes)) yield* databaseTrades(bytes, source, options);
  else if (isZip(bytes)) yield* zipTrades(bytes, source.name, options);
  else yield* jsonTrades(parseJson(bytes, source.name), source.name, options);
}

/**
 * The trades of every backtest result in a zip (freqtrade puts one there). Beside it lie the settings and the
 * parameters of the strategies, also as JSON: the result is known by its content.
 */
function* zipTrades(zip: Uint8Array, name: string, options: FormatOptions): Generator<ReadItem> {
  const entries = zipEntries(zip, name);
  let results = 0;
  for (const entry of entries) {
    if (!entry.name.endsWith('.json') || entry.name.endsWith('_config.json')) continue;
    const place = `${name}/${entry.name}`;
    const value = parseJson(entry.content(), place);
    if (!isBacktestResult(value)) continue;
    results += 1;
    yield* jsonTrades(value, place, options);
  }
  if (results === 0) {
    const names = entries.slice(0, 5).map((entry) => entry.name);
    throw new InputError(`${name}: no freqtrade result in the zip, only ${names.join(', ') || 'nothing'}`);
  }
}

async function* inBatches(items: AsyncIterable<ReadItem>): AsyncGenerator<readonly ReadItem[]> {
  let batch: ReadItem[] = [];
  for await (const item of items) {
    batch.push(item);
    if (batch.length < BATCH_ITEMS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function isZip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x50 && bytes[1] === 0x4b && bytes[2] === 0x03 && bytes[3] === 0x04;
}
