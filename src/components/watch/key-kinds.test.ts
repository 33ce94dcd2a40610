import { describe, expect, it } from 'vitest';
import { kindLabel, kindOfKey, readersOf, writerOf } from './key-kinds.ts';

describe('the kind of a key', () => {
  it.each([
    ['quantum:state:market:BTCUSDT', 'market', 'state:market', ['budget'], null],
    ['{paper}:cluster:stress:a:b', 'clusterStress', 'cluster:stress', ['budget', 'allocation'], null],
    ['q:shadow:capital:efficiency:X', 'efficiency', 'capital:efficiency', ['proposer'], 'efficiency'],
    ['q:allocation:target:X', 'target', 'allocation:target', ['efficiency', 'proposer'], 'allocation'],
    ['q:allocation:target:proposed:X', 'proposal', 'allocation:target:proposed', ['allocation'], 'proposer'],
    ['q:stream:allocation.decision', 'allocations', 'allocation.decision', [], 'allocation'],
    ['q:stream:budget.violation', 'budgetViolations', 'budget.violation', [], 'budget'],
    ['q:state:portfolio', 'portfolio', 'state:portfolio', ['budget', 'attribution', 'allocation'], null],
    ['q:stream:execution.result.dlq', null, 'other', [], null],
    ['unheard:of', null, 'other', [], null],
  ])('of %s is %s', (key, kind, label, readers, writer) => {
    expect(kindOfKey(key)).toBe(kind);
    expect(kindLabel(kindOfKey(key))).toBe(label);
    expect(readersOf(kindOfKey(key))).toEqual(readers);
    expect(writerOf(kindOfKey(key))).toBe(writer);
  });
});
