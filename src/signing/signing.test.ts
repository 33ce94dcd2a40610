/** Permits signed and checked: nothing but what was signed, with a key that is known, is accepted. */
import { generateKeyPairSync, sign as signBytes } from 'node:crypto';
import { chmodSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodePermit,
  permitOf,
  PERMIT_FIELDS,
  signedTextOf,
  type Permit,
} from '../contract/permit-record.ts';
import { writeNewKeys } from './new-keys.ts';
import { openSigner, type Signer } from './signer.ts';
import { verifierOf, type Verified } from './verifier.ts';
import { scratchFiles, scratchFolder } from '../../test/support/cli.ts';
import { PERMIT } from '../../test/support/sample-decisions.ts';

const UNSIGNED = permitOf(PERMIT, 42);
const SECRET = 'a secret of exactly 32 bytes, ok';
const ED25519 = generateKeyPairSync('ed25519');
const PRIVATE_PEM = ED25519.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
const PUBLIC_PEM = ED25519.publicKey.export({ type: 'spki', format: 'pem' }) as string;

const verdict = (verified: Verified): string =>
  verified.ok ? (verified.verified ? 'verified' : 'not looked at') : verified.reason;

function signerWith(pem: string, mode = 0o600): Signer {
  const path = scratchFiles({ 'key.pem': pem })['key.pem'];
  chmodSync(path, mode);
  return openSigner({ keyFile: path, secret: null })!;
}

const ALGORITHMS = [
  {
    name: 'Ed25519',
    signer: () => signerWith(PRIVATE_PEM),
    verifier: verifierOf({ publicKeys: [PUBLIC_PEM] }),
  },
  {
    name: 'HMAC-SHA256',
    signer: () => openSigner({ keyFile: null, secret: SECRET })!,
    verifier: verifierOf({ secrets: [SECRET] }),
  },
] as const;

