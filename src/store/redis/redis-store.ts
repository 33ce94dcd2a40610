/** The store on Redis 7 or newer: one connection, pipelined reads, commits by Redis Functions. */
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
  StreamPosition,
} from '../store.ts';
import { Functions } from './calls.ts';
import { Committer } from './commit.ts';
import { Connection, type ConnectionEvent } from './connection.ts';
import { parseEndpoint } from './endpoint.ts';
import { readFacts } from './facts.ts';
import { Loader } from './load.ts';
import { Owners } from './ownership.ts';
import { readHashes, readKnownSymbols, readStreams, scanKeys } from './read.ts';
import { appendEntries, writeHashFields } from './write.ts';

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

/**
 * Returns at once and connects in the background, for as long as it takes; until then every call rejects as
 * `unreachable`. Throws `RangeError` where the URL is none.
 */
export function openRedisStore(options: RedisStoreOptions): RedisStore {
  return new RedisStore(options);
}

export class RedisStore implements Store {
  readonly kind = 'redis';
  readonly #connection: Connection;
  readonly #namespace: string;
  readonly #owners: Owners;
  readonly #committer: Committer;
  readonly #loader: Loader;

  constructor({ url, namespace, deadlineMs = DEADLINE_MS, onEvent = () => undefined }: RedisStoreOptions) {
    this.#connection = new Connection(parseEndpoint(url), deadlineMs, onEvent);
    this.#namespace = namespace;
    const functions = new Functions(this.#connection);
    this.#owners = new Owners(functions, namespace);
    this.#committer = new Committer(this.#connection, functions, namespace);
    this.#loader = new Loader(this.#connection, this.#committer, namespace);
  }

  /** Calls that wait for Redis to answer. */
  get waiting(): number {
    return this.#connection.waiting;
  }

  read(positions: readonly StreamPosition[]): Promise<Reading> {
    return readStreams(this.#connection, positions);
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

  facts(): Promise<StoreFacts> {
    return readFacts(this.#connection);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }
}
