/** Any sequence of calls by two owners over two connections leaves what a model of plain maps says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Commit, CommitResult, Output, Ownership, Store } from '../../src/store/store.ts';
import { bench, entriesOf, fieldsIn, hashOf, type Open } from './suite-support.ts';

const OWNERS = ['one', 'two'] as const;
const COMPONENTS = ['attribution', 'budget'] as const;
const STREAMS = ['s0', 's1'] as const;
const HASHES = ['h0', 'h1'] as const;

export function describeSequences(open: Open): void {
  const test = bench(open);

  describe('any sequence of calls', () => {
    it('leaves what the model says, and answers as it does', { timeout: 120_000 }, async () => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
          const prefix = `run${run++}`;
          const other = await test.second();
          const both = new Sequence([test.store, other], (name) => test.key(`${prefix}:${name}`), prefix);
          for (const one of steps) await both.take(one);
          await both.check(test.store);
          await both.check(other);
          await other[Symbol.asyncDispose]();
        }),
        { numRuns: 60 },
      );
      expect(run).toBeGreaterThanOrEqual(60);
    });
  });
}

const owner = fc.constantFrom(...OWNERS);
const components = fc.subarray([...COMPONENTS], { minLength: 1 });
const stream = fc.constantFrom(...STREAMS);
const hash = fc.constantFrom(...HASHES);
const text = fc.oneof(
  fc.constantFrom('', '__proto__', 'a b\nc', '0'),
  fc.string({ unit: 'grapheme', maxLength: 6 }).map((value) => value.replaceAll('\0', '')),
);
const flat = fc.uniqueArray(fc.tuple(text, text), { selector: ([name]) => name, minLength: 1, maxLength: 4 });
const output = fc.oneof(
  fc.record({ kind: fc.constant('put' as const), on: hash, fields: flat }),
  fc.record({ kind: fc.constant('update' as const), on: hash, fields: flat, isRight: fc.boolean() }),
  fc.record({ kind: fc.constant('append' as const), on: stream, fields: flat }),
  fc.record({ kind: fc.constant('delete' as const), on: fc.oneof(hash, stream) }),
);
const via = fc.nat(1);
const step = fc.oneof(
  fc.record({ do: fc.constant('append' as const), via, on: stream, fields: flat }),
  fc.record({ do: fc.constant('write' as const), via, on: hash, fields: flat, removes: fc.boolean() }),
  fc.record({ do: fc.constant('claim' as const), via, owner, components }),
  fc.record({ do: fc.constant('release' as const), via, owner, components }),
  fc.record({ do: fc.constant('repeat' as const), via, back: fc.nat(3) }),
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('commit' as const),
      via,
      owner,
      components,
      /** How far its sequence is beyond the right one. */
      ahead: fc.oneof({ weight: 6, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.constant(3) }),
      meta: flat,
      records: flat,
      seen: fc.option(text),
      dropSeen: fc.nat(1),
      outputs: fc.array(output, { maxLength: 5 }),
    }),
  },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;
type StepOf<Name extends Step['do']> = Extract<Step, { do: Name }>;

interface Component {
  holder: string | null;
  epoch: number;
  sequence: number;
  readonly meta: Map<string, string>;
  readonly records: Map<string, string>;
  readonly seen: string[];
  /** Its last commit. */
  last: Commit | null;
}