describe.each(ALGORITHMS)('a permit signed with $name', ({ name, signer: open, verifier }) => {
  it('is accepted, as it was, with the id of its key', () => {
    const signer = open();
    const signed = signer.sign(UNSIGNED);
    const text = encodePermit(signed);
    const verified = verifier.verify(text);
    expect(signer.algorithm).toBe(name);
    expect(signed.kid).toMatch(/^[0-9a-f]{16}$/);
    expect([signed.kid]).toEqual(verifier.kids);
    expect(verified).toMatchObject({ ok: true, verified: true, permit: { plan_id: UNSIGNED.plan_id } });
    expect(verified.ok && encodePermit(verified.permit)).toBe(text);
  });

  it('is refused with any one byte changed, left out or added', () => {
    const text = encodePermit(open().sign(UNSIGNED));
    const bytes = Buffer.from(text);
    let accepted = 0;
    for (let at = 0; at < bytes.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const changed = Buffer.from(bytes);
        changed[at] = changed[at]! ^ (1 << bit);
        if (verifier.verify(changed.toString()).ok) accepted++;
      }
      if (verifier.verify(text.slice(0, at) + text.slice(at + 1)).ok) accepted++;
      for (const added of [' ', '0', 'A', '='])
        if (verifier.verify(text.slice(0, at) + added + text.slice(at)).ok) accepted++;
    }
    for (const around of [`${text}\n`, ` ${text}`, `${text}${text}`, `[${text}]`])
      if (verifier.verify(around).ok) accepted++;
    expect(accepted).toBe(0);
  });

  it('is refused with its fields in another order', () => {
    const fields = Object.entries(JSON.parse(encodePermit(open().sign(UNSIGNED))) as object);
    const orders = fields
      .slice(1)
      .map((field, at) => [field, ...fields.filter((other) => other !== fields[at + 1])]);
    expect(orders.length).toBe(PERMIT_FIELDS.length - 1);
    expect(new Set(orders.map((order) => verdict(verifier.verify(textOf(order)))))).toEqual(
      new Set(['malformed']),
    );
  });

  it('is refused with a field more, one less, or one twice', () => {
    const fields = Object.entries(JSON.parse(encodePermit(open().sign(UNSIGNED))) as object);
    const texts = [
      textOf([...fields, ['note', 'x']]),
      textOf([['__proto__', {}], ...fields]),
      ...fields.map((_, at) => textOf(fields.filter((__, other) => other !== at))),
      ...fields.map((field) => textOf([...fields, field])),
    ];
    expect(texts.filter((text) => verifier.verify(text).ok)).toEqual([]);
  });

  it('is refused with every field changed on its own, the signature kept', () => {
    const signed = open().sign(UNSIGNED);
    const others: Partial<Permit>[] = [
      { plan_id: 'plan-2' },
      { symbol: 'ETHUSDT' },
      { side: 'SELL' },
      { side: null },
      { action: 'PARTIAL_50' },
      { reduce_only: true },
      { close_fraction: 1 },
      { bot: 'other' },
      { apply_mode: 'testnet' },
      { requested_qty: 1e6 },
      { computed_qty: 1e6 },
      { computed_qty: null },
      { computed_notional: 1 },
      { created_at: signed.created_at + 1 },
      { expires_at: signed.expires_at + 1e6 },
      { epoch: signed.epoch + 1 },
      { downsize_factor: 1 },
      { qty_scale: 1 },
      { gates: [] },
    ];
    const refused = others.map((other) => verdict(verifier.verify(encodePermit({ ...signed, ...other }))));
    expect(new Set(refused)).toEqual(new Set(['bad_signature']));
  });

  it('is refused with the signature of another plan, none, or one of a wrong length', () => {
    const signer = open();
    const signed = signer.sign(UNSIGNED);
    const other = signer.sign({ ...UNSIGNED, plan_id: 'plan-2' });
    const withSignature = (sig: string | null): string =>
      verdict(verifier.verify(encodePermit({ ...signed, sig })));
    expect(withSignature(other.sig)).toBe('bad_signature');
    expect(withSignature(null)).toBe('unsigned');
    expect(verdict(verifier.verify(encodePermit({ ...signed, kid: null })))).toBe('unsigned');
    for (const sig of [
      '',
      'A',
      signed.sig!.slice(0, -4),
      `${signed.sig}AAAA`,
      'x'.repeat(1000),
      '☃',
      signed.sig!.replaceAll('_', '/').concat('='),
    ])
      expect(withSignature(sig)).toBe('bad_signature');
  });

  it('is refused where its key is not known, or not known any more', () => {
    const text = encodePermit(open().sign(UNSIGNED));
    const newer = verifierOf({
      publicKeys: [newPublicPem()],
      secrets: ['another secret, of 32 bytes or so'],
    });
    expect(verdict(newer.verify(text))).toBe('unknown_key');
  });

  it('is refused with the id of another known key', () => {
    const both = verifierOf({ publicKeys: [PUBLIC_PEM], secrets: [SECRET] });
    const signed = open().sign(UNSIGNED);
    const otherKid = both.kids.find((kid) => kid !== signed.kid)!;
    expect(verdict(both.verify(encodePermit({ ...signed, kid: otherKid })))).toBe('bad_signature');
  });

  it('of another version is refused, though its signature is that of the key', () => {
    const text = encodePermit(open().sign(UNSIGNED));
    for (const version of ['2', '0', '"1"', '1.5', 'null', '{}', '-1', '1e999'])
      expect(verdict(verifier.verify(text.replace('"v":1', `"v":${version}`)))).toBe('unknown_version');
  });

  it('is no text that throws', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string({ unit: 'binary', maxLength: 300 }),
          fc.json(),
          fc.constantFrom(
            '',
            '{}',
            '[]',
            'null',
            '{"v":1}',
            '['.repeat(60_000),
            '{"v":'.repeat(10_000),
            'x'.repeat(100_000),
          ),
        ),
        (text) => !verifier.verify(text).ok,
      ),
    );
    expect(verdict(verifier.verify(''))).toBe('malformed');
  });
});

describe('several keys', () => {
  it('hold at the same time, each for its own permits', () => {
    const older = openSigner({ keyFile: null, secret: SECRET })!;
    const newer = openSigner({ keyFile: null, secret: 'the next secret, also of 32 bytes' })!;
    const pair = signerWith(PRIVATE_PEM);
    const texts = [older, newer, pair].map((signer) => encodePermit(signer.sign(UNSIGNED)));
    const verdicts = (keys: Parameters<typeof verifierOf>[0]): string[] =>
      texts.map((text) => verdict(verifierOf(keys).verify(text)));
    const secrets = [SECRET, 'the next secret, also of 32 bytes'];
    expect(verdicts({ secrets, publicKeys: [PUBLIC_PEM, newPublicPem()] })).toEqual([
      'verified',
      'verified',
      'verified',
    ]);
    expect(verdicts({ secrets })).toEqual(['verified', 'verified', 'unknown_key']);
    expect(verdicts({ secrets: secrets.slice(1) })).toEqual(['unknown_key', 'verified', 'unknown_key']);
  });

  it('none: what was not looked at says so, and still has to be a permit', () => {
    const verifier = verifierOf({});
    expect(verdict(verifier.verify(encodePermit(UNSIGNED)))).toBe('not looked at');
    expect(verdict(verifier.verify('{"v":1}'))).toBe('malformed');
  });

  it('unusable ones are refused by their place, without showing them', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
    const rsaPem = rsa.export({ type: 'spki', format: 'pem' }) as string;
    expect(() => verifierOf({ publicKeys: [PUBLIC_PEM, rsaPem] })).toThrow(
      /^publicKeys\[1\] is a key of type rsa/,
    );
    expect(() => verifierOf({ publicKeys: ['nonsense'] })).toThrow(/^publicKeys\[0\] is no public key/);
    expect(() => verifierOf({ publicKeys: [PRIVATE_PEM] })).toThrow(/^publicKeys\[0\] is a private key/);
    expect(() => verifierOf({ secrets: ['hunter2'] })).toThrow(/^secrets\[0\] has 7 bytes, at least 32/);
    expect(() => verifierOf({ secrets: ['hunter2'] })).not.toThrow(/hunter2/);
  });
});

