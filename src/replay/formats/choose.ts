/** Which format a file is in: the one the user named, or the one its content shows. */
import { archive } from './archive.ts';
import { ballast } from './ballast.ts';
import { fillsJsonl } from './fills-jsonl.ts';
import { freqtrade } from './freqtrade.ts';
import { InputError, type Format, type FormatName, type Source } from './format.ts';
import { readHeadBytes } from '../sources.ts';

/** In the order they are asked; the first that knows the file reads it. */
async function formatsFor(isTable: boolean): Promise<readonly Format[]> {
  const byLines = [archive, freqtrade, fillsJsonl, ballast];
  if (!isTable) return byLines;
  // A CSV parser takes longer to load than most JSON lines to read: only where there may be something for it.
  const [{ fillsCsv }, { tradesCsv }] = await Promise.all([
    import('./fills-csv.ts'),
    import('./trades-csv.ts'),
  ]);
  return [...byLines, fillsCsv, tradesCsv];
}

export const FORMAT_NAMES: readonly FormatName[] = [
  'ballast',
  'archive',
  'freqtrade',
  'fills-csv',
  'trades-csv',
];

export interface ChosenFormat {
  readonly format: Format;
  /** What it was taken for, in a few words. */
  readonly what: string;
}

/** Throws `InputError` where the file is empty or no format knows it. */
export async function chooseFormat(source: Source, name: FormatName | 'auto'): Promise<ChosenFormat> {
  const head = await readHeadBytes(source);
  if (head.length === 0) throw new InputError(`${source.name}: is empty`);
  const text = Buffer.from(head).toString('utf8');
  const isJson = /^\uFEFF?\s*\{/.test(text);
  if (/^\uFEFF?\s*\[/.test(text) && freqtrade.recognise(head, source) === null)
    throw new InputError(
      `${source.name}: holds one JSON list; the ballast format has one object a line (jq -c '.[]' turns it into that)`,
    );
  const formats = await formatsFor(!isJson || name.endsWith('-csv'));
  const candidates = name === 'auto' ? formats : formats.filter((format) => format.name === name);
  for (const format of candidates) {
    const what = format.recognise(head, source);
    if (what !== null) return { format, what };
  }
  const asked = candidates.find((format) => (format === fillsJsonl) === isJson) ?? candidates[0];
  if (name !== 'auto' && asked !== undefined) return { format: asked, what: `${name}, as asked` };
  throw new InputError(
    `${source.name}: is in none of the formats ${FORMAT_NAMES.join(', ')}; name one with --format, and a CSV file's columns with --columns`,
  );
}
