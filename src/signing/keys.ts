/** The keys that permits are signed and checked with: how each is read from text, and the id a permit names it by. */
import { createHash, createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';

/** A shared secret is no weaker than the hash it is used with. */
const MIN_SECRET_BYTES = 32;
const KID_LENGTH = 16;

/** A key with the id that permits name it by. */
export interface NamedKey {
  readonly kid: string;
  readonly key: KeyObject;
}

/** An Ed25519 private key as PKCS8 PEM; the id is that of its public half. Throws `RangeError`; `name` begins its message. */
export function privateKeyOf(pem: string, name: string): NamedKey {
  const key = parsed(() => createPrivateKey(pem), name, 'no private key in PEM form without a passphrase');
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RangeError(`${name} holds a key of type ${key.asymmetricKeyType}; ${HOW_TO_MAKE}`);
  return { kid: kidOfPublic(createPublicKey(key)), key };
}

/** An Ed25519 public key as SPKI PEM. Throws `RangeError`, also for a private key: it has no business here. */
export function publicKeyOf(pem: string, name: string): NamedKey {
  if (pem.includes('PRIVATE KEY'))
    throw new RangeError(
      `${name} is a private key; whoever has it can make permits. Give the public one (permit-key.pub.pem)`,
    );
  const key = parsed(() => createPublicKey(pem), name, 'no public key in PEM form');
  if (key.asymmetricKeyType !== 'ed25519')
    throw new RangeError(`${name} is a key of type ${key.asymmetricKeyType}; ${HOW_TO_MAKE}`);
  return { kid: kidOfPublic(key), key };
}

/** A shared secret of at least 32 bytes. Throws `RangeError`; no message shows the secret. */
export function secretKeyOf(secret: string, name: string): NamedKey {
  const bytes = Buffer.from(secret, 'utf8');
  if (bytes.length < MIN_SECRET_BYTES)
    throw new RangeError(
      `${name} has ${bytes.length} bytes, at least ${MIN_SECRET_BYTES} are needed; make one with: openssl rand -hex 32`,
    );
  return { kid: digestOf(`hmac:${secret}`), key: createSecretKey(bytes) };
}

const HOW_TO_MAKE = 'permits are signed with Ed25519; make a pair with: npx ballast keys';

function parsed(parse: () => KeyObject, name: string, what: string): KeyObject {
  try {
    return parse();
  } catch (error) {
    // Its code says what; its text may quote the key.
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new RangeError(`${name} is ${what} (${code}); ${HOW_TO_MAKE}`, { cause: code });
  }
}

function kidOfPublic(key: KeyObject): string {
  return digestOf(key.export({ type: 'spki', format: 'der' }));
}

function digestOf(bytes: string | Buffer): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, KID_LENGTH);
}
