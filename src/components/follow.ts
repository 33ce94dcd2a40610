/**
 * Files that grow, as producers: each new line of the `ballast` format is put where its kind of event is read. So programs
 * that write a log, and no Redis, can feed the embedded store. How far a file was read is kept in the store.
 */
import { open, type FileHandle } from 'node:fs/promises';
import { resolve } from 'node:path';
import { deadLetterKeyOf, keyOf, ownKeyOf, type InputStream } from '../contract/keys.ts';
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

/** Entries of the cash flows looked at together. */
const PAGE_ENTRIES = 4000;
/** Says in a cash flow which line it was. */
const SOURCE_FIELD = 'ballast_source';

const STREAM_OF: ReadonlyMap<string, InputStream> = new Map([
  ['execution', 'executions'],
  ['plan', 'plans'],
  ['result', 'results'],
  ['cashflow', 'cashflows'],
  ['regime', 'regimes'],
]);

/** How far the file was read, and how often it was found to be shorter than that. */
interface Place {
  readonly offset: number;
  readonly cuts: number;
}

/** What a line turns into: entries of streams, and fields of hashes. */
interface Put {
  readonly append: AppendRequest | null;
  readonly hash: {
    readonly key: string;
    readonly fields: readonly (readonly [field: string, value: string | null])[];
  } | null;
}

