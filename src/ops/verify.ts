/**
 * `ballast verify`: proves that what was decided live comes out again, bit for bit, from what was recorded of the inputs.
 * Stretches that cannot be proved (lines the disk could not take, a process that was killed) are said.
 */
import { existsSync, statSync } from 'node:fs';
import { decodeHeader, HEADER_LINE, type ArchiveHeader } from '../components/archive/header.ts';
import { archiveFilesIn, readArchiveFile, type ArchiveLine } from '../runtime/archive/reader.ts';
import { END_LINE, MISSING_LINE } from '../runtime/archive/writer.ts';
import { StoreError } from '../store/store.ts';
import { Playback, type ArchiveFields, type Mismatch } from './verify-playback.ts';

export interface Difference extends Mismatch {
  readonly file: string;
  readonly line: number;
}

export interface VerifiedFile {
  readonly file: string;
  /** The version of the program that recorded it. */
  readonly program: string;
  readonly components: readonly string[];
  /** The first and the last tick compared, Unix seconds; 0: none. */
  readonly firstTick: number;
  readonly lastTick: number;
  readonly inputs: number;
  readonly ticks: number;
  readonly decisions: number;
  readonly differences: number;
  /** What could not be proved, and why, in a line each. */
  readonly incomplete: readonly string[];
}

export interface Verification {
  readonly files: readonly VerifiedFile[];
  /** The first few. */
  readonly differences: readonly Difference[];
  readonly ticks: number;
  readonly decisions: number;
  readonly differenceCount: number;
  /** Something was compared, and all of it is equal. */
  readonly isProved: boolean;
}

/** A file cannot be used at all: said in one line. */
export class ArchiveError extends Error {
  override readonly name = 'ArchiveError';
}

const SHOWN = 10;

/** `paths`: files, or folders with files somewhere below. Throws `ArchiveError` where one cannot be used. */
export async function verify(paths: readonly string[]): Promise<Verification> {
  const files: VerifiedFile[] = [];
  const differences: Difference[] = [];
  for (const path of paths.flatMap(filesOf)) files.push(await new FileCheck(path, differences).run());
  const sum = (field: 'ticks' | 'decisions' | 'differences'): number =>
    files.reduce((total, file) => total + file[field], 0);
  const differenceCount = sum('differences');
  const ticks = sum('ticks');
  return {
    files,
    differences,
    ticks,
    decisions: sum('decisions'),
    differenceCount,
    isProved: ticks > 0 && differenceCount === 0,
  };
}

function filesOf(path: string): readonly string[] {
  if (!existsSync(path)) throw new ArchiveError(`${path}: there is no such file`);
  if (!statSync(path).isDirectory()) return [path];
  const found = foundIn(path);
  if (found.length === 0) throw new ArchiveError(`${path}: there are no archive files (*.jsonl.gz) in it`);
  return found;
}

function foundIn(folder: string): readonly string[] {
  try {
    return archiveFilesIn(folder);
  } catch (error) {
    throw new ArchiveError(`${folder}: cannot be read (${(error as Error).message})`, { cause: error });
  }
}

class FileCheck {
  readonly #path: string;
  readonly #differences: Difference[];
  readonly #done: Playback[] = [];
  readonly #incomplete: string[] = [];
  #header: ArchiveHeader | null = null;
  /** Null: no stretch has begun, or the rest of it cannot be computed. */
  #playback: Playback | null = null;
  #count = 0;
  #skipped = 0;
  #hasEnded = false;

  constructor(path: string, differences: Difference[]) {
    this.#path = path;
    this.#differences = differences;
  }

