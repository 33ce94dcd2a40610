import { describe, expect, it } from 'vitest';
import type { Commit } from '../store.ts';
import { chunksOf, digestOf, type Chunk } from './operations.ts';
import { LIST_HEAD_BYTES } from './pack.ts';

const commit = (symbols: number, extra: Partial<Commit> = {}): Commit => ({
  owner: 'one',
  parts: [
    {
      component: 'budget',
      epoch: 1,
      sequence: 5,
      meta: ['position', '5-0'],
      records: Array.from({ length: symbols }, (_, i) => [`S${i}`, i % 7 === 0 ? '' : `record ${i}`]).flat(),
      seen: 'chunk',
      dropSeen: 2,
    },
  ],
  outputs: Array.from({ length: symbols }, (_, i) => ({
    kind: 'put',
    key: `n:h:S${i}`,
    fields: ['a', '1'],
    lifeSec: 60,
  })),
  ...extra,
});

const cut = (what: Commit, limit: number): { readonly chunks: readonly Chunk[]; readonly digest: string } => {
  const digest = digestOf(what);
  const chunks = [...chunksOf(what, 'n', () => limit, digest)];
  return { chunks, digest: digest.digest('hex') };
};

describe('the chunks of a commit', () => {
  it('cost no more than they may', () => {
    const { chunks } = cut(commit(500), 100);
    expect(chunks.length).toBeGreaterThan(10);
    for (const { cost } of chunks) expect(cost).toBeLessThanOrEqual(100);
  });

  it('hold the same in the same order however they are cut', () => {
    const whole = cut(commit(300), Infinity);
    expect(whole.chunks).toHaveLength(1);
    const bytesOf = (chunks: readonly Chunk[]): Buffer =>
      Buffer.concat(chunks.map(({ bytes }) => bytes.subarray(LIST_HEAD_BYTES)));
    for (const limit of [1, 100, 333]) {
      const { chunks, digest } = cut(commit(300), limit);
      expect(chunks.length).toBeGreaterThan(1);
      expect(bytesOf(chunks)).toEqual(bytesOf(whole.chunks));
      expect(digest).toBe(whole.digest);
    }
  });

  it('are one, even of a commit that changes nothing', () => {
    const nothing = commit(0, { parts: [], outputs: [] });
    expect(cut(nothing, 100).chunks.map(({ bytes }) => [...bytes])).toEqual([[0xdd, 0, 0, 0, 0]]);
  });
});

describe('the digest of a commit', () => {
  it('tells commits apart by what is in them and by their place', () => {
    const base = commit(3);
    const [part] = base.parts;
    const others = [
      commit(4),
      { ...base, outputs: base.outputs.slice(1) },
      { ...base, parts: [{ ...part!, sequence: 6 }] },
      { ...base, parts: [{ ...part!, epoch: 2 }] },
      { ...base, parts: [{ ...part!, seen: null }] },
      { ...base, parts: [{ ...part!, dropSeen: 0 }] },
    ];
    const digests = [base, ...others].map((one) => cut(one, 100).digest);
    expect(new Set(digests).size).toBe(digests.length);
    expect(cut(commit(3), 100).digest).toBe(digests[0]);
  });
});
