/** Sentences broken at spaces, so that they are read without the terminal's own breaks. */
import { textWidth } from './text-width.ts';

/** Prose is hard to read in longer lines. */
const MAX_WIDTH = 120;

/** Lines joined by `\n`; those after the first begin with `indent` spaces, the first as it does. A word longer than a line stays whole. */
export function wrap(text: string, width: number, indent = 0): string {
  const room = Math.max(20, Math.min(width, MAX_WIDTH));
  const lines: string[] = [];
  let line = /^ */.exec(text)![0];
  for (const word of text.trimStart().split(' ')) {
    const longer = line.trim() === '' ? line + word : `${line} ${word}`;
    const start = lines.length === 0 ? 0 : indent;
    if (line.trim() !== '' && start + textWidth(longer) > room) {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  lines.push(line);
  return lines.join(`\n${' '.repeat(indent)}`);
}
