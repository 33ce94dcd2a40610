/**
 * What a live process recorded (`--archive DIR`): of all its lines the inputs, as they were applied. A file whose process
 * was killed is read as far as it goes.
 */
import { decodeRecorded } from '../../components/archive/event-lines.ts';
import { HEADER_LINE } from '../../components/archive/header.ts';
import { splitLines, type ArchiveLine } from '../../runtime/archive/reader.ts';
import { END_LINE, MISSING_LINE } from '../../runtime/archive/writer.ts';
import {
  InputError,
  type Format,
  type LocatedEvent,
  type ReadItem,
  type RejectedLine,
  type Source,
} from './format.ts';
import type { EventType } from '../../core/event.ts';

const FIRST_LINE = new RegExp(`^\\{"type":"${HEADER_LINE}","v":\\d+,`);

export const archive: Format = {
  name: 'archive',
  recognise(head) {
    const text = Buffer.from(head).toString('utf8');
    return FIRST_LINE.test(text) ? 'the archive of a live process' : null;
  },
  read: (source) => readItems(source, ({ line, fields }) => ({ line, record: fields })),
  readEvents: (source, sourceNumber) =>
    readItems<LocatedEvent | RejectedLine>(
      source,
      ({ line, fields, text }) => {
        const decoded = decodeRecorded(fields);
        if (decoded.event === null)
          return {
            event: null,
            source: sourceNumber,
            line,
            ...decoded.rejection,
            raw: text.slice(0, MAX_RAW_LENGTH),
          };
        const { id } = fields;
        const entry = typeof id === 'string' ? `${decoded.event.type} ${id}` : undefined;
        return {
          event: decoded.event,
          source: sourceNumber,
          line,
          futureTime: false,
          ...(entry === undefined ? {} : { entry }),
        };
      },
      (refused) => ({ event: null, source: sourceNumber, ...refused }),
    ),
};

const MAX_RAW_LENGTH = 2048;
type Refused = Extract<ReadItem, { reason: unknown }>;

interface EventLine {
  readonly line: number;
  readonly text: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** The lines of inputs, each made an item; what is missing or cut off is refused, so that it is said and counted. */
async function* readItems<Item>(
  source: Source,
  make: (line: EventLine) => Item,
  refuse: (refused: Refused) => Item = (refused) => refused as Item,
): AsyncGenerator<Item[]> {
  let hasEnded = false;
  let last = 0;
  const say = (line: number, detail: string, raw: string): Item =>
    refuse({ line, reason: 'bad_row', detail, raw: raw.slice(0, MAX_RAW_LENGTH) });
  const readLine = ({ line, text, isWhole }: ArchiveLine): Item | null => {
    last = line;
    const fields = isWhole ? parse(text) : null;
    // What is cut off is said at the end.
    if (fields === null) return isWhole ? say(line, 'the line is no JSON object', text) : null;
    const { type } = fields;
    if (type === END_LINE) hasEnded = true;
    if (type === MISSING_LINE)
      return say(line, `${String(fields['lines'])} lines are missing: the disk could not take them`, text);
    const isInput =
      typeof type === 'string' && INPUTS.has(type) && !SKIPPED.some((mark) => fields[mark] === true);
    return isInput ? make({ line, text, fields }) : null;
  };
  try {
    for await (const lines of splitLines(source.bytes('allowed')))
      yield lines.map(readLine).filter((item) => item !== null);
  } catch (error) {
    if (error instanceof RangeError)
      throw new InputError(`${source.name}: ${error.message}`, { cause: error });
    throw error;
  }
  if (!hasEnded)
    yield [say(last, 'the recording ends early here: its process was killed, or still writes', '')];
}

/** What was not applied, or was applied before this file began. */
const SKIPPED = ['repeat', 'carried'];
const INPUT_TYPES: Readonly<Record<EventType, true>> = {
  execution: true,
  plan: true,
  regime: true,
  market: true,
  cluster: true,
  cluster_stress: true,
  position: true,
  portfolio: true,
  cashflow: true,
  take: true,
  result: true,
  kill: true,
  rearm: true,
};
const INPUTS: ReadonlySet<string> = new Set(Object.keys(INPUT_TYPES));

function parse(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
