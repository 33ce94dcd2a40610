/** The options about files that `replay` and `import` share. */
import { Option, type Command } from 'commander';
import { parseDecimal } from '../contract/decimal.ts';
import { FORMAT_NAMES } from '../replay/formats/choose.ts';
import { timeZone } from '../replay/formats/time-zone.ts';
import { UsageError } from './usage-error.ts';
import type { FormatName, FormatOptions } from '../replay/formats/format.ts';

export interface FormatFlags {
  readonly format: FormatName | 'auto';
  readonly columns?: readonly string[];
  readonly timeZone: string;
  readonly usdPer?: readonly string[];
}

export function addFormatOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--format <name>', 'what the files are').choices(['auto', ...FORMAT_NAMES]).default('auto'),
    )
    .option('--columns <our=theirs,...>', 'column names of a CSV file, like time=Date,fee=Cost', collect)
    .option('--time-zone <zone>', 'zone of times that say none: Europe/Berlin or +05:30', 'UTC')
    .option(
      '--usd-per <currency=rate>',
      'counts profit and fees in a currency that is no dollar, like BTC=65000',
      collect,
    );
}

/** Throws `UsageError` naming every option that cannot be read. */
export function readFormatOptions(flags: FormatFlags): FormatOptions {
  const problems: string[] = [];
  const columns = new Map<string, string>();
  for (const part of (flags.columns ?? []).flatMap((text) => text.split(','))) {
    const [ours, theirs] = splitOnce(part);
    if (ours === '' || theirs === '')
      problems.push(`--columns ${part}: has to be OUR_NAME=THEIR_NAME, like fee=Commission`);
    else columns.set(ours, theirs);
  }
  const usdPer = new Map<string, number>();
  for (const part of (flags.usdPer ?? []).flatMap((text) => text.split(','))) {
    const [currency, text] = splitOnce(part);
    const rate = parseDecimal(text);
    if (currency === '' || rate === null || rate <= 0)
      problems.push(`--usd-per ${part}: has to be CURRENCY=RATE above 0, like BTC=65000`);
    else usdPer.set(currency.toUpperCase(), rate);
  }
  try {
    timeZone(flags.timeZone);
  } catch (error) {
    problems.push(`--time-zone ${flags.timeZone}: ${(error as Error).message}`);
  }
  if (problems.length > 0) throw new UsageError(problems);
  return { timeZone: flags.timeZone, columns, usdPer };
}

function splitOnce(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text.trim(), ''] : [text.slice(0, at).trim(), text.slice(at + 1).trim()];
}

/** For an option that may be given several times. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}
