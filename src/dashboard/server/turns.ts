/** Work one after another, with a turn of the event loop before each: whatever else runs in this process waits for one, not for all. */
import { setImmediate as nextTurn } from 'node:timers/promises';

export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Resolves when it is the turn of whoever asks. */
  async take(): Promise<void> {
    this.#last = this.#last.then(() => nextTurn());
    await this.#last;
  }
}
