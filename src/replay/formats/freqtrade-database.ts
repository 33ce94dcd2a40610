/** A freqtrade SQLite database opened in memory, with its write-ahead log applied. */
import type { Database } from 'sql.js';
import { InputError } from './format.ts';
import type { Source } from './format.ts';
import { logPath, readLog } from './freqtrade-source.ts';
import type { Fields } from './freqtrade-trade.ts';
import { applyLog, withoutLogMark } from './freqtrade-wal.ts';

const MAGIC = 'SQLite format 3\0';

export function isDatabase(bytes: Uint8Array): boolean {
  return Buffer.from(bytes.subarray(0, MAGIC.length)).toString('latin1') === MAGIC;
}

/** What the first bytes are, naming the log that will be read with them; null if this is no SQLite database. */
export function recogniseDatabase(head: Uint8Array, source: Source): string | null {
  if (!isDatabase(head)) return null;
  const log = logPath(source);
  if (log !== null) return `freqtrade database with its write-ahead log ${log}`;
  return head[18] === 2 ? 'freqtrade database (no write-ahead log lies beside it)' : 'freqtrade database';
}

/**
 * Runs `use` over the database whose content is `bytes` and closes it; `source` says where its log lies.
 * Throws `InputError` where the file is damaged, the log beside it is not its own, or it is not freqtrade's.
 */
export async function* withDatabase<T>(
  bytes: Uint8Array,
  source: Source,
  use: (database: Database) => Iterable<T>,
): AsyncGenerator<T> {
  const log = logPath(source);
  const image = log === null ? withoutLogMark(bytes) : applyLog(bytes, await readLog(log), log);
  // Loaded here only: it compiles a megabyte of WebAssembly that no other format needs.
  const { default: initSqlJs } = await import('sql.js');
  const sql = await initSqlJs();
  const database = new sql.Database(image);
  try {
    checkDatabase(database, source.name, log);
    yield* use(database);
  } finally {
    database.close();
  }
}

export function hasTable(database: Database, table: string): boolean {
  return columnsOf(database, table).size > 0;
}

/** The rows of a table in order of `orderBy`, which names columns; neither comes from a user. */
export function* rows(database: Database, table: string, orderBy: string): Generator<Fields> {
  const statement = database.prepare(`SELECT * FROM "${table}" ORDER BY ${orderBy}`);
  try {
    const places = new Map(statement.getColumnNames().map((column, place) => [column, place]));
    while (statement.step()) {
      const row = statement.get();
      yield (name) => {
        const place = places.get(name);
        return place === undefined ? undefined : row[place];
      };
    }
  } finally {
    statement.free();
  }
}

function checkDatabase(database: Database, name: string, log: string | null): void {
  const damage = quickCheck(database);
  if (damage !== 'ok') {
    const cause =
      log === null ? 'it may be cut off' : `it may be cut off, or ${log} may be the log of another one`;
    throw new InputError(`${name}: the database is damaged (${damage}): ${cause}`);
  }
  const columns = columnsOf(database, 'trades');
  const missing = ['id', 'pair', 'is_open', 'close_date'].filter((column) => !columns.has(column));
  if (missing.length > 0) {
    throw new InputError(
      columns.size === 0
        ? `${name}: a SQLite database, but not freqtrade's: it has no table "trades"`
        : `${name}: a SQLite database, but not freqtrade's: its table "trades" has no ${missing.join(', ')}`,
    );
  }
}

function quickCheck(database: Database): string {
  try {
    return String(database.exec('PRAGMA quick_check(1)')[0]?.values[0]?.[0]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function columnsOf(database: Database, table: string): Set<string> {
  const found = database.exec('SELECT name FROM pragma_table_info(?)', [table])[0];
  return new Set(found?.values.map(([name]) => String(name)) ?? []);
}
