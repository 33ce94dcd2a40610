/** `ballast replay FILE...`: runs executions (and plans) from files through the whole pipeline in event time. */
import { Command, Option } from 'commander';
import { parseBy } from '../../replay/report/breakdown.ts';
import { parseExclude, QUALITY_FLAGS, type QualityFlag } from '../../replay/report/quality.ts';
import { reportPage } from '../../replay/report-page/page.ts';
import { ReportFile } from '../../replay/report-page/report-file.ts';
import { replayJson } from '../../replay/result.ts';
import { replay, type Progress } from '../../replay/run.ts';
import { addFormatOptions, collect, readFormatOptions, type FormatFlags } from '../format-options.ts';
import { loadSettings } from '../load-settings.ts';
import { replayText } from '../replay-text.ts';
import { UsageError } from '../usage-error.ts';
import type { Emit } from '../../core/pipeline/pipeline.ts';
import type { Terminal } from '../terminal.ts';

interface ReplayFlags extends FormatFlags {
  readonly set?: readonly string[];
  readonly emit: Emit;
  readonly out?: string;
  readonly save?: string;
  readonly load?: string;
  readonly by?: string;
  readonly exclude?: string;
  readonly report?: string;
  readonly json?: true;
  readonly strict?: true;
  readonly asPlans?: true;
}

const EXAMPLES = `
Examples:
  ballast replay trades.jsonl
  ballast replay tradesv3.sqlite --by signal,symbol
  ballast replay backtest-result.zip --as-plans --set APPLY_MODE=production
  ballast replay trades.jsonl --report report.html
  ballast replay fills.csv --time-zone Europe/Berlin --out out/
  gunzip -c big.jsonl.gz | ballast replay - --json

Settings come from --set, for all but the modes also from the environment, .env and ballast.config.json here.`;

export function replayCommand(terminal: Terminal): Command {
  const command = new Command('replay')
    .description('run executions (and plans) from files through the whole pipeline, without a server')
    .argument('<files...>', 'files, gzipped or not, merged by time; - is standard input');
  return addFormatOptions(command)
    .option('--out <dir>', 'write decisions.jsonl, final.json, rejected.jsonl and suspects.jsonl there')
    .option(
      '--set <name=value>',
      'a setting, like P31_HOLD_BASIS=trade_rate; may be given several times',
      collect,
    )
    .addOption(
      new Option(
        '--emit <which>',
        'decisions written: the next of each component after an execution, at every tick, or none',
      )
        .choices(['executions', 'all', 'final'])
        .default('executions'),
    )
    .option(
      '--by <dimension[,dimension]>',
      'profit by one or two of symbol, bot, signal, regime, cluster, hour, hour_bucket, weekday, exit_reason, side',
    )
    .option('--as-plans', 'judge each trade as plans: what the governor would have blocked, saved or cost')
    .option(
      '--exclude <flag,...>',
      'leave out executions that look wrong in this way, like placeholder,look_alike; all: ' +
        QUALITY_FLAGS.join(', '),
    )
    .option('--strict', 'end with an error at the first line that cannot be used')
    .option('--save <state>', 'stop after the last event and save everything, to go on with --load')
    .option('--load <state>', 'go on from a saved state')
    .option('--report <file>', 'write everything as one HTML page, to look at, print or hand on')
    .option('--json', 'print one JSON object instead of tables')
    .addHelpText('after', EXAMPLES)
    .action((files: readonly string[], flags: ReplayFlags) => run(files, flags, terminal));
}

async function run(files: readonly string[], flags: ReplayFlags, terminal: Terminal): Promise<void> {
  const problems: string[] = [];
  const by = collected(problems, () => (flags.by === undefined ? null : parseBy(flags.by)), null);
  const none: ReadonlySet<QualityFlag> = new Set();
  const exclude = collected(
    problems,
    () => (flags.exclude === undefined ? none : parseExclude(flags.exclude)),
    none,
  );
  const formatOptions = collected(problems, () => readFormatOptions(flags), null);
  const loaded = await loadSettings(flags.set ?? [], terminal, problems);
  problems.push(...contradictions(files, flags));
  if (problems.length > 0 || formatOptions === null || loaded === null) throw new UsageError(problems);
  using report = flags.report === undefined ? null : new ReportFile(flags.report);
  const outcome = await replay({
    files,
    format: flags.format,
    formatOptions,
    ...loaded,
    emit: flags.emit,
    out: flags.out ?? null,
    save: flags.save ?? null,
    load: flags.load ?? null,
    strict: flags.strict === true,
    asPlans: flags.asPlans === true,
    exclude,
    onProgress: progressLine(terminal),
  });
  report?.write(reportPage(outcome, loaded.settings));
  terminal.progress('');
  if (flags.json === true) terminal.out(`${replayJson(outcome, by)}\n`);
  else terminal.out(`${replayText(outcome, loaded.settings, by, terminal).join('\n\n')}\n`);
}

/** Options that cannot be used together, each in a line. */
function contradictions(files: readonly string[], flags: ReplayFlags): string[] {
  const inParts = flags.save === undefined ? (flags.load === undefined ? null : '--load') : '--save';
  const whole = 'needs the whole history at once';
  return [
    ...(flags.report !== undefined && flags.save !== undefined
      ? [
          '--report shows the final states, and a run with --save has none: it goes with the last part, which has --load alone',
        ]
      : []),
    ...(files.filter((file) => file === '-').length > 1 ? ['standard input (-) can be named once only'] : []),
    ...(inParts !== null && flags.asPlans === true
      ? [`--as-plans ${whole}: it cannot be used with ${inParts}`]
      : []),
    ...(inParts !== null && flags.exclude !== undefined
      ? [`--exclude ${whole}: it cannot be used with ${inParts}`]
      : []),
  ];
}

/** What an option's parser gives, or its complaint among the problems. */
function collected<Value>(problems: string[], parse: () => Value, otherwise: Value): Value {
  try {
    return parse();
  } catch (error) {
    if (error instanceof UsageError) problems.push(...error.lines);
    else if (error instanceof RangeError) problems.push(error.message);
    else throw error;
    return otherwise;
  }
}

const PROGRESS_MS = 200;

function progressLine(terminal: Terminal): (progress: Progress) => void {
  let shownAt = performance.now();
  return ({ events, ts }) => {
    const now = performance.now();
    if (!terminal.showsProgress || now - shownAt < PROGRESS_MS) return;
    shownAt = now;
    terminal.progress(
      `${events.toLocaleString('en-US')} events, ${new Date(ts * 1000).toISOString().slice(0, 16).replace('T', ' ')} UTC`,
    );
  };
}
