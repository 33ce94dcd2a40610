/**
 * The store on Redis 7 or newer: one connection, pipelined reads, commits and permits by Redis Functions, and sockets of
 * their own for those who wait.
 */
import type {
  AppendRequest,
  Claims,
  Commit,
  CommitResult,
  EntryId,
  HashAnswer,
  HashRequest,
  Ownership,
  Reading,
  SavedComponent,
  Store,
  StoreFacts,
  StreamEntry,
  StreamPosition,
} from '../store.ts';
import { Functions } from './calls.ts';
import { Committer } from './commit.ts';
import { Connection, type ConnectionEvent } from './connection.ts';
import { parseEndpoint } from './endpoint.ts';
import { readFacts } from './facts.ts';
import { Loader } from './load.ts';
import { Owners } from './ownership.ts';
import { RedisPermits } from './permits.ts';
import { readHashes, readKnownSymbols, readStreams, scanKeys } from './read.ts';
import { waitForEntries } from './wait.ts';
import { Waiters } from './waiting.ts';
import { appendEntries, setString, writeHashFields } from './write.ts';

export interface RedisStoreOptions {
  /** `redis://user:password@host:port/db`, `rediss://` for TLS, `unix:///path?db=n`. */
  readonly url: string;
  readonly namespace: string;
  /** How long an answer may take; then the connection is given up. */
  readonly deadlineMs?: number;
  /** Told of every change of the connection, once. */
  readonly onEvent?: (event: ConnectionEvent) => void;
}

const DEADLINE_MS = 500;
/** Who waits for streams and for replies at a time; more wait for their turn. */
const MOST_READERS = 4;
const MOST_REPLIES = 16;

/**
 * Returns at once and connects in the background, for as long as it takes; until then every call rejects as
 * `unreachable`. Throws `RangeError` where the URL is none.
 */
export function openRedisStore(options: RedisStoreOptions): RedisStore {
  return new RedisStore(options);
}

export class RedisStore implements Store {
  readonly kind = 'redis';
  readonly permits: RedisPermits;
  readonly #connection: Connection;
  readonly #namespace: string;
  readonly #owners: Owners;
  readonly #committer: Committer;
  readonly #loader: Loader;
  readonly #readers: Waiters;
  readonly #replies: Waiters;

  constructor({ url, namespace, deadlineMs = DEADLINE_MS, onEvent = () => undefined }: RedisStoreOptions) {
    const endpoint = parseEndpoint(url);
    this.#connection = new Connection(endpoint, deadlineMs, onEvent);
    this.#readers = new Waiters(endpoint, deadlineMs, MOST_READERS);
    this.#replies = new Waiters(endpoint, deadlineMs, MOST_REPLIES);
    this.#namespace = namespace;
    const functions = new Functions(this.#connection);
    this.#owners = new Owners(functions, namespace);
    this.#committer = new Committer(this.#connection, functions, namespace);
    this.#loader = new Loader(this.#connection, this.#committer, namespace);
    this.permits = new RedisPermits(this.#connection, functions, this.#committer, this.#replies, namespace);
  }

  /** Calls that wait for Redis to answer. */
  get waiting(): number {
    return this.#connection.waiting;
  }

  read(positions: readonly StreamPosition[]): Promise<Reading> {
    return readStreams(this.#connection, positions);
  }

  wait(
    positions: readonly StreamPosition[],
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly stream: string; readonly entries: readonly StreamEntry[] }[]> {
    return waitForEntries(this.#readers, positions, waitMs, signal);
  }

  hashes(requests: readonly HashRequest[]): Promise<readonly HashAnswer[]> {
    return readHashes(this.#connection, requests);
  }

  scan(
    prefix: string,
    cursor: string,
  ): Promise<{ readonly cursor: string; readonly keys: readonly string[] }> {
    return scanKeys(this.#connection, prefix, cursor);
  }

  knownSymbols(count: number): Promise<readonly string[] | null> {
    return readKnownSymbols(this.#connection, this.#namespace, count);
  }

  claim(owner: string, components: readonly string[]): Promise<Claims> {
    return this.#owners.claim(owner, components);
  }

  release(owner: string, held: readonly Ownership[]): Promise<void> {
    return this.#owners.release(owner, held);
  }

  load(component: string): Promise<SavedComponent | null> {
    return this.#loader.load(component);
  }

  commit(commit: Commit): Promise<CommitResult> {
    return this.#committer.commit(commit);
  }

  append(requests: readonly AppendRequest[]): Promise<readonly EntryId[]> {
    return appendEntries(this.#connection, requests);
  }

  writeFields(
    key: string,
    fields: readonly (readonly [field: string, value: string | null])[],
  ): Promise<void> {
    return writeHashFields(this.#connection, key, fields);
  }

  setText(key: string, text: string | null): Promise<void> {
    return setString(this.#connection, key, text);
  }

  facts(): Promise<StoreFacts> {
    return readFacts(this.#connection);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    this.#readers.close();
    this.#replies.close();
    return Promise.resolve();
  }
}
