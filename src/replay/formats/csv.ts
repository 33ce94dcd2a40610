/** Delimited text as rows of cells: delimiter, encoding and quotes found out, each row with the line it starts on. */
import { parse, type Parser } from 'csv-parse';
import { parse as parseSync } from 'csv-parse/sync';
import type { Source } from './format.ts';

export interface CsvRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** A place from which on the text could not be taken apart. */
export interface CsvProblem {
  readonly line: number;
  readonly problem: string;
}

export type CsvItem = CsvRow | CsvProblem;

export interface CsvHead {
  readonly delimiter: ',' | ';' | '\t';
  readonly encoding: 'utf-8' | 'utf-16le';
  /** The rows of the first bytes that are whole. */
  readonly rows: readonly CsvRow[];
}

/** How much is read to find the header and the conventions of a file, bytes. */
const HEAD_BYTES = 65_536;
/** A row longer than this is an unclosed quote rather than a row, characters. */
const MAX_ROW = 1_048_576;

/** The first bytes of a source. */
export async function readHead(source: Source): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of source.bytes()) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= HEAD_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, HEAD_BYTES);
}

/** What the first bytes look like as delimited text; no rows where they look like something else. */
export function sniffCsv(head: Uint8Array): CsvHead {
  const encoding = head[0] === 0xff && head[1] === 0xfe ? 'utf-16le' : 'utf-8';
  const text = new TextDecoder(encoding).decode(head, { stream: true });
  const delimiter = delimiterOf(text);
  const binary = text.slice(0, 1024).includes('\u0000');
  // The last line may be cut anywhere, even within quotes.
  const whole = head.length < HEAD_BYTES ? text : text.slice(0, text.lastIndexOf('\n') + 1);
  const rows: CsvRow[] = [];
  if (binary || /^\uFEFF?\s*[[{]/.test(text)) return { delimiter, encoding, rows };
  try {
    parseSync(whole, {
      ...parserOptions(delimiter),
      on_record: (cells, context) => keep(rows, cells, context.lines),
    });
  } catch (error) {
    // Rows before the fault are kept; reading the file reports the fault with its line.
    if (!(error instanceof Error && 'code' in error)) throw error;
  }
  return { delimiter, encoding, rows };
}

/** All rows after `afterLine`, in batches as the bytes come. A text that cannot be taken apart ends in a `CsvProblem`. */
export async function* readCsv(source: Source, head: CsvHead, afterLine: number): AsyncGenerator<CsvItem[]> {
  let batch: CsvItem[] = [];
  let last = afterLine;
  const parser = parse({
    ...parserOptions(head.delimiter),
    on_record: (cells: string[], context) => {
      if (context.lines <= afterLine) return null;
      last = context.lines;
      return keep(batch, cells, context.lines);
    },
  });
  parser.on('error', () => undefined); // each step below gets it as its own result
  parser.resume();
  const decoder = new TextDecoder(head.encoding);
  const step = async (take: (done: (error?: Error | null) => void) => void): Promise<CsvItem[]> => {
    const error = await new Promise<Error | null>((resolve) => take((fault) => resolve(fault ?? null)));
    if (error !== null) batch.push({ line: last + 1, problem: problemText(error) });
    const done = batch;
    batch = [];
    return done;
  };
  try {
    for await (const chunk of source.bytes()) {
      const items = await step((done) => parser.write(decoder.decode(chunk, { stream: true }), done));
      if (items.length > 0) yield items;
      if (parser.errored !== null) return;
    }
    yield await step((done) => endOf(parser, decoder.decode(), done));
  } finally {
    parser.destroy();
  }
}

function endOf(parser: Parser, rest: string, done: (error?: Error | null) => void): void {
  parser.once('end', () => done());
  parser.once('error', done);
  parser.end(rest);
}

function parserOptions(delimiter: string): {
  delimiter: string;
  bom: true;
  relax_column_count: true;
  relax_quotes: true;
  skip_empty_lines: true;
  max_record_size: number;
} {
  return {
    delimiter,
    bom: true,
    relax_column_count: true,
    relax_quotes: true,
    skip_empty_lines: true,
    max_record_size: MAX_ROW,
  };
}

/** `endLine` is where the row ended: quoted line breaks lie between it and where it began. */
function keep(rows: CsvItem[], cells: readonly string[], endLine: number): null {
  let breaks = 0;
  const clean = cells.map((cell) => {
    breaks += cell.split('\n').length - 1;
    return cell.replaceAll('\uFEFF', '').trim();
  });
  if (clean.some((cell) => cell !== '')) rows.push({ line: endLine - breaks, cells: clean });
  return null;
}

function problemText(error: Error): string {
  const code = 'code' in error ? String(error.code) : '';
  if (code === 'CSV_QUOTE_NOT_CLOSED' || code === 'CSV_MAX_RECORD_SIZE')
    return 'a quote is opened in this row and never closed: the text from here on cannot be taken apart';
  return `the text from here on cannot be taken apart: ${error.message}`;
}

/** The delimiter that divides some line into the most cells. */
function delimiterOf(text: string): ',' | ';' | '\t' {
  const lines = text.split(/\r\n|\n|\r/, 20);
  const told = /^\uFEFF?sep=([,;\t])$/.exec(lines[0] ?? '')?.[1];
  let best: ',' | ';' | '\t' = ',';
  let most = 0;
  for (const delimiter of [',', ';', '\t'] as const) {
    if (told === delimiter) return delimiter;
    const count = Math.max(...lines.map((line) => line.replace(/"[^"]*"/g, '').split(delimiter).length - 1));
    // A decimal comma in many cells must not beat the delimiter of the header line.
    if (count > most && !(delimiter === ',' && looksSemicolon(lines))) {
      most = count;
      best = delimiter;
    }
  }
  return best;
}

function looksSemicolon(lines: readonly string[]): boolean {
  const header = lines.find((line) => line.trim() !== '') ?? '';
  const bare = header.replace(/"[^"]*"/g, '');
  return bare.split(';').length > Math.max(bare.split(',').length, 2);
}
