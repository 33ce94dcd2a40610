/** Reads back what a component committed, in steps that hold Redis briefly. */
import { ErrorReply } from '@redis/client';
import { ownKeyOf } from '../../contract/keys.ts';
import { StoreError, type SavedComponent } from '../store.ts';
import type { Committer } from './commit.ts';
import type { Connection } from './connection.ts';
import { listOf, mapOf, numberOf, textOf, textsOf, type Command, type Reply } from './reply.ts';

const RECORDS_A_STEP = 500;
const CHUNKS_A_STEP = 32;
/** What the functions keep in the hash besides what was committed. */
const OUR_FIELDS = ['#sequence', '#token', '#pending'];
/** A commit between the steps makes them begin again; an owner at work commits rarely enough for one of these. */
const MAX_TRIES = 5;

export class Loader {
  readonly #connection: Connection;
  readonly #committer: Committer;
  readonly #namespace: string;

  constructor(connection: Connection, committer: Committer, namespace: string) {
    this.#connection = connection;
    this.#committer = committer;
    this.#namespace = namespace;
  }

  async load(component: string): Promise<SavedComponent | null> {
    const key = ownKeyOf(this.#namespace, 'meta', component);
    for (let attempt = 0; attempt < MAX_TRIES; attempt++) {
      const all = mapOf(await this.#ask(['HGETALL', key]));
      const pending = all.get('#pending');
      if (pending !== undefined) {
        await this.#committer.complete(pending);
        continue;
      }
      const sequence = all.get('#sequence');
      if (sequence === undefined) {
        if (all.size === 0) return null;
        throw new StoreError('unusable', 'META', `${key} has no number of commits: something else wrote it`);
      }
      const records = await this.#records(ownKeyOf(this.#namespace, 'records', component));
      const seen = await this.#seen(ownKeyOf(this.#namespace, 'seen', component));
      const [now, underway] = listOf(await this.#ask(['HMGET', key, '#sequence', '#pending']));
      if (now !== sequence || underway !== null) continue;
      for (const field of OUR_FIELDS) all.delete(field);
      return { sequence: numberOf(sequence), meta: all, records, seen };
    }
    throw new StoreError(
      'refused',
      'CHANGING',
      `${component} was committed to each time it was read; try again`,
    );
  }

  async #records(key: string): Promise<Map<string, string>> {
    const records = new Map<string, string>();
    let cursor = '0';
    do {
      const [next, fields] = listOf(await this.#ask(['HSCAN', key, cursor, 'COUNT', String(RECORDS_A_STEP)]));
      for (const [symbol, record] of mapOf(fields)) records.set(symbol, record);
      cursor = textOf(next);
    } while (cursor !== '0');
    return records;
  }

  async #seen(key: string): Promise<string[]> {
    const seen: string[] = [];
    for (;;) {
      const last = seen.length + CHUNKS_A_STEP - 1;
      const chunks = textsOf(await this.#ask(['LRANGE', key, String(seen.length), String(last)]));
      seen.push(...chunks);
      if (chunks.length < CHUNKS_A_STEP) return seen;
    }
  }

  async #ask(command: Command): Promise<Reply> {
    try {
      return await this.#connection.call(command);
    } catch (error) {
      if (!(error instanceof StoreError && error.code === 'WRONGTYPE' && error.cause instanceof ErrorReply))
        throw error;
      throw new StoreError(
        'unusable',
        'WRONGTYPE',
        `${String(command[1])} is of another type than we wrote`,
        error,
      );
    }
  }
}
