/**
 * What spec/contract.md and spec/model.md list, read from their text: tables, and paragraphs of names in backticks. Only
 * reads; what it should agree with is in test/contract-tables.test.ts.
 */

/** The text of a `## Title` section, up to the next. */
export function section(markdown: string, title: string): string {
  const start = markdown.indexOf(`\n## ${title}\n`);
  if (start < 0) throw new Error(`there is no section ${title}`);
  const body = markdown.slice(start + title.length + 5);
  const end = body.indexOf('\n## ');
  return end < 0 ? body : body.slice(0, end);
}

/** The rows of the first table whose header begins with these columns, each as its cells. */
export function tableRows(text: string, ...columns: string[]): string[][] {
  const lines = text.split('\n');
  const header = lines.findIndex((line) => columns.every((column, i) => cellsOf(line)[i] === column));
  if (header < 0) throw new Error(`there is no table with the columns ${columns.join(', ')}`);
  const rows = lines.slice(header + 2);
  const end = rows.findIndex((line) => !line.startsWith('|'));
  return rows.slice(0, end < 0 ? rows.length : end).map(cellsOf);
}

/** What stands in backticks, in order. */
export function quoted(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, inner]) => inner!);
}

/** What stands in backticks within the brackets right after a name: `source` (`live`, `LKG`). */
export function valuesOf(cell: string, field: string): string[] {
  const match = new RegExp(`\`${field}\` \\(([^)]*)\\)`).exec(cell);
  return match === null ? [] : quoted(match[1]!);
}

export interface OutputRow {
  readonly key: string;
  readonly type: string;
  /** Seconds; null: none given. */
  readonly lifeSec: number | null;
  readonly maxLength: number | null;
  readonly fields: readonly string[];
  readonly cell: string;
}

/** The table of outputs: `the same` stands for the fields of the row before. */
export function outputRows(contract: string): OutputRow[] {
  const rows: OutputRow[] = [];
  for (const [key = '', life = '', cell = ''] of tableRows(
    section(contract, 'Outputs'),
    'key',
    'type, life',
    'fields',
  )) {
    const before = cell.startsWith('the same') ? (rows.at(-1)?.fields ?? []) : [];
    const inBraces = /`\{([a-z, ]+)\}`/.exec(cell)?.[1]?.split(', ') ?? [];
    // Brackets hold values and remarks; the first sentence after a colon or semicolon is prose.
    const bare = cell.replaceAll(/\([^()]*(?:\([^()]*\)[^()]*)*\)/g, '');
    const named = quoted(bare).filter((name) => /^[a-z][a-z0-9_]*$/.test(name));
    rows.push({
      key: key.replaceAll('`', ''),
      type: /^\w+/.exec(life)?.[0] ?? '',
      lifeSec: lifeSecOf(life),
      maxLength: Number(/(?:~|h, )(\d+)$/.exec(life)?.[1] ?? Number.NaN) || null,
      fields: [...before, ...named, ...inBraces],
      cell,
    });
  }
  return rows;
}

export interface MetricRow {
  readonly name: string;
  readonly labels: readonly string[];
  /** The kind where the text says one right after the name, or after a list of names. */
  readonly kind: string | null;
  /** The words its sentence begins with: `P3.0`, `Governor`, `All`. */
  readonly owner: string;
}

/** The section of metrics: sentences that begin with their owner and a colon. */
export function metricRows(contract: string): MetricRow[] {
  const text = section(contract, 'Metrics').replaceAll('\n', ' ');
  const sentences = [
    ...text.matchAll(
      /(P\d\.\d|Proposer|Governor|Dashboard|All): (.*?)\.(?= (?:P\d\.\d|Proposer|Governor|Dashboard|All|Labelled))/g,
    ),
  ];
  return sentences.flatMap(([, owner = '', list = '']) => {
    const found: { name: string; labels: string[]; after: string }[] = [];
    for (const [, name = '', labels = '', after = ''] of list.matchAll(
      /`([a-z0-9_]+)(?:\{([a-z,_]+)\})?`([^`]*(?:\([^)]*\))?[^`]*)/g,
    )) {
      if (name.includes('_')) found.push({ name, labels: labels === '' ? [] : labels.split(','), after });
      else if (found.length > 0) found.at(-1)!.after += `${name}${after}`;
    }
    // `a`, `b` and `c` gauges: the plural is about the whole list before it.
    let plural: string | null = null;
    const rows = found.toReversed().map(({ name, labels, after }): MetricRow => {
      const [, word = null, s] = /\b(counter|gauge|histogram|untyped)(s)?\b/.exec(after) ?? [];
      if (word !== null) plural = s === undefined ? null : word;
      return { name, labels, kind: word ?? plural, owner };
    });
    return rows.toReversed();
  });
}

/** The section of settings: name → default as text; null where none is given. */
export function settingDefaults(
  contract: string,
  metricsPorts: readonly string[],
): Map<string, string | null> {
  const text = section(contract, 'Settings').replaceAll('\n', ' ');
  const list = text.slice(text.indexOf('`REDIS_URL`'));
  const found = new Map<string, string | null>();
  for (const match of list.matchAll(/`([A-Z][A-Z0-9_]+)`(?: (`[^`]+`|[\w.:-]*[\w]))?/g)) {
    const [whole, name = '', given = ''] = match;
    const text = given.replaceAll('`', '');
    const after = list.slice(match.index + whole.length);
    const isProse = !given.startsWith('`') && !/^(?:[\d.]+|true|false|[a-z]+_[a-z]+|open)$/.test(text);
    // `dry_run`, `testnet` (default) or `production`: the marked one.
    const marked = /^(?:, `[^`]+`)*?, `([^`]+)` \(default\)/.exec(after)?.[1];
    const value = marked ?? (given === '' || isProse ? null : text);
    if (!found.has(name) || found.get(name) === null) found.set(name, value);
    const soFar = list.slice(0, match.index + whole.length);
    if (/^ \([^)]*each also as `_USD`/.test(after))
      for (const [, pct] of runOfPct(soFar).matchAll(/`([A-Z0-9_]+)_PCT`/g)) found.set(`${pct}_USD`, null);
  }
  if (list.includes('`…_METRICS_PORT`')) for (const name of metricsPorts) found.set(name, null);
  return found;
}

/** The settings `…_PCT` that end a text, one after the other. */
function runOfPct(text: string): string {
  return /(?:`[A-Z0-9_]+_PCT` [\d.]+(?:, )?)+$/.exec(text)?.[0] ?? '';
}

export interface GateRow {
  readonly gate: string;
  readonly reasons: readonly string[];
}

/** The table of gates, in order; an empty gate cell continues the one above. */
export function gateRows(model: string): GateRow[] {
  let gate = '';
  return tableRows(model, '#', 'gate', 'blocks with').map((cells) => {
    gate = quoted(cells[1] ?? '')[0] ?? gate;
    return { gate, reasons: quoted(cells[2] ?? '') };
  });
}

function lifeSecOf(text: string): number | null {
  const match = /(\d+) (s|h)\b/.exec(text);
  return match === null ? null : Number(match[1]) * (match[2] === 'h' ? 3600 : 1);
}

function cellsOf(line: string): string[] {
  return line
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}
