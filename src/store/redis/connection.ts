/**
 * Calls to Redis that always end: answered, refused, or `unreachable` by the deadline. While there is no connection every
 * call fails at once; the next socket is opened in the background, again and again, less and less often. Nothing is sent twice.
 */
import { ErrorReply } from '@redis/client';
import { StoreError } from '../store.ts';
import { Deadlines } from './deadlines.ts';
import type { Endpoint } from './endpoint.ts';
import { clientOf, Link, MAX_COMMANDS, type Client, type LinkEnd } from './link.ts';
import { isError, refusal, type Answer, type Command, type Reply } from './reply.ts';

/** Told once for each change: an outage of a week is two events, and one for each new reason. */
export interface ConnectionEvent {
  readonly kind: 'connected' | 'disconnected' | 'error';
  readonly message: string;
}

const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 1000;
const MIN_OPEN_MS = 1000;
/** A connection that lasted so long was a good one: the pauses begin anew. */
const STEADY_MS = 1000;
/** With the deadline added, how late a link that died silently is noticed while nobody calls. */
const PING_MS = 1000;

export class Connection {
  readonly where: string;
  readonly #client: Client;
  readonly #deadlines: Deadlines;
  readonly #openMs: number;
  readonly #tell: (event: ConnectionEvent) => void;
  readonly #pinger: NodeJS.Timeout;
  #link: Link | null = null;
  #isReady = false;
  #readyMs = 0;
  #busy = 0;
  #heardMs = 0;
  #failures = 0;
  #pause: NodeJS.Timeout | null = null;
  #trouble: LinkEnd = { reason: 'it is being connected', code: null };
  #told = '';
  #isClosed = false;

  constructor(endpoint: Endpoint, deadlineMs: number, tell: (event: ConnectionEvent) => void) {
    this.where = endpoint.where;
    this.#deadlines = new Deadlines(deadlineMs);
    this.#openMs = Math.max(MIN_OPEN_MS, deadlineMs);
    this.#client = clientOf(endpoint, this.#openMs);
    this.#tell = tell;
    this.#pinger = setInterval(() => this.#ping(), PING_MS / 2).unref();
    this.#open();
  }

  /** Calls still waiting for their answer. */
  get waiting(): number {
    return this.#deadlines.size;
  }

  /** One command; rejects with a `StoreError` where Redis refuses it. */
  async call(command: Command): Promise<Reply> {
    const [answer] = await this.exchange([command]);
    if (isError(answer!)) throw refusal(answer, this.where);
    return answer!;
  }

  /** Commands in one go, each with its answer or its error; rejects where one has none. */
  exchange(commands: readonly Command[]): Promise<Answer[]> {
    const link = this.#link;
    if (link === null || !this.#isReady) return Promise.reject(this.#absent());
    if (this.#busy + commands.length > MAX_COMMANDS)
      return Promise.reject(this.#lost('FULL', `has ${this.#busy} commands to answer already`));
    if (commands.length === 0) return Promise.resolve([]);
    return new Promise((resolve, reject) => {
      const answers: Answer[] = Array.from({ length: commands.length }, () => null);
      let left = commands.length;
      const waiting = this.#deadlines.start(() => {
        const error = this.#lost(
          'TIMEOUT',
          'did not answer in time; what was sent may have been done or not',
        );
        reject(error);
        this.#drop(link, 'it did not answer in time');
      });
      const settle = (index: number, answer: Answer): void => {
        answers[index] = answer;
        left--;
        if (link === this.#link) {
          this.#busy--;
          this.#heardMs = performance.now();
        }
        if (left > 0) return;
        this.#deadlines.done(waiting);
        resolve(answers);
      };
      if (link === this.#link) this.#busy += commands.length;
      for (let i = 0; i < commands.length; i++) {
        link.send(commands[i]!).then(
          (reply) => settle(i, reply),
          (error: unknown) => {
            if (error instanceof ErrorReply) return settle(i, error);
            this.#deadlines.done(waiting);
            reject(
              this.#lost(
                'CLOSED',
                'hung up before it answered; what was sent may have been done or not',
                error,
              ),
            );
          },
        );
      }
    });
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#trouble = { reason: 'the store was closed', code: null };
    clearInterval(this.#pinger);
    if (this.#pause !== null) clearTimeout(this.#pause);
    this.#isReady = false;
    this.#link?.close();
    this.#link = null;
  }

  #open(): void {
    this.#pause = null;
    const link: Link = new Link(this.#client, this.#openMs, {
      ready: () => {
        this.#isReady = true;
        this.#busy = 0;
        this.#readyMs = this.#heardMs = performance.now();
        this.#report('connected', `connected to Redis at ${this.where}`);
      },
      ended: (end) => this.#ended(link, end),
    });
    this.#link = link;
  }

  /** A link that cannot be trusted any more: what it may still answer belongs to nobody. */
  #drop(link: Link, reason: string): void {
    link.close();
    this.#ended(link, { reason, code: null });
  }

  #ended(link: Link, end: LinkEnd): void {
    if (link !== this.#link || this.#isClosed) return;
    const wasReady = this.#isReady;
    this.#isReady = false;
    this.#link = null;
    this.#trouble = end;
    if (wasReady && performance.now() - this.#readyMs >= STEADY_MS) this.#failures = 0;
    if (wasReady) this.#report('disconnected', `lost Redis at ${this.where}: ${end.reason}`);
    else this.#report('error', `cannot connect to Redis at ${this.where}: ${end.reason}`);
    const pauseMs = Math.min(MAX_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(10, this.#failures++));
    this.#pause = setTimeout(() => this.#open(), pauseMs * (0.5 + Math.random() / 2));
  }

  #report(kind: ConnectionEvent['kind'], message: string): void {
    if (message === this.#told) return;
    this.#told = message;
    this.#tell({ kind, message });
  }

  #ping(): void {
    if (!this.#isReady || this.#deadlines.size > 0 || performance.now() - this.#heardMs < PING_MS / 2) return;
    // How it ends is seen in the state of the link.
    this.exchange([['PING']]).catch(() => undefined);
  }

  /** Nothing was sent, since there is nobody to send it to, or it wants none of us. */
  #absent(): StoreError {
    const { reason, code } = this.#trouble;
    if (code === null) return this.#lost('CLOSED', `is not connected: ${reason}`);
    return new StoreError('refused', code, `Redis at ${this.where} does not let us in: ${reason}`);
  }

  #lost(code: string, what: string, cause?: unknown): StoreError {
    return new StoreError('unreachable', code, `Redis at ${this.where} ${what}`, cause);
  }
}
