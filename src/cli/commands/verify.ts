/** `ballast verify FILE|DIR...`: computes recorded days again and holds what comes out against what was decided live. */
import { Command } from 'commander';
import { ArchiveError, verify, type VerifiedFile, type Verification } from '../../ops/verify.ts';
import { InputError } from '../../replay/formats/format.ts';
import { counted, formatCount } from '../figures.ts';
import { renderTable } from '../table.ts';
import { harmless } from '../text-width.ts';
import type { Terminal } from '../terminal.ts';

const EXAMPLES = `
Examples:
  ballast verify archive/2026-11-21
  ballast verify archive --json

Exit code 0: all that was compared is equal; 1: something differs, or there was nothing to compare.`;

export function verifyCommand(terminal: Terminal): Command {
  return new Command('verify')
    .description('compute recorded days again from their inputs and prove the live decisions, bit for bit')
    .argument('<paths...>', 'files of an archive, or folders of them')
    .option('--json', 'print one JSON object instead of a table')
    .addHelpText('after', EXAMPLES)
    .action((paths: readonly string[], flags: { readonly json?: true }) => run(paths, flags, terminal));
}

async function run(
  paths: readonly string[],
  flags: { readonly json?: true },
  terminal: Terminal,
): Promise<void> {
  const result = await verified(paths);
  terminal.out(flags.json === true ? `${json(result)}\n` : `${text(result, terminal).join('\n\n')}\n`);
  if (result.ticks === 0) throw new InputError('verify: there was no tick to compare, so nothing is proved');
  if (!result.isProved)
    throw new InputError(
      `verify: ${counted(result.differenceCount, 'difference')}: what was recorded is not what comes out of its inputs`,
    );
}

async function verified(paths: readonly string[]): Promise<Verification> {
  try {
    return await verify(paths);
  } catch (error) {
    if (error instanceof ArchiveError) throw new InputError(error.message, { cause: error });
    throw error;
  }
}

function text(result: Verification, terminal: Terminal): string[] {
  const parts = [fileTable(result.files, terminal)];
  const incomplete = result.files.flatMap(({ file, incomplete }) =>
    incomplete.map((why) => `${file}: ${why}`),
  );
  if (incomplete.length > 0) parts.push(['Not proved', ...incomplete.map((line) => `  ${line}`)].join('\n'));
  if (result.differences.length > 0)
    parts.push(
      [
        'Differences',
        ...result.differences.map(
          ({ file, line, what, field, recorded, recomputed }) =>
            `  ${file}:${line}: ${what}: ${field} was ${recorded}, comes out as ${recomputed}`,
        ),
        ...(result.differenceCount > result.differences.length
          ? [`  and ${formatCount(result.differenceCount - result.differences.length)} more`]
          : []),
      ].join('\n'),
    );
  else if (result.isProved)
    parts.push(
      `Proved: ${counted(result.ticks, 'tick')} and ${counted(result.decisions, 'decision')} come out bit for bit.`,
    );
  return parts.map((part) => part.split('\n').map(harmless).join('\n'));
}

function fileTable(files: readonly VerifiedFile[], terminal: Terminal): string {
  const column = (header: string, align: 'left' | 'right', importance: number) => ({
    header,
    align,
    importance,
  });
  return renderTable(
    {
      columns: [
        column('file', 'left', 9),
        column('recorded by', 'left', 2),
        column('first tick', 'left', 4),
        column('last tick', 'left', 5),
        column('inputs', 'right', 6),
        column('ticks', 'right', 8),
        column('decisions', 'right', 7),
        column('differences', 'right', 9),
      ],
      rows: files.map((file) => [
        file.file,
        file.program,
        timeText(file.firstTick),
        timeText(file.lastTick),
        formatCount(file.inputs),
        formatCount(file.ticks),
        formatCount(file.decisions),
        formatCount(file.differences),
      ]),
    },
    terminal,
  );
}

function timeText(sec: number): string {
  return sec === 0 ? '' : new Date(sec * 1000).toISOString().slice(0, 19).replace('T', ' ');
}

function json(result: Verification): string {
  const { ticks, decisions, differenceCount, isProved } = result;
  return JSON.stringify({
    proved: isProved,
    ticks,
    decisions,
    difference_count: differenceCount,
    differences: result.differences,
    files: result.files.map(({ firstTick, lastTick, ...file }) => ({
      ...file,
      first_tick: firstTick,
      last_tick: lastTick,
    })),
  });
}
