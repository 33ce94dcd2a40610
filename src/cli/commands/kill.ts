/** `ballast kill on|reduce|off`: the trading state, switched by an operator. */
import { Argument, Command } from 'commander';
import { operate, type OperatorFlags } from '../operator.ts';
import { addOperatorOptions, readBy, readReason } from '../operator-options.ts';
import { killText } from '../operator-text.ts';
import { UsageError } from '../usage-error.ts';
import type { TradingState } from '../../core/event.ts';
import type { Terminal } from '../terminal.ts';

interface KillFlags extends OperatorFlags {
  readonly reason?: string;
  readonly by?: string;
}

const STATES = { on: 'HALTED', reduce: 'REDUCING', off: 'ACTIVE' } as const satisfies Record<
  string,
  TradingState
>;
type Switch = keyof typeof STATES;

export function killCommand(terminal: Terminal): Command {
  const command = new Command('kill')
    .description('stop trading, at once: on = nothing passes, reduce = only exits, off = re-arm')
    .addArgument(new Argument('<switch>', 'on, reduce or off').choices(Object.keys(STATES)))
    .option('--reason <text>', 'why; it is recorded')
    .option('--by <name>', 'who wants it; needed for whatever allows more than now');
  return addOperatorOptions(command).action((wanted: Switch, flags: KillFlags) =>
    run(wanted, flags, terminal),
  );
}

async function run(wanted: Switch, flags: KillFlags, terminal: Terminal): Promise<void> {
  const problems: string[] = [];
  const reason = readReason(flags.reason, problems);
  const by = flags.by === undefined ? null : readBy(flags.by, problems);
  if (wanted === 'off' && by === null)
    problems.push('kill off re-arms, which takes the name of a person: add --by NAME');
  if (problems.length > 0) throw new UsageError(problems);
  const report = await operate({ command: 'kill', state: STATES[wanted], reason, by }, flags, terminal);
  terminal.out(flags.json === true ? `${JSON.stringify(report)}\n` : `${killText(report, terminal)}\n`);
}
