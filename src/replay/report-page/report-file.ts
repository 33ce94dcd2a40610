/** The file of `--report`: opened before the run, so that a place that cannot be written is known at once, and named at its end. */
import { closeSync, openSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InputError } from '../formats/format.ts';

export class ReportFile implements Disposable {
  readonly #path: string;
  readonly #partial: string;
  #isDone = false;

  /** Throws `InputError` where the file cannot be written. What is there stays until `write`. */
  constructor(path: string) {
    this.#path = path;
    this.#partial = `${path}.partial`;
    const folder = dirname(resolve(path));
    if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true)
      throw new InputError(`--report ${path}: there is no folder ${folder}; make it first`);
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() === true)
      throw new InputError(`--report ${path}: is a folder; name a file, like ${path}/report.html`);
    this.#guarded(() => closeSync(openSync(this.#partial, 'w')));
  }

  /** Writes the page and gives it its name. Throws `InputError` where it cannot; then what was there is still there. */
  write(page: string): void {
    this.#guarded(() => {
      writeFileSync(this.#partial, page);
      renameSync(this.#partial, this.#path);
    });
    this.#isDone = true;
  }

  /** Leaves nothing behind of a run that failed. */
  [Symbol.dispose](): void {
    if (!this.#isDone) rmSync(this.#partial, { force: true });
  }

  #guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      this[Symbol.dispose]();
      throw new InputError(`--report ${this.#path}: cannot be written (${(error as Error).message})`, {
        cause: error,
      });
    }
  }
}
