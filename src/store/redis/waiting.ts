/**
 * Commands that Redis answers when something comes. Each waits on a socket of its own, since it holds up whatever is sent
 * after it; sockets are opened when needed, used again, and closed when nobody needed them for a while. None of them keeps
 * the process from ending.
 */
import { setMaxListeners } from 'node:events';
import { StoreError } from '../store.ts';
import type { Endpoint } from './endpoint.ts';
import { clientOf, type Client } from './link.ts';
import type { Command, Reply } from './reply.ts';
import { WaitingSocket } from './waiting-socket.ts';

const MIN_OPEN_MS = 1000;
const IDLE_MS = 30_000;
/** Redis takes 0 for ever. */
const LEAST_BLOCK_MS = 1;

export class Waiters {
  readonly #endpoint: Endpoint;
  readonly #openMs: number;
  readonly #deadlineMs: number;
  readonly #most: number;
  readonly #sockets = new Set<WaitingSocket>();
  readonly #idle = new Set<WaitingSocket>();
  /** Those for whom there is no socket yet, in the order they came. */
  readonly #queue = new Set<() => void>();
  #client: Client | null = null;
  #busy = 0;
  #isClosed = false;

  /** At most `most` wait at a time; more wait for their turn. */
  constructor(endpoint: Endpoint, deadlineMs: number, most: number) {
    this.#endpoint = endpoint;
    this.#openMs = Math.max(MIN_OPEN_MS, deadlineMs);
    this.#deadlineMs = deadlineMs;
    this.#most = most;
  }

  /**
   * Sends what `commandOf` makes of the milliseconds left to block, and gives the answer; null also where `signal` aborted or
   * the time was over before its turn. Rejects with a `StoreError` where Redis refuses it, hangs up, or is late by the deadline.
   */
  async wait(
    commandOf: (blockMs: number) => Command,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Reply | null> {
    const untilMs = performance.now() + waitMs;
    const leftMs = (): number => Math.max(LEAST_BLOCK_MS, Math.ceil(untilMs - performance.now()));
    // One signal may stop any number of waits.
    setMaxListeners(0, signal);
    if (signal.aborted || !(await this.#turn(waitMs, signal))) return null;
    try {
      if (this.#isClosed)
        throw new StoreError(
          'unreachable',
          'CLOSED',
          `Redis at ${this.#endpoint.where}: the store was closed`,
        );
      const socket = this.#socket();
      try {
        return await socket.ask({
          command: () => commandOf(leftMs()),
          limitMs: () => leftMs() + this.#deadlineMs,
          signal,
        });
      } finally {
        // Also after an answer that was a refusal.
        if (!socket.isOver) this.#rest(socket);
      }
    } finally {
      this.#busy--;
      const [next] = this.#queue;
      next?.();
    }
  }

  close(): void {
    this.#isClosed = true;
    for (const socket of this.#sockets) socket.close('the store was closed');
    for (const next of this.#queue) next();
  }

  /** Waits until fewer than the most are busy, and is one of them then; false: it gave up. */
  #turn(waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#busy < this.#most) {
      this.#busy++;
      return Promise.resolve(true);
    }
    return new Promise((resolve) => {
      const finish = (isMine: boolean): void => {
        this.#queue.delete(take);
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        if (isMine) this.#busy++;
        resolve(isMine);
      };
      const take = (): void => finish(true);
      const giveUp = (): void => finish(false);
      const timer = setTimeout(giveUp, waitMs).unref();
      signal.addEventListener('abort', giveUp);
      this.#queue.add(take);
    });
  }

  #rest(socket: WaitingSocket): void {
    this.#idle.add(socket);
    socket.rest(IDLE_MS);
  }

  #socket(): WaitingSocket {
    const [idle] = this.#idle;
    if (idle !== undefined) {
      this.#idle.delete(idle);
      return idle;
    }
    // Making a client takes 20 ms: not for stores that never wait.
    this.#client ??= clientOf(this.#endpoint, this.#openMs);
    const socket = new WaitingSocket(this.#client, this.#endpoint, this.#openMs, (over) => {
      this.#sockets.delete(over);
      this.#idle.delete(over);
    });
    this.#sockets.add(socket);
    return socket;
  }
}