describe('openSigner', () => {
  it('is null where nothing is set', () => {
    expect(openSigner({ keyFile: null, secret: null })).toBeNull();
  });

  it('prefers the key to the secret', () => {
    const path = scratchFiles({ 'key.pem': PRIVATE_PEM })['key.pem'];
    expect(openSigner({ keyFile: path, secret: SECRET })?.algorithm).toBe('Ed25519');
  });

  it('names keys by the hash of what checks them', () => {
    expect(openSigner({ keyFile: null, secret: SECRET })?.kid).toBe('bb78355e9debc0f9');
    const pem = `-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n-----END PRIVATE KEY-----\n`;
    expect(signerWith(pem).kid).toBe('a050837d85070582');
  });

  it('counts a secret in bytes, and refuses one below 32', () => {
    const open =
      (secret: string): (() => unknown) =>
      () =>
        openSigner({ keyFile: null, secret });
    expect(open('x'.repeat(31))).toThrow(/^GOV_PERMIT_SECRET has 31 bytes, at least 32 are needed/);
    expect(open('é'.repeat(16))).not.toThrow();
  });

  it('refuses a file that holds no usable key, naming the setting and the file', () => {
    const files = scratchFiles({
      'text.pem': 'no key at all',
      'public.pem': PUBLIC_PEM,
      'rsa.pem': generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({
        type: 'pkcs8',
        format: 'pem',
      }),
      'locked.pem': ED25519.privateKey.export({
        type: 'pkcs8',
        format: 'pem',
        cipher: 'aes-256-cbc',
        passphrase: 'x',
      }),
    });
    for (const path of Object.values(files)) {
      const open = (): unknown => openSigner({ keyFile: path, secret: null });
      expect(open).toThrow(RangeError);
      expect(open).toThrow(`GOV_PERMIT_KEY: ${path}`);
    }
    const missing = join(scratchFolder(), 'none.pem');
    expect(() => openSigner({ keyFile: missing, secret: SECRET })).toThrow(
      `GOV_PERMIT_KEY: ${missing} cannot be read (ENOENT)`,
    );
  });

  it('warns of a file that others than its owner can read', () => {
    expect(signerWith(PRIVATE_PEM).warning).toBeNull();
    expect(signerWith(PRIVATE_PEM, 0o400).warning).toBeNull();
    for (const mode of [0o640, 0o604, 0o644])
      expect(signerWith(PRIVATE_PEM, mode).warning).toContain('chmod 600');
  });

  it('signs what another program can check with the public key and the text alone', () => {
    const signed = signerWith(PRIVATE_PEM).sign(UNSIGNED);
    const expected = signBytes(null, Buffer.from(signedTextOf(signed)), ED25519.privateKey);
    expect(signed.sig).toBe(expected.toString('base64url'));
    const { sig: _, ...rest } = JSON.parse(encodePermit(signed)) as Record<string, unknown>;
    expect(signedTextOf(signed)).toBe(JSON.stringify(rest));
  });
});

describe('writeNewKeys', () => {
  it('writes a pair that fits', () => {
    const { kid, privateKey, publicKey } = writeNewKeys(join(scratchFolder(), 'new'));
    const signer = openSigner({ keyFile: privateKey, secret: null })!;
    expect([signer.kid, signer.warning]).toEqual([kid, null]);
    const verifier = verifierOf({ publicKeys: [readText(publicKey)] });
    expect(verdict(verifier.verify(encodePermit(signer.sign(UNSIGNED))))).toBe('verified');
  });

  it.each(['permit-key.pem', 'permit-key.pub.pem'])('changes nothing where %s is there', (name) => {
    const folder = scratchFolder();
    writeFileSync(join(folder, name), 'mine');
    expect(() => writeNewKeys(folder)).toThrow(/EEXIST/);
    expect(readText(join(folder, name))).toBe('mine');
    expect(filesOf(folder)).toEqual([name]);
  });
});

function newPublicPem(): string {
  return generateKeyPairSync('ed25519').publicKey.export({ type: 'spki', format: 'pem' }) as string;
}

/** An object's JSON with its fields in this order, whatever their names. */
function textOf(fields: readonly (readonly [name: string, value: unknown])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

const readText = (path: string): string => readFileSync(path, 'utf8');
const filesOf = (folder: string): string[] => readdirSync(folder);
