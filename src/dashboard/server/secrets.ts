/** Secrets compared so that the time it takes says nothing, and guesses at them that are counted. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Problem } from './problem.ts';

/** Keeps its digest only. */
export class Secret {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = sha256(text);
  }

  is(text: string): boolean {
    return timingSafeEqual(this.#digest, sha256(text));
  }
}

export function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** For cookies, nonces and the like: nobody guesses it. */
export function randomText(): string {
  return randomBytes(32).toString('base64url');
}

export const MAX_GUESSES = 10;
const WINDOW_MS = 60_000;

/**
 * Wrong tokens of the last minute, over all who ask. The same one again is no new guess: a script with an old token does not
 * lock its operator out.
 */
export class Guesses {
  readonly #nowMs: () => number;
  /** Digest → when it was last tried. */
  readonly #wrong = new Map<string, number>();

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  /** Throws where there were too many to look at another one. */
  mustBeFew(token: string): void {
    const nowMs = this.#nowMs();
    for (const [digest, atMs] of this.#wrong) if (nowMs - atMs >= WINDOW_MS) this.#wrong.delete(digest);
    if (this.#wrong.size < MAX_GUESSES || this.#wrong.has(key(token))) return;
    throw new Problem(
      'rate_limited',
      `${MAX_GUESSES} wrong tokens within a minute: wait a minute; ballast kill works meanwhile`,
      { 'Retry-After': String(WINDOW_MS / 1000) },
    );
  }

  wrong(token: string): void {
    this.#wrong.set(key(token), this.#nowMs());
  }
}

function key(token: string): string {
  return sha256(token).toString('base64');
}
