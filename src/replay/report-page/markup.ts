/**
 * HTML and SVG as values that are safe by construction: whatever is put into a template is text unless it is markup
 * already. Nothing that comes from a file can become an element, an attribute, or anything that reorders the page.
 */

/** Text that is markup, made by `markup` only. */
export class Markup {
  readonly text: string;
  /** For `markup` alone: elsewhere nothing is known to be safe. */
  private constructor(text: string) {
    this.text = text;
  }

  static of(strings: readonly string[], values: readonly Piece[]): Markup {
    let text = strings[0] ?? '';
    values.forEach((value, index) => {
      // An attribute without quotes could be left by a blank.
      if (text.endsWith('=') && text.lastIndexOf('<') > text.lastIndexOf('>'))
        throw new Error(`an attribute has no quotes: …${text.slice(-40)}`);
      text += written(value) + (strings[index + 1] ?? '');
    });
    return new Markup(text);
  }
}

/** What may stand in a template. Null and undefined are nothing; an array is its elements one after the other. */
export type Piece = string | number | Markup | null | undefined | readonly Piece[];

/** `<b class="${name}">${text}</b>`: texts and numbers are escaped, for elements and for quoted attributes alike. */
export function markup(strings: TemplateStringsArray, ...values: readonly Piece[]): Markup {
  return Markup.of(strings, values);
}

/** Nothing at all. */
export const NOTHING = markup``;

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);
// Control characters, lone surrogates, line and paragraph separators, and what reorders or hides text.
const HARMFUL =
  /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu;

function written(value: Piece): string {
  if (value === null || value === undefined) return '';
  if (value instanceof Markup) return value.text;
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Error(`${value} is no number to be shown`);
    return String(value);
  }
  if (typeof value === 'string')
    return value.replace(HARMFUL, '·').replace(/[&<>"']/g, (unit) => ESCAPES.get(unit) ?? '');
  return value.map(written).join('');
}
