/**
 * What one component shows the world: its hash a symbol, which is changed field by field and put whole now and then, and
 * an entry on its stream where a decision changed, or after a minute without one (spec/contract.md, Settings).
 */
import {
  keyOf,
  KEYS,
  lifeSecOf,
  partOfKey,
  shadowKeyOf,
  withoutShadow,
  type KeyName,
  type ShadowedKey,
} from '../contract/keys.ts';
import { decisionOf, publishedAt } from '../core/pipeline/decisions.ts';
import type { FieldList } from '../contract/record-codec.ts';
import type { TickDecision } from '../core/decision.ts';
import type { Engine } from '../core/pipeline/engine.ts';
import type { Mode } from '../core/settings.ts';
import type { Output } from '../store/store.ts';
import type { Declaration } from './declarations.ts';

/** An entry at least every so often, whether or not anything changed, and also where the clock was set back as far. */
const ENTRY_EVERY_SEC = 60;
/** A key's life is renewed, and its hash put whole, when this share of it is over. */
const RENEW_SHARE = 3;

interface Shown {
  /** Values of the hash as they were written last, in the order of its fields; null: not written, or not as we left it. */
  values: string[] | null;
  putTick: number;
  entry: string | null;
  entryTick: number;
}

/** Told of every decision that is shown: the log, the archive, the metrics. */
export interface DecisionListener {
  /** `isNew`: it differs from the last in more than its time. */
  decided(declaration: Declaration, symbol: number, decision: TickDecision, isNew: boolean): void;
}

export class Publisher {
  readonly #declaration: Declaration;
  readonly #engine: Engine;
  readonly #namespace: string;
  readonly #lifeSec: number;
  readonly #shown: (Shown | undefined)[] = [];
  #mode: Mode;

  constructor(declaration: Declaration, engine: Engine, namespace: string, mode: Mode) {
    this.#declaration = declaration;
    this.#engine = engine;
    this.#namespace = namespace;
    this.#mode = mode;
    this.#lifeSec = lifeSecOf(declaration.hash, engine.settings)!;
  }

  /** Everything the tick published, as outputs. */
  publish(tick: number, listener: DecisionListener): Output[] {
    const outputs: Output[] = [];
    for (const symbol of this.#engine.symbols.all()) {
      if (publishedAt(this.#engine, this.#declaration.ticking, symbol) !== tick) continue;
      const decision = decisionOf(this.#engine, this.#declaration.ticking, symbol)!;
      this.show(symbol, decision, tick, outputs, listener);
    }
    return outputs;
  }

  show(
    symbol: number,
    decision: TickDecision,
    tick: number,
    outputs: Output[],
    listener: DecisionListener,
  ): void {
    const shown = (this.#shown[symbol] ??= { values: null, putTick: 0, entry: null, entryTick: 0 });
    const fields = this.#declaration.encode(decision);
    const isNew = this.#showHash(shown, symbol, fields, tick, outputs);
    this.#showEntry(shown, decision, tick, outputs);
    listener.decided(this.#declaration, symbol, decision, isNew);
  }

  /** Another mode: where the hash goes, and what becomes of those that were written. */
  switchMode(mode: Mode): Output[] {
    if (mode === this.#mode) return [];
    const before = this.#mode;
    this.#mode = mode;
    if (!isShadowed(this.#declaration.hash)) return [];
    const outputs: Output[] = [];
    this.#shown.forEach((shown, symbol) => {
      if (shown === undefined) return;
      shown.values = null;
      outputs.push({ kind: 'delete', key: this.#key(symbol, before) });
    });
    return outputs;
  }

  /** The live hashes of symbols committed by a process that was in enforce, where this one is not. */
  withdraw(symbols: Iterable<number>): Output[] {
    if (this.#mode === 'enforce' || !isShadowed(this.#declaration.hash)) return [];
    return [...symbols].map((symbol) => ({ kind: 'delete', key: this.#key(symbol, 'enforce') }));
  }

  /** The store found another hash than we left: the next one is put whole. */
  rewrite(key: string): void {
    const name = partOfKey(this.#namespace, this.#declaration.hash, withoutShadow(this.#namespace, key));
    const { symbols } = this.#engine;
    const shown = name === null || !symbols.has(name) ? undefined : this.#shown[symbols.id(name)];
    if (shown !== undefined) shown.values = null;
  }

  /** Returns whether more than the times changed. */
  #showHash(shown: Shown, symbol: number, fields: FieldList, tick: number, outputs: Output[]): boolean {
    const { times } = this.#declaration;
    const key = this.#key(symbol, this.#mode);
    const { values } = shown;
    const changed: string[] = [];
    let isNew = values === null;
    for (let i = 0; i < fields.length; i++) {
      const [name, text] = fields[i]!;
      if (values !== null && values[i] === text) continue;
      changed.push(name, text);
      if (!times.includes(name)) isNew = true;
    }
    const isOld = Math.abs(tick - shown.putTick) >= this.#lifeSec / RENEW_SHARE;
    shown.values = fields.map(([, text]) => text);
    if (values === null || isOld) {
      outputs.push({ kind: 'put', key, fields: fields.flat(), lifeSec: this.#lifeSec });
      shown.putTick = tick;
    } else if (changed.length > 0)
      outputs.push({ kind: 'update', key, fields: changed, fieldCount: fields.length, lifeSec: null });
    return isNew;
  }

  #showEntry(shown: Shown, decision: TickDecision, tick: number, outputs: Output[]): void {
    const { stream, encodeEntry, times } = this.#declaration;
    if (stream === null || encodeEntry === null) return;
    const fields = encodeEntry(decision);
    let content = '';
    for (const [name, text] of fields) if (!times.includes(name)) content += `${text}\n`;
    if (content === shown.entry && Math.abs(tick - shown.entryTick) < ENTRY_EVERY_SEC) return;
    shown.entry = content;
    shown.entryTick = tick;
    const maxLength = KEYS[stream].maxLength!;
    outputs.push({
      kind: 'append',
      key: keyOf(this.#namespace, stream as 'attributions'),
      fields: fields.flat(),
      maxLength,
    });
  }

  #key(symbol: number, mode: Mode): string {
    const { hash } = this.#declaration;
    const name = this.#engine.symbols.name(symbol);
    return isShadowed(hash) && mode === 'shadow'
      ? shadowKeyOf(this.#namespace, hash, name)
      : keyOf(this.#namespace, hash as 'budget', name);
  }
}

function isShadowed(name: KeyName): name is ShadowedKey {
  return KEYS[name].hasShadow;
}
