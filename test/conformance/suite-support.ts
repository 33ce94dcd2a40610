/** What the parts of the conformance suite share: a store for each test, and short ways to say commits. */
import { afterEach, beforeEach, expect } from 'vitest';
import { ownKeyOf } from '../../src/contract/keys.ts';
import type {
  CommitPart,
  CommitResult,
  FlatFields,
  Output,
  Ownership,
  Store,
  StreamEntry,
} from '../../src/store/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export type Open = () => Promise<StoreUnderTest>;

/** The store of the running test. */
export interface Bench {
  readonly under: StoreUnderTest;
  readonly store: Store;
  /** A key of this store. */
  key(name: string): string;
  /** Another connection. */
  second(): Promise<Store>;
}

/** Opens a store before each test of the block and closes it afterwards. */
export function bench(open: Open): Bench {
  let opened: StoreUnderTest | null = null;
  const under = (): StoreUnderTest => {
    if (opened === null) throw new Error('the store is used outside of a test');
    return opened;
  };
  beforeEach(async () => {
    opened = await open();
  });
  afterEach(async () => {
    await opened?.close();
    opened = null;
  });
  return {
    get under() {
      return under();
    },
    get store() {
      return under().store;
    },
    key: (name) => `${under().namespace}:${name}`,
    second: async () => await under().second(),
  };
}

/** Values a store must give back as they were; those with NUL or half a surrogate pair it need not. */
export const STRANGE: readonly string[] = [
  '',
  ' ',
  ' a  b ',
  'two\nlines\r\n',
  'tab\t"quoted" \\ back',
  'Grüße, 資本, 🚢🏽',
  '__proto__',
  'constructor',
  '{"json":[1,2]}',
  '*?[a-z]{x}',
  '-0',
  'x'.repeat(100_000),
];

/** Claims one component, which nobody holds. */
export async function own(store: Store, owner: string, component: string): Promise<Ownership> {
  const { held, others } = await store.claim(owner, [component]);
  expect(others).toEqual([]);
  expect(held).toEqual([{ component, epoch: expect.any(Number) as number }]);
  return held[0]!;
}

/** A part of a commit that changes nothing but the sequence. */
export function part(ownership: Ownership, sequence: number, more: Partial<CommitPart> = {}): CommitPart {
  return { ...ownership, sequence, meta: [], records: [], seen: null, dropSeen: 0, ...more };
}

export const DONE: CommitResult = { outcome: 'done', rewrite: [], refused: [] };

/** A component that commits one thing after the other. */
export class Writer {
  readonly #store: Store;
  readonly #owner: string;
  readonly #ownership: Ownership;
  #sequence = 0;

  static async claim(store: Store, component = 'budget', owner = 'one'): Promise<Writer> {
    return new Writer(store, owner, await own(store, owner, component));
  }

  private constructor(store: Store, owner: string, ownership: Ownership) {
    this.#store = store;
    this.#owner = owner;
    this.#ownership = ownership;
  }

  async commit(outputs: readonly Output[], more: Partial<CommitPart> = {}): Promise<CommitResult> {
    const parts = [part(this.#ownership, this.#sequence++, more)];
    return await this.#store.commit({ owner: this.#owner, parts, outputs });
  }
}

export function put(key: string, fields: FlatFields, lifeSec: number | null = null): Output {
  return { kind: 'put', key, fields, lifeSec };
}

export async function hashOf(store: Store, key: string): Promise<Record<string, string> | null> {
  const [answer] = await store.hashes([{ key, fields: null }]);
  return answer ? Object.fromEntries(answer) : null;
}

export async function entriesOf(store: Store, stream: string): Promise<readonly StreamEntry[]> {
  const { streams } = await store.read([{ stream, after: '0-0', count: 100_000 }]);
  expect(streams).toEqual([expect.objectContaining({ stream, error: null })]);
  return streams[0]!.entries;
}

export async function fieldsIn(store: Store, stream: string): Promise<readonly FlatFields[]> {
  return (await entriesOf(store, stream)).map(({ fields }) => fields);
}

/** The owner record, as `status` reads it. */
export async function ownerRecord(
  store: Store,
  namespace: string,
  component: string,
): Promise<Record<string, string> | null> {
  return await hashOf(store, ownKeyOf(namespace, 'owner', component));
}

/** Every key of a walk, as often as it came. */
export async function walk(store: Store, prefix: string, between?: () => Promise<void>): Promise<string[]> {
  const found: string[] = [];
  let cursor = '0';
  do {
    const step = await store.scan(prefix, cursor);
    found.push(...step.keys);
    cursor = step.cursor;
    await between?.();
  } while (cursor !== '0');
  return found;
}

export async function wait(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}