  async run(): Promise<VerifiedFile> {
    let last = 0;
    try {
      for await (const lines of readArchiveFile(this.#path))
        for (const line of lines) {
          this.#take(line);
          last = line.line;
        }
    } catch (error) {
      if (error instanceof ArchiveError) throw error;
      this.#unreadable(error as NodeJS.ErrnoException, last);
    }
    if (this.#header === null) throw new ArchiveError(`${this.#path}: is empty`);
    this.#endSkipped();
    if (!this.#hasEnded)
      this.#incomplete.push(
        `ends early after line ${last}: its process was killed, or still writes; verified up to there`,
      );
    return this.#result(this.#header);
  }

  #take({ line, text, isWhole }: ArchiveLine): void {
    if (!isWhole) return;
    const fields = this.#parse(line, text);
    if (fields === null) return;
    switch (fields['type']) {
      case HEADER_LINE:
        this.#begin(line, fields);
        break;
      case END_LINE:
        this.#hasEnded = true;
        return;
      case MISSING_LINE:
        this.#incomplete.push(
          `line ${line}: ${String(fields['lines'])} lines are missing, the disk could not take them; verified up to there`,
        );
        this.#playback = null;
        return;
    }
    if (this.#header === null)
      throw new ArchiveError(`${this.#path}: is no archive: its first line is no ${HEADER_LINE} line`);
    if (this.#playback === null) this.#skipped++;
    else this.#feed(this.#playback, line, text, fields);
  }

  #feed(playback: Playback, line: number, text: string, fields: ArchiveFields): void {
    try {
      for (const mismatch of playback.take(text, fields)) this.#differ(line, mismatch);
    } catch (error) {
      const isOurs =
        error instanceof RangeError || error instanceof SyntaxError || error instanceof StoreError;
      if (!isOurs) throw error;
      this.#differ(line, {
        what: String(fields['type']),
        field: 'line',
        recorded: 'was taken',
        recomputed: error.message,
      });
      // Whatever follows stands on this line.
      this.#playback = null;
    }
  }

  #begin(line: number, fields: ArchiveFields): void {
    this.#endSkipped();
    try {
      this.#header = decodeHeader(fields);
      this.#playback = new Playback(this.#header);
      this.#done.push(this.#playback);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new ArchiveError(`${this.#path}:${line}: ${error.message}`, { cause: error });
    }
  }

  #parse(line: number, text: string): ArchiveFields | null {
    try {
      const value: unknown = JSON.parse(text);
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as ArchiveFields;
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
    if (this.#header === null)
      throw new ArchiveError(`${this.#path}: is no archive: its first line is no JSON`);
    this.#differ(line, {
      what: 'line',
      field: 'JSON',
      recorded: text.slice(0, 60),
      recomputed: 'is no object',
    });
    this.#playback = null;
    return null;
  }

  #differ(line: number, mismatch: Mismatch): void {
    this.#count++;
    if (this.#differences.length < SHOWN) this.#differences.push({ file: this.#path, line, ...mismatch });
  }

  #unreadable(error: NodeJS.ErrnoException, last: number): void {
    if (this.#header === null)
      throw new ArchiveError(`${this.#path}: cannot be read (${error.message})`, { cause: error });
    this.#differ(last + 1, {
      what: 'file',
      field: 'bytes',
      recorded: 'readable',
      recomputed: `cannot be read from here on (${error.message})`,
    });
    this.#hasEnded = true;
  }

  #endSkipped(): void {
    if (this.#skipped > 0)
      this.#incomplete.push(`${this.#skipped} lines after that could not be computed again`);
    this.#skipped = 0;
  }

  #result(header: ArchiveHeader): VerifiedFile {
    const sum = (field: 'inputs' | 'ticks' | 'decisions'): number =>
      this.#done.reduce((total, playback) => total + playback[field], 0);
    const compared = this.#done.filter(({ ticks }) => ticks > 0);
    return {
      file: this.#path,
      program: header.program,
      components: header.components,
      firstTick: compared[0]?.firstTick ?? 0,
      lastTick: compared.at(-1)?.lastTick ?? 0,
      inputs: sum('inputs'),
      ticks: sum('ticks'),
      decisions: sum('decisions'),
      differences: this.#count,
      incomplete: this.#incomplete,
    };
  }
}
