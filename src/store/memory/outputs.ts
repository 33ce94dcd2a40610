/** What a commit shows to others in the memory store: hashes, stream entries, dead letters and the index of symbols. */
import { ownKeyOf } from '../../contract/keys.ts';
import { compareIds, StoreError, type CommitResult, type FlatFields, type Output } from '../store.ts';
import type { KeySpace } from './key-space.ts';

export class Outputs {
  readonly #keys: KeySpace;
  readonly #namespace: string;

  constructor(keys: KeySpace, namespace: string) {
    this.#keys = keys;
    this.#namespace = namespace;
  }

  apply(outputs: readonly Output[], nowMs: number): CommitResult {
    const rewrite: string[] = [];
    const refused: { key: string; error: string }[] = [];
    for (const output of outputs) {
      try {
        if (output.kind === 'update' && !this.#isExpected(output, nowMs)) rewrite.push(output.key);
        else this.#apply(output, nowMs);
      } catch (error) {
        if (!(error instanceof StoreError) || output.kind === 'index') throw error;
        refused.push({ key: output.key, error: error.message });
      }
    }
    return { outcome: 'done', rewrite, refused };
  }

  /** The answer to a repeat: hashes that are not as an update wants them now are to be put whole, whatever became of the first. */
  asBefore(outputs: readonly Output[], nowMs: number): CommitResult {
    const rewrite = outputs.flatMap((output) =>
      output.kind === 'update' && !this.#isExpected(output, nowMs) ? [output.key] : [],
    );
    return { outcome: 'done', rewrite, refused: [] };
  }

  #apply(output: Output, nowMs: number): void {
    switch (output.kind) {
      case 'put':
        this.#put(output, nowMs);
        break;
      case 'update': {
        const hash = this.#keys.need(output.key, 'hash', nowMs);
        setFields(hash.fields, output.fields);
        if (output.lifeSec !== null) this.#keys.setEnd(output.key, nowMs + output.lifeSec * 1000);
        break;
      }
      case 'append':
        this.#keys.addEntry(output.key, output.fields, output.maxLength, nowMs);
        break;
      case 'delete':
        this.#keys.delete(output.key);
        break;
      case 'deadLetter':
        this.#deadLetter(output, nowMs);
        break;
      case 'index': {
        const known = this.#keys.need(ownKeyOf(this.#namespace, 'known'), 'set', nowMs).members;
        for (const symbol of output.symbols) known.add(symbol);
      }
    }
  }

  #put({ key, fields, lifeSec }: Extract<Output, { kind: 'put' }>, nowMs: number): void {
    this.#keys.find(key, 'hash', nowMs);
    if (fields.length === 0) {
      this.#keys.delete(key);
      return;
    }
    const whole = setFields(new Map(), fields);
    const expiresMs = lifeSec === null ? null : nowMs + lifeSec * 1000;
    this.#keys.set(key, { type: 'hash', fields: whole, expiresMs });
  }

  #deadLetter(letter: Extract<Output, { kind: 'deadLetter' }>, nowMs: number): void {
    const marksKey = ownKeyOf(this.#namespace, 'deadLetters');
    const mark = this.#keys.find(marksKey, 'hash', nowMs)?.fields.get(letter.stream);
    if (mark !== undefined && compareIds(letter.sourceId, mark) <= 0) return;
    this.#keys.addEntry(letter.key, letter.fields, letter.maxLength, nowMs);
    this.#keys.need(marksKey, 'hash', nowMs).fields.set(letter.stream, letter.sourceId);
  }

  #isExpected({ key, fieldCount }: Extract<Output, { kind: 'update' }>, nowMs: number): boolean {
    const value = this.#keys.get(key, nowMs);
    return value?.type === 'hash' && value.fields.size === fieldCount;
  }
}

function setFields(hash: Map<string, string>, flat: FlatFields): Map<string, string> {
  for (let i = 0; i < flat.length; i += 2) hash.set(flat[i]!, flat[i + 1]!);
  return hash;
}
