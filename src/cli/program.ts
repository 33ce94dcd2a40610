/** The table of commands, and what an error of each kind means: 0 done, 1 failed, 2 wrong usage. */
import { Command, CommanderError } from 'commander';
import { VERSION } from '../contract/version.ts';
import { InputError } from '../replay/formats/format.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { drillCommand } from './commands/drill.ts';
import { explainCommand } from './commands/explain.ts';
import { flattenCommand } from './commands/flatten.ts';
import { keysCommand } from './commands/keys.ts';
import { killCommand } from './commands/kill.ts';
import { rearmCommand } from './commands/rearm.ts';
import { importCommand } from './commands/import.ts';
import { replayCommand } from './commands/replay.ts';
import { statusCommand } from './commands/status.ts';
import { runCommand, upCommand } from './commands/up.ts';
import { verifyCommand } from './commands/verify.ts';
import { harmless } from './text-width.ts';
import { UsageError } from './usage-error.ts';
import type { Terminal } from './terminal.ts';

const COMMANDS: readonly ((terminal: Terminal) => Command)[] = [
  demoCommand,
  upCommand,
  runCommand,
  replayCommand,
  importCommand,
  verifyCommand,
  statusCommand,
  doctorCommand,
  explainCommand,
  killCommand,
  rearmCommand,
  flattenCommand,
  drillCommand,
  keysCommand,
];

/** Runs one command line; returns the exit code. */
export async function runProgram(words: readonly string[], given: Terminal): Promise<number> {
  // What a line of an error holds may come from a file.
  const terminal: Terminal = { ...given, error: (line) => given.error(harmless(line)) };
  const program = new Command('ballast')
    .description(
      'Capital governance for algorithmic trading: which symbol, signal, hour and regime earned what, and how much capital each deserves next.',
    )
    .version(VERSION)
    .showHelpAfterError('(ballast --help lists the commands)')
    .configureOutput({ writeOut: terminal.out, writeErr: (text) => given.error(text.trimEnd()) })
    .exitOverride();
  for (const command of COMMANDS) program.addCommand(command(terminal));
  for (const command of program.commands) command.exitOverride().copyInheritedSettings(program);
  try {
    if (words.length === 0) {
      program.outputHelp({ error: true });
      return 2;
    }
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    return exitCode(error, terminal);
  }
}

function exitCode(error: unknown, terminal: Terminal): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  if (error instanceof UsageError) {
    for (const line of error.lines) terminal.error(`ballast: ${line}`);
    return 2;
  }
  if (error instanceof InputError) {
    terminal.error(`ballast: ${error.message}`);
    return 1;
  }
  // Anything else is a bug of this program: it stops, and shows where.
  throw error;
}
