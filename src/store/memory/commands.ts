/**
 * What changes the memory store. A command carries the clock it was given, and nothing else decides what it does: carried
 * out again in the same order, commands give the same state. The journal is a list of them.
 */
import type { Deciding, PermitDesk, Step, TradingChange } from '../permits.ts';
import type { AppendRequest, Commit, Output, Ownership } from '../store.ts';

export type Command =
  | AppendCommand
  | CommitCommand
  | WriteCommand
  | TextCommand
  | ClaimCommand
  | ReleaseCommand
  | OpenCommand
  | PermitCommand;

export type PermitCommand =
  DecideCommand | ReplyCommand | TakeCommand | SettleCommand | TradingCommand | RearmCommand;

export interface AppendCommand {
  readonly op: 'append';
  readonly nowMs: number;
  readonly requests: readonly AppendRequest[];
}

export interface CommitCommand {
  readonly op: 'commit';
  readonly nowMs: number;
  readonly commit: Commit;
}

export interface WriteCommand {
  readonly op: 'write';
  readonly nowMs: number;
  readonly key: string;
  readonly fields: readonly (readonly [field: string, value: string | null])[];
}

export interface TextCommand {
  readonly op: 'text';
  readonly nowMs: number;
  readonly key: string;
  readonly text: string | null;
}

export interface ClaimCommand {
  readonly op: 'claim';
  readonly nowMs: number;
  readonly owner: string;
  readonly components: readonly string[];
  /** Components whose holder was not heard of for a lease by a clock nobody sets, and the beat it was last heard with. */
  readonly silent: readonly (readonly [component: string, beat: string])[];
}

export interface ReleaseCommand {
  readonly op: 'release';
  readonly nowMs: number;
  readonly owner: string;
  readonly held: readonly Ownership[];
}

/** The folder was opened: whoever held a component before was in a process that is gone, since the folder has one at a time. */
export interface OpenCommand {
  readonly op: 'open';
  readonly nowMs: number;
}

export interface DecideCommand {
  readonly op: 'decide';
  readonly nowMs: number;
  readonly deciding: Deciding;
  readonly steps: readonly Step[];
}

export interface ReplyCommand {
  readonly op: 'reply';
  readonly nowMs: number;
  readonly replies: Parameters<PermitDesk['reply']>[0];
}

export interface TakeCommand {
  readonly op: 'take';
  readonly nowMs: number;
  readonly planId: string;
}

export interface SettleCommand {
  readonly op: 'settle';
  readonly nowMs: number;
  readonly ended: Parameters<PermitDesk['settle']>[0];
  readonly atSec: string;
}

export interface TradingCommand {
  readonly op: 'trading';
  readonly nowMs: number;
  readonly change: TradingChange;
}

export interface RearmCommand {
  readonly op: 'rearm';
  readonly nowMs: number;
  readonly symbol: string | null;
  readonly by: string;
  readonly reason: string;
}

/**
 * The command as the journal keeps it: without hashes that have a life. They are derived and written again at the next
 * tick, and would be most of the journal. (A key is written with a life always or never: src/contract/keys.ts.)
 */
export function journalText(command: Command): string {
  if (command.op !== 'commit') return JSON.stringify(command);
  const outputs = command.commit.outputs.filter((output) => !hasLife(output));
  return JSON.stringify({ ...command, commit: { ...command.commit, outputs } });
}

function hasLife(output: Output): boolean {
  return (output.kind === 'put' || output.kind === 'update') && output.lifeSec !== null;
}
