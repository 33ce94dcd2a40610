/** `ballast flatten [SYMBOL]`: a plan that closes it for every position, put to the governor. Exit 1 where one was not granted. */
import { Command } from 'commander';
import { InputError } from '../../replay/formats/format.ts';
import { counted } from '../figures.ts';
import { operate, type OperatorFlags } from '../operator.ts';
import { addOperatorOptions, readBy, readReason } from '../operator-options.ts';
import { flattenText } from '../operator-text.ts';
import { UsageError } from '../usage-error.ts';
import type { Terminal } from '../terminal.ts';

interface FlattenFlags extends OperatorFlags {
  readonly reason: string;
  readonly by: string;
  readonly dryRun?: true;
}

export function flattenCommand(terminal: Terminal): Command {
  const command = new Command('flatten')
    .description('put a plan that closes it to the governor for every position that is not flat')
    .argument('[symbol]', 'this one only')
    .option('--dry-run', 'show what would be put to the governor, and do nothing')
    .option('--reason <text>', 'why; the plans say it', 'flatten')
    .option('--by <name>', 'who wants it', 'operator');
  return addOperatorOptions(command).action((symbol: string | undefined, flags: FlattenFlags) =>
    run(symbol, flags, terminal),
  );
}

async function run(symbol: string | undefined, flags: FlattenFlags, terminal: Terminal): Promise<void> {
  const problems: string[] = [];
  const [by, reason] = [readBy(flags.by, problems), readReason(flags.reason, problems)];
  if (problems.length > 0) throw new UsageError(problems);
  const request = { command: 'flatten', symbol: symbol ?? null, by, reason } as const;
  const report = await operate({ ...request, is_dry_run: flags.dryRun === true }, flags, terminal);
  terminal.out(flags.json === true ? `${JSON.stringify(report)}\n` : `${flattenText(report, terminal)}\n`);
  const failed = report.rows.filter(({ outcome }) => outcome !== 'granted' && outcome !== 'would_send');
  if (failed.length > 0)
    throw new InputError(
      `flatten: ${counted(failed.length, 'symbol')} without a permit that closes: ${failed.map((row) => row.symbol).join(', ')}`,
    );
}
