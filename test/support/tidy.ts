/** The house rules that a compiler or linter does not hold: each looks at one file and says what is wrong, where. */
import { isTest, type ProjectFile } from './project.ts';
import { lineAt, readSource } from './source.ts';

export interface Rule {
  /** What is asked, as a sentence about a file. */
  readonly name: string;
  /** Whether the rule is for this file. */
  readonly applies: (path: string) => boolean;
  /** Offsets in the text where it is broken. */
  readonly find: (text: string) => readonly number[];
}

/** The most lines a file of `src` may have. */
export const MAX_LINES = 400;

const isSource = (path: string): boolean => path.startsWith('src/') && /\.tsx?$/.test(path) && !isTest(path);
const isTypeScript = (path: string): boolean => /\.tsx?$/.test(path);
const anyFile = (): boolean => true;

/** Where a pattern occurs in the code, comments and strings left out. */
const inCode =
  (pattern: RegExp) =>
  (text: string): number[] =>
    offsets(readSource(text).code, pattern);
const inText =
  (pattern: RegExp) =>
  (text: string): number[] =>
    offsets(text, pattern);

export const RULES: readonly Rule[] = [
  {
    name: 'has no trailing spaces and no carriage returns',
    applies: anyFile,
    find: inText(/[ \t\r]+$/gm),
  },
  { name: 'ends with one line break', applies: anyFile, find: inText(/[^\n]$(?![\s\S])|\n\n$(?![\s\S])/g) },
  {
    name: 'has no path or host of the machine it was written on',
    applies: anyFile,
    find: inText(/(?<![\w.-])\/(?:work|root)\/|\bregistry\.[a-z0-9-]+\.[a-z]{2,}/g),
  },
  {
    name: 'leaves nothing for later',
    applies: anyFile,
    // Spelled so that this file does not break its own rule.
    find: inText(/\b(?:TOD[O]|FIXM[E]|XX[X])\b/g),
  },
  {
    name: 'has no @ts- directive but @ts-expect-error',
    applies: isTypeScript,
    find: inText(/@ts-(?:ignore|nocheck)/g),
  },
  { name: 'does not cast to any', applies: isTypeScript, find: inCode(/\bas\s+any\b|<any>/g) },
  {
    name: 'has no default export',
    applies: isSource,
    find: inCode(/\bexport\s+default\b|\bas\s+default\b/g),
  },
  {
    name: 'has no enum and no namespace',
    applies: isTypeScript,
    find: inCode(/(?<![\w$.'"])(?:enum|namespace)\s+[A-Za-z_$][\w$]*\s*\{/g),
  },
  {
    name: 'prints only in cli',
    applies: (path) => isSource(path) && !path.startsWith('src/cli/'),
    find: inCode(/(?<![\w$.])console\s*\./g),
  },
  {
    name: 'reads the environment only in runtime/settings and cli/main',
    applies: (path) => isSource(path) && !/^src\/(?:runtime\/settings|cli\/main\.ts$)/.test(path),
    find: inCode(/(?<![\w$.])process\s*\.\s*env\b/g),
  },
  {
    name: 'swallows no error: a catch does something',
    applies: isTypeScript,
    find: inCode(
      /\bcatch\s*(?:\([^)]*\)\s*)?\{\s*\}|\.catch\(\s*(?:async\s*)?\(\s*\w*\s*\)\s*=>\s*\{\s*\}\s*\)/g,
    ),
  },
  {
    name: 'begins with a comment on its purpose (/** … */)',
    applies: isSource,
    find: (text) => (/^(?:#!.*\n)?\/\*\*/.test(text) ? [] : [0]),
  },
  {
    name: 'imports its own files with their true ending',
    applies: isTypeScript,
    find: (text) =>
      readSource(text)
        .strings.filter(({ start }) => /(?:\bfrom|\bimport|\bimport\()\s*$/.test(text.slice(0, start)))
        .filter(({ value }) => value.startsWith('.') && !/\.(?:tsx?|json|css)$/.test(value))
        .map(({ start }) => start),
  },
  { name: 'asserts something', applies: isTest, find: (text) => (asserts(text) ? [] : [0]) },
  {
    name: 'runs all its tests (no .only)',
    applies: isTest,
    find: inCode(/(?<![\w$.])(?:it|test|describe|suite|bench)(?:\.\w+)*\.only\b/g),
  },
  {
    name: 'gives a reason for every skip, in words, and has no todo',
    applies: isTest,
    find: skipsWithoutReason,
  },
];

/** Everything a file does against the rules, as `file:line rule`. */
export function untidy({ path, text }: ProjectFile): string[] {
  return RULES.filter(({ applies }) => applies(path)).flatMap(({ name, find }) =>
    find(text).map((offset) => `${path}:${lineAt(text, offset)} breaks the rule: it ${name}`),
  );
}

/** The lines of a text, a line break at its end not counted as one more. */
export function lineCount(text: string): number {
  return text.split('\n').length - (text.endsWith('\n') ? 1 : 0);
}

function asserts(text: string): boolean {
  return /(?<![\w$])(?:expect|assert)(?:\.\w+)*\s*[(<]/.test(readSource(text).code);
}

/**
 * `context.skip(unless, 'why')` says why by itself. `it.skip`, `describe.skipIf` and the like name the test,
 * not the reason: a comment or the name, at most two lines away, has to speak of skipping. `todo` never may.
 */
function skipsWithoutReason(text: string): number[] {
  const { code } = readSource(text);
  const prose = code
    .split('')
    .map((unit, at) => (unit === ' ' ? text.charAt(at) : unit === '\n' ? unit : ' '));
  const proseLines = prose.join('').split('\n');
  const calls = [...code.matchAll(/(?<![\w$])(skip|skipIf|runIf|todo)\s*\(([^()]*(?:\([^()]*\)[^()]*)*)\)/g)];
  return calls
    .filter(({ 1: method, 2: given = '', index }) => {
      if (method === 'todo') return true;
      const ofTest = /(?<![\w$])(?:it|test|describe|suite|bench)(?:\.\w+)*\.$/.test(code.slice(0, index));
      if (method === 'skip' && !ofTest) return !/['"`,]/.test(given);
      const line = lineAt(text, index);
      return !/\bskip(?:s|ped)?\b/i.test(proseLines.slice(Math.max(0, line - 3), line + 2).join('\n'));
    })
    .map(({ index }) => index);
}

function offsets(text: string, pattern: RegExp): number[] {
  return [...text.matchAll(pattern)].map(({ index }) => index);
}
