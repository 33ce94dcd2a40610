/** What components hold as lines, in parts of bearable length, and back: where a stretch of the archive begins. */
import type { Member } from '../member.ts';
import type { LivePipeline } from '../../core/pipeline/live.ts';
import type { SavedComponent } from '../../store/store.ts';
import type { TickingComponent } from '../declarations.ts';

export const STATE_LINE = 'state';
export const SEEN_LINE = 'seen';

const ROWS_A_LINE = 200;
const IDS_A_LINE = 5000;

export function* stateLines(members: readonly Member[], live: LivePipeline): Generator<string> {
  for (const member of members) {
    const { meta, records } = member.whole();
    const component = member.declaration.name;
    yield JSON.stringify({ type: STATE_LINE, component, meta: [...meta].flat() });
    const flat = [...records].flat();
    for (let at = 0; at < flat.length; at += 2 * ROWS_A_LINE)
      yield JSON.stringify({ type: STATE_LINE, component, records: flat.slice(at, at + 2 * ROWS_A_LINE) });
  }
  // The members share them.
  const ids = live.seen.save();
  for (let at = 0; at < ids.length; at += IDS_A_LINE)
    yield JSON.stringify({ type: SEEN_LINE, ids: ids.slice(at, at + IDS_A_LINE) });
}

/** Collects the lines of a state; what they hold is checked by whoever restores it. */
export class StateReader {
  readonly #parts = new Map<string, { meta: Map<string, string>; records: Map<string, string> }>();
  readonly #ids: string[] = [];

  /** Throws `RangeError` where a line cannot be read. */
  take(fields: Readonly<Record<string, unknown>>): void {
    if (fields['type'] === SEEN_LINE) {
      this.#ids.push(...textsOf(fields['ids']));
      return;
    }
    const component = String(fields['component']);
    let part = this.#parts.get(component);
    if (part === undefined) this.#parts.set(component, (part = { meta: new Map(), records: new Map() }));
    for (const [name, text] of pairs(textsOf(fields['meta'] ?? []))) part.meta.set(name, text);
    for (const [name, text] of pairs(textsOf(fields['records'] ?? []))) part.records.set(name, text);
  }

  /** Puts everything in place. Throws where it is unusable. */
  restore(members: readonly Member[], live: LivePipeline): void {
    for (const member of members) member.restore(this.#saved(member.declaration.name));
    live.seen.load(this.#ids);
  }

  #saved(component: TickingComponent): SavedComponent {
    const part = this.#parts.get(component);
    if (part === undefined) throw new RangeError(`the state of ${component} is missing`);
    return { sequence: 0, ...part, seen: [] };
  }
}

function textsOf(value: unknown): readonly string[] {
  if (!Array.isArray(value) || !value.every((text) => typeof text === 'string'))
    throw new RangeError('the recorded state cannot be read');
  return value;
}

function* pairs(flat: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i + 1 < flat.length; i += 2) yield [flat[i]!, flat[i + 1]!];
}
