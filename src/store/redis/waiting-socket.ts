/** A socket for one command at a time that Redis may answer late. Over once it was aborted, late or lost. */
import { ErrorReply } from '@redis/client';
import { StoreError } from '../store.ts';
import type { Endpoint } from './endpoint.ts';
import { Link, type Client, type LinkEnd } from './link.ts';
import { refusal, type Command, type Reply } from './reply.ts';

export interface Question {
  /** Made when the socket is open, which may take a while. */
  readonly command: () => Command;
  /** How long the answer may take from then on. */
  readonly limitMs: () => number;
  readonly signal: AbortSignal;
}

export class WaitingSocket {
  readonly #where: string;
  readonly #link: Link;
  readonly #opened: Promise<void>;
  readonly #onOver: (socket: WaitingSocket) => void;
  #isOver = false;
  #idle: NodeJS.Timeout | null = null;
  /** Tells whoever waits that it is over. */
  #fail: (error: StoreError) => void = () => undefined;

  constructor(
    client: Client,
    { where }: Pick<Endpoint, 'where'>,
    openMs: number,
    onOver: (socket: WaitingSocket) => void,
  ) {
    this.#where = where;
    this.#onOver = onOver;
    let opened: () => void = () => undefined;
    this.#opened = new Promise((resolve) => (opened = resolve));
    this.#link = new Link(client, openMs, {
      ready: () => opened(),
      ended: (end) => this.#end(this.#errorOf(end)),
    });
    this.#link.unref();
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** The answer, or null where `signal` aborted. */
  ask({ command, limitMs, signal }: Question): Promise<Reply | null> {
    if (this.#idle !== null) clearTimeout(this.#idle);
    return new Promise((resolve, reject) => {
      let timer: NodeJS.Timeout | undefined;
      let isSettled = false;
      const settled = (): void => {
        isSettled = true;
        clearTimeout(timer);
        signal.removeEventListener('abort', abort);
        this.#fail = () => undefined;
      };
      const abort = (): void => {
        settled();
        resolve(null);
        this.#end(this.#lost('CLOSED', 'is not waited for any more'));
      };
      this.#fail = (error) => {
        settled();
        reject(error);
      };
      const late = (): void => {
        if (!isSettled) this.#end(this.#lost('TIMEOUT', 'did not answer in time'));
      };
      const send = (): void => {
        if (this.#isOver) return;
        // An answer that lies unread, since the process was held up, is read before the immediate.
        timer = setTimeout(() => setImmediate(late), limitMs()).unref();
        this.#link.send(command()).then(
          (reply) => {
            settled();
            resolve(reply);
          },
          (error: unknown) => {
            if (error instanceof ErrorReply) this.#fail(refusal(error, this.#where));
            else this.#end(this.#lost('CLOSED', 'hung up before it answered', error));
          },
        );
      };
      signal.addEventListener('abort', abort);
      void this.#opened.then(send);
    });
  }

  /** Closes it unless it is asked again within `idleMs`. */
  rest(idleMs: number): void {
    this.#idle = setTimeout(() => this.close('nobody needed it'), idleMs).unref();
  }

  close(reason: string): void {
    this.#end(this.#lost('CLOSED', `is not asked any more: ${reason}`));
  }

  #end(error: StoreError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    if (this.#idle !== null) clearTimeout(this.#idle);
    this.#link.close();
    this.#fail(error);
    this.#onOver(this);
  }

  #errorOf({ reason, code }: LinkEnd): StoreError {
    if (code === null) return this.#lost('CLOSED', `hung up before it answered: ${reason}`);
    return new StoreError('refused', code, `Redis at ${this.#where} does not let us in: ${reason}`);
  }

  #lost(code: string, what: string, cause?: unknown): StoreError {
    return new StoreError('unreachable', code, `Redis at ${this.#where} ${what}`, cause);
  }
}
