import { describe, expect, it } from 'vitest';
import { defaultSettings } from './settings.ts';
import {
  deadLetterKeyOf,
  keyOf,
  KEYS,
  lifeSecOf,
  partOfKey,
  scanPatternOf,
  shadowKeyOf,
  type KeyName,
} from './keys.ts';

describe('the names of keys', () => {
  it('are made of the namespace and what fills their braces', () => {
    expect(keyOf('quantum', 'executions')).toBe('quantum:stream:execution.result');
    expect(keyOf('paper', 'budget', 'BTCUSDT')).toBe('paper:portfolio:budget:BTCUSDT');
    expect(keyOf('quantum', 'permitUse', 'plan-1')).toBe('quantum:permit:used:plan-1');
    expect(keyOf('quantum', 'dailyNotional', 'BTCUSDT', '2026-01-31')).toBe(
      'quantum:governor:daily:BTCUSDT:2026-01-31',
    );
  });

  it('have a twin of a component in shadow', () => {
    expect(shadowKeyOf('quantum', 'attribution', 'BTCUSDT')).toBe('quantum:shadow:alpha:attribution:BTCUSDT');
    expect(shadowKeyOf('quantum', 'target', 'BTCUSDT')).toBe('quantum:shadow:allocation:target:BTCUSDT');
    expect(shadowKeyOf('quantum', 'efficiency', 'BTCUSDT')).toBe('quantum:shadow:capital:efficiency:BTCUSDT');
  });

  it('have a stream of dead letters beside each input stream', () => {
    expect(deadLetterKeyOf('quantum', 'executions')).toBe('quantum:stream:execution.result.dlq');
    expect(deadLetterKeyOf('{paper}', 'plans')).toBe('{paper}:stream:apply.plan.dlq');
  });

  it('differ from each other', () => {
    const patterns = Object.values(KEYS).map(({ pattern }) => pattern);
    expect(new Set(patterns).size).toBe(patterns.length);
  });
});

describe('partOfKey', () => {
  it.each([
    ['position', 'quantum:position:snapshot:BTCUSDT', 'BTCUSDT'],
    ['target', 'quantum:allocation:target:BTCUSDT', 'BTCUSDT'],
    ['target', 'quantum:allocation:target:proposed:BTCUSDT', null],
    ['permit', 'quantum:permit:used:plan-1', null],
    ['permit', 'quantum:permit:', null],
    ['permit', 'other:permit:plan-1', null],
    ['clusterStress', 'quantum:cluster:stress:L1:majors', 'L1:majors'],
    ['executions', 'quantum:stream:execution.result', null],
    ['dailyNotional', 'quantum:governor:daily:A:2026-01-31', null],
  ] as const)('%s in %s is %s', (name, key, part) => {
    expect(partOfKey('quantum', name, key)).toBe(part);
  });

  it('undoes keyOf for every key with one pair of braces', () => {
    const single = (Object.keys(KEYS) as KeyName[]).filter(
      (name) => KEYS[name].pattern.split('{').length === 2,
    );
    expect(single.length).toBeGreaterThan(8);
    for (const name of single) {
      const key = `quantum:${KEYS[name].pattern.replace(/\{.*\}/, 'X.Y_Z-1')}`;
      expect(partOfKey('quantum', name, key)).toBe('X.Y_Z-1');
    }
  });

  it('is what a scan with the pattern finds', () => {
    expect(scanPatternOf('quantum', 'position')).toBe('quantum:position:snapshot:*');
    expect(scanPatternOf('quantum', 'dailyNotional')).toBe('quantum:governor:daily:*:*');
  });
});

describe('lifeSecOf', () => {
  it('is fixed, or follows a setting, or has no end', () => {
    const settings = { ...defaultSettings(), TARGET_TTL_SEC: 77 };
    expect(lifeSecOf('budget', settings)).toBe(300);
    expect(lifeSecOf('target', settings)).toBe(77);
    expect(lifeSecOf('governorEvents', settings)).toBeNull();
  });
});
