import { describe, expect, it } from 'vitest';
import { KeySpace } from './key-space.ts';

function withHashes(count: number, lifeMs: number | null = null): KeySpace {
  const keys = new KeySpace();
  for (let n = 0; n < count; n++)
    keys.set(`k${n}`, { type: 'hash', fields: new Map([['n', String(n)]]), expiresMs: lifeMs });
  return keys;
}

describe('a walk over keys', () => {
  it('finds those that stay though most of the others are removed between its steps', () => {
    const keys = withHashes(5000);
    const found = new Set<string>();
    let steps = 0;
    for (let cursor = 0; steps === 0 || cursor !== 0; steps++) {
      const step = keys.scan('k', cursor, 0);
      for (const key of step.keys) found.add(key);
      cursor = step.cursor;
      for (let n = 0; n < 5000; n++) if (n % 100 !== 0) keys.delete(`k${n}`);
    }
    const stayed = Array.from({ length: 50 }, (_, n) => `k${n * 100}`);
    expect(stayed.filter((key) => !found.has(key))).toEqual([]);
    expect(keys.size).toBe(50);
  });

  it('looks at a bounded number of keys in one step', () => {
    const keys = withHashes(5000);
    expect(keys.scan('', 0, 0).keys).toHaveLength(200);
    expect(keys.scan('none', 0, 0)).toEqual({ cursor: 201, keys: [] });
  });

  it('does not find a key whose life is over', () => {
    expect(withHashes(3, 100).scan('k', 0, 99).keys).toHaveLength(3);
    expect(withHashes(3, 100).scan('k', 0, 100).keys).toEqual([]);
  });
});

it('keys whose life is over go though nobody asks for them', () => {
  const keys = withHashes(1000, 100);
  keys.set('stays', { type: 'list', items: ['a'], expiresMs: null });
  for (let n = 0; n < 11; n++) keys.sweep(99);
  expect(keys.size).toBe(1001);
  for (let n = 0; n < 30; n++) keys.sweep(100);
  expect(keys.size).toBe(1);
});

it('a key of another type is refused with both types', () => {
  expect(() => withHashes(1).need('k0', 'stream', 0)).toThrow('WRONGTYPE k0 is a hash, not a stream');
});

describe('keys with a life', () => {
  const sizeAfter = (keys: KeySpace, nowMs: number): number => {
    keys.sweep(nowMs, 1_000_000);
    return keys.size;
  };

  it('of any type end when it is over', () => {
    const keys = withHashes(1, 100);
    keys.setText('text', 'a', 200);
    keys.set('list', { type: 'list', items: ['a'], expiresMs: 300 });
    keys.setText('stays', 'a', null);
    expect([99, 100, 200, 300, 10_000].map((nowMs) => sizeAfter(keys, nowMs))).toEqual([4, 3, 2, 1, 1]);
    expect(keys.get('stays', 10_000)).toEqual({ type: 'string', text: 'a', expiresMs: null });
  });

  it('that were given another end since go at that one', () => {
    const keys = withHashes(3, 100);
    keys.setEnd('k0', 500);
    keys.setEnd('k0', 300);
    keys.setText('k1', 'a', null);
    keys.delete('k2');
    keys.setText('k2', 'again', 200);
    expect([100, 199, 200, 299, 300].map((nowMs) => sizeAfter(keys, nowMs))).toEqual([3, 3, 2, 2, 1]);
  });

  it('are kept up with though each change adds some and most are deleted before', () => {
    const keys = new KeySpace();
    let most = 0;
    for (let nowMs = 0; nowMs < 3000; nowMs++) {
      keys.sweep(nowMs, 100);
      for (let n = 0; n < 100; n++) keys.setText(`k${nowMs}:${n}`, 'a', nowMs + 200 + (n % 7));
      for (let n = 0; n < 50; n++) keys.delete(`k${nowMs}:${n}`);
      most = Math.max(most, keys.size);
    }
    expect(most).toBeLessThan(100 * 210);
    expect(sizeAfter(keys, 4000)).toBe(0);
  });
});
