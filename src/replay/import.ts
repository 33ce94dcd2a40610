/** Any format → lines of the `ballast` format, in order of time: equal times by argument, then by line. */
import { decodeItem } from './formats/ballast.ts';
import { chooseFormat } from './formats/choose.ts';
import { openSource } from './sources.ts';
import type { FormatName, FormatOptions, RejectedLine } from './formats/format.ts';

export interface ImportedFile {
  readonly name: string;
  readonly what: string;
  readonly records: number;
  readonly rejected: readonly RejectedLine[];
}

export interface Imported {
  readonly lines: readonly string[];
  readonly files: readonly ImportedFile[];
}

/** Throws `InputError` where a file as a whole cannot be read. */
export async function importRecords(
  names: readonly string[],
  format: FormatName | 'auto',
  options: FormatOptions,
  aliases: ReadonlyMap<string, string>,
): Promise<Imported> {
  const events: { ts: number; line: string }[] = [];
  const files: ImportedFile[] = [];
  for (const name of names) {
    using source = await openSource(name);
    const chosen = await chooseFormat(source, format);
    const rejected: RejectedLine[] = [];
    const before = events.length;
    for await (const items of chosen.format.read(source, options)) {
      for (const item of items) {
        const read = decodeItem(item, 0, { aliases });
        if (read.event === null) rejected.push(read);
        else if ('record' in item) events.push({ ts: read.event.ts, line: lineOf(item.record, read.event) });
      }
    }
    files.push({ name: source.name, what: chosen.what, records: events.length - before, rejected });
  }
  events.sort((a, b) => a.ts - b.ts);
  return { lines: events.map(({ line }) => line), files };
}

/** The record as it was read, with its type and its symbol in canonical form. */
function lineOf(
  record: Readonly<Record<string, unknown>>,
  event: { type: string; symbol?: unknown },
): string {
  const symbol = typeof event.symbol === 'string' ? { symbol: event.symbol } : {};
  return JSON.stringify({ type: event.type, ...record, ...symbol });
}
