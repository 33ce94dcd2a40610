/**
 * Files that grow, as producers: each new line of the `ballast` format is put where its kind of event is read. So programs
 * that write a log, and no Redis, can feed the embedded store. How far a file was read is kept in the store.
 */
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import { deadLetterKeyOf, keyOf, type InputStream } from '../contract/keys.ts';
import { canonicalSymbol } from '../contract/symbol.ts';
import { StoreError, type AppendRequest, type Store } from '../store/store.ts';
import type { Clock } from '../runtime/clock.ts';

export interface FollowOptions {
  readonly store: Store;
  readonly namespace: string;
  readonly path: string;
  readonly clock: Clock;
  /** What a person should know: the file is not there, it was cut, the store does not take it. Once per change. */
  readonly onState: (what: string) => void;
}

const POLL_MS = 250;
/** Read at a time. */
const CHUNK_BYTES = 1 << 20;
/** A line longer than this is no event. */
const MAX_LINE_BYTES = 1 << 20;

const STREAM_OF: ReadonlyMap<string, InputStream> = new Map([
  ['execution', 'executions'],
  ['plan', 'plans'],
  ['result', 'results'],
  ['cashflow', 'cashflows'],
  ['regime', 'regimes'],
]);

/** What a line turns into: entries of streams, and fields of hashes. */
interface Put {
  readonly append: AppendRequest | null;
  readonly hash: { readonly key: string; readonly fields: readonly (readonly [string, string])[] } | null;
}

/** Follows until `signal` aborts. */
export async function follow(options: FollowOptions, signal: AbortSignal): Promise<void> {
  const follower = new Follower(options);
  while (!signal.aborted) {
    const isMore = await follower.step();
    if (!isMore) await options.clock.sleep(POLL_MS, signal);
    else await options.clock.breathe();
  }
}

