/**
 * The functions as one library for `FUNCTION LOAD`. Its name and theirs end in a hash of the code, so that an old and a
 * new version of this program work side by side, each with its own.
 */
import { createHash } from 'node:crypto';
import { APPLY } from './apply.ts';
import { CLAIM } from './claim.ts';
import { COMMIT } from './commit.ts';
import { RELEASE } from './release.ts';
import { SEAL } from './seal.ts';
import { SHARED } from './shared.ts';

export type FunctionName = 'claim' | 'release' | 'commit' | 'seal' | 'apply';

const FLAGS: Readonly<Record<FunctionName, string>> = {
  claim: '',
  release: '',
  commit: '',
  seal: '',
  apply: `'allow-oom'`,
};
const NAMES = Object.keys(FLAGS) as FunctionName[];
const CODE = [SHARED, CLAIM, RELEASE, COMMIT, SEAL, APPLY].join('');
const VERSION = createHash('sha256').update(CODE).update(JSON.stringify(FLAGS)).digest('hex').slice(0, 8);

/** What the server knows the function by. */
export function functionName(name: FunctionName): string {
  return `ballast_${name}_${VERSION}`;
}

export const LIBRARY = [
  `#!lua name=ballast_${VERSION}`,
  CODE,
  ...NAMES.map(
    (name) =>
      `redis.register_function{function_name='${functionName(name)}', callback=${name}, flags={${FLAGS[name]}}}`,
  ),
].join('\n');
