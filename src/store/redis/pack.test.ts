import { describe, expect, it } from 'vitest';
import { LIST_HEAD_BYTES, Packer } from './pack.ts';

const pack = (...values: (string | number)[]): Buffer => {
  const packer = new Packer();
  for (const value of values) {
    if (typeof value === 'string') packer.text(value);
    else packer.number(value);
  }
  return packer.take();
};

describe('a packed list', () => {
  it('begins with its length', () => {
    expect([...pack()]).toEqual([0xdd, 0, 0, 0, 0]);
    expect([...pack('a', 1)]).toEqual([0xdd, 0, 0, 0, 2, 0xa1, 0x61, 1]);
  });

  it.each([
    ['an empty text', '', [0xa0]],
    ['a short text', 'ab', [0xa2, 0x61, 0x62]],
    ['a short text that is not ASCII', 'ü', [0xa2, 0xc3, 0xbc]],
    ['a text of 31 letters', 'x'.repeat(31), [0xbf, ...Array<number>(31).fill(0x78)]],
    [
      'one that takes 32 bytes',
      'ü'.repeat(16),
      [0xda, 0, 32, ...Array<number[]>(16).fill([0xc3, 0xbc]).flat()],
    ],
    ['the greatest small number', 127, [0x7f]],
    ['a larger number', 128, [0xcf, 0, 0, 0, 0, 0, 0, 0, 128]],
    ['a number beyond 32 bits', 2 ** 32 + 1, [0xcf, 0, 0, 0, 1, 0, 0, 0, 1]],
  ])('holds %s', (_name, value, bytes) => {
    expect([...pack(value).subarray(LIST_HEAD_BYTES)]).toEqual(bytes);
  });

  it('holds a text of more than 64 KB', () => {
    const list = pack('x'.repeat(70_000));
    expect([...list.subarray(LIST_HEAD_BYTES, LIST_HEAD_BYTES + 5)]).toEqual([0xdb, 0, 1, 0x11, 0x70]);
    expect(list.length).toBe(LIST_HEAD_BYTES + 5 + 70_000);
  });

  it('is a new one after each take, and the taken one stays as it is', () => {
    const packer = new Packer();
    packer.text('first');
    const first = packer.take();
    packer.text('other');
    expect(packer.take().toString()).toContain('other');
    expect(first.toString()).toContain('first');
  });
});
