/** Lines about what may happen thousands of times a second: the first of a kind at once, then counts at intervals. */

interface Said {
  atMs: number;
  /** How often it happened since the last line. */
  waiting: number;
  line: (count: number) => void;
}

export class Throttled {
  readonly #intervalMs: number;
  readonly #said = new Map<string, Said>();

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** `line(count)` writes the line; `count` occurrences of this kind are in it. Kinds are few. */
  say(kind: string, nowMs: number, line: (count: number) => void): void {
    const said = this.#said.get(kind);
    if (said === undefined) {
      this.#said.set(kind, { atMs: nowMs, waiting: 0, line });
      line(1);
      return;
    }
    said.waiting++;
    said.line = line;
    this.#tell(said, nowMs);
  }

  /** Lines that are due though nothing happened anew. */
  flush(nowMs: number): void {
    for (const [kind, said] of this.#said) {
      if (nowMs - said.atMs < this.#intervalMs) continue;
      if (said.waiting === 0) this.#said.delete(kind);
      else this.#tell(said, nowMs);
    }
  }

  /** Forgets everything: the next of any kind is a first one. */
  clear(): void {
    this.#said.clear();
  }

  #tell(said: Said, nowMs: number): void {
    if (nowMs - said.atMs < this.#intervalMs) return;
    const { waiting } = said;
    said.atMs = nowMs;
    said.waiting = 0;
    said.line(waiting);
  }
}
