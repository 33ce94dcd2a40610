/**
 * The store inside this process. It opens no socket. With a folder, a change is answered once it is on the disk, and seen by
 * others from then on; hashes that have a life are not kept there: they are derived, and written again at the next tick.
 */
import { performance } from 'node:perf_hooks';
import { setImmediate } from 'node:timers/promises';
import { ownKeyOf } from '../../contract/keys.ts';
import {
  LEASE_MS,
  StoreError,
  type AppendRequest,
  type Claims,
  type Commit,
  type CommitResult,
  type EntryId,
  type HashAnswer,
  type HashRequest,
  type Ownership,
  type Reading,
  type SavedComponent,
  type Store,
  type StoreFacts,
  type StreamAnswer,
  type StreamEntry,
  type StreamPosition,
} from '../store.ts';
import type { PermitDesk } from '../permits.ts';
import { systemTimer, type Timer } from './arrivals.ts';
import type { Command } from './commands.ts';
import { FolderJournal, type FolderOptions } from './folder-journal.ts';
import { MemoryDesk } from './memory-desk.ts';
import { MemoryState } from './state.ts';

export interface MemoryStoreOptions extends FolderOptions {
  readonly namespace: string;
  /** Where it keeps its journal and snapshots; null: nowhere, what it holds is gone with the process. */
  readonly folder: string | null;
  /** The wall clock; the store's own never goes back. */
  readonly nowMs?: () => number;
  /** A clock nobody sets, for leases. */
  readonly monotonicMs?: () => number;
  /** What ends a wait for which nothing came. */
  readonly timer?: Timer;
}

/** Answers between two turns of the event loop. */
const TURN = 32;

export async function openMemoryStore(options: MemoryStoreOptions): Promise<Store> {
  const state = new MemoryState(options.namespace);
  if (options.folder === null) return new MemoryStore(options, state, null);
  const journal = await FolderJournal.open(options.folder, state, options);
  const store = new MemoryStore(options, state, journal);
  try {
    await store.begin();
  } catch (error) {
    await journal.close();
    throw error;
  }
  return store;
}

class MemoryStore implements Store {
  readonly kind = 'memory';
  readonly permits: PermitDesk;
  readonly #state: MemoryState;
  readonly #journal: FolderJournal | null;
  readonly #options: MemoryStoreOptions;
  readonly #nowMs: () => number;
  readonly #monotonicMs: () => number;
  /** Component → the beat its holder was last heard with, and when by the clock nobody sets. */
  readonly #heard = new Map<string, { readonly beat: string; readonly sinceMs: number }>();
  #clockMs: number;
  #isClosed = false;
  #answers = 0;

  constructor(options: MemoryStoreOptions, state: MemoryState, journal: FolderJournal | null) {
    this.#options = options;
    this.#state = state;
    this.#journal = journal;
    this.#clockMs = journal?.clockMs ?? 0;
    this.#nowMs = options.nowMs ?? Date.now;
    this.#monotonicMs = options.monotonicMs ?? (() => performance.now());
    this.permits = new MemoryDesk({
      state,
      ask: async (answer) => await this.#ask(answer),
      change: async (make, apply) => await this.#change(make, apply),
      wait: async (keys, attempt, waitMs, signal) => await this.#wait(keys, attempt, waitMs, signal),
      hashes: (requests, nowMs) => this.#hashes(requests, nowMs),
    });
  }

