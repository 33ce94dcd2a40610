/**
 * A `.env` file as names and texts: `NAME=VALUE` lines, `export ` before them, quotes, comments and Windows line ends.
 * Nothing is expanded and no value goes over several lines.
 */

export interface DotEnvEntry {
  readonly name: string;
  readonly text: string;
  /** Counts from 1. */
  readonly line: number;
}

export interface DotEnvProblem {
  readonly line: number;
  /** What is wrong with it, to be read after the line's number. */
  readonly what: string;
}

export interface DotEnv {
  /** In order; of a repeated name the last counts, as in a shell. */
  readonly entries: readonly DotEnvEntry[];
  readonly problems: readonly DotEnvProblem[];
}

const ASSIGNMENT = /^(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*)$/;
const SINGLE_QUOTED = /^'([^']*)'\s*(?:#.*)?$/;
const DOUBLE_QUOTED = /^"((?:[^"\\]|\\.)*)"\s*(?:#.*)?$/;
const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
]);

/** Never throws. */
export function parseDotEnv(file: string): DotEnv {
  const entries: DotEnvEntry[] = [];
  const problems: DotEnvProblem[] = [];
  for (const [index, raw] of file
    .replace(/^\ufeff/, '')
    .split(/\r\n|\n|\r/)
    .entries()) {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || content.startsWith('#')) continue;
    const match = ASSIGNMENT.exec(content);
    const text = match === null ? null : readValue(match[2]!);
    if (match === null) problems.push({ line, what: 'is no NAME=VALUE' });
    else if (text === null)
      problems.push({
        line,
        what: `sets ${match[1]} to a text whose quotes do not close, or that goes on after them`,
      });
    else entries.push({ name: match[1]!, text, line });
  }
  return { entries, problems };
}

/** A value without its quotes and without the comment behind it; null where the quotes do not fit. */
function readValue(value: string): string | null {
  if (value.startsWith("'")) return SINGLE_QUOTED.exec(value)?.[1] ?? null;
  if (value.startsWith('"')) {
    const inner = DOUBLE_QUOTED.exec(value)?.[1];
    return inner?.replaceAll(/\\(.)/g, (_, unit: string) => ESCAPES.get(unit) ?? unit) ?? null;
  }
  return value.replace(/(?:^|\s)#.*$/, '').trimEnd();
}
