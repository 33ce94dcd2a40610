/**
 * One socket to Redis, from its opening to its end; it never comes back (the connection opens the next one). The client's
 * own reconnecting is off: it forgets its back-off as soon as a socket opens, so a server that accepts and hangs up at once
 * would be asked twenty times a second.
 */
import { createClient, ErrorReply, type RedisClientOptions } from '@redis/client';
import type { Endpoint } from './endpoint.ts';
import { codeOf, type Command, type Reply } from './reply.ts';

export interface LinkEvents {
  /** Redis answered: calls may be sent. */
  readonly ready: () => void;
  /** Never opened, or lost; once, and nothing comes after it. Not called for `close`. */
  readonly ended: (end: LinkEnd) => void;
}

export interface LinkEnd {
  readonly reason: string;
  /** The code with which Redis turned us away (`WRONGPASS`, `NOAUTH`); null: it did not say. */
  readonly code: string | null;
}

/** Codes of a server that will not work with us; it hangs up on all but the shortest commands. */
const TURNED_AWAY = ['NOAUTH', 'WRONGPASS', 'DENIED', 'ERR'];

/** More than any pipeline of ours; a bound all the same. */
export const MAX_COMMANDS = 20_000;

export class Link {
  readonly #client: Client;
  readonly #events: LinkEvents;
  readonly #timer: NodeJS.Timeout;
  #over = false;

  /** Opens a socket as `client` says, which stays closed itself: making a client anew takes 20 ms, a duplicate nothing. */
  constructor(client: Client, openMs: number, events: LinkEvents) {
    this.#events = events;
    this.#client = client.duplicate();
    this.#client.on('error', (error: unknown) => this.#end(endOf(error)));
    // A client destroyed while its socket was opening goes on to open it.
    this.#client.on('connect', () => {
      if (this.#over) this.#client.destroy();
    });
    this.#timer = setTimeout(
      () => this.#end({ reason: `no answer within ${openMs} ms`, code: null }),
      openMs,
    );
    this.#open().catch((error: unknown) => this.#end(endOf(error)));
  }

  send(command: Command): Promise<Reply> {
    return this.#client.sendCommand<Reply>(command);
  }

  /** Lets the process end while nothing but this socket is open. */
  unref(): void {
    this.#client.unref();
  }

  /** Every call not yet answered is rejected. */
  close(): void {
    if (this.#over) return;
    this.#over = true;
    clearTimeout(this.#timer);
    this.#client.destroy();
  }

  async #open(): Promise<void> {
    await this.#client.connect();
    const named = this.send(['CLIENT', 'SETNAME', 'ballast']).catch((error: unknown) => {
      // A name is only for those who look at CLIENT LIST; a user that may not give one works as well.
      if (!(error instanceof ErrorReply)) throw error;
    });
    const answered = this.send(['PING']).catch((error: unknown) => {
      // Loading, busy, not permitted to ping: it is there, and says so to each call.
      if (!(error instanceof ErrorReply) || TURNED_AWAY.includes(codeOf(error))) throw error;
    });
    await Promise.all([named, answered]);
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#events.ready();
  }

  #end(end: LinkEnd): void {
    if (this.#over) return;
    this.close();
    this.#events.ended(end);
  }
}

export type Client = ReturnType<typeof clientOf>;

/** What links are made after. It is never connected. */
export function clientOf(endpoint: Endpoint, openMs: number) {
  const { socket, username, password, database } = endpoint;
  return createClient({
    RESP: 2,
    socket: socketOf(socket, openMs),
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    database,
    commandOptions: { timeout: 0 },
    disableOfflineQueue: true,
    commandsQueueMaxLength: MAX_COMMANDS,
    maintNotifications: 'disabled',
    disableClientInfo: true,
  });
}

function socketOf(socket: Endpoint['socket'], openMs: number): NonNullable<RedisClientOptions['socket']> {
  const common = { reconnectStrategy: false, connectTimeout: openMs } as const;
  if ('path' in socket) return { ...common, path: socket.path };
  const { host, port } = socket;
  return socket.tls ? { ...common, host, port, tls: true } : { ...common, host, port };
}

function endOf(error: unknown): LinkEnd {
  const code = error instanceof ErrorReply ? codeOf(error) : 'ERR';
  return { reason: reasonOf(error), code: code === 'ERR' ? null : code };
}

/** What to tell about an error of a socket: several addresses tried give one error with an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message || error.name : String(error);
}
