/**
 * `fills-csv`: an exchange's fill history. The whole file is read before the first record, since many list the newest
 * fill first; records come in time order. Positions are netted per symbol and account at average cost (`netting.ts`);
 * profit is net of fees. Inverse contracts realize in their coin, which counts at the closing fill's price.
 *
 * Decided here: a fee in a coin of unknown value leaves the fill in use and is reported as `fee_not_usd`; a row that repeats
 * an earlier one with the same trade id is refused; rows that are transfers, interest or unfilled orders are passed over.
 */
import { fillTable, isFillHeader, type FillColumn, type FillTable, PLAIN_VENUE } from './columns.ts';
import { learnConventions } from './conventions.ts';
import { readCsv, readHead, sniffCsv, type CsvHead, type CsvRow } from './csv.ts';
import { meaningOf, type FillRow, type FundingRow, type RowContext } from './fill-row.ts';
import { InputError, type Format, type FormatOptions, type ReadItem, type Source } from './format.ts';
import { nettedRecords } from './netted-records.ts';
import { okxSpotLegs } from './okx-spot.ts';
import { timeZone, fixedOffsetMin } from './time-zone.ts';

/** How many rows may stand above the header (`UID: …, Time Zone: …`). */
const PREAMBLE_ROWS = 10;
const BATCH = 1000;

export const fillsCsv: Format = {
  name: 'fills-csv',
  recognise(head) {
    const header = sniffCsv(head)
      .rows.slice(0, PREAMBLE_ROWS)
      .find((row) => isFillHeader(row.cells));
    if (header === undefined) return null;
    const { venue } = fillTable(header.cells, new Map());
    return venue === PLAIN_VENUE ? 'a fill history' : `a ${venue.name} fill history`;
  },
  read,
};

async function* read(source: Source, options: FormatOptions): AsyncGenerator<readonly ReadItem[]> {
  const head = sniffCsv(await readHead(source));
  const { row: header, table } = headerOf(head, source.name, options);
  const zoneName = table.columns.get('time')?.zone ?? preambleZone(head, header.line) ?? options.timeZone;
  const context: RowContext = {
    table,
    header: header.cells,
    zone: timeZone(zoneName),
    conventions: await learnConventions(
      readCsv(source, head, header.line),
      indexes(table, ['time']),
      indexes(table, ['price', 'quantity', 'fee', 'profit']),
      options.columns,
    ),
  };
  const raw = new Map<number, string>();
  const events: (FillRow | FundingRow)[] = [];
  const seen = new Map<string, number>();
  const isLeg = table.venue.name === 'OKX' ? okxSpotLegs(table) : null;
  for await (const batch of readCsv(source, head, header.line)) {
    const refused: ReadItem[] = [];
    for (const item of batch) {
      if ('problem' in item) {
        refused.push({ line: item.line, reason: 'bad_row', detail: item.problem, raw: '' });
        continue;
      }
      if (isLeg?.take(item) === true) continue;
      const found = meaningOf(item, context);
      const text = item.cells.join(head.delimiter);
      if (found.kind === 'other') continue;
      if (found.kind === 'refused') {
        refused.push({ line: item.line, reason: found.reason, detail: found.detail, raw: text });
        continue;
      }
      const earlier = repeatOf(found, seen);
      if (earlier !== null) {
        const detail = `repeats the trade ${found.tradeId} of line ${earlier}: counted once`;
        refused.push({ line: item.line, reason: 'bad_row', detail, raw: text });
        continue;
      }
      raw.set(item.line, text);
      events.push(found);
    }
    if (refused.length > 0) yield refused;
  }
  const whole = isLeg === null ? events : isLeg.withFees(events);
  let out: ReadItem[] = (isLeg?.alone() ?? []).map((line) => ({
    line,
    reason: 'bad_row',
    detail: 'the quote currency of a spot trade whose other row, of the coin, is not in the file',
    raw: '',
  }));
  for (const item of nettedRecords(whole, options.usdPer, (line) => raw.get(line) ?? '')) {
    out.push(item);
    if (out.length < BATCH) continue;
    yield out;
    out = [];
  }
  if (out.length > 0) yield out;
}

function headerOf(head: CsvHead, name: string, options: FormatOptions): { row: CsvRow; table: FillTable } {
  const rows = head.rows.slice(0, PREAMBLE_ROWS);
  for (const row of rows) {
    const table = fillTable(row.cells, options.columns);
    if (table.missing.length > 0) continue;
    for (const [column, header] of options.columns)
      if (!/^date[-_]order$/.test(column) && table.columns.get(column as FillColumn) === undefined)
        throw new InputError(
          `${name}: --columns ${column}=${header}: there is no such column; found ${list(row.cells)}`,
        );
    return { row, table };
  }
  const first = rows.toSorted((a, b) => b.cells.length - a.cells.length)[0];
  if (first === undefined) throw new InputError(`${name}: no table of fills: the file has no rows`);
  const { missing } = fillTable(first.cells, options.columns);
  throw new InputError(
    `${name}: no fill history is recognised: missing ${list(missing)}; found the columns ${list(first.cells)}; ` +
      `name them by --columns ${missing.map((column) => `${column}=NAME`).join(',')}`,
  );
}

/** Some exports name their zone in a line above the header: `Time Zone:UTC+8`. */
function preambleZone(head: CsvHead, headerLine: number): string | null {
  for (const row of head.rows) {
    if (row.line >= headerLine) break;
    const zone = /time ?zone:\s*([A-Z0-9+:-]+)/i.exec(row.cells.join(','))?.[1];
    if (zone !== undefined && fixedOffsetMin(zone) !== null) return zone;
  }
  return null;
}

/** The line that told of this trade before, or null. Only a venue's trade id identifies a trade. */
function repeatOf(event: FillRow | FundingRow, seen: Map<string, number>): number | null {
  if (event.tradeId === '') return null;
  const what = event.kind === 'fill' ? `${event.side} ${event.qty} ${event.price}` : `${event.amount}`;
  const key = [event.account, event.symbol, event.tradeId, event.tsMs, what].join('\u0000');
  const earlier = seen.get(key);
  if (earlier !== undefined) return earlier;
  seen.set(key, event.line);
  return null;
}

function indexes(table: FillTable, columns: readonly FillColumn[]): number[] {
  return columns.flatMap((column) => table.columns.get(column)?.index ?? []);
}

function list(names: readonly string[]): string {
  return names.filter((each) => each !== '').join(', ');
}
