import { describe, expect, it } from 'vitest';
import * as records from './governor-records.ts';
import { BLOCK, DISARM, PERMIT } from '../../test/support/sample-decisions.ts';

describe('a block', () => {
  it('says what was compared and what would help, and reads back', () => {
    const text = records.encodeBlock(BLOCK, { nextEligibleAt: 1_700_000_071.5, maxQty: null });
    expect(text).toBe(
      '{"reason":"p29_allocation_cap","gate":"allocation","symbol":"BTCUSDT","timestamp":1700000011.5,' +
        '"value":2400.25,"limit":2241.6,"setting":"P29_MODE","next_eligible_at":1700000071.5,"max_qty":null}',
    );
    expect(JSON.parse(text)).toEqual(records.decodeBlock(text));
  });

  it.each(['', '[]', '{}', '{"reason":"x","gate":"plan","symbol":"A","timestamp":1}'])(
    'is not read from %j',
    (text) => {
      expect(records.decodeBlock(text)).toBeNull();
    },
  );
});

describe('the small records', () => {
  it('read back', () => {
    const use = { outcome: 'voided', issued_at: 1.5, ended_at: null } as const;
    expect(records.decodePermitUse(records.encodePermitUse(use))).toEqual(use);
    const reply = { granted: false, reason: 'stale_plan' };
    expect(records.encodePermitReply(reply)).toBe('{"granted":false,"reason":"stale_plan"}');
    expect(records.decodePermitReply(records.encodePermitReply(reply))).toEqual(reply);
    const disarmed = { reason: 'burst_limit_exceeded', timestamp: 1_700_000_012 };
    expect(records.decodeDisarmed(records.encodeDisarmed(disarmed))).toEqual(disarmed);
  });

  it('are refused where they are malformed', () => {
    for (const text of [
      '',
      'null',
      '{}',
      '{"outcome":"lost","issued_at":1}',
      '{"outcome":"used","issued_at":"x"}',
    ])
      expect(records.decodePermitUse(text)).toBeNull();
    for (const text of ['{}', '{"granted":"true"}', '{"granted":true,"reason":1}'])
      expect(records.decodePermitReply(text)).toBeNull();
    for (const text of ['{}', '{"reason":"x"}', 'burst']) expect(records.decodeDisarmed(text)).toBeNull();
  });
});

describe('the entries of a decision', () => {
  it('of a permit hold its fields as the permit has them', () => {
    const [entry, ...others] = records.governorEntries(PERMIT);
    expect(others).toEqual([]);
    expect(entry!.slice(0, 4)).toEqual([
      ['event', 'PERMIT_ISSUED'],
      ['timestamp', '1700000011.5'],
      ['plan_id', 'plan-1'],
      ['symbol', 'BTCUSDT'],
    ]);
    expect(new Map(entry)).toEqual(
      new Map([
        ...new Map(entry),
        ['eff_factor', '0.4444'],
        ['reduce_only', 'false'],
        ['close_fraction', ''],
        ['computed_qty', '0.03'],
      ]),
    );
    expect((JSON.parse(new Map(entry).get('gates')!) as unknown[]).length).toBe(2);
  });

  it('of a block by the allocation are two, the second under the name older programs know', () => {
    const entries = records.governorEntries(BLOCK).map((entry) => new Map(entry));
    expect(entries.map((entry) => entry.get('event'))).toEqual(['PLAN_BLOCKED', 'P29_ALLOCATION_CAP_BLOCK']);
    expect(entries[0]!.get('value')).toBe('2400.25');
    expect(entries[0]!.get('bot')).toBe('');
    expect(records.governorEntries({ ...BLOCK, reason: 'stale_plan', gate: 'plan' })).toHaveLength(1);
  });

  it('of a disarm say whom it stops', () => {
    expect(records.governorEntries(DISARM)).toEqual([
      [
        ['event', 'AUTO_DISARM'],
        ['timestamp', '1700000012'],
        ['plan_id', 'plan-3'],
        ['symbol', 'BTCUSDT'],
        ['reason', 'burst_limit_exceeded'],
        ['scope', 'symbol'],
      ],
    ]);
  });

  it('of an operator say what they did', () => {
    expect(records.governorNotice('KILL_SWITCH', 5, { state: 'reduce', by: null, armed: false })).toEqual([
      ['event', 'KILL_SWITCH'],
      ['timestamp', '5'],
      ['state', 'reduce'],
      ['by', ''],
      ['armed', 'false'],
    ]);
  });
});
