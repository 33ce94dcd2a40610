/**
 * Checks permits: their spelling, their version and their signature. Several keys hold at the same time, so that keys can be
 * changed while old permits are still on their way. What is checked comes from outside: nothing here throws on it.
 */
import { createHmac, timingSafeEqual, verify as verifySignature } from 'node:crypto';
import { parseJsonObject } from '../contract/json-object.ts';
import { decodePermit, PERMIT_VERSION, signedTextOf, type Permit } from '../contract/permit-record.ts';
import { publicKeyOf, secretKeyOf, type NamedKey } from './keys.ts';

export interface VerifyingKeys {
  /** Ed25519 public keys as PEM texts. */
  readonly publicKeys?: readonly string[];
  /** Shared secrets, each at least 32 bytes. */
  readonly secrets?: readonly string[];
}

/** Why a text is no permit to act on. */
export const VERIFY_REFUSALS = [
  /** It is of another version of the fields. */
  'unknown_version',
  /** It is no permit, or spelled in another way than a permit is. */
  'malformed',
  /** Keys are known, and it has no signature. */
  'unsigned',
  /** It names a key that is not among the known ones. */
  'unknown_key',
  'bad_signature',
] as const;
export type VerifyRefusal = (typeof VERIFY_REFUSALS)[number];

export type Verified =
  /** `verified` false: no key is known, so nobody looked at its signature. */
  | { readonly ok: true; readonly permit: Permit; readonly verified: boolean }
  | { readonly ok: false; readonly reason: VerifyRefusal; readonly detail: string };

export interface Verifier {
  /** The ids of the keys it knows; empty: no signature is checked. */
  readonly kids: readonly string[];
  /** Never throws. */
  verify(text: string): Verified;
}

/** Throws `RangeError` where a key cannot be used; it says which one. */
export function verifierOf({ publicKeys = [], secrets = [] }: VerifyingKeys): Verifier {
  const checks = new Map<string, Check>([
    ...publicKeys.map((pem, index) => withPublicKey(publicKeyOf(pem, `publicKeys[${index}]`))),
    ...secrets.map((secret, index) => withSecret(secretKeyOf(secret, `secrets[${index}]`))),
  ]);
  return { kids: [...checks.keys()], verify: (text) => verify(text, checks) };
}

/** Whether these bytes are the signature over the text. */
type Check = (text: string, signature: Buffer) => boolean;

function withPublicKey({ kid, key }: NamedKey): [kid: string, check: Check] {
  return [kid, (text, signature) => verifySignature(null, Buffer.from(text), key, signature)];
}

function withSecret({ kid, key }: NamedKey): [kid: string, check: Check] {
  return [
    kid,
    (text, signature) => {
      const expected = createHmac('sha256', key).update(text).digest();
      return signature.length === expected.length && timingSafeEqual(signature, expected);
    },
  ];
}

function verify(text: string, checks: ReadonlyMap<string, Check>): Verified {
  const { permit, problem } = decodePermit(text);
  if (permit === null)
    return refused(isOtherVersion(text) ? 'unknown_version' : 'malformed', `this is no permit: ${problem}`);
  if (checks.size === 0) return { ok: true, permit, verified: false };
  if (permit.sig === null || permit.kid === null)
    return refused('unsigned', 'it has no signature, though keys to check one are given');
  const check = checks.get(permit.kid);
  if (check === undefined)
    return refused(
      'unknown_key',
      `it is signed with a key that is not among ${[...checks.keys()].join(', ')}`,
    );
  const signature = Buffer.from(permit.sig, 'base64url');
  // The decoder is lenient: one signature must have one spelling.
  const isSound = signature.toString('base64url') === permit.sig && check(signedTextOf(permit), signature);
  return isSound
    ? { ok: true, permit, verified: true }
    : refused('bad_signature', `its signature is not that of key ${permit.kid} over these fields`);
}

/** A longer text is not read a second time only to say more about it. */
const MAX_EXPLAINED_LENGTH = 65_536;

function isOtherVersion(text: string): boolean {
  const version = text.length > MAX_EXPLAINED_LENGTH ? undefined : parseJsonObject(text)?.get('v');
  return version !== undefined && version !== PERMIT_VERSION;
}

function refused(reason: VerifyRefusal, detail: string): Verified {
  return { ok: false, reason, detail };
}
