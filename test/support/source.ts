/**
 * Reads TypeScript source as text, for the house rules: where comments and strings are, and what is
 * imported. Not a parser: it knows comments, strings, templates and regular expressions, so that the
 * rules look at code only. (The native compiler has no programming interface that could be asked.)
 */

export interface SourceText {
  /** As long as the source, line breaks kept; comments, string contents and regular expressions are spaces. */
  readonly code: string;
  /** String literals and templates without substitutions, in order. `start` is the offset of the opening quote. */
  readonly strings: readonly { readonly start: number; readonly value: string }[];
}

export interface Import {
  /** What is imported; null for `import(expression)`, which nobody can check. */
  readonly specifier: string | null;
  /** Counts from 1. */
  readonly line: number;
  /** Whether only types are imported: nothing of it is there when the program runs. */
  readonly isType: boolean;
}

/** Separates code from comments and strings. Never throws: what is not closed ends with its line or the text. */
export function readSource(source: string): SourceText {
  return new Scanner(source).scan();
}

/** Every import of a source: `import … from`, `export … from`, `import 'x'`, `import('x')`, `require('x')`. */
export function importsOf({ code, strings }: SourceText): Import[] {
  const literals = new Map(strings.map(({ start, value }) => [start, value]));
  const found = [
    ...code.matchAll(/(?<![\w$.])(?:from|import)\s*(?=["'])/g),
    ...code.matchAll(/(?<![\w$.])(?:import|require)\s*\(\s*/g),
  ];
  return found
    .toSorted((a, b) => a.index - b.index)
    .map(({ index, 0: { length } }) => ({
      specifier: literals.get(index + length) ?? null,
      line: lineAt(code, index),
      isType: /(?<![\w$.])(?:import|export)\s+type\b[^;'"]*$/.test(
        code.slice(Math.max(0, index - 4000), index),
      ),
    }));
}

/** The line of an offset, counting from 1. */
export function lineAt(text: string, offset: number): number {
  let line = 1;
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) line++;
  return line;
}

/** Words after which a slash starts a regular expression; after any other word it divides. */
const BEFORE_REGEX = /(?:^|[^\w$.])(?:return|typeof|case|in|of|delete|void|throw|new|else|do|await|yield)$/;

class Scanner {
  readonly #source: string;
  readonly #code: string[];
  readonly #strings: { start: number; value: string }[] = [];
  /** For each open `${`, how many braces are open inside it. */
  readonly #substitutions: number[] = [];
  /** The newest code, runs of white space as one space: enough to tell a division from a regular expression. */
  #before = '';
  #at = 0;

  constructor(source: string) {
    this.#source = source;
    this.#code = source.split('').map((unit) => (unit === '\n' ? unit : ' '));
  }

  scan(): SourceText {
    const source = this.#source;
    if (source.startsWith('#!')) this.#skipTo('\n');
    while (this.#at < source.length) {
      const unit = source.charAt(this.#at);
      if (source.startsWith('//', this.#at)) this.#skipTo('\n');
      else if (source.startsWith('/*', this.#at)) this.#skipTo('*/', 2);
      else if (unit === "'" || unit === '"') this.#quoted(unit);
      else if (unit === '`') this.#template(this.#at);
      else if (unit === '/' && this.#startsRegex()) this.#regex();
      else if (unit === '}' && this.#substitutions.at(-1) === 0) {
        this.#substitutions.pop();
        this.#template(null);
      } else this.#keep(unit);
    }
    return { code: this.#code.slice(0, source.length).join(''), strings: this.#strings };
  }

  #keep(unit: string): void {
    const open = this.#substitutions.at(-1);
    if (open !== undefined && unit === '{') this.#substitutions[this.#substitutions.length - 1] = open + 1;
    if (open !== undefined && unit === '}') this.#substitutions[this.#substitutions.length - 1] = open - 1;
    this.#code[this.#at++] = unit;
    this.#saw(unit);
  }

  #saw(unit: string): void {
    if (unit.trim() !== '') this.#before = (this.#before + unit).slice(-12);
    else if (!this.#before.endsWith(' ')) this.#before += ' ';
  }

  /** Leaves out everything up to `end`, and `end` itself if it is part of what is left out. */
  #skipTo(end: string, ends = 0): void {
    const found = this.#source.indexOf(end, this.#at + ends);
    this.#at = found < 0 ? this.#source.length : found + ends;
    this.#saw(' ');
  }

  #quoted(quote: string): void {
    const start = this.#at++;
    this.#code[start] = quote;
    this.#pass((unit) => unit === quote || unit === '\n');
    this.#strings.push({ start, value: this.#source.slice(start + 1, this.#at) });
    if (this.#source[this.#at] === quote) this.#code[this.#at++] = quote;
    this.#saw(quote);
  }

  /** A template from its opening mark, or (`start` null) the next part of one after a substitution. */
  #template(start: number | null): void {
    if (start !== null) this.#code[start] = '`';
    const from = ++this.#at;
    this.#pass((unit) => unit === '`' || (unit === '$' && this.#source[this.#at + 1] === '{'));
    if (this.#source[this.#at] === '$') {
      this.#at += 2;
      this.#substitutions.push(0);
      this.#saw('{');
    } else {
      if (start !== null) this.#strings.push({ start, value: this.#source.slice(from, this.#at) });
      if (this.#at < this.#source.length) this.#code[this.#at++] = '`';
      this.#saw('`');
    }
  }

  #regex(): void {
    let inClass = false;
    this.#at++;
    this.#pass((unit) => {
      if (unit === '[') inClass = true;
      if (unit === ']') inClass = false;
      return unit === '\n' || (unit === '/' && !inClass);
    });
    if (this.#source[this.#at] === '/') this.#at++;
    while (/[a-z]/.test(this.#source.charAt(this.#at))) this.#at++;
    this.#saw('x');
  }

  /** Moves to where `ends` says so, past escaped characters. */
  #pass(ends: (unit: string) => boolean): void {
    while (this.#at < this.#source.length && !ends(this.#source.charAt(this.#at)))
      this.#at += this.#source[this.#at] === '\\' ? 2 : 1;
    this.#at = Math.min(this.#at, this.#source.length);
  }

  /** A slash after a value divides; after an operator, an opening bracket or some words it does not. */
  #startsRegex(): boolean {
    const before = this.#before.trimEnd();
    return before === '' || /[^\w$)\]}'"`]$/.test(before) || BEFORE_REGEX.test(before);
  }
}
