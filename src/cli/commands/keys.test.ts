/** `ballast keys` as a user meets it. */
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { InputError } from '../../replay/formats/format.ts';
import { openSigner } from '../../signing/signer.ts';
import { keysCommand } from './keys.ts';
import { scratchFolder } from '../../../test/support/cli.ts';
import type { Terminal } from '../terminal.ts';

const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);

async function keys(folder: string, ...words: string[]): Promise<string> {
  const printed: string[] = [];
  const terminal: Terminal = {
    out: (text) => void printed.push(text),
    error: (line) => void printed.push(line),
    showsProgress: false,
    progress: () => undefined,
    colour: false,
    isWatched: false,
    width: Infinity,
    ascii: false,
    env: {},
    folder,
  };
  await keysCommand(terminal).exitOverride().parseAsync(words, { from: 'user' });
  return printed.join('');
}

describe('ballast keys', () => {
  it('makes a pair of files, the private one for its owner alone, and says what to set', async () => {
    const folder = scratchFolder();
    const printed = await keys(folder);
    const [privateKey, publicKey] = [join(folder, 'permit-key.pem'), join(folder, 'permit-key.pub.pem')];
    expect([mode(privateKey), mode(publicKey)]).toEqual(['600', '644']);
    expect(readFileSync(publicKey, 'utf8')).toContain('BEGIN PUBLIC KEY');
    expect(printed).toContain(`Key ${openSigner({ keyFile: privateKey, secret: null })!.kid}`);
    expect(printed).toContain(`GOV_PERMIT_KEY=${privateKey}`);
    expect(printed).not.toContain('PRIVATE KEY');
  });

  it('writes to another folder, and prints one JSON object', async () => {
    const folder = scratchFolder();
    const printed = JSON.parse(await keys(folder, '--out', 'new/keys', '--json')) as Record<string, string>;
    const privateKey = join(folder, 'new/keys/permit-key.pem');
    expect(printed).toEqual({
      kid: openSigner({ keyFile: privateKey, secret: null })!.kid,
      private_key: privateKey,
      public_key: join(folder, 'new/keys/permit-key.pub.pem'),
      setting: `GOV_PERMIT_KEY=${privateKey}`,
    });
  });

  it('overwrites no key, and says which one is there', async () => {
    const folder = scratchFolder();
    await keys(folder);
    const before = readFileSync(join(folder, 'permit-key.pem'), 'utf8');
    await expect(keys(folder)).rejects.toThrow(InputError);
    await expect(keys(folder)).rejects.toThrow(/--out \.: .*permit-key\.pub\.pem is there already/);
    expect(readFileSync(join(folder, 'permit-key.pem'), 'utf8')).toBe(before);
  });

  it('says why it cannot write', async () => {
    const folder = scratchFolder();
    writeFileSync(join(folder, 'file'), '');
    await expect(keys(folder, '--out', 'file')).rejects.toThrow(/--out file: the keys cannot be written/);
    expect(existsSync(join(folder, 'permit-key.pem'))).toBe(false);
  });
});
