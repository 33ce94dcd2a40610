/** Reads back what a folder holds: the newest snapshot, then the journals after it, in order. */
import { StoreError } from '../store.ts';
import type { Command } from './commands.ts';
import type { DataFolder } from './data-folder.ts';
import { damaged, readFrames, type FramesRead } from './frames.ts';
import { JournalFile, journalName } from './journal-file.ts';
import { readSnapshot } from './snapshot.ts';
import type { MemoryState } from './state.ts';

export interface Recovered {
  /** To go on with. */
  readonly file: JournalFile;
  /** The latest clock that anything was stamped with. */
  readonly clockMs: number;
  /** Generation of the snapshot it began with; 0: none. */
  readonly snapshot: number;
}

/** Fills `state`, which is empty. `say` is told of a cut tail. */
export async function recover(
  folder: DataFolder,
  state: MemoryState,
  say: (message: string) => void,
): Promise<Recovered> {
  const names = await folder.list();
  const snapshot = Math.max(0, ...generations(names, /^snapshot-(\d{8})$/));
  const found = generations(names, /^journal-(\d{8})$/);
  const journals = found.filter((generation) => generation >= snapshot);
  refuseGaps(folder, snapshot, journals);

  let clockMs = snapshot === 0 ? 0 : await readSnapshot(folder, snapshot, state);
  const reads: FramesRead[] = [];
  for (const generation of journals) {
    const read = await readFrames(folder, journalName(generation), 'journal', generation, (frame) => {
      for (const command of frame as readonly Command[]) {
        clockMs = Math.max(clockMs, command.nowMs);
        carryOut(state, command);
      }
    });
    // A journal is complete before there is anything in the next.
    const torn = reads.findIndex(({ badBytes }) => badBytes > 0);
    if (torn >= 0 && read.count > 0)
      throw damaged(`${folder.path}/${journalName(journals[torn]!)}`, reads[torn]!.goodBytes);
    reads.push(read);
  }
  const file = await reopen(folder, journals, reads, say);
  for (const name of names) if (isLeftOver(name, snapshot)) await folder.remove(name);
  return { file, clockMs, snapshot };
}

/** Files a crash left behind, and those a later snapshot made needless. */
export function isLeftOver(name: string, snapshot: number): boolean {
  if (/^snapshot-\d{8}\.tmp$/.test(name)) return true;
  const generation = generations([name], /^(?:journal|snapshot)-(\d{8})$/)[0];
  return generation !== undefined && generation < snapshot;
}

function generations(names: readonly string[], pattern: RegExp): number[] {
  const found = names.flatMap((name) => pattern.exec(name)?.[1] ?? []);
  return found.map(Number).sort((a, b) => a - b);
}

function refuseGaps(folder: DataFolder, snapshot: number, journals: readonly number[]): void {
  if (snapshot === 0 && journals.length === 0) return;
  const first = Math.max(1, snapshot);
  for (let n = 0; n < Math.max(1, journals.length); n++) {
    if (journals[n] === first + n) continue;
    const text =
      `${folder.path} has no ${journalName(first + n)}, without which the rest cannot be read: ` +
      `restore the folder from a backup, or move it away and start with an empty one`;
    throw new StoreError('unusable', 'MISSING', text);
  }
}

/** A change that was refused when it was made (a key of another type) is refused again. */
function carryOut(state: MemoryState, command: Command): void {
  try {
    state.execute(command);
  } catch (error) {
    if (!(error instanceof StoreError && error.kind === 'refused')) throw error;
  }
}

/** Cuts off what was being written when all stopped, and opens the last journal. */
async function reopen(
  folder: DataFolder,
  journals: readonly number[],
  reads: readonly FramesRead[],
  say: (message: string) => void,
): Promise<JournalFile> {
  let last: JournalFile | null = null;
  for (const [n, { goodBytes, badBytes }] of reads.entries()) {
    const generation = journals[n]!;
    const isLast = n === journals.length - 1;
    if (!isLast && badBytes === 0) continue;
    if (badBytes > 0) {
      const where = `${folder.path}/${journalName(generation)}`;
      say(
        `${where}: ${badBytes} bytes at the end were not written whole, and never acknowledged: cut off at byte ${goodBytes}`,
      );
    }
    const file =
      goodBytes === 0
        ? await JournalFile.create(folder, generation)
        : await JournalFile.reopen(folder, generation, goodBytes);
    if (isLast) last = file;
    else await file.close();
  }
  return last ?? (await JournalFile.create(folder, 1));
}
