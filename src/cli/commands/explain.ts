/** `ballast explain PLAN_ID|SYMBOL`: why a plan was permitted or blocked, or what a symbol may use. Exit 1 where nothing is recorded about it. */
import { Command } from 'commander';
import { InputError } from '../../replay/formats/format.ts';
import { explainText } from '../explain-text.ts';
import { formatCount } from '../figures.ts';
import { operate, type OperatorFlags } from '../operator.ts';
import { addOperatorOptions } from '../operator-options.ts';
import { shortName } from '../text-width.ts';
import { UsageError } from '../usage-error.ts';
import type { ExplainReport } from '../../ops/explain/explain.ts';
import type { Terminal } from '../terminal.ts';

interface ExplainFlags extends OperatorFlags {
  readonly plan?: true;
  readonly symbol?: true;
}

const MAX_NAME_LENGTH = 128;

export function explainCommand(terminal: Terminal): Command {
  const command = new Command('explain')
    .description(
      'why: the gates, scores, inputs and executions behind a permit, a block or a target, and what would have turned it',
    )
    .argument('<name>', 'a plan id or a symbol')
    .option('--plan', 'it is a plan id, whatever symbols there are')
    .option('--symbol', 'it is a symbol, whatever plans there are');
  return addOperatorOptions(command).action((name: string, flags: ExplainFlags) =>
    run(name, flags, terminal),
  );
}

async function run(name: string, flags: ExplainFlags, terminal: Terminal): Promise<void> {
  if (flags.plan === true && flags.symbol === true)
    throw new UsageError(['--plan and --symbol exclude each other']);
  if (name === '' || name.length > MAX_NAME_LENGTH)
    throw new UsageError([`a plan id or a symbol has 1 to ${MAX_NAME_LENGTH} characters`]);
  const as = flags.plan === true ? 'plan' : flags.symbol === true ? 'symbol' : 'any';
  const report = await operate({ command: 'explain', name, as }, flags, terminal);
  const { explanation } = report;
  if (explanation === null) throw new InputError(notFound(name, as, report));
  if (flags.json === true) return terminal.out(`${JSON.stringify(explanation)}\n`);
  terminal.out(`${explainText(explanation, terminal).join('\n\n')}\n`);
  if (report.is_symbol_too)
    terminal.error(`ballast: ${shortName(name)} is a symbol too: add --symbol to have that explained`);
}

function notFound(given: string, as: 'any' | 'plan' | 'symbol', report: ExplainReport): string {
  const { entries, since } = report.looked_through;
  const name = shortName(given);
  const events =
    since === null
      ? 'there are no events of the governor yet'
      : `looked through ${formatCount(entries)} of its events, back to ${new Date(since * 1000).toISOString()}`;
  const near = report.near.map(shortName);
  const [last, ...before] = near.toReversed();
  const meant =
    last === undefined ? null : [before.toReversed().join(', '), last].filter((one) => one !== '');
  const hint = meant === null ? null : `did you mean ${meant.join(' or ')}?`;
  if (as === 'symbol')
    return `nothing is recorded about the symbol ${name}: no verdict (${events}), no allocation, no efficiency, no execution${hint === null ? '' : `; ${hint}`}`;
  const what = as === 'plan' ? `the plan ${name}` : `a plan or a symbol ${name}`;
  return `nothing is recorded about ${what}: ${events}, and no block, use record or execution of it; ${hint ?? 'is it spelled as the bot did?'}`;
}
