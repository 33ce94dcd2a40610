/** Whether the store does what it is asked to, and since when not. */
import type { StoreError } from '../../store/store.ts';

export interface Trouble {
  readonly operation: string;
  readonly error: StoreError;
  readonly sinceMs: number;
  lastMs: number;
}

/** Commits are tried again at least this often: one that did not fail for so long was done. */
const COMMIT_SILENCE_MS = 2000;

export class StoreTrouble {
  /** What fails at present, by operation. */
  readonly #failing = new Map<string, Trouble>();
  #sinceMs = 0;
  #failures = 0;
  #answered = false;

  failed(operation: string, error: StoreError, nowMs: number): void {
    const before = this.#failing.get(operation);
    if (this.#failing.size === 0) {
      this.#sinceMs = nowMs;
      this.#failures = 0;
    }
    this.#failures++;
    this.#failing.set(operation, { operation, error, sinceMs: before?.sinceMs ?? nowMs, lastMs: nowMs });
  }

  /**
   * The store answered. Returns how long it had been in trouble and how often it failed where that is over now, else null.
   * Reading says nothing about commits, which go on beside it.
   */
  worked(nowMs: number): { readonly sec: number; readonly failures: number } | null {
    this.#answered = true;
    if (this.#failing.size === 0) return null;
    for (const { operation, lastMs } of this.#failing.values())
      if (operation !== 'commit' || nowMs - lastMs > COMMIT_SILENCE_MS) this.#failing.delete(operation);
    if (this.#failing.size > 0) return null;
    return { sec: (nowMs - this.#sinceMs) / 1000, failures: this.#failures };
  }

  /** What has been failing longest; null: nothing. */
  get worst(): Trouble | null {
    let worst: Trouble | null = null;
    for (const trouble of this.#failing.values())
      if (worst === null || trouble.sinceMs < worst.sinceMs) worst = trouble;
    return worst;
  }

  /** Whether the last thing heard of the store is an answer. */
  get isConnected(): boolean {
    if (!this.#answered) return false;
    return ![...this.#failing.values()].some(({ error }) => error.kind === 'unreachable');
  }
}
