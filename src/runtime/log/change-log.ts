/**
 * Lines of every tick: at info where a symbol's line differs from the last one shown, at debug otherwise. When many
 * change at once only the first are shown and the rest counted; they are still due and come in a later, calmer tick.
 */
import type { Log } from './log.ts';

/** 40 lines a second at a tick of 5 s. */
export const MAX_LINES_PER_TICK = 200;

export class ChangeLog {
  readonly #log: Log;
  readonly #maxLines: number;
  /** By id: a fingerprint of the line last shown at info; 0: none. Two lines in four billion are taken for the same. */
  #shown = new Int32Array(64);
  #lines = 0;
  #hidden = 0;

  constructor(log: Log, maxLinesPerTick = MAX_LINES_PER_TICK) {
    this.#log = log;
    this.#maxLines = maxLinesPerTick;
  }

  /** `lineOf(subject)` is what there is to say about the symbol `id` in this tick; called only where somebody listens. */
  say<Subject>(id: number, subject: Subject, lineOf: (subject: Subject) => string): void {
    const log = this.#log;
    if (!log.isLevelEnabled('info')) return;
    const line = lineOf(subject);
    const print = fingerprint(line);
    if (this.#shown[id] !== print) {
      if (this.#lines < this.#maxLines) {
        this.#lines++;
        this.#remember(id, print);
        log.info(line);
        return;
      }
      this.#hidden++;
    }
    log.debug(line);
  }

  /** Says how many changed besides those shown, and begins a new tick. */
  endTick(): void {
    if (this.#hidden > 0) this.#log.info(`... and ${this.#hidden} more changed`);
    this.#lines = 0;
    this.#hidden = 0;
  }

  /** The id stands for another symbol now, or for none. */
  forget(id: number): void {
    if (id < this.#shown.length) this.#shown[id] = 0;
  }

  #remember(id: number, print: number): void {
    if (id >= this.#shown.length) {
      const grown = new Int32Array(Math.max(id + 1, this.#shown.length * 2));
      grown.set(this.#shown);
      this.#shown = grown;
    }
    this.#shown[id] = print;
  }
}

/** FNV-1a over the code units, never 0. */
function fingerprint(line: string): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = 0; i < line.length; i++) hash = Math.imul(hash ^ line.charCodeAt(i), 0x01000193);
  return hash === 0 ? 1 : hash;
}
