/**
 * The memory store's state: the keys, and what carries out commands on them. No clock, no files: the same commands give
 * the same state. What components own lies under their own keys as in Redis, so that `hashes` shows it.
 */
import { keyOf, ownKeyOf } from '../../contract/keys.ts';
import type { Claims, CommitPart, CommitResult, EntryId, SavedComponent } from '../store.ts';
import type {
  AppendCommand,
  ClaimCommand,
  Command,
  CommitCommand,
  ReleaseCommand,
  ReplyCommand,
  SettleCommand,
  TextCommand,
  WriteCommand,
} from './commands.ts';
import { KeySpace } from './key-space.ts';
import { Outputs } from './outputs.ts';
import { Outstanding } from './outstanding.ts';
import { Owners, type LastCommit } from './owners.ts';
import { PermitSteps, setReply } from './permit-steps.ts';
import { PermitTakes } from './permit-takes.ts';
import { TradingRecord } from './trading-record.ts';

export class MemoryState {
  readonly keys = new KeySpace();
  readonly lastCommits = new Map<string, LastCommit>();
  readonly owners: Owners;
  readonly namespace: string;
  readonly trading: TradingRecord;
  readonly steps: PermitSteps;
  readonly takes: PermitTakes;
  readonly #outputs: Outputs;
  readonly #outstanding: Outstanding;

