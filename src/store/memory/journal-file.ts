/** One generation of the journal on the disk. What could not be written whole is taken back before anything else is. */
import { StoreError } from '../store.ts';
import { errorCode, errorText, type DataFile, type DataFolder } from './data-folder.ts';
import { headerOf } from './frames.ts';

export class JournalFile {
  readonly generation: number;
  readonly #where: string;
  readonly #file: DataFile;
  #size: number;
  /** Something may lie behind `#size` that was not acknowledged. */
  #isTorn = false;

  /** A new one, empty and on the disk. */
  static async create(folder: DataFolder, generation: number): Promise<JournalFile> {
    const name = journalName(generation);
    const header = headerOf('journal', generation);
    const file = await folder.open(name);
    try {
      await file.truncate(0);
      await file.write(header, 0);
      await file.sync();
      await folder.sync();
    } catch (error) {
      await file.close();
      throw error;
    }
    return new JournalFile(folder, generation, file, header.length);
  }

  /** One that is there; what lies behind `length` is cut off. */
  static async reopen(folder: DataFolder, generation: number, length: number): Promise<JournalFile> {
    const file = await folder.open(journalName(generation));
    const journal = new JournalFile(folder, generation, file, length);
    try {
      await journal.#cut();
    } catch (error) {
      await file.close();
      throw error;
    }
    return journal;
  }

  private constructor(folder: DataFolder, generation: number, file: DataFile, size: number) {
    this.generation = generation;
    this.#where = `${folder.path}/${journalName(generation)}`;
    this.#file = file;
    this.#size = size;
  }

  get size(): number {
    return this.#size;
  }

  /** Resolves once it is on the disk. Rejects with `refused` where nothing of it is left, `unreachable` where some may be. */
  async append(bytes: Uint8Array): Promise<void> {
    if (this.#isTorn) {
      try {
        await this.#cut();
      } catch (error) {
        throw this.#failure('refused', error);
      }
    }
    try {
      await this.#file.write(bytes, this.#size);
      await this.#file.sync();
      this.#size += bytes.length;
    } catch (error) {
      this.#isTorn = true;
      try {
        await this.#cut();
      } catch (cutError) {
        throw this.#failure('unreachable', cutError);
      }
      throw this.#failure('refused', error);
    }
  }

  async close(): Promise<void> {
    await this.#file.close();
  }

  async #cut(): Promise<void> {
    await this.#file.truncate(this.#size);
    await this.#file.sync();
    this.#isTorn = false;
  }

  #failure(kind: 'refused' | 'unreachable', cause: unknown): StoreError {
    const outcome =
      kind === 'refused'
        ? 'nothing was changed'
        : 'it could not be taken back either, and may be done after a restart';
    const text = `${this.#where} cannot be written (${errorText(cause)}): ${outcome}`;
    return new StoreError(kind, errorCode(cause), text, cause);
  }
}

export function journalName(generation: number): string {
  return `journal-${String(generation).padStart(8, '0')}`;
}
