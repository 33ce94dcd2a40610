/** `ballast import FILE...`: other programs' trade files as lines of the `ballast` format. */
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { finished } from 'node:stream/promises';
import { Command } from 'commander';
import { importRecords, type ImportedFile } from '../../replay/import.ts';
import { InputError } from '../../replay/formats/format.ts';
import { addFormatOptions, readFormatOptions, type FormatFlags } from '../format-options.ts';
import { loadSettings } from '../load-settings.ts';
import { UsageError } from '../usage-error.ts';
import type { Terminal } from '../terminal.ts';

interface ImportFlags extends FormatFlags {
  readonly out?: string;
}

export function importCommand(terminal: Terminal): Command {
  const command = new Command('import')
    .description("write other programs' trade files as lines of the ballast format, in order of time")
    .argument('<files...>', 'files, gzipped or not; - is standard input');
  return addFormatOptions(command)
    .option('--out <file>', 'where to write; else to standard output')
    .action((files: readonly string[], flags: ImportFlags) => run(files, flags, terminal));
}

async function run(files: readonly string[], flags: ImportFlags, terminal: Terminal): Promise<void> {
  const problems: string[] = [];
  const loaded = await loadSettings([], terminal, problems);
  if (loaded === null) throw new UsageError(problems);
  const imported = await importRecords(files, flags.format, readFormatOptions(flags), loaded.aliases);
  const text = imported.lines.length === 0 ? '' : `${imported.lines.join('\n')}\n`;
  if (flags.out === undefined) terminal.out(text);
  else await writeWhole(flags.out, text);
  for (const file of imported.files) report(file, terminal);
}

/** Refused rows go to standard error: what was written has to stay clean. */
function report(file: ImportedFile, terminal: Terminal): void {
  terminal.error(
    `${file.name}: ${file.what}, ${file.records} events${file.rejected.length > 0 ? `, ${file.rejected.length} not usable` : ''}`,
  );
  for (const { line, reason, detail } of file.rejected.slice(0, 20))
    terminal.error(`  ${file.name}:${line}: ${reason}: ${detail}`);
}

async function writeWhole(path: string, text: string): Promise<void> {
  const partial = `${path}.partial`;
  try {
    const stream = createWriteStream(partial);
    stream.end(text);
    await finished(stream);
    await rename(partial, path);
  } catch (error) {
    // Where not even the folder can be reached there is nothing to remove either.
    await rm(partial, { force: true }).catch(() => undefined);
    throw new InputError(`--out ${path}: cannot be written (${(error as Error).message})`, { cause: error });
  }
}
