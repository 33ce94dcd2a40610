/** Text of an input as it may stand in a log: of bounded length, and without characters that steer a terminal. */

const MAX_LENGTH = 500;
/** Control characters, line separators, marks that turn the direction of text or cannot be seen, halves of characters. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** Control characters written as `\u001b`; at most `maxLength` characters of it, then `…`. */
export function printable(text: string, maxLength = MAX_LENGTH): string {
  const isLong = text.length > maxLength;
  const kept = isLong ? text.slice(0, maxLength - 1) : text;
  const seen = kept.replace(UNSEEN, (unseen) => `\\u${unseen.codePointAt(0)!.toString(16).padStart(4, '0')}`);
  return isLong ? `${seen}…` : seen;
}

/** One word of a line: it cannot pretend to be the next field. */
export function word(text: string): string {
  return text === '' ? '-' : printable(text, 64).replace(/[\s=]/g, '_');
}
