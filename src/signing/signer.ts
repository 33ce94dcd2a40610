/** Signs permits: with Ed25519, so that whoever checks them cannot make any, or with a secret both sides share. */
import { createHmac, sign as signBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { signedTextOf, type Permit } from '../contract/permit-record.ts';
import { privateKeyOf, secretKeyOf } from './keys.ts';

export interface Signer {
  /** Which key signs, as permits name it. */
  readonly kid: string;
  readonly algorithm: 'Ed25519' | 'HMAC-SHA256';
  /** What an operator should know about the key, in a sentence; null: nothing. */
  readonly warning: string | null;
  /** The permit with `kid` and `sig`. */
  sign(permit: Permit): Permit;
}

export interface SigningSettings {
  /** `GOV_PERMIT_KEY`: the path of a PEM file with an Ed25519 private key (PKCS8). */
  readonly keyFile: string | null;
  /** `GOV_PERMIT_SECRET`: at least 32 bytes. Where there is a key file too, that one signs. */
  readonly secret: string | null;
}

/** Null where neither is set: permits stay unsigned. Throws `RangeError`, which names the setting, where one cannot be used. */
export function openSigner({ keyFile, secret }: SigningSettings): Signer | null {
  if (keyFile !== null) return signerWithKey(keyFile);
  return secret === null ? null : signerWithSecret(secret);
}

function signerWithKey(path: string): Signer {
  const name = `GOV_PERMIT_KEY: ${path}`;
  const { pem, mode } = readKeyFile(path, name);
  const { kid, key } = privateKeyOf(pem, name);
  return {
    kid,
    algorithm: 'Ed25519',
    warning: warningOf(path, mode),
    sign: (permit) => signed(permit, kid, (text) => signBytes(null, Buffer.from(text), key)),
  };
}

function signerWithSecret(secret: string): Signer {
  const { kid, key } = secretKeyOf(secret, 'GOV_PERMIT_SECRET');
  return {
    kid,
    algorithm: 'HMAC-SHA256',
    warning: null,
    sign: (permit) => signed(permit, kid, (text) => createHmac('sha256', key).update(text).digest()),
  };
}

function signed(permit: Permit, kid: string, signatureOf: (text: string) => Buffer): Permit {
  const named: Permit = { ...permit, kid, sig: null };
  return { ...named, sig: signatureOf(signedTextOf(named)).toString('base64url') };
}

function readKeyFile(path: string, name: string): { readonly pem: string; readonly mode: number } {
  try {
    return { pem: readFileSync(path, 'utf8'), mode: statSync(path).mode };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new RangeError(
      `${name} cannot be read (${code}); name a file with an Ed25519 private key, which "npx ballast keys" makes`,
      { cause: error },
    );
  }
}

/** Not refused: mounted secrets of containers and credentials of services often have a group that may read them. */
function warningOf(path: string, mode: number): string | null {
  const rights = mode & 0o777;
  return (rights & 0o077) === 0
    ? null
    : `GOV_PERMIT_KEY: ${path} has mode ${rights.toString(8).padStart(4, '0')}: others than its owner can use it, and whoever reads it can make permits; chmod 600 ${path}`;
}
