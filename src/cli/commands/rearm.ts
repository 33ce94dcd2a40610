/** `ballast rearm [SYMBOL]`: symbols that were disarmed may be opened again. */
import { Command } from 'commander';
import { operate, type OperatorFlags } from '../operator.ts';
import { addOperatorOptions, readBy, readReason } from '../operator-options.ts';
import { rearmText } from '../operator-text.ts';
import { UsageError } from '../usage-error.ts';
import type { Terminal } from '../terminal.ts';

interface RearmFlags extends OperatorFlags {
  readonly reason?: string;
  readonly by?: string;
}

export function rearmCommand(terminal: Terminal): Command {
  const command = new Command('rearm')
    .description('let a symbol that was disarmed be opened again; without one, all of them')
    .argument('[symbol]', 'which')
    .option('--reason <text>', 'why; it is recorded')
    .option('--by <name>', 'who wants it');
  return addOperatorOptions(command).action((symbol: string | undefined, flags: RearmFlags) =>
    run(symbol, flags, terminal),
  );
}

async function run(symbol: string | undefined, flags: RearmFlags, terminal: Terminal): Promise<void> {
  const problems: string[] = [];
  const by = readBy(flags.by, problems);
  const reason = readReason(flags.reason, problems);
  if (problems.length > 0) throw new UsageError(problems);
  const report = await operate({ command: 'rearm', symbol: symbol ?? null, by, reason }, flags, terminal);
  terminal.out(flags.json === true ? `${JSON.stringify(report)}\n` : `${rearmText(report, terminal)}\n`);
}
