/** What components committed to Redis, read as a bare client can and compared bit for bit. */
import { setTimeout as sleep } from 'node:timers/promises';
import { SEEN_IDS_LIMIT } from '../../src/core/pipeline/seen-ids.ts';
import { archiveFilesIn, readArchiveFile } from '../../src/runtime/archive/reader.ts';
import { entriesOf, keysOf, recordOf, type BareEntry, type Fields } from './bare-client.ts';
import { until } from './live-process.ts';
import type { RedisServer } from './redis-server.ts';

export const COMPONENTS = ['budget', 'attribution', 'allocation', 'efficiency', 'proposer'] as const;
type Component = (typeof COMPONENTS)[number];

export interface CommittedState {
  /** Without what names commits and their owners. */
  readonly meta: Fields;
  readonly records: Fields;
  /** Execution ids, oldest first. */
  readonly seen: readonly string[];
}

export type Committed = Readonly<Record<Component, CommittedState>>;

/** Everything a namespace's components committed, at one moment; null where a commit is half done just then. */
async function committedOf(redis: RedisServer, namespaces: readonly string[]): Promise<Committed[] | null> {
  // Sent in one write, Redis answers them one after the other and nobody comes between.
  const asked = namespaces.flatMap((namespace) =>
    COMPONENTS.flatMap((component) => {
      const key = (kind: string): string => `${namespace}:ballast:${kind}:${component}`;
      return [
        ['HGETALL', key('meta')],
        ['HGETALL', key('records')],
        ['LRANGE', key('seen'), '0', '-1'],
      ];
    }),
  );
  const script =
    'local out = {} for i, c in ipairs(cjson.decode(ARGV[1])) do out[i] = redis.call(unpack(c)) end return out';
  const replies = (await redis.send('EVAL', script, '0', JSON.stringify(asked))) as string[][];
  const all: Committed[] = [];
  for (let at = 0; at < replies.length; at += 3 * COMPONENTS.length) {
    const states = COMPONENTS.map((component, i): [Component, CommittedState] => {
      const [meta, records, seen] = replies.slice(at + 3 * i, at + 3 * i + 3);
      return [
        component,
        {
          meta: recordOf(meta!),
          records: recordOf(records!),
          // Whole chunks are dropped: what is left of the oldest is not remembered any more.
          seen: seen!.flatMap((chunk) => JSON.parse(chunk) as string[]).slice(-SEEN_IDS_LIMIT),
        },
      ];
    });
    if (states.some(([, { meta }]) => meta['#pending'] !== undefined)) return null;
    all.push(Object.fromEntries(states) as Committed);
  }
  return all;
}

/**
 * The committed states of several namespaces at the same tick of every component, `isThere` (by the first) and no commit
 * half done. What differs then differs: they were given the same.
 */
export function statesAtOneTick(
  redis: RedisServer,
  namespaces: readonly string[],
  isThere: (state: Committed) => boolean,
): Promise<Committed[]> {
  return until(
    `${namespaces.join(' and ')} being at the same tick`,
    async () => {
      const states = await committedOf(redis, namespaces);
      if (states === null) return undefined;
      const ticks = states.flatMap((state) => COMPONENTS.map((component) => state[component].meta['tick']));
      return new Set(ticks).size === 1 && states.every(isThere) ? states.map(withoutNames) : undefined;
    },
    30_000,
  );
}

/** `next`, positions and state; not the marks of commits (they begin with #), which are each process's own. */
function withoutNames(state: Committed): Committed {
  const states = COMPONENTS.map((component) => {
    const { meta, records, seen } = state[component];
    const own = Object.entries(meta).filter(([field]) => !field.startsWith('#'));
    return [component, { meta: Object.fromEntries(own), records, seen }];
  });
  return Object.fromEntries(states) as Committed;
}

/** Where two states differ: `component kind field`. */
export function differences(one: Committed, other: Committed): string[] {
  const found: string[] = [];
  for (const component of COMPONENTS) {
    const [a, b] = [one[component], other[component]];
    for (const kind of ['meta', 'records'] as const)
      for (const field of new Set([...Object.keys(a[kind]), ...Object.keys(b[kind])]))
        if (a[kind][field] !== b[kind][field])
          found.push(`${component} ${kind} ${field}: ${a[kind][field]} and ${b[kind][field]}`);
    const at = a.seen.findIndex((id, i) => b.seen[i] !== id);
    if (at >= 0 || a.seen.length !== b.seen.length)
      found.push(`${component} seen ${at}: ${a.seen.length} and ${b.seen.length} ids`);
  }
  return found;
}

