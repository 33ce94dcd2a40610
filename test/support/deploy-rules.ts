/** Reads the rules of deploy/prometheus, which are YAML of one plain shape: anything else in there is an error. */
export interface Rule {
  readonly kind: 'alert' | 'record';
  readonly name: string;
  readonly expr: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly annotations: ReadonlyMap<string, string>;
}

const RULE = /^ {6}- (alert|record): (\w[\w:]*)$/;
const FIELD = /^ {8}(expr|for|labels|annotations):(?: (.*))?$/;
const ANNOTATION = /^ {10}(\w+): '(.*)'$|^ {10}(\w+): ([^'"].*)$/;
const LABELS = /^\{ (.*) \}$/;
const IGNORED = /^\s*#|^$|^groups:$|^ {2}- name: [\w-]+$|^ {4}rules:$/;

/** Throws `SyntaxError` with the line that it cannot read. */
export function readRules(text: string): Rule[] {
  const rules: { -readonly [Key in keyof Rule]: Rule[Key] }[] = [];
  let field = '';
  for (const [i, line] of text.split('\n').entries()) {
    const rule = rules.at(-1);
    const [, kind, name] = RULE.exec(line) ?? [];
    const [, key, value = ''] = FIELD.exec(line) ?? [];
    const annotation = ANNOTATION.exec(line);
    if (name !== undefined) {
      rules.push({ kind: kind as Rule['kind'], name, expr: '', labels: new Map(), annotations: new Map() });
      field = '';
    } else if (rule !== undefined && key !== undefined) {
      field = key;
      if (key === 'expr') rule.expr = value === '|' ? '' : value;
      if (key === 'labels') rule.labels = labelsOf(value, i);
    } else if (rule !== undefined && field === 'expr' && line.startsWith('          '))
      rule.expr += `${line}\n`;
    else if (rule !== undefined && field === 'annotations' && annotation !== null)
      rule.annotations = new Map([
        ...rule.annotations,
        [annotation[1] ?? annotation[3]!, (annotation[2] ?? annotation[4]!).replaceAll("''", "'")],
      ]);
    else if (!IGNORED.test(line)) throw new SyntaxError(`line ${i + 1} cannot be read: ${line}`);
  }
  return rules;
}

function labelsOf(text: string, line: number): ReadonlyMap<string, string> {
  const inside = LABELS.exec(text)?.[1];
  if (inside === undefined) throw new SyntaxError(`line ${line + 1} has labels that cannot be read: ${text}`);
  return new Map(inside.split(', ').map((pair) => pair.split(': ') as [string, string]));
}
