import { describe, expect, it } from 'vitest';
import { cleanLabel, LabelSlots, OTHER_SLOT } from './labels.ts';

const slotsOf = (values: number, characters = 1000, nameOf?: (id: number) => string): LabelSlots =>
  new LabelSlots({ values, characters }, nameOf);

describe('a label value', () => {
  it('keeps what is plain and replaces what a parser could stumble over', () => {
    expect(cleanLabel('Layer 1: ünïcode 日本/x@y+z#1')).toBe('Layer 1: ünïcode 日本/x@y+z#1');
    expect(cleanLabel('a"b\\c\nd\re,f{g}h=i\u202e')).toBe('a_b_c_d_e_f_g_h_i_');
    expect(cleanLabel('')).toBe('_');
  });
});

describe('the slots of a label', () => {
  it('go to the first that come, and stay theirs', () => {
    const slots = slotsOf(2);
    expect(['A', 'B', 'C', 'A', 'C', 'B'].map((name) => slots.label(slots.of(name)))).toEqual([
      'A',
      'B',
      '_other',
      'A',
      '_other',
      'B',
    ]);
  });

  it('are the same by id as by name', () => {
    const names = ['A', 'B', 'C'];
    const slots = slotsOf(2, 1000, (id) => names[id]!);
    expect(slots.ofId(1)).toBe(slots.of('B'));
    expect(slots.of('A')).toBe(slots.ofId(0));
    expect([slots.ofId(2), slots.ofId(2)]).toEqual([OTHER_SLOT, OTHER_SLOT]);
  });

  it('once given back go to the next without one, by id too', () => {
    const names = ['A', 'B', 'C'];
    const slots = slotsOf(2, 1000, (id) => names[id]!);
    for (const id of [0, 1, 2]) slots.ofId(id);
    const slot = slots.of('A');
    expect(slots.forget('A')).toBe(slot);
    expect(slots.forget('A')).toBeNull();
    expect(slots.label(slot)).toBeUndefined();
    expect(slots.label(slots.ofId(2))).toBe('C');
    expect([slots.ofId(0), slots.label(slots.ofId(1))]).toEqual([OTHER_SLOT, 'B']);
    expect(slots.size).toBe(3);
  });

  it('keep their names when ids mean others', () => {
    const slots = slotsOf(3, 1000, (id) => ['A', 'B'][id]!);
    const before = [slots.ofId(0), slots.ofId(1)];
    slots.renumber((id) => ['B', 'A'][id]!);
    expect([slots.ofId(1), slots.ofId(0)]).toEqual(before);
  });

  it('are fewer where names are long, and no short one overtakes', () => {
    const slots = slotsOf(100, 10);
    expect(['12345', '678901', 'a'].map((name) => slots.of(name))).toEqual([1, OTHER_SLOT, OTHER_SLOT]);
  });

  it('tell two names apart that look alike once they are clean', () => {
    const slots = slotsOf(10);
    expect(['a"b', 'a\nb', 'a_b', '_other'].map((name) => slots.label(slots.of(name)))).toEqual([
      'a_b',
      'a_b~2',
      'a_b~3',
      '_other~2',
    ]);
  });

  it('of labels without ids refuse one', () => {
    expect(() => slotsOf(1).ofId(0)).toThrow(RangeError);
  });
});