  /** Whoever held a component before the folder was opened is gone. */
  async begin(): Promise<void> {
    await this.#change(
      (nowMs) => ({ op: 'open', nowMs }),
      () => this.#state.open(),
    );
  }

  async read(positions: readonly StreamPosition[]): Promise<Reading> {
    return await this.#ask((nowMs) => ({
      nowMs,
      streams: positions.map((position) => this.#readStream(position, nowMs)),
    }));
  }

  async wait(
    positions: readonly StreamPosition[],
    waitMs: number,
    signal: AbortSignal,
  ): Promise<readonly { readonly stream: string; readonly entries: readonly StreamEntry[] }[]> {
    const streams = positions.map(({ stream }) => stream);
    const newer = (nowMs: number): { stream: string; entries: StreamEntry[] }[] | null => {
      const found = positions.flatMap(({ stream, after, count }) => {
        const entries = this.#state.keys.find(stream, 'stream', nowMs)?.log.after(after, count) ?? [];
        return entries.length === 0 ? [] : [{ stream, entries }];
      });
      return found.length === 0 ? null : found;
    };
    return (await this.#wait(streams, newer, waitMs, signal)) ?? [];
  }

  async hashes(requests: readonly HashRequest[]): Promise<readonly HashAnswer[]> {
    return await this.#ask((nowMs) => this.#hashes(requests, nowMs));
  }

  async scan(prefix: string, cursor: string): Promise<{ cursor: string; keys: string[] }> {
    return await this.#ask((nowMs) => {
      if (!/^\d{1,15}$/.test(cursor))
        throw new StoreError('refused', 'ERR', `${cursor} is no cursor of a walk`);
      const step = this.#state.keys.scan(prefix, Number(cursor), nowMs);
      return { cursor: String(step.cursor), keys: step.keys };
    });
  }

  async knownSymbols(count: number): Promise<readonly string[] | null> {
    return await this.#ask((nowMs) => {
      const key = ownKeyOf(this.#options.namespace, 'known');
      const known = this.#state.keys.find(key, 'set', nowMs)?.members ?? new Set<string>();
      return known.size === count ? null : [...known];
    });
  }

  async claim(owner: string, components: readonly string[]): Promise<Claims> {
    const silent = this.#silent(components);
    return await this.#change(
      (nowMs) => ({ op: 'claim', nowMs, owner, components, silent }),
      (command) => this.#state.claim(command),
    );
  }

  async release(owner: string, held: readonly Ownership[]): Promise<void> {
    await this.#change(
      (nowMs) => ({ op: 'release', nowMs, owner, held }),
      (command) => this.#state.release(command),
    );
  }

  async load(component: string): Promise<SavedComponent | null> {
    return await this.#ask((nowMs) => this.#state.load(component, nowMs));
  }

  async commit(commit: Commit): Promise<CommitResult> {
    return await this.#change(
      (nowMs) => ({ op: 'commit', nowMs, commit }),
      (command) => this.#state.commit(command),
    );
  }

  async append(requests: readonly AppendRequest[]): Promise<readonly EntryId[]> {
    return await this.#change(
      (nowMs) => ({ op: 'append', nowMs, requests }),
      (command) => this.#state.append(command),
    );
  }

  async writeFields(
    key: string,
    fields: readonly (readonly [field: string, value: string | null])[],
  ): Promise<void> {
    await this.#change(
      (nowMs) => ({ op: 'write', nowMs, key, fields }),
      (command) => this.#state.write(command),
    );
  }

  async setText(key: string, text: string | null): Promise<void> {
    await this.#change(
      (nowMs) => ({ op: 'text', nowMs, key, text }),
      (command) => this.#state.setText(command),
    );
  }

  async facts(): Promise<StoreFacts> {
    return await this.#ask((nowMs) => ({
      kind: this.kind,
      version: '1',
      where: this.#options.folder ?? 'this process only',
      nowMs,
      details: new Map([
        ['durability', this.#journal === null ? 'none' : 'every change is on the disk before it is answered'],
        ['keys', String(this.#state.keys.size)],
        ...(this.#journal?.details() ?? []),
      ]),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#state.keys.arrivals.end(closed());
    await this.#journal?.close();
  }

  async #ask<Answer>(answer: (nowMs: number) => Answer): Promise<Answer> {
    this.#refuseIfClosed();
    const nowMs = this.#clock();
    // A change on its way to the disk has its stamp already, and is not to be seen yet.
    return await this.#inTurn(answer(Math.min(nowMs, this.#journal?.oldestMs ?? nowMs)));
  }

  async #change<Change extends Command, Answer>(
    make: (nowMs: number) => Change,
    apply: (command: Change) => Answer,
  ): Promise<Answer> {
    this.#refuseIfClosed();
    const command = make(this.#clock());
    const carryOut = (): Answer => {
      try {
        return apply(command);
      } finally {
        this.#state.keys.arrivals.tell();
      }
    };
    if (this.#journal === null) return await this.#inTurn(carryOut());
    return await this.#journal.add(command, carryOut);
  }

  async #wait<Answer>(
    keys: readonly string[],
    attempt: (nowMs: number) => Answer | null,
    waitMs: number,
    signal: AbortSignal,
  ): Promise<Answer | null> {
    this.#refuseIfClosed();
    const { timer = systemTimer } = this.#options;
    const now = (): Answer | null => attempt(this.#clock());
    const wait = { keys, attempt: now, waitMs, signal, timer };
    return await this.#inTurn(await this.#state.keys.arrivals.first(wait));
  }

  #hashes(requests: readonly HashRequest[], nowMs: number): readonly HashAnswer[] {
    return requests.map(({ key, fields }) => {
      const value = this.#state.keys.get(key, nowMs);
      return value?.type === 'hash' ? chosen(value.fields, fields) : null;
    });
  }

  /** Lets timers and sockets in now and then: whoever only asks this store would never wait for anything else. */
  async #inTurn<Answer>(answer: Answer): Promise<Answer> {
    if (++this.#answers % TURN === 0) await setImmediate();
    return answer;
  }

  /** The wall clock, but never going back. */
  #clock(): number {
    this.#clockMs = Math.max(this.#clockMs, Math.floor(this.#nowMs()));
    return this.#clockMs;
  }

  #readStream({ stream, after, count }: StreamPosition, nowMs: number): StreamAnswer {
    const value = this.#state.keys.get(stream, nowMs);
    if (value === undefined) return { stream, entries: [], facts: null, error: null };
    if (value.type !== 'stream') {
      const error = `WRONGTYPE ${stream} is a ${value.type}, not a stream`;
      return { stream, entries: [], facts: null, error };
    }
    return { stream, entries: value.log.after(after, count), facts: value.log.facts(), error: null };
  }

  /** Those whose holder gave no sign for a lease, however the wall clock was set. */
  #silent(components: readonly string[]): (readonly [component: string, beat: string])[] {
    const nowMs = this.#monotonicMs();
    return components.flatMap((component): (readonly [string, string])[] => {
      const beat = this.#state.owners.beat(component, this.#clockMs);
      if (beat === null) return [];
      const heard = this.#heard.get(component);
      if (heard?.beat === beat) return nowMs - heard.sinceMs >= LEASE_MS ? [[component, beat]] : [];
      this.#heard.set(component, { beat, sinceMs: nowMs });
      return [];
    });
  }

  #refuseIfClosed(): void {
    if (this.#isClosed) throw closed();
  }
}

function closed(): StoreError {
  return new StoreError('unreachable', 'CLOSED', 'the store was closed');
}

function chosen(fields: ReadonlyMap<string, string>, names: readonly string[] | null): HashAnswer {
  if (names === null) return new Map(fields);
  const found = new Map<string, string>();
  for (const name of names) {
    const value = fields.get(name);
    if (value !== undefined) found.set(name, value);
  }
  return found.size === 0 ? null : found;
}
