/** The memory store's folder: its lock, its journal, and snapshots that keep the journal short. */
import { StoreError } from '../store.ts';
import type { Command } from './commands.ts';
import { journalText } from './commands.ts';
import { errorCode, errorText, openDataFolder, type DataFolder } from './data-folder.ts';
import { lockFolder, type FolderLock } from './folder-lock.ts';
import { JournalFile, journalName } from './journal-file.ts';
import { Journal } from './journal.ts';
import { isLeftOver, recover, type Recovered } from './recovery.ts';
import { copyState, writeSnapshot, type StateCopy } from './snapshot.ts';
import type { MemoryState } from './state.ts';

export interface FolderOptions {
  /** A journal of so many bytes makes way for a snapshot and a new one. */
  readonly snapshotBytes?: number;
  /** A change that is not on the disk by then is answered with an error. */
  readonly deadlineMs?: number;
  /** Told in a sentence what an operator should know. */
  readonly onEvent?: (event: FolderEvent) => void;
  /** For tests: files that fail. */
  readonly openFolder?: (path: string) => Promise<DataFolder>;
}

export interface FolderEvent {
  readonly kind: 'tail_cut' | 'lock_taken' | 'snapshot' | 'snapshot_failed';
  readonly message: string;
}

const SNAPSHOT_BYTES = 64 * 1024 * 1024;
const DEADLINE_MS = 5000;

export class FolderJournal {
  readonly #folder: DataFolder;
  readonly #lock: FolderLock;
  readonly #state: MemoryState;
  readonly #options: FolderOptions;
  readonly #journal: Journal;
  /** The latest stamp of a change that was carried out. */
  #clockMs: number;
  /** The journal is due at this size. */
  #dueBytes: number;
  #snapshot: Promise<void> | null = null;
  #isClosing = false;

  /** Takes the folder and fills `state`, which is empty, with what it holds. */
  static async open(path: string, state: MemoryState, options: FolderOptions): Promise<FolderJournal> {
    const folder = await usable(path, async () => await (options.openFolder ?? openDataFolder)(path));
    const lock = await lockFolder(path);
    try {
      if (lock.takenFrom !== null)
        tell(
          options,
          'lock_taken',
          `${path} was left locked by process ${lock.takenFrom}, which runs no more`,
        );
      const say = (message: string): void => tell(options, 'tail_cut', message);
      const recovered = await usable(path, async () => await recover(folder, state, say));
      return new FolderJournal(folder, lock, state, recovered, options);
    } catch (error) {
      await lock.release();
      throw error;
    }
  }

  private constructor(
    folder: DataFolder,
    lock: FolderLock,
    state: MemoryState,
    recovered: Recovered,
    options: FolderOptions,
  ) {
    this.#folder = folder;
    this.#lock = lock;
    this.#state = state;
    this.#options = options;
    this.#clockMs = recovered.clockMs;
    this.#dueBytes = this.#snapshotBytes;
    this.#journal = new Journal({
      file: recovered.file,
      deadlineMs: options.deadlineMs ?? DEADLINE_MS,
      between: async (file) => await this.#rotateIfDue(file),
    });
  }

  get clockMs(): number {
    return this.#clockMs;
  }

  /** The stamp of the oldest change that is not carried out yet; null: all are. */
  get oldestMs(): number | null {
    return this.#journal.oldestMs;
  }

  /** Carries the command out once it is on the disk. */
  async add<Answer>(command: Command, apply: () => Answer): Promise<Answer> {
    return await this.#journal.add(journalText(command), command.nowMs, () => {
      this.#clockMs = command.nowMs;
      return apply();
    });
  }

  details(): [name: string, value: string][] {
    const { generation, size } = this.#journal.file;
    return [
      ['journal_generation', String(generation)],
      ['journal_bytes', String(size)],
    ];
  }

  /** Everything that was added is on the disk, and the folder free for others. */
  async close(): Promise<void> {
    this.#isClosing = true;
    try {
      await this.#journal.close();
      await this.#snapshot;
    } finally {
      await this.#lock.release();
    }
  }

  get #snapshotBytes(): number {
    return this.#options.snapshotBytes ?? SNAPSHOT_BYTES;
  }

  /** Everything written was carried out: the state is what the journals up to now come to, and the next begins with it. */
  async #rotateIfDue(file: JournalFile): Promise<JournalFile> {
    if (file.size < this.#dueBytes || this.#snapshot !== null || this.#isClosing) return file;
    const generation = file.generation + 1;
    let next: JournalFile;
    try {
      next = await JournalFile.create(this.#folder, generation);
    } catch (error) {
      this.#dueBytes = file.size + this.#snapshotBytes;
      this.#failed(`${this.#folder.path}/${journalName(generation)} cannot be begun`, error);
      return file;
    }
    try {
      await file.close();
    } catch (error) {
      this.#failed(`${this.#folder.path}/${journalName(file.generation)} was not closed`, error);
    }
    this.#dueBytes = this.#snapshotBytes;
    const copy = copyState(this.#state, this.#clockMs);
    this.#snapshot = this.#write(generation, copy);
    return next;
  }

  async #write(generation: number, copy: StateCopy): Promise<void> {
    try {
      const bytes = await writeSnapshot(this.#folder, generation, copy, () => this.#isClosing);
      if (bytes === null) return;
      // Writing a large state again for every bit of journal would wear the disk for nothing.
      this.#dueBytes = Math.max(this.#snapshotBytes, bytes);
      for (const name of await this.#folder.list())
        if (isLeftOver(name, generation)) await this.#folder.remove(name);
      tell(this.#options, 'snapshot', `${this.#folder.path}: snapshot ${generation} is complete`);
    } catch (error) {
      this.#failed(`${this.#folder.path}: snapshot ${generation} was not written`, error);
    } finally {
      this.#snapshot = null;
    }
  }

  /** Nothing is lost: the journals stay. */
  #failed(what: string, error: unknown): void {
    const message = `${what} (${errorText(error)}): the journal grows until one is; make room on the disk`;
    tell(this.#options, 'snapshot_failed', message);
  }
}

function tell(options: FolderOptions, kind: FolderEvent['kind'], message: string): void {
  options.onEvent?.({ kind, message });
}

async function usable<Answer>(path: string, attempt: () => Promise<Answer>): Promise<Answer> {
  try {
    return await attempt();
  } catch (error) {
    if (error instanceof StoreError) throw error;
    const text = `${path} cannot be used (${errorText(error)}): is it a folder this user may read and write, with room on the disk?`;
    throw new StoreError('refused', errorCode(error), text, error);
  }
}