class Follower {
  readonly #options: FollowOptions;
  readonly #cursorKey: string;
  readonly #cursorField: string;
  #offset: number | null = null;
  #said = '';

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#cursorKey = `${options.namespace}:ballast:followed.files`;
    this.#cursorField = resolve(options.path);
  }

  /** Takes what is new; returns whether there may be more. */
  async step(): Promise<boolean> {
    try {
      this.#offset ??= await this.#committed();
      const chunk = await this.#read(this.#offset);
      if (chunk === null) return false;
      this.#say('');
      const end = chunk.lastIndexOf(0x0a) + 1;
      if (end === 0) {
        if (chunk.length < MAX_LINE_BYTES) return false;
        this.#say(
          `${this.#options.path} holds a line of more than ${MAX_LINE_BYTES} bytes at byte ${this.#offset}`,
        );
        return false;
      }
      await this.#put(chunk.subarray(0, end), this.#offset);
      this.#offset += end;
      await this.#options.store.writeFields(this.#cursorKey, [[this.#cursorField, String(this.#offset)]]);
      return end < chunk.length || chunk.length === CHUNK_BYTES;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#say(`${this.#options.path} is not read on: ${error.message}`);
      // What was done of it is not known: lines with an id are dropped as repeats, and each gets one.
      this.#offset = null;
      return false;
    }
  }

  async #committed(): Promise<number> {
    const [answer] = await this.#options.store.hashes([
      { key: this.#cursorKey, fields: [this.#cursorField] },
    ]);
    return Number(answer?.get(this.#cursorField) ?? 0);
  }

  /** What the file holds from `offset` on; null where it is not there or holds nothing new. */
  async #read(offset: number): Promise<Buffer | null> {
    const { path } = this.#options;
    let file;
    try {
      file = await open(path, 'r');
    } catch (error) {
      this.#say(`${path} cannot be read: ${(error as Error).message}; it is looked for again`);
      return null;
    }
    try {
      const { size } = await file.stat();
      if (size < offset) {
        this.#say(`${path} is shorter than it was: it is read from its beginning`);
        this.#offset = 0;
        return null;
      }
      const buffer = Buffer.alloc(Math.min(CHUNK_BYTES, size - offset));
      if (buffer.length === 0) return null;
      const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async #put(chunk: Buffer, offset: number): Promise<void> {
    const appends: AppendRequest[] = [];
    const { store } = this.#options;
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(0x0a, at);
      const line = chunk.toString('utf8', at, end).trim();
      const { append, hash } = line === '' ? NOTHING : this.#readLine(line, offset + at);
      if (append !== null) appends.push(append);
      if (hash !== null) {
        // A state counts from here on: what came before it has to be there first.
        if (appends.length > 0) await store.append(appends.splice(0));
        await store.writeFields(hash.key, hash.fields);
      }
      at = end + 1;
    }
    if (appends.length > 0) await store.append(appends);
  }

  #readLine(line: string, offset: number): Put {
    const record = parseRecord(line);
    if (record === null) return this.#refuse(line, offset, 'not_json');
    const type = String(record['type'] ?? 'execution');
    const fields: (readonly [string, string])[] = [];
    for (const [name, value] of Object.entries(record))
      if (
        name !== 'type' &&
        (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      )
        fields.push([name, String(value)]);
    const stream = STREAM_OF.get(type);
    if (stream === undefined) {
      const hash = this.#hashOf(type, record, fields);
      return hash === null ? this.#refuse(line, offset, 'unknown_type') : { append: null, hash };
    }
    // A line's place is its identity: what is put twice because an answer got lost counts once.
    if (type === 'execution' && record['execution_id'] === undefined)
      fields.push(['execution_id', `${this.#cursorField}:${offset}`.slice(-256)]);
    const key = keyOf(this.#options.namespace, stream);
    return { append: { stream: key, fields: fields.flat(), maxLength: null }, hash: null };
  }

  /** A state of the world: its hash, with the time as the hash's readers look for it. */
  #hashOf(
    type: string,
    record: Readonly<Record<string, unknown>>,
    fields: readonly (readonly [string, string])[],
  ): Put['hash'] {
    const { namespace } = this.#options;
    const symbol = canonicalSymbol(record['symbol'], new Map()) ?? '';
    const cluster = record['cluster'];
    const named = fields.filter(([name]) => name !== 'ts' && name !== 'ts_ms' && name !== 'symbol');
    const time = record['timestamp'] ?? record['ts'] ?? record['ts_ms'];
    const timed = time === undefined ? named : [...named, ['timestamp', String(time)] as const];
    if (type === 'portfolio') return { key: keyOf(namespace, 'portfolio'), fields: timed };
    if (type === 'market' && symbol !== '') return { key: keyOf(namespace, 'market', symbol), fields: timed };
    if (type === 'position' && symbol !== '')
      return { key: keyOf(namespace, 'position', symbol), fields: timed };
    if (type === 'cluster_stress' && typeof cluster === 'string' && cluster !== '')
      return {
        key: keyOf(namespace, 'clusterStress', cluster),
        fields: timed.filter(([name]) => name !== 'cluster'),
      };
    if (type === 'cluster' && typeof cluster === 'string' && symbol !== '')
      return { key: keyOf(namespace, 'symbolClusters'), fields: [[symbol, cluster]] };
    return null;
  }

  #refuse(line: string, offset: number, reason: string): Put {
    const source = `${this.#cursorField}:${offset}`;
    const stream = deadLetterKeyOf(this.#options.namespace, 'executions');
    const fields = ['line', line.slice(0, 16_384), 'reason', reason, 'source_id', source];
    return { append: { stream, fields, maxLength: 10_000 }, hash: null };
  }

  #say(what: string): void {
    if (what !== this.#said && what !== '') this.#options.onState(what);
    this.#said = what;
  }
}

const NOTHING: Put = { append: null, hash: null };

function parseRecord(line: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