/** The calls, and what they should have done. */
class Sequence {
  readonly #stores: readonly Store[];
  readonly #key: (name: string) => string;
  readonly #prefix: string;
  readonly #components = new Map<string, Component>();
  readonly #streams = new Map<string, string[][]>();
  readonly #hashes = new Map<string, Map<string, string>>();
  /** What each owner believes it holds. */
  readonly #held = new Map<string, Map<string, number>>(
    OWNERS.map((name) => [name, new Map<string, number>()]),
  );
  readonly #commits: Commit[] = [];

  constructor(stores: readonly Store[], key: (name: string) => string, prefix: string) {
    this.#stores = stores;
    this.#key = key;
    this.#prefix = prefix;
    for (const name of COMPONENTS) {
      const none = { holder: null, epoch: 0, sequence: 0, last: null };
      this.#components.set(this.#component(name), { ...none, meta: new Map(), records: new Map(), seen: [] });
    }
  }

  async take(step: Step): Promise<void> {
    const store = this.#stores[step.via]!;
    if (step.do === 'append') {
      const fields = step.fields.flat();
      expect(await store.append([{ stream: this.#key(step.on), fields, maxLength: null }])).toHaveLength(1);
      this.#append(this.#key(step.on), fields);
    } else if (step.do === 'write') {
      await this.#write(store, step);
    } else if (step.do === 'claim') {
      await this.#claim(store, step);
    } else if (step.do === 'release') {
      await this.#release(store, step);
    } else if (step.do === 'commit') {
      await this.#commit(store, step);
    } else {
      await this.#repeat(store, step.back);
    }
  }

  async check(store: Store): Promise<void> {
    for (const name of STREAMS) {
      expect(await fieldsIn(store, this.#key(name))).toEqual(this.#streams.get(this.#key(name)) ?? []);
      const ids = (await entriesOf(store, this.#key(name))).map(({ id }) => id);
      expect(new Set(ids).size).toBe(ids.length);
    }
    for (const name of HASHES) {
      const expected = this.#hashes.get(this.#key(name));
      expect(await hashOf(store, this.#key(name))).toEqual(expected ? Object.fromEntries(expected) : null);
    }
    for (const [name, { sequence, meta, records, seen }] of this.#components)
      expect(await store.load(name)).toEqual(sequence === 0 ? null : { sequence, meta, records, seen });
  }

  async #write(store: Store, { on, fields, removes }: StepOf<'write'>): Promise<void> {
    await store.writeFields(
      this.#key(on),
      fields.map(([name, value]) => [name, removes ? null : value]),
    );
    const hash = this.#hashes.get(this.#key(on)) ?? new Map<string, string>();
    for (const [name, value] of fields) {
      if (removes) hash.delete(name);
      else hash.set(name, value);
    }
    if (hash.size === 0) this.#hashes.delete(this.#key(on));
    else this.#hashes.set(this.#key(on), hash);
  }

  async #claim(store: Store, { owner, components }: StepOf<'claim'>): Promise<void> {
    const names = components.map((name) => this.#component(name));
    const { held, others } = await store.claim(owner, names);
    const free = names.filter((name) => this.#isFreeFor(owner, name));
    expect(held.map(({ component }) => component)).toEqual(free);
    for (const { component, epoch } of held) {
      const known = this.#components.get(component)!;
      if (known.holder === owner) expect(epoch).toBe(known.epoch);
      else expect(epoch).toBeGreaterThan(known.epoch);
      Object.assign(known, { holder: owner, epoch });
      this.#held.get(owner)!.set(component, epoch);
    }
    const taken = names.filter((name) => !free.includes(name));
    expect(others).toEqual(
      taken.map((component) => {
        const { holder, epoch } = this.#components.get(component)!;
        return { component, owner: holder, epoch };
      }),
    );
  }

  async #release(store: Store, { owner, components }: StepOf<'release'>): Promise<void> {
    const held = components.map((name) => this.#ownership(owner, this.#component(name)));
    await store.release(owner, held);
    for (const ownership of held)
      if (this.#isHeld(owner, ownership)) this.#components.get(ownership.component)!.holder = null;
  }

  async #commit(store: Store, step: StepOf<'commit'>): Promise<void> {
    const { owner, components, ahead, meta, records, seen } = step;
    const parts = components.map((name) => {
      const ownership = this.#ownership(owner, this.#component(name));
      const known = this.#components.get(ownership.component)!;
      const dropSeen = Math.min(step.dropSeen, known.seen.length);
      const sequence = known.sequence + ahead;
      return { ...ownership, sequence, meta: meta.flat(), records: records.flat(), seen, dropSeen };
    });
    const commit: Commit = { owner, parts, outputs: step.outputs.map((one) => this.#output(one)) };
    await this.#send(store, commit, ahead > 0 ? components.map((name) => this.#component(name)) : []);
    this.#commits.push(commit);
  }

  async #repeat(store: Store, back: number): Promise<void> {
    const commit = this.#commits.at(-1 - back);
    if (commit === undefined) return;
    const isLast = commit.parts.every((part) => this.#components.get(part.component)!.last === commit);
    const isHeld = commit.parts.every((part) => this.#isHeld(commit.owner, part));
    const right = commit.parts.every(
      (part) => this.#components.get(part.component)!.sequence === part.sequence,
    );
    if (isLast) {
      // Whether it is told `done` or `fenced` once another took over, it changes nothing: `check` sees that.
      const { outcome } = await store.commit(commit);
      if (isHeld) expect(outcome).toBe('done');
    } else if (!right) {
      expect((await store.commit(commit)).outcome).toBe('fenced');
    } else {
      // It was fenced then, and may have become right since.
      await this.#send(store, commit, []);
    }
  }

  async #send(store: Store, commit: Commit, wrong: readonly string[]): Promise<void> {
    const result = await store.commit(commit);
    const fenced = commit.parts
      .filter((part) => !this.#isHeld(commit.owner, part) || wrong.includes(part.component))
      .map(({ component }) => component);
    if (fenced.length > 0) {
      expect(result).toEqual({ outcome: 'fenced', components: fenced });
      return;
    }
    const rewrite = commit.outputs.flatMap((one) => (this.#apply(one) ? [] : 'key' in one ? [one.key] : []));
    expect(result).toEqual({ outcome: 'done', rewrite, refused: [] } satisfies CommitResult);
    for (const part of commit.parts) {
      const known = this.#components.get(part.component)!;
      known.sequence = part.sequence + 1;
      known.last = commit;
      for (const [name, value] of pairs(part.meta)) known.meta.set(name, value);
      for (const [name, value] of pairs(part.records)) {
        if (value === '') known.records.delete(name);
        else known.records.set(name, value);
      }
      if (part.seen !== null) known.seen.push(part.seen);
      known.seen.splice(0, part.dropSeen);
    }
  }

  /** False: a hash to be rewritten. */
  #apply(one: Output): boolean {
    if (one.kind === 'append') this.#append(one.key, [...one.fields]);
    else if (one.kind === 'put') this.#hashes.set(one.key, new Map(pairs(one.fields)));
    else if (one.kind === 'update') {
      const hash = this.#hashes.get(one.key);
      if (hash?.size !== one.fieldCount) return false;
      for (const [name, value] of pairs(one.fields)) hash.set(name, value);
    } else if (one.kind === 'delete') {
      this.#hashes.delete(one.key);
      this.#streams.delete(one.key);
    }
    return true;
  }

  #output(one: StepOf<'commit'>['outputs'][number]): Output {
    const key = this.#key(one.on);
    if (one.kind === 'delete') return { kind: 'delete', key };
    const fields = one.fields.flat();
    if (one.kind === 'put') return { kind: 'put', key, fields, lifeSec: null };
    if (one.kind === 'append') return { kind: 'append', key, fields, maxLength: 10_000 };
    const fieldCount = (this.#hashes.get(key)?.size ?? 1) + (one.isRight ? 0 : 1);
    return { kind: 'update', key, fields, fieldCount, lifeSec: null };
  }

  #append(key: string, fields: string[]): void {
    this.#streams.set(key, [...(this.#streams.get(key) ?? []), fields]);
  }

  #component(name: string): string {
    return `${this.#prefix}-${name}`;
  }

  #ownership(owner: string, component: string): Ownership {
    return { component, epoch: this.#held.get(owner)!.get(component) ?? 0 };
  }

  #isFreeFor(owner: string, component: string): boolean {
    const { holder } = this.#components.get(component)!;
    return holder === null || holder === owner;
  }

  #isHeld(owner: string, { component, epoch }: Ownership): boolean {
    const known = this.#components.get(component)!;
    return known.holder === owner && known.epoch === epoch;
  }
}

function pairs(flatFields: readonly string[]): [name: string, value: string][] {
  return Array.from({ length: flatFields.length / 2 }, (_, n) => [
    flatFields[n * 2]!,
    flatFields[n * 2 + 1]!,
  ]);
}
