/**
 * Whoever follows the changes: each patch is made text once and written to all. Nobody is waited for; one who takes it too slowly
 * is let go, comes back, and goes on where it was.
 */
import { sharedBytes } from './answers.ts';
import type { ServerResponse } from 'node:http';
import type { Feed, NumberedPatch, PatchId } from '../feed-port.ts';

export interface HubOptions {
  readonly feed: Pick<Feed, 'snapshot' | 'lastId' | 'since' | 'subscribe'>;
  readonly maxClients?: number;
  /** So much may wait for a client beside what it begins with: a snapshot, or the patches it missed. */
  readonly maxWaitingBytes?: number;
  readonly beatMs?: number;
  /** Told how many there are. */
  readonly onClients: (count: number) => void;
}

interface Client {
  readonly response: ServerResponse;
  readonly mayStay: () => boolean;
  /** Nothing was read from the store yet: it waits for its snapshot. */
  isWaiting: boolean;
  maxWaitingBytes: number;
}

export const MAX_CLIENTS = 32;
export const MAX_WAITING_BYTES = 4 * 1024 * 1024;
const BEAT_MS = 5000;
const FIRST_SNAPSHOT_MS = 100;
const HEADERS = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  // So that a proxy does not gather it.
  'X-Accel-Buffering': 'no',
};

export class StreamHub {
  readonly #options: HubOptions;
  readonly #maxClients: number;
  readonly #clients = new Set<Client>();
  readonly #unsubscribe: () => void;
  readonly #beat: NodeJS.Timeout;
  #first: NodeJS.Timeout | null = null;

  constructor(options: HubOptions) {
    this.#options = options;
    this.#maxClients = options.maxClients ?? MAX_CLIENTS;
    this.#unsubscribe = options.feed.subscribe((next) => this.#tell(next));
    this.#beat = setInterval(() => this.#beatAll(), options.beatMs ?? BEAT_MS);
    this.#beat.unref();
    options.onClients(0);
  }

  get isFull(): boolean {
    return this.#clients.size >= this.#maxClients;
  }

  /** `mayStay` is asked at every beat: a session may end. */
  open(response: ServerResponse, lastId: PatchId | null, mayStay: () => boolean): void {
    const client: Client = {
      response,
      mayStay,
      isWaiting: false,
      maxWaitingBytes: this.#options.maxWaitingBytes ?? MAX_WAITING_BYTES,
    };
    response.writeHead(200, HEADERS);
    response.flushHeaders();
    this.#clients.add(client);
    response.once('close', () => this.#gone(client));
    // Whoever goes in the middle of a write is gone; `close` follows.
    response.on('error', () => this.#gone(client));
    this.#options.onClients(this.#clients.size);
    this.#begin(client, lastId);
  }

  /** Ends them all; they come back to whoever serves next. */
  close(): void {
    this.#unsubscribe();
    clearInterval(this.#beat);
    if (this.#first !== null) clearInterval(this.#first);
    for (const { response } of this.#clients) response.end();
    this.#clients.clear();
  }

  #begin(client: Client, lastId: PatchId | null): void {
    const { feed } = this.#options;
    const missed = lastId === null || feed.snapshot === null ? null : feed.since(lastId);
    if (missed !== null) {
      const texts = missed.map(patchText);
      client.maxWaitingBytes += texts.reduce((bytes, text) => bytes + Buffer.byteLength(text), 0);
      for (const text of texts) this.#write(client, text);
      // Whoever missed nothing hears that too.
      this.#write(client, BEAT);
      return;
    }
    if (feed.snapshot === null) {
      client.isWaiting = true;
      this.#write(client, BEAT);
      this.#first ??= setInterval(() => this.#firstSnapshots(), FIRST_SNAPSHOT_MS).unref();
      return;
    }
    client.isWaiting = false;
    // Its bytes are the same for all who begin now.
    const bytes = sharedBytes(feed.snapshot);
    client.maxWaitingBytes += bytes.length;
    for (const piece of [`id: ${feed.lastId}\nevent: snapshot\ndata: `, bytes, '\n\n'])
      this.#write(client, piece);
  }

  #firstSnapshots(): void {
    if (this.#options.feed.snapshot === null) return;
    clearInterval(this.#first!);
    this.#first = null;
    for (const client of this.#clients) if (client.isWaiting) this.#begin(client, null);
  }

  #tell(next: NumberedPatch): void {
    if (this.#clients.size === 0) return;
    const text = patchText(next);
    for (const client of this.#clients) {
      if (client.isWaiting) this.#begin(client, null);
      else this.#write(client, text);
    }
  }

  #beatAll(): void {
    for (const client of this.#clients) {
      if (client.mayStay()) this.#write(client, BEAT);
      else client.response.end();
    }
  }

  #write(client: Client, piece: string | Uint8Array): void {
    const { response, maxWaitingBytes } = client;
    if (response.writableEnded || response.destroyed) return;
    if (response.writableLength > maxWaitingBytes) response.destroy();
    else response.write(piece);
  }

  #gone(client: Client): void {
    if (this.#clients.delete(client)) this.#options.onClients(this.#clients.size);
  }
}

const BEAT = eventText('beat', null, '{}');

function patchText({ id, patch }: NumberedPatch): string {
  return eventText('patch', id, JSON.stringify(patch));
}

/** JSON holds no line break. */
function eventText(event: string, id: PatchId | null, data: string): string {
  return `${id === null ? '' : `id: ${id}\n`}event: ${event}\ndata: ${data}\n\n`;
}
