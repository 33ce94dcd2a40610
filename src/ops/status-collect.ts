/**
 * What the store knows of the components: who holds each, what it committed last, and how far it has read its streams.
 * A handful of bounded reads, nothing is written.
 */
import { COMPONENT_NAMES, type ComponentName } from '../contract/components.ts';
import { keyOf, KEYS, ownKeyOf, type InputStream } from '../contract/keys.ts';
import { decodePositions, inspect, type Gap } from '../runtime/positions.ts';
import { idMs, type HashAnswer, type Store, type StreamFacts } from '../store/store.ts';

export type ReportedComponent = Exclude<ComponentName, 'dashboard'>;

/** How one component stands with one of its input streams. */
export interface InputLag {
  /** `execution.result` */
  readonly input: string;
  readonly stream: string;
  /** Entries it has not read yet. */
  readonly waiting: number;
  /** Since when the oldest of them waits; null: none does. */
  readonly oldestWaitingMs: number | null;
  /** What went missing before it was read; null: nothing. */
  readonly gap: Gap | null;
  /** Why the stream cannot be read; null: it can. */
  readonly error: string | null;
}

export interface ComponentRecord {
  readonly name: ReportedComponent;
  /** Who has it, or had it last; null: nobody, or it was given up. */
  readonly owner: string | null;
  /** Null: nobody ever had it. */
  readonly epoch: number | null;
  readonly isHeld: boolean;
  /** Null: it never committed. */
  readonly meta: ReadonlyMap<string, string> | null;
  readonly inputs: readonly InputLag[];
  /** Why what it committed cannot be read; null: it can. */
  readonly trouble: string | null;
}

export interface ComponentReading {
  /** The store's clock. */
  readonly nowMs: number;
  readonly components: readonly ComponentRecord[];
}

/** How an input stream does. */
export interface StreamPace {
  /** `execution.result` */
  readonly input: string;
  readonly length: number;
  /** When its newest entry came. */
  readonly newestMs: number;
  /** Entries of the last minute, counted up to `PACE_COUNT`. */
  readonly perMinute: number;
}

export const PACE_COUNT = 2000;
const PACE_MS = 60_000;
const OWNER_FIELDS = ['owner', 'epoch', 'expires_ms'];
const META_FIELDS = ['mode', 'mode_why', 'tick', 'symbols', 'inputs'];
const NAMES = COMPONENT_NAMES.filter((name): name is ReportedComponent => name !== 'dashboard');

export async function collectComponents(store: Store, namespace: string): Promise<ComponentReading> {
  const hashes = await store.hashes(
    NAMES.flatMap((name) => [
      { key: ownKeyOf(namespace, 'owner', name), fields: OWNER_FIELDS },
      { key: ownKeyOf(namespace, 'meta', name), fields: META_FIELDS },
    ]),
  );
  const known = NAMES.map((name, i) => {
    const meta = hashes[2 * i + 1] ?? null;
    return { name, record: hashes[2 * i] ?? null, meta, ...positionsIn(meta) };
  });
  const asked = known.flatMap(({ positions }) =>
    [...positions].flatMap(([input, position]) => {
      const stream = streamOf(namespace, input);
      return stream === null ? [] : [{ input, stream, position }];
    }),
  );
  const reading = await store.read(
    asked.map(({ stream, position }) => ({ stream, after: position.after, count: 1 })),
  );
  const lags = new Map(
    asked.map(({ input, stream, position }, i): [object, InputLag] => {
      const { facts, entries, error } = reading.streams[i]!;
      const { position: from, gap } = inspect(position, facts);
      const waiting = facts === null ? 0 : waitingAfter(from.count, facts);
      const oldest = waiting > 0 ? (entries[0]?.id ?? facts?.firstId ?? null) : null;
      const oldestWaitingMs = oldest === null ? null : idMs(oldest);
      return [position, { input, stream, waiting, oldestWaitingMs, gap, error }];
    }),
  );
  return {
    nowMs: reading.nowMs,
    components: known.map(({ name, record, meta, positions, trouble }) => ({
      name,
      ...ownerIn(record, reading.nowMs),
      meta,
      inputs: [...positions.values()].flatMap((position) => lags.get(position) ?? []),
      trouble,
    })),
  };
}

/** Every input stream there is. */
export async function collectPaces(store: Store, namespace: string, nowMs: number): Promise<StreamPace[]> {
  const after = `${Math.max(0, nowMs - PACE_MS)}-0`;
  const { streams } = await store.read(
    INPUT_STREAMS.map((name) => ({ stream: keyOf(namespace, name), after, count: PACE_COUNT })),
  );
  return streams.flatMap(({ facts, entries }, i) => {
    if (facts === null || facts.added === 0) return [];
    const input = KEYS[INPUT_STREAMS[i]!].pattern.slice('stream:'.length);
    return [{ input, length: facts.length, newestMs: idMs(facts.lastId), perMinute: entries.length }];
  });
}

function waitingAfter(count: number | null, facts: StreamFacts): number {
  return Math.max(0, facts.added - (count ?? facts.added - facts.length));
}

function positionsIn(meta: HashAnswer): {
  readonly positions: ReturnType<typeof decodePositions>;
  readonly trouble: string | null;
} {
  try {
    return { positions: decodePositions(meta?.get('inputs') ?? '{}'), trouble: null };
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    return { positions: new Map(), trouble: error.message };
  }
}

function ownerIn(record: HashAnswer, nowMs: number): Pick<ComponentRecord, 'owner' | 'epoch' | 'isHeld'> {
  const owner = record?.get('owner') ?? '';
  const epoch = record?.get('epoch');
  return {
    owner: owner === '' ? null : owner,
    epoch: epoch === undefined ? null : Number(epoch),
    isHeld: owner !== '' && Number(record?.get('expires_ms') ?? 0) > nowMs,
  };
}

export const INPUT_STREAMS = (Object.keys(KEYS) as (keyof typeof KEYS)[]).filter(
  (name): name is InputStream => KEYS[name].direction === 'input' && KEYS[name].type === 'stream',
);

/** The key of an input by its short name: `execution.result`; null where there is no such input. */
function streamOf(namespace: string, input: string): string | null {
  const name = INPUT_STREAMS.find((stream) => KEYS[stream].pattern === `stream:${input}`);
  return name === undefined ? null : keyOf(namespace, name);
}
