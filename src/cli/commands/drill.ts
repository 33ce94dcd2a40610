/** `ballast drill`: proves that every gate and the kill switch of what runs can fire. Exit 1 where one did not. */
import { Command } from 'commander';
import { InputError } from '../../replay/formats/format.ts';
import { drillText } from '../drill-text.ts';
import { operate, type OperatorFlags } from '../operator.ts';
import { addOperatorOptions } from '../operator-options.ts';
import type { Terminal } from '../terminal.ts';

export function drillCommand(terminal: Terminal): Command {
  const command = new Command('drill').description(
    'prove that every gate and the kill switch can fire, with made-up plans that never become permits; exit 1 where one did not',
  );
  return addOperatorOptions(command).action((flags: OperatorFlags) => run(flags, terminal));
}

async function run(flags: OperatorFlags, terminal: Terminal): Promise<void> {
  const report = await operate({ command: 'drill' }, flags, terminal);
  terminal.out(flags.json === true ? `${JSON.stringify(report)}\n` : `${drillText(report, terminal)}\n`);
  if (report.passed) return;
  const failed = [
    ...report.gates.filter(({ passed }) => !passed).map((gate) => gate.case),
    ...report.steps.filter(({ passed }) => !passed).map(({ step }) => step),
  ];
  throw new InputError(`drill: did not come out as it must: ${failed.join(', ')}`);
}