  constructor(namespace: string) {
    this.namespace = namespace;
    this.owners = new Owners(this.keys, namespace);
    this.#outputs = new Outputs(this.keys, namespace);
    this.#outstanding = new Outstanding(this.keys, namespace);
    this.trading = new TradingRecord(this.keys, namespace, this.#outstanding);
    this.takes = new PermitTakes(this.keys, namespace, this.trading, this.#outstanding);
    const { keys, lastCommits, owners, trading } = this;
    const outstanding = this.#outstanding;
    this.steps = new PermitSteps({ keys, namespace, lastCommits, owners, trading, outstanding });
  }

  /** For commands read from a journal: their answers were given when they were written. */
  execute(command: Command): unknown {
    switch (command.op) {
      case 'append':
        return this.append(command);
      case 'commit':
        return this.commit(command);
      case 'write':
        return this.write(command);
      case 'text':
        return this.setText(command);
      case 'claim':
        return this.claim(command);
      case 'release':
        return this.release(command);
      case 'open':
        return this.open();
      case 'decide':
        return this.steps.decide(command);
      case 'reply':
        return this.reply(command);
      case 'take':
        return this.takes.take(command);
      case 'settle':
        return this.settle(command);
      case 'trading':
        return this.trading.change(command.change, command.nowMs);
      case 'rearm':
        return this.trading.rearm(command);
    }
  }

  append({ nowMs, requests }: AppendCommand): readonly EntryId[] {
    this.keys.sweep(nowMs);
    // All of them or none: the answer is one.
    for (const { stream } of requests) this.keys.find(stream, 'stream', nowMs);
    return requests.map(({ stream, fields, maxLength }) =>
      this.keys.addEntry(stream, fields, maxLength, nowMs),
    );
  }

  commit({ nowMs, commit }: CommitCommand): CommitResult {
    this.keys.sweep(nowMs, commit.outputs.length);
    const { owner, parts } = commit;
    const token = JSON.stringify([owner, parts.map((part) => [part.component, part.epoch, part.sequence])]);
    const isRepeat =
      parts.length > 0 &&
      parts.every((part) => {
        const last = this.lastCommits.get(part.component);
        return last?.token === token && last.sequence === part.sequence + 1;
      });
    if (isRepeat) return this.#outputs.asBefore(commit.outputs, nowMs);
    const fenced = parts.filter(
      (part) =>
        !this.owners.isHeld(owner, part, nowMs) ||
        (this.lastCommits.get(part.component)?.sequence ?? 0) !== part.sequence,
    );
    if (fenced.length > 0) return { outcome: 'fenced', components: fenced.map(({ component }) => component) };
    this.#checkTypes(parts, nowMs);
    for (const part of parts) {
      this.#saveFields('meta', part.component, part.meta, nowMs);
      this.#saveFields('records', part.component, part.records, nowMs);
      this.#saveSeen(part, nowMs);
      this.lastCommits.set(part.component, { sequence: part.sequence + 1, token });
      this.owners.hear(part.component, nowMs);
    }
    return this.#outputs.apply(commit.outputs, nowMs);
  }

  load(component: string, nowMs: number): SavedComponent | null {
    const last = this.lastCommits.get(component);
    if (last === undefined) return null;
    const fieldsOf = (name: 'meta' | 'records'): Map<string, string> =>
      new Map(this.keys.find(ownKeyOf(this.namespace, name, component), 'hash', nowMs)?.fields);
    const seen = this.keys.find(ownKeyOf(this.namespace, 'seen', component), 'list', nowMs)?.items ?? [];
    return { sequence: last.sequence, meta: fieldsOf('meta'), records: fieldsOf('records'), seen: [...seen] };
  }

  write({ nowMs, key, fields }: WriteCommand): void {
    const hash = this.keys.need(key, 'hash', nowMs);
    for (const [field, value] of fields) {
      if (value === null) hash.fields.delete(field);
      else hash.fields.set(field, value);
    }
    if (hash.fields.size === 0) this.keys.delete(key);
  }

  setText({ key, text }: TextCommand): void {
    if (text === null) this.keys.delete(key);
    else this.keys.setText(key, text, null);
  }

  /** All of them or none. */
  reply({ nowMs, replies }: ReplyCommand): void {
    this.keys.sweep(nowMs, replies.length);
    const byKey = replies.map(({ planId, reply }) => ({
      key: keyOf(this.namespace, 'permitReply', planId),
      reply,
    }));
    for (const { key } of byKey) this.keys.find(key, 'list', nowMs);
    for (const { key, reply } of byKey) setReply(this.keys, key, reply, nowMs);
  }

  /** The reply that waits, which then is gone; null: none does. Told once but for a crash: it is not in the journal. */
  takeReply(key: string, nowMs: number): string | null {
    const list = this.keys.find(key, 'list', nowMs);
    const reply = list?.items.shift() ?? null;
    if (list?.items.length === 0) this.keys.delete(key);
    return reply;
  }

  settle({ nowMs, ended, atSec }: SettleCommand): void {
    this.#outstanding.check(nowMs);
    for (const { planId, outcome } of ended) {
      this.#outstanding.end(planId, outcome, Number(atSec), nowMs);
      if (outcome !== 'used') this.keys.delete(keyOf(this.namespace, 'permit', planId));
      this.#outstanding.remove(planId, nowMs);
    }
  }

  claim(command: ClaimCommand): Claims {
    return this.owners.claim(command);
  }

  release(command: ReleaseCommand): void {
    this.owners.release(command);
  }

  /** Whoever held a component before was in a process that is gone. */
  open(): void {
    this.owners.releaseAll();
  }

  /** Before anything is changed: a foreign value under one of our keys must not stop a commit halfway. */
  #checkTypes(parts: readonly CommitPart[], nowMs: number): void {
    for (const { component } of parts) {
      this.keys.find(ownKeyOf(this.namespace, 'meta', component), 'hash', nowMs);
      this.keys.find(ownKeyOf(this.namespace, 'records', component), 'hash', nowMs);
      this.keys.find(ownKeyOf(this.namespace, 'seen', component), 'list', nowMs);
    }
  }

  #saveSeen({ component, seen, dropSeen }: CommitPart, nowMs: number): void {
    if (seen === null && dropSeen === 0) return;
    const key = ownKeyOf(this.namespace, 'seen', component);
    const { items } = this.keys.need(key, 'list', nowMs);
    if (seen !== null) items.push(seen);
    items.splice(0, dropSeen);
    if (items.length === 0) this.keys.delete(key);
  }

  /** An empty record is none. */
  #saveFields(name: 'meta' | 'records', component: string, flat: readonly string[], nowMs: number): void {
    if (flat.length === 0) return;
    const key = ownKeyOf(this.namespace, name, component);
    const { fields } = this.keys.need(key, 'hash', nowMs);
    for (let i = 0; i < flat.length; i += 2) {
      if (name === 'records' && flat[i + 1] === '') fields.delete(flat[i]!);
      else fields.set(flat[i]!, flat[i + 1]!);
    }
    if (fields.size === 0) this.keys.delete(key);
  }
}
