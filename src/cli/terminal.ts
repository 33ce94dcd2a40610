/** Where a command writes and what it may know of its surroundings; tests put their own in its place. */
import { wantsColour } from './colour.ts';

export interface Terminal {
  /** Text to standard output, as it is. */
  readonly out: (text: string) => void;
  /** One line to standard error. */
  readonly error: (line: string) => void;
  /** Whether a progress line would be seen. */
  readonly showsProgress: boolean;
  /** Replaces the progress line on standard error; does nothing where that is no terminal. */
  readonly progress: (line: string) => void;
  readonly colour: boolean;
  /** Whether standard output is a terminal someone looks at. */
  readonly isWatched: boolean;
  /** Characters in a line; Infinity where output goes to a file or another program. */
  readonly width: number;
  /** The terminal's locale is not UTF-8. */
  readonly ascii: boolean;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

/** The terminal of this process, with the environment it was started with. */
export function processTerminal(env: Terminal['env']): Terminal {
  const { stdout, stderr } = process;
  // A reader that has seen enough (`| head`) is no fault of this program.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  let shown = false;
  const clear = (): void => {
    if (shown) stderr.write('\r\u001b[2K');
    shown = false;
  };
  return {
    out: (text) => {
      clear();
      stdout.write(text);
    },
    error: (line) => {
      clear();
      stderr.write(`${line}\n`);
    },
    showsProgress: stderr.isTTY,
    progress: (line) => {
      if (!stderr.isTTY) return;
      clear();
      shown = line !== '';
      stderr.write(line);
    },
    colour: wantsColour(env, stdout.isTTY),
    isWatched: stdout.isTTY,
    width: stdout.isTTY ? stdout.columns : Infinity,
    ascii: stdout.isTTY && !isUtf8(env),
    env,
    folder: process.cwd(),
  };
}

/** By the first of the locale's variables that is set; none: assumed. */
function isUtf8(env: Terminal['env']): boolean {
  const locale = [env['LC_ALL'], env['LC_CTYPE'], env['LANG']].find(
    (value) => value !== undefined && value !== '',
  );
  return locale === undefined || /utf-?8/i.test(locale);
}
