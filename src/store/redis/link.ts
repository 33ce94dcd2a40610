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
  readonly ended: (reason: string) => void;
}

/** More than any pipeline of ours; a bound all the same. */
export const MAX_COMMANDS = 20_000;

export class Link {
  readonly #client: ReturnType<typeof clientOf>;
  readonly #events: LinkEvents;
  readonly #timer: NodeJS.Timeout;
  #over = false;

  constructor(endpoint: Endpoint, openMs: number, events: LinkEvents) {
    this.#events = events;
    this.#client = clientOf(endpoint, openMs);
    this.#client.on('error', (error: unknown) => this.#end(reasonOf(error)));
    // A client destroyed while its socket was opening goes on to open it.
    this.#client.on('connect', () => {
      if (this.#over) this.#client.destroy();
    });
    this.#timer = setTimeout(() => this.#end(`no answer within ${openMs} ms`), openMs);
    this.#open().catch((error: unknown) => this.#end(reasonOf(error)));
  }

  send(command: Command): Promise<Reply> {
    return this.#client.sendCommand<Reply>(command);
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
      // Loading, no password given, not permitted: it is there, and says so to each call. Too many clients: it hangs up.
      if (!(error instanceof ErrorReply) || ['ERR', 'DENIED'].includes(codeOf(error))) throw error;
    });
    await Promise.all([named, answered]);
    if (this.#over) return;
    clearTimeout(this.#timer);
    this.#events.ready();
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.close();
    this.#events.ended(reason);
  }
}

function clientOf(endpoint: Endpoint, openMs: number) {
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

/** What to tell about an error of a socket: several addresses tried give one error with an empty message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return error instanceof Error ? error.message || error.name : String(error);
}
