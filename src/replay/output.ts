/**
 * The files of `--out DIR`. They are written under other names and get their own only when the run came to its end:
 * a run that fails leaves what was there before.
 */
import { closeSync, existsSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from './formats/format.ts';

const BUFFER_CHARACTERS = 1 << 20;

/** One file of lines. */
export class LineFile {
  readonly #path: string;
  readonly #partial: string;
  readonly #file: number;
  #buffer: string[] = [];
  #buffered = 0;
  #isOpen = true;

  constructor(path: string) {
    this.#path = path;
    this.#partial = `${path}.partial`;
    this.#file = openSync(this.#partial, 'w');
  }

  write(line: string): void {
    this.#buffer.push(line);
    this.#buffered += line.length + 1;
    if (this.#buffered >= BUFFER_CHARACTERS) this.#flush();
  }

  commit(): void {
    this.#flush();
    this.#close();
    renameSync(this.#partial, this.#path);
  }

  discard(): void {
    this.#close();
    rmSync(this.#partial, { force: true });
  }

  #flush(): void {
    if (this.#buffer.length === 0) return;
    const bytes = Buffer.from(`${this.#buffer.join('\n')}\n`, 'utf8');
    for (let written = 0; written < bytes.length;) written += writeSync(this.#file, bytes, written);
    this.#buffer = [];
    this.#buffered = 0;
  }

  #close(): void {
    if (this.#isOpen) closeSync(this.#file);
    this.#isOpen = false;
  }
}

/** The output folder of one run. */
export class OutputFolder {
  readonly #folder: string;
  readonly decisions: LineFile;
  /** Refused lines, with the reason and the line itself. */
  readonly rejected: LineFile;
  /** Executions that were used but look wrong. */
  readonly suspects: LineFile;

  /** Throws `InputError` where the folder cannot be made or written. */
  constructor(folder: string) {
    this.#folder = folder;
    try {
      makeFolder(resolve(folder));
      this.decisions = new LineFile(join(folder, 'decisions.jsonl'));
      this.rejected = new LineFile(join(folder, 'rejected.jsonl'));
      this.suspects = new LineFile(join(folder, 'suspects.jsonl'));
    } catch (error) {
      throw new InputError(`--out ${folder}: cannot be written (${(error as Error).message})`, {
        cause: error,
      });
    }
  }

  commit(finalJson: string): void {
    const final = new LineFile(join(this.#folder, 'final.json'));
    final.write(finalJson);
    for (const file of [this.decisions, this.rejected, this.suspects, final]) file.commit();
  }

  discard(): void {
    for (const file of [this.decisions, this.rejected, this.suspects]) file.discard();
  }
}

/** Step by step: in a file system that refuses (`/proc`), Node's own recursive way never ends. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
