/** A new pair of keys as files: the private one for the governor, the public one for whoever checks permits. */
import { generateKeyPairSync } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { publicKeyOf } from './keys.ts';

export interface NewKeys {
  readonly kid: string;
  /** The path of the private key, which only its owner can read. */
  readonly privateKey: string;
  readonly publicKey: string;
}

/** Writes `permit-key.pem` and `permit-key.pub.pem` into a folder, which is made if need be. Throws where either is there already, and changes nothing then. */
export function writeNewKeys(folder: string): NewKeys {
  const pair = generateKeyPairSync('ed25519', {
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  const privateKey = join(folder, 'permit-key.pem');
  const publicKey = join(folder, 'permit-key.pub.pem');
  mkdirSync(folder, { recursive: true });
  writeNew(publicKey, pair.publicKey, 0o644);
  try {
    writeNew(privateKey, pair.privateKey, 0o600);
  } catch (error) {
    rmSync(publicKey);
    throw error;
  }
  return { kid: publicKeyOf(pair.publicKey, publicKey).kid, privateKey, publicKey };
}

function writeNew(path: string, text: string, mode: number): void {
  const file = openSync(path, 'wx', mode);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } catch (error) {
    rmSync(path);
    throw error;
  } finally {
    closeSync(file);
  }
}
