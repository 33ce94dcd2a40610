/** The options that operators' commands share, and the names and reasons they take. */
import type { Command } from 'commander';
import { cleanBy, cleanReason } from '../components/control/clean-text.ts';
import { collect } from './format-options.ts';

export function addOperatorOptions(command: Command): Command {
  return command
    .option('--data <dir>', 'the folder of the embedded store; else REDIS_URL says where to act')
    .option('--set <name=value>', 'a setting; may be given several times', collect)
    .option('--json', 'print one JSON object instead of text');
}

/** Adds to `problems` where nobody is named. */
export function readBy(text: string | undefined, problems: string[]): string {
  const by = cleanBy(text ?? '');
  if (by === '') problems.push('--by NAME is missing: who wants this?');
  return by;
}

/** Adds to `problems` where there is none. */
export function readReason(text: string | undefined, problems: string[]): string {
  const reason = cleanReason(text ?? '');
  if (reason === '') problems.push('--reason TEXT is missing: say why, for whoever reads it later');
  return reason;
}