/** An update of a state replaces all fields: what a line leaves out, none before it says any more. */
const STATE_FIELDS: { readonly [Type in string]?: readonly string[] } = {
  portfolio: ['equity_usd', 'drawdown', 'heat', 'source', 'timestamp'],
  market: ['mark_price', 'vol_regime', 'sigma', 'timestamp'],
  position: ['position_amt', 'mark_price', 'notional_usd', 'timestamp'],
  cluster_stress: ['stress', 'alpha', 'timestamp'],
};

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
  #place: Place | null = null;
  /** Cash flows that lie in their stream already though the place says they are not read: they have no identity of their own. */
  #cashflows: ReadonlySet<string> = new Set();
  #said = '';

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#cursorKey = ownKeyOf(options.namespace, 'followed');
    this.#cursorField = resolve(options.path);
  }

  /** Takes what is new; returns whether there may be more. */
  async step(): Promise<boolean> {
    try {
      this.#place ??= await this.#committed();
      const place = this.#place;
      const chunk = await this.#read(place);
      if (chunk === null) return false;
      this.#say('');
      const end = chunk.lastIndexOf(0x0a) + 1;
      if (end === 0) {
        if (chunk.length < MAX_LINE_BYTES) return false;
        await this.#passOver(chunk, place);
        return true;
      }
      await this.#put(chunk.subarray(0, end), place);
      await this.#goOnFrom({ ...place, offset: place.offset + end });
      return end < chunk.length || chunk.length === CHUNK_BYTES;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      this.#say(`${this.#options.path} is not read on: ${error.message}`);
      // What was done of it is not known: lines with an id are dropped as repeats, and each gets one.
      this.#place = null;
      return false;
    }
  }

  /** A line that is no event for its length: what was read of it is refused, what follows it comes next. */
  async #passOver(chunk: Buffer, place: Place): Promise<void> {
    const { path, store } = this.#options;
    this.#say(`${path} holds a line of more than ${MAX_LINE_BYTES} bytes at byte ${place.offset}`);
    const { append } = this.#refuse(chunk.toString('utf8'), this.#sourceOf(place, 0), 'oversized');
    if (append !== null) await store.append([append]);
    await this.#goOnFrom({ ...place, offset: place.offset + chunk.length });
  }

  async #committed(): Promise<Place> {
    const [answer] = await this.#options.store.hashes([
      { key: this.#cursorKey, fields: [this.#cursorField] },
    ]);
    const [offset, cuts] = (answer?.get(this.#cursorField) ?? '0').split(' ').map(Number);
    this.#cashflows = await this.#cashflowsPut();
    return { offset: offset!, cuts: cuts ?? 0 };
  }

  async #goOnFrom(place: Place): Promise<void> {
    const text = place.cuts === 0 ? String(place.offset) : `${place.offset} ${place.cuts}`;
    await this.#options.store.writeFields(this.#cursorKey, [[this.#cursorField, text]]);
    this.#place = place;
  }

  /** Where the cash flows in the stream come from, those of this file. */
  async #cashflowsPut(): Promise<Set<string>> {
    const { store, namespace } = this.#options;
    const stream = keyOf(namespace, 'cashflows');
    const sources = new Set<string>();
    for (let after = '0-0'; ;) {
      const { streams } = await store.read([{ stream, after, count: PAGE_ENTRIES }]);
      const { entries } = streams[0]!;
      for (const { fields } of entries)
        for (let i = 0; i + 1 < fields.length; i += 2)
          if (fields[i] === SOURCE_FIELD && fields[i + 1]!.startsWith(`${this.#cursorField}:`))
            sources.add(fields[i + 1]!);
      if (entries.length < PAGE_ENTRIES) return sources;
      after = entries.at(-1)!.id;
    }
  }

  /** What the file holds from the place on; null where it is not there or holds nothing new. */
  async #read(place: Place): Promise<Buffer | null> {
    const { path } = this.#options;
    try {
      const file = await open(path, 'r');
      try {
        const { size } = await file.stat();
        if (size >= place.offset) return await readFrom(file, place.offset, size);
      } finally {
        await file.close();
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === undefined) throw error;
      this.#say(`${path} cannot be read: ${(error as Error).message}; it is looked for again`);
      return null;
    }
    this.#say(`${path} is shorter than it was: it is read from its beginning`);
    await this.#goOnFrom({ offset: 0, cuts: place.cuts + 1 });
    return null;
  }

  async #put(chunk: Buffer, place: Place): Promise<void> {
    const appends: AppendRequest[] = [];
    const { store } = this.#options;
    for (let at = 0; at < chunk.length;) {
      const end = chunk.indexOf(0x0a, at);
      const line = chunk.toString('utf8', at, end).trim();
      const { append, hash } = line === '' ? NOTHING : this.#readLine(line, this.#sourceOf(place, at));
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

  /** A line's own name: its place, and how often the file had been cut before, since places come again then. */
  #sourceOf({ offset, cuts }: Place, at: number): string {
    return `${this.#cursorField}:${cuts === 0 ? '' : `${cuts}:`}${offset + at}`;
  }

  #readLine(line: string, source: string): Put {
    const record = parseRecord(line);
    if (record === null) return this.#refuse(line, source, 'not_json');
    const { type = 'execution' } = record;
    if (typeof type !== 'string') return this.#refuse(line, source, 'unknown_type');
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
      return hash === null ? this.#refuse(line, source, 'unknown_type') : { append: null, hash };
    }
    // A line's place is its identity: what is put twice because an answer got lost counts once.
    if (type === 'execution' && !fields.some(([name, id]) => name === 'execution_id' && id !== ''))
      fields.push(['execution_id', source.slice(-256)]);
    if (type === 'cashflow') {
      if (this.#cashflows.has(source)) return NOTHING;
      fields.push([SOURCE_FIELD, source]);
    }
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
    const isTime = typeof time === 'string' || typeof time === 'number';
    const told = new Map<string, string | null>(STATE_FIELDS[type]?.map((name) => [name, null]));
    for (const [name, value] of named) told.set(name, value);
    if (isTime) told.set('timestamp', String(time));
    const timed = [...told];
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

  #refuse(line: string, source: string, reason: string): Put {
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

async function readFrom(file: FileHandle, offset: number, size: number): Promise<Buffer | null> {
  const buffer = Buffer.alloc(Math.min(CHUNK_BYTES, size - offset));
  if (buffer.length === 0) return null;
  const { bytesRead } = await file.read(buffer, 0, buffer.length, offset);
  return buffer.subarray(0, bytesRead);
}

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
