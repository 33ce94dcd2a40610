/** What went wrong and is not over, or is over but left a hole: as sentences, for /health. */
import { kindOfKey, writerOf } from './key-kinds.ts';
import type { Gap } from '../../runtime/positions.ts';
import type { InputState } from '../../runtime/machine.ts';
import type { ComponentName } from '../../contract/components.ts';

/** A hole in the input stays in sight for a day, a refused output for as long as the next may be. */
const GAP_MS = 86_400_000;
const REFUSED_MS = 120_000;
const MAX_GAPS = 20;
const MAX_TEXT = 200;

interface SeenGap {
  readonly input: string;
  readonly gap: Gap;
  readonly atMs: number;
  /** The store's time; null until it is known. */
  storeMs: number | null;
}

interface Refused {
  count: number;
  key: string;
  error: string;
  lastMs: number;
}

export class Incidents {
  #gaps: SeenGap[] = [];
  readonly #states = new Map<string, { readonly state: InputState; readonly why: string | null }>();
  /** By the component whose outputs they are; null: of several. */
  readonly #refused = new Map<ComponentName | null, Refused>();

  gap(input: string, gap: Gap, atMs: number): void {
    this.#gaps = [...this.#gaps, { input, gap, atMs, storeMs: null }].slice(-MAX_GAPS);
  }

  inputState(input: string, state: InputState, why: string | null): void {
    if (state === 'readable') this.#states.delete(input);
    else this.#states.set(input, { state, why });
  }

  /** `writer`: whose output it is; null where it may be of several. */
  refused(
    key: string,
    error: string,
    atMs: number,
    writer: ComponentName | null = writerOf(kindOfKey(key)),
  ): void {
    const count = (this.#refused.get(writer)?.count ?? 0) + 1;
    this.#refused.set(writer, { count, key, error, lastMs: atMs });
  }

  /** What the store's clock says now. */
  tellTime(storeMs: number, nowMs: number): void {
    for (const gap of this.#gaps) gap.storeMs ??= storeMs;
    for (const [writer, { lastMs }] of this.#refused)
      if (nowMs - lastMs > REFUSED_MS) this.#refused.delete(writer);
  }

  /** A machine begins: it says anew which of its inputs it cannot read. */
  begin(): void {
    this.#states.clear();
  }

  /** About what the component reads and writes. */
  sentences(component: ComponentName, inputs: readonly string[], nowMs: number): string[] {
    const sentences: string[] = [];
    for (const input of inputs) {
      const state = this.#states.get(input);
      if (state !== undefined) sentences.push(stateSentence(input, state.state, state.why));
    }
    for (const { input, gap, atMs, storeMs } of this.#gaps)
      if (inputs.includes(input) && nowMs - atMs <= GAP_MS)
        sentences.push(`${gapSentence(input, gap)}${storeMs === null ? '' : `, at ${isoTime(storeMs)}`}`);
    for (const writer of [component, null]) {
      const refused = this.#refused.get(writer);
      if (refused !== undefined) sentences.push(refusedSentence(refused));
    }
    return sentences;
  }
}

export function gapSentence(input: string, gap: Gap): string {
  return gap.kind === 'trimmed'
    ? `${gap.lost} entries of ${input} were trimmed before they were read`
    : `${input} was deleted and made anew: it is read from its beginning`;
}

export function stateSentence(input: string, state: InputState, why: string | null): string {
  if (state === 'readable') return `${input} can be read again`;
  if (state === 'gone') return `${input} is gone: it had entries, and there is no such stream any more`;
  return `${input} cannot be read: ${(why ?? 'the store does not say why').slice(0, MAX_TEXT)}`;
}

function refusedSentence({ count, key, error }: Refused): string {
  return `the store refused ${count} outputs, the last was ${key}: ${error.slice(0, MAX_TEXT)}`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
