import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodePermit, encodePermit, permitOf, signedTextOf, type Permit } from './permit-record.ts';
import { PERMIT } from '../../test/support/sample-decisions.ts';

const SIGNED: Permit = { ...permitOf(PERMIT, 42), sig: 'c2lnbmF0dXJl', kid: 'k1' };
const TEXT = encodePermit(SIGNED);

describe('encodePermit', () => {
  it('writes the fixed formats as text and everything else as JSON', () => {
    expect(JSON.parse(TEXT)).toMatchObject({
      granted: true,
      plan_id: 'plan-1',
      reduce_only: false,
      close_fraction: null,
      requested_qty: 0.04,
      computed_qty: 0.03,
      consumed: false,
      eff_score: '0.2000',
      eff_confidence: '0.900',
      eff_stale: '0',
      eff_factor: '0.4444',
      eff_action: 'DOWNSIZE',
      eff_reason: 'ok',
      downsize_factor: '0.4444',
      extra_cooldown_sec: '96',
      qty_scale: 0.75,
      expires_at: 1_700_000_071.5,
      epoch: 42,
      v: 1,
      sig: 'c2lnbmF0dXJl',
      kid: 'k1',
    });
  });

  it('leaves an unknown score and confidence empty', () => {
    const json = JSON.parse(
      encodePermit({ ...SIGNED, eff_score: null, eff_confidence: null, eff_stale: 1 }),
    ) as Record<string, unknown>;
    expect([json['eff_score'], json['eff_confidence'], json['eff_stale']]).toEqual(['', '', '1']);
  });

  it('leaves signature and key out of an unsigned permit', () => {
    const json = JSON.parse(encodePermit(permitOf(PERMIT, 42))) as Record<string, unknown>;
    expect([Object.hasOwn(json, 'sig'), Object.hasOwn(json, 'kid')]).toEqual([false, false]);
  });

  it('throws on a number that is not finite', () => {
    expect(() => encodePermit({ ...SIGNED, computed_qty: Number.NaN })).toThrow(RangeError);
    expect(() => encodePermit({ ...SIGNED, eff_factor: Infinity })).toThrow(RangeError);
  });
});

describe('decodePermit', () => {
  it('reads back what was written, to the decimals written', () => {
    const { permit, problem } = decodePermit(TEXT);
    expect(problem).toBeNull();
    expect(permit).toEqual({ ...SIGNED, eff_factor: 0.4444, downsize_factor: 0.4444 });
    expect(encodePermit(permit!)).toBe(TEXT);
  });

  it('signs everything but the signature, the key name included', () => {
    const { permit } = decodePermit(TEXT);
    expect(signedTextOf(permit!)).toBe(signedTextOf(SIGNED));
    expect(signedTextOf(SIGNED)).toBe(TEXT.replace(',"sig":"c2lnbmF0dXJl"', ''));
    expect(signedTextOf({ ...SIGNED, kid: 'k2' })).not.toBe(signedTextOf(SIGNED));
  });

  it('refuses fields that were added, repeated, moved or spelled differently', () => {
    const moved = TEXT.replace('"granted":true,"plan_id":"plan-1"', '"plan_id":"plan-1","granted":true');
    const others = [
      moved,
      TEXT.replace('{', '{"extra":1,'),
      TEXT.replace('{', '{"__proto__":{},'),
      TEXT.replace('"granted":true', '"granted":true,"granted":true'),
      TEXT.replace('{', '{ '),
      TEXT.replace('0.03', '3e-2'),
      TEXT.replace('"0.4444"', '"0.44440"'),
      TEXT.replace('"plan-1"', String.raw`"pl\u0061n-1"`),
    ];
    for (const other of others) {
      expect(other).not.toBe(TEXT);
      expect(decodePermit(other)).toEqual({
        permit: null,
        problem: 'it is not spelled as a permit is: fields added, repeated or moved',
      });
    }
  });

  it.each([
    ['no JSON', 'x', 'it is no JSON object'],
    ['a list', '[]', 'it is no JSON object'],
    ['another version', TEXT.replace('"v":1', '"v":2'), 'its version is not 1'],
    [
      'one not granted',
      TEXT.replace('"granted":true', '"granted":false'),
      'its granted is missing or malformed',
    ],
    [
      'one consumed',
      TEXT.replace('"consumed":false', '"consumed":true'),
      'its consumed is missing or malformed',
    ],
    ['a bad plan id', TEXT.replace('"plan-1"', '"a:b"'), 'its plan_id is missing or malformed'],
    ['a bad symbol', TEXT.replace('"BTCUSDT"', '"btc"'), 'its symbol is missing or malformed'],
    ['an infinite quantity', TEXT.replace('0.03', '1e999'), 'its computed_qty is missing or malformed'],
    ['a score that is no number', TEXT.replace('"0.2000"', '"nan"'), 'its eff_score is missing or malformed'],
    ['a score that is no text', TEXT.replace('"0.2000"', '0.2'), 'its eff_score is missing or malformed'],
    ['an unknown gate', TEXT.replace('"gate":"budget"', '"gate":"x"'), 'its gates is missing or malformed'],
    [
      'gates that are no list',
      TEXT.replace(/"gates":\[.*?\]/, '"gates":{}'),
      'its gates is missing or malformed',
    ],
    ['a missing field', TEXT.replace('"epoch":42,', ''), 'its epoch is missing or malformed'],
    ['a huge text', ' '.repeat(70_000), 'it has 70000 characters'],
  ])('refuses %s', (_name, text, problem) => {
    expect(decodePermit(text)).toEqual({ permit: null, problem });
  });

  it('accepts no text with one character changed as the same permit', () => {
    fc.assert(
      fc.property(fc.nat(TEXT.length - 1), fc.string({ minLength: 1, maxLength: 1 }), (at, unit) => {
        fc.pre(TEXT[at] !== unit);
        const { permit } = decodePermit(TEXT.slice(0, at) + unit + TEXT.slice(at + 1));
        if (permit === null) return;
        expect([signedTextOf(permit), permit.sig]).not.toEqual([signedTextOf(SIGNED), SIGNED.sig]);
      }),
    );
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (text) => {
        expect(decodePermit(text).permit).toBeNull();
      }),
    );
  });
});
