/**
 * The functions as one library for `FUNCTION LOAD`. Its name and theirs end in a hash of the code, so that an old and a
 * new version of this program work side by side, each with its own.
 */
import { createHash } from 'node:crypto';
import { APPLY } from './apply.ts';
import { BLOCK } from './block.ts';
import { CHANGE } from './change.ts';
import { CLAIM } from './claim.ts';
import { COMMIT } from './commit.ts';
import { ISSUE } from './issue.ts';
import { PERMITS_SHARED } from './permits-shared.ts';
import { REARM } from './rearm.ts';
import { RELEASE } from './release.ts';
import { REPLY } from './reply.ts';
import { SEAL } from './seal.ts';
import { SETTLE } from './settle.ts';
import { SHARED } from './shared.ts';
import { TAKE } from './take.ts';

export type FunctionName =
  | ('claim' | 'release' | 'commit' | 'seal' | 'apply')
  | ('issue' | 'block' | 'take' | 'change' | 'rearm' | 'settle' | 'reply');

const FLAGS: Readonly<Record<FunctionName, string>> = {
  claim: '',
  release: '',
  commit: '',
  seal: '',
  apply: `'allow-oom'`,
  issue: '',
  block: '',
  take: `'allow-oom'`,
  change: `'allow-oom'`,
  rearm: '',
  settle: `'allow-oom'`,
  reply: '',
};
const NAMES = Object.keys(FLAGS) as FunctionName[];
const COMMITS = [SHARED, CLAIM, RELEASE, COMMIT, SEAL, APPLY];
const PERMITS = [PERMITS_SHARED, ISSUE, BLOCK, TAKE, CHANGE, REARM, SETTLE, REPLY];
const CODE = [...COMMITS, ...PERMITS].join('');
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
