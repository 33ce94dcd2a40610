/** Names that occur twice in one JSON object: `JSON.parse` keeps the last without a word. */

interface Open {
  /** The names read so far; null: an array. */
  readonly names: Set<string> | null;
  /** The name whose value comes. */
  name: string;
}

/** Paths (`settings.P31_MIN_CONF`) of repeated names, in order. The text has to be valid JSON. */
export function repeatedKeys(json: string): string[] {
  const repeated: string[] = [];
  const open: Open[] = [];
  for (const { 0: token, index } of json.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]]/g)) {
    const object = open.at(-1);
    if (token === '{' || token === '[') open.push({ names: token === '{' ? new Set() : null, name: '' });
    else if (token === '}' || token === ']') open.pop();
    else if (object?.names && /^\s*:/.test(json.slice(index + token.length, index + token.length + 100))) {
      object.name = JSON.parse(token) as string;
      if (object.names.has(object.name)) repeated.push(open.map(({ name }) => name).join('.'));
      object.names.add(object.name);
    }
  }
  return repeated;
}