/** Entries of the execution stream a component has applied, as it committed last; 0: none. */
export async function appliedCount(
  redis: RedisServer,
  namespace: string,
  component: Component,
): Promise<number> {
  const text = await redis.send('HGET', `${namespace}:ballast:meta:${component}`, 'inputs');
  if (typeof text !== 'string') return 0;
  const inputs = JSON.parse(text) as Record<string, [id: string, count: number]>;
  return inputs['execution.result']?.[1] ?? 0;
}

/** Which field of each output stream says of what tick an entry is. */
export const OUTPUT_STREAMS = {
  'alpha.attribution': 'ts_utc',
  'allocation.decision': 'timestamp',
  'capital.efficiency.decision': 'ts',
  'allocation.target.proposed': 'ts_epoch',
} as const;

const LONGEST_MS = 120_000;

/** Gathers the output streams while they are written and trimmed. */
export class OutputReader {
  readonly entries = new Map<string, BareEntry[]>();
  readonly #redis: RedisServer;
  readonly #namespace: string;
  #running: Promise<void> = Promise.resolve();
  #isOver = false;
  /** A test that failed before does not ask for the end. */
  readonly #endMs: number;

  constructor(redis: RedisServer, namespace: string, longestMs = LONGEST_MS) {
    this.#endMs = performance.now() + longestMs;
    this.#redis = redis;
    this.#namespace = namespace;
    for (const name of Object.keys(OUTPUT_STREAMS)) this.entries.set(name, []);
    this.#running = this.#run();
  }

  /** Reads to the end; returns every (symbol, tick) that came twice in a stream, and how many entries were trimmed unseen. */
  async finish(): Promise<{
    readonly twice: readonly string[];
    readonly unseen: number;
    readonly count: number;
  }> {
    this.#isOver = true;
    await this.#running;
    await this.#look();
    const twice: string[] = [];
    let unseen = 0;
    let count = 0;
    for (const [name, time] of Object.entries(OUTPUT_STREAMS)) {
      const gathered = this.entries.get(name)!;
      const seen = new Set<string>();
      for (const { fields } of gathered) {
        const what = `${name} ${fields['symbol']} ${fields[time]}`;
        if (seen.has(what)) twice.push(what);
        seen.add(what);
      }
      count += gathered.length;
      const [info] = await keysOf(this.#redis, `${this.#namespace}:stream:${name}`);
      if (info === undefined) continue;
      const facts = (await this.#redis.send('XINFO', 'STREAM', info)) as (string | number)[];
      unseen += Number(facts[facts.indexOf('entries-added') + 1]) - gathered.length;
    }
    return { twice, unseen, count };
  }

  /** While the server is away nothing is written either: what there is shows at the next look. */
  async #run(): Promise<void> {
    while (!this.#isOver && performance.now() < this.#endMs) {
      await this.#look().catch(() => undefined);
      await sleep(10);
    }
  }

  async #look(): Promise<void> {
    for (const [name, gathered] of this.entries) {
      const last = gathered.at(-1)?.id;
      gathered.push(...(await entriesOf(this.#redis, `${this.#namespace}:stream:${name}`, last)));
    }
  }
}

/** Every tick an archive holds: the components and tick → digests, as often as it was computed. */
export async function digestsIn(folder: string): Promise<Map<string, string[]>> {
  const digests = new Map<string, string[]>();
  for (const path of archiveFilesIn(folder))
    for await (const lines of readArchiveFile(path))
      for (const { text, isWhole } of lines) {
        if (!isWhole || !text.startsWith('{"type":"tick"')) continue;
        const { tick, components, digest } = JSON.parse(text) as {
          tick: number;
          components: string[];
          digest: string;
        };
        const key = `${tick} ${components.join()}`;
        digests.set(key, [...(digests.get(key) ?? []), digest]);
      }
  return digests;
}
