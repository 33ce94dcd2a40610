/** `ballast keys`: a new pair of keys with which permits are signed and checked. */
import { resolve } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../../replay/formats/format.ts';
import { writeNewKeys, type NewKeys } from '../../signing/new-keys.ts';
import type { Terminal } from '../terminal.ts';

interface KeysFlags {
  readonly out: string;
  readonly json?: true;
}

export function keysCommand(terminal: Terminal): Command {
  return new Command('keys')
    .description('make a pair of keys, with which permits are signed and checked')
    .option('--out <dir>', 'the folder they are written to', '.')
    .option('--json', 'print one JSON object instead of text')
    .action((flags: KeysFlags) => run(flags, terminal));
}

function run({ out, json }: KeysFlags, terminal: Terminal): void {
  const { kid, privateKey, publicKey } = makeKeys(out, resolve(terminal.folder, out));
  const setting = `GOV_PERMIT_KEY=${privateKey}`;
  if (json === true) {
    terminal.out(`${JSON.stringify({ kid, private_key: privateKey, public_key: publicKey, setting })}\n`);
    return;
  }
  terminal.out(
    [
      `Key ${kid}`,
      `  ${privateKey}  signs permits: for the governor alone, and for no backup that others can read`,
      `  ${publicKey}  checks them: for every program that places orders`,
      '',
      'Set for the governor, and restart it:',
      `  ${setting}`,
      '',
    ].join('\n'),
  );
}

function makeKeys(given: string, folder: string): NewKeys {
  try {
    return writeNewKeys(folder);
  } catch (error) {
    const { code, syscall, path, message } = error as NodeJS.ErrnoException;
    const what =
      code === 'EEXIST' && syscall === 'open'
        ? `${path} is there already, and a key is never overwritten; move it away or choose another folder`
        : `the keys cannot be written (${message})`;
    throw new InputError(`--out ${given}: ${what}`, { cause: error });
  }
}
