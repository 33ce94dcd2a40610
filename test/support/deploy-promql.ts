/** What an expression of PromQL names: its metrics with their matchers, the functions around them, the labels it groups by. Syntax is promtool's to judge. */

export interface Selector {
  /** Null: only matchers, as in `{symbol="_other"}`. */
  readonly metric: string | null;
  readonly matchers: ReadonlyMap<string, string>;
  /** Of a range, as `[5m]`. */
  readonly isRange: boolean;
  /** The functions and aggregations around it, innermost first. */
  readonly within: readonly string[];
  /** It only says which series of another stay: it stands after `and` or `unless`. */
  readonly isFilter: boolean;
}

export interface Expression {
  readonly selectors: readonly Selector[];
  /** What is grouped by, and which selectors stand in the group. */
  readonly groups: readonly { readonly labels: readonly string[]; readonly selectors: readonly Selector[] }[];
  /** Labels of `on`, `ignoring`, `group_left` and `group_right`. */
  readonly joins: readonly string[];
}

interface Frame {
  readonly functionName: string;
  readonly from: number;
  readonly by: readonly string[] | null;
  readonly isFilter: boolean;
}

const TOKEN =
  /\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[0-9][\w.]*|[a-zA-Z_:][\w:]*|=~|!~|!=|[<>=]=?|[-+*/%^(){}[\],])/gy;
const NAME = /^[a-zA-Z_:]/;
const JOINS: ReadonlySet<string> = new Set(['on', 'ignoring', 'group_left', 'group_right']);
const WORDS: ReadonlySet<string> = new Set(['or', 'bool', 'offset', 'inf', 'nan']);

/** Throws `SyntaxError` where it cannot read something, subqueries included. */
export function readExpression(text: string): Expression {
  return new Reader(text).read();
}

class Reader {
  readonly #text: string;
  readonly #tokens: readonly string[];
  #at = 0;
  readonly #selectors: Selector[] = [];
  readonly #groups: Expression['groups'][number][] = [];
  readonly #joins: string[] = [];
  readonly #frames: Frame[] = [];
  /** Named before the next parenthesis. */
  #pending = { functionName: '', by: null as readonly string[] | null };
  #closed: Frame | null = null;
  /** What comes next stands after `and` or `unless`. */
  #isFilterNext = false;

  constructor(text: string) {
    this.#text = text;
    this.#tokens = tokensOf(text);
  }

  read(): Expression {
    while (this.#at < this.#tokens.length) this.#step(this.#tokens[this.#at++]!);
    if (this.#frames.length > 0) throw this.#wrong('a parenthesis stays open');
    return { selectors: this.#selectors, groups: this.#groups, joins: this.#joins };
  }

  #step(token: string): void {
    const next = this.#tokens[this.#at];
    if (token === '(') this.#open();
    else if (token === ')') this.#close();
    else if (token === '{') this.#select(null);
    else if (token === '[') throw this.#wrong('a range of something that is no metric (a subquery?)');
    else if (token === 'by' || token === 'without') this.#group(token);
    else if (JOINS.has(token)) this.#joins.push(...(next === '(' ? this.#labels() : []));
    else if (token === 'and' || token === 'unless') this.#isFilterNext = true;
    else if (!NAME.test(token) || WORDS.has(token)) return;
    else if (next === '(' || next === 'by' || next === 'without') this.#pending.functionName = token;
    else this.#select(token);
  }

  #open(): void {
    this.#frames.push({ ...this.#pending, from: this.#selectors.length, isFilter: this.#isFilterNext });
    this.#isFilterNext = false;
    this.#pending = { functionName: '', by: null };
  }

  #close(): void {
    const frame = this.#frames.pop();
    if (frame === undefined) throw this.#wrong('a parenthesis too many');
    this.#closed = frame;
    if (frame.by !== null) this.#addGroup(frame, frame.by);
  }

  #group(word: string): void {
    if (word === 'without') throw this.#wrong('without, where by says what stays');
    const labels = this.#labels();
    if (this.#tokens[this.#at] === '(') this.#pending.by = labels;
    else if (this.#closed !== null) this.#addGroup(this.#closed, labels);
  }

  #addGroup({ from }: Frame, labels: readonly string[]): void {
    this.#groups.push({ labels, selectors: this.#selectors.slice(from) });
  }

  /** `(a, b)`. */
  #labels(): string[] {
    const labels: string[] = [];
    this.#expect('(');
    while (this.#tokens[this.#at] !== ')') {
      const label = this.#tokens[this.#at++];
      if (label === undefined) throw this.#wrong('a list of labels stays open');
      if (label !== ',') labels.push(label);
    }
    this.#at++;
    return labels;
  }

  #select(metric: string | null): void {
    const matchers = new Map<string, string>();
    if (metric === null || this.#tokens[this.#at] === '{') {
      if (metric !== null) this.#at++;
      while (this.#tokens[this.#at] !== '}') {
        const [label, operator, value] = this.#tokens.slice(this.#at, this.#at + 3);
        if (value === undefined || !/^[=!][=~]?$/.test(operator!))
          throw this.#wrong('matchers cannot be read');
        matchers.set(label!, value.slice(1, -1));
        this.#at += this.#tokens[this.#at + 3] === ',' ? 4 : 3;
      }
      this.#at++;
    }
    const isRange = this.#tokens[this.#at] === '[';
    if (isRange) this.#at += 3;
    const within = this.#frames.map(({ functionName }) => functionName).filter((name) => name !== '');
    const isFilter = this.#isFilterNext || this.#frames.some((frame) => frame.isFilter);
    this.#isFilterNext = false;
    this.#selectors.push({ metric, matchers, isRange, within: within.toReversed(), isFilter });
  }

  #expect(token: string): void {
    if (this.#tokens[this.#at++] !== token) throw this.#wrong(`${token} is missing`);
  }

  #wrong(what: string): SyntaxError {
    return new SyntaxError(`${what}: ${this.#text}`);
  }
}

function tokensOf(text: string): string[] {
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  const trimmed = text.trim();
  while (TOKEN.lastIndex < trimmed.length) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(trimmed)?.[1];
    if (token === undefined)
      throw new SyntaxError(`cannot be read at ${trimmed.slice(at, at + 20)}: ${text}`);
    tokens.push(token);
  }
  return tokens;
}
