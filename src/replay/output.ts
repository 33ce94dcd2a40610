/**
 * The files of `--out DIR`. They are written under other names and get their own only when the run came to its end:
 * a run that fails leaves what was there before.
 */
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  writeSync,
} from 'node:fs';
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

  /** Writes what is left and closes; the file does not have its own name yet. */
  finish(): void {
    this.#flush();
    this.#close();
    if (statSync(this.#path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new Error(`${this.#path} is a directory`);
  }

  /** Gives a finished file its name. */
  publish(): void {
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

const FILES = ['decisions.jsonl', 'rejected.jsonl', 'suspects.jsonl', 'final.json'] as const;
type FileName = (typeof FILES)[number];

/** The output folder of one run. */
export class OutputFolder {
  readonly #folder: string;
  readonly #files = new Map<FileName, LineFile>();
  readonly #isOurs: boolean;

  /** Throws `InputError` where the folder cannot be made or written. */
  constructor(folder: string) {
    this.#folder = folder;
    this.#isOurs = !existsSync(folder);
    this.#guarded(() => {
      makeFolder(resolve(folder));
      for (const name of FILES) this.#files.set(name, new LineFile(join(folder, name)));
    });
  }

  write(name: FileName, line: string): void {
    this.#files.get(name)!.write(line);
  }

  /** Writes out everything but the names. Throws `InputError` where a file cannot be written; then none has changed. */
  finish(): void {
    this.#guarded(() => {
      for (const file of this.#files.values()) file.finish();
    });
  }

  /** Gives the finished files their names. */
  publish(): void {
    this.#guarded(() => {
      for (const file of this.#files.values()) file.publish();
    });
  }

  /** Leaves everything as it was before the run. */
  discard(): void {
    for (const file of this.#files.values()) file.discard();
    if (this.#isOurs && existsSync(this.#folder) && readdirSync(this.#folder).length === 0)
      rmdirSync(this.#folder);
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.discard();
      throw new InputError(`--out ${this.#folder}: cannot be written (${(error as Error).message})`, {
        cause: error,
      });
    }
  }
}

/** Step by step: in a file system that refuses (`/proc`), Node's own recursive way never ends. */
function makeFolder(path: string): void {
  if (existsSync(path)) return;
  makeFolder(dirname(path));
  mkdirSync(path);
}
