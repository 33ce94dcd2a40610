/** The `ballast` format: JSON lines, one event each, as spec/replay.md has them. */
import { decodeEvent, type DecodeOptions } from '../../contract/decode.ts';
import { lineEnd, readWholeLines } from '../lines.ts';
import { ExecutionScanner } from './execution-scanner.ts';
import {
  InputError,
  type Format,
  type LocatedEvent,
  type ReadItem,
  type RejectedLine,
  type Source,
} from './format.ts';

const MAX_LINE_LENGTH = 65_536;
/** A refused line is kept, but not all of a huge one. */
const MAX_RAW_LENGTH = 2048;

export const ballast: Format = {
  name: 'ballast',
  recognise(head) {
    const text = Buffer.from(head)
      .toString('utf8')
      .replace(/^\uFEFF/, '');
    const first = text.split('\n').find((line) => line.trim() !== '');
    return first !== undefined && first.trimStart().startsWith('{') ? 'JSON lines' : null;
  },
  read: (source) => readLines<ReadItem>(source, parseLine, null),
  readEvents: (source, sourceNumber, decodeOptions) => {
    const decodeLine = (text: string, line: number): LocatedEvent | RejectedLine | null => {
      const item = parseLine(text, line);
      return item === null ? null : decodeItem(item, sourceNumber, decodeOptions);
    };
    const scanner = new ExecutionScanner(decodeOptions);
    return readLines<LocatedEvent | RejectedLine>(source, decodeLine, (buffer, start, line, items) => {
      const event = scanner.scan(buffer, start);
      if (event === null || scanner.next - start > MAX_LINE_LENGTH) return 0;
      items.push({ event, source: sourceNumber, line, futureTime: false });
      return scanner.next;
    });
  },
};

/** Adds what a line holds to `items` and says where the next one begins; 0 where the line has to be read the general way. */
type FastReader<Item> = (buffer: Buffer, start: number, line: number, items: Item[]) => number;

async function* readLines<Item>(
  source: Source,
  readText: (text: string, line: number) => Item | null,
  readFast: FastReader<Item> | null,
): AsyncGenerator<Item[]> {
  let line = 1;
  try {
    for await (const buffer of readWholeLines(source.bytes())) {
      const items: Item[] = [];
      for (let start = 0; start < buffer.length; line++) {
        const next = readFast === null ? 0 : readFast(buffer, start, line, items);
        if (next > 0) {
          start = next;
          continue;
        }
        const end = lineEnd(buffer, start);
        const item = readText(buffer.toString('utf8', start, end), line);
        if (item !== null) items.push(item);
        start = end + 1;
      }
      yield items;
    }
  } catch (error) {
    if (error instanceof RangeError)
      throw new InputError(`${source.name}:${line}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** One line read the general way; null where it is blank. */
function parseLine(whole: string, line: number): ReadItem | null {
  const text = whole.endsWith('\r') ? whole.slice(0, -1) : whole;
  const refuse = (reason: 'oversized' | 'not_json' | 'not_an_object', detail: string): ReadItem => {
    return { line, reason, detail, raw: text.slice(0, MAX_RAW_LENGTH) };
  };
  if (text.length > MAX_LINE_LENGTH)
    return refuse('oversized', `the line has ${text.length} characters, at most ${MAX_LINE_LENGTH} are read`);
  if (text.trim() === '') return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The engine's own wording differs between its versions.
    return refuse('not_json', 'the line is not valid JSON');
  }
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return refuse('not_an_object', 'the line holds no JSON object');
  return { line, record: value as Record<string, unknown> };
}

/** The event of a record, or why there is none, with the record itself. */
export function decodeItem(
  item: ReadItem,
  source: number,
  options: DecodeOptions,
): LocatedEvent | RejectedLine {
  const { line } = item;
  if ('reason' in item)
    return { event: null, source, line, reason: item.reason, detail: item.detail, raw: item.raw };
  const decoded = decodeEvent(item.record, options);
  if (decoded.event !== null) return { event: decoded.event, source, line, futureTime: decoded.futureTime };
  const { reason, detail } = decoded.rejection;
  return {
    event: null,
    source,
    line,
    reason,
    detail,
    raw: JSON.stringify(item.record).slice(0, MAX_RAW_LENGTH),
  };
}
