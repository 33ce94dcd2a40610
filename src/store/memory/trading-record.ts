/** The trading state of the memory store: the kill flag, what is latched besides (`ballast:trading`), and disarmed symbols. */
import { governorNotice } from '../../contract/governor-records.ts';
import { KEYS, keyOf, ownKeyOf } from '../../contract/keys.ts';
import { FLAG_OF, stateOfFlag, tradingState } from '../../core/governor/trading-state.ts';
import type { TradingState } from '../../core/event.ts';
import type { KillFlag, Trading, TradingChange, TradingChanged } from '../permits.ts';
import { StoreError } from '../store.ts';
import type { RearmCommand } from './commands.ts';
import type { KeySpace } from './key-space.ts';
import type { Outstanding } from './outstanding.ts';

/** The trading state without the symbols. */
export type Stance = Omit<Trading, 'disarmed'>;

/** Fields of `ballast:trading` that are changed, as text. */
interface Fields {
  revision: number;
  latched?: TradingState;
  noted?: KillFlag;
  void_all?: number;
  void_openings?: number;
}

export class TradingRecord {
  readonly #keys: KeySpace;
  readonly #outstanding: Outstanding;
  readonly #killKey: string;
  readonly #tradingKey: string;
  readonly #disarmedKey: string;
  readonly #eventsKey: string;

  constructor(keys: KeySpace, namespace: string, outstanding: Outstanding) {
    this.#keys = keys;
    this.#outstanding = outstanding;
    this.#killKey = keyOf(namespace, 'kill');
    this.#tradingKey = ownKeyOf(namespace, 'trading');
    this.#disarmedKey = keyOf(namespace, 'disarmed');
    this.#eventsKey = keyOf(namespace, 'governorEvents');
  }

  stance(nowMs: number): Stance {
    const fields = this.#keys.find(this.#tradingKey, 'hash', nowMs)?.fields;
    return {
      flag: this.#flag(nowMs),
      latched: latchedOf(fields?.get('latched')),
      noted: decodeNoted(fields?.get('noted')),
      revision: this.#number(fields, 'revision'),
      voidAllBelow: this.#number(fields, 'void_all'),
      voidOpeningsBelow: this.#number(fields, 'void_openings'),
    };
  }

  look(nowMs: number): Trading {
    const disarmed = new Map(this.#keys.find(this.#disarmedKey, 'hash', nowMs)?.fields);
    return { ...this.stance(nowMs), disarmed };
  }

  isDisarmed(symbol: string, nowMs: number): boolean {
    return this.#keys.find(this.#disarmedKey, 'hash', nowMs)?.fields.has(symbol) ?? false;
  }

  disarm(symbol: string, text: string, nowMs: number): void {
    this.#keys.need(this.#disarmedKey, 'hash', nowMs).fields.set(symbol, text);
  }

  /** Openings are stopped, unless they are: the flag says so, outstanding ones are void. */
  reduce(nowMs: number): void {
    const { flag, latched, revision } = this.stance(nowMs);
    if (latched !== 'ACTIVE') return;
    const isSevere = stateOf(flag) === 'HALTED';
    if (!isSevere) this.#keys.setText(this.#killKey, FLAG_OF.REDUCING, null);
    this.#outstanding.void('openings', nowMs);
    const next = revision + 1;
    const noted = this.#flag(nowMs);
    this.#save({ revision: next, latched: 'REDUCING', noted, void_openings: next }, nowMs);
  }

  change(change: TradingChange, nowMs: number): TradingChanged {
    const { kind, state } = change;
    // Whatever else is wrong here, a flag that says halt halts.
    if (kind === 'switch' && state === 'HALTED') this.#keys.setText(this.#killKey, FLAG_OF.HALTED, null);
    this.stance(nowMs);
    if (kind === 'note') return this.#note(change, nowMs);
    if (kind === 'void') return this.#changed(change, {}, 'all', nowMs);
    if (state === 'ACTIVE') this.check(nowMs);
    this.#keys.setText(this.#killKey, FLAG_OF[state!], null);
    return this.#set(change, state!, nowMs);
  }

  rearm({ symbol, by, reason, nowMs }: RearmCommand): readonly string[] {
    this.check(nowMs);
    const fields = this.#keys.find(this.#disarmedKey, 'hash', nowMs)?.fields;
    const rearmed = [...(fields?.keys() ?? [])].filter((name) => symbol === null || name === symbol);
    for (const name of rearmed) fields!.delete(name);
    if (fields?.size === 0) this.#keys.delete(this.#disarmedKey);
    this.#save({ revision: this.stance(nowMs).revision + 1 }, nowMs);
    this.#tell('REARM', { symbol: symbol ?? '', by, reason }, nowMs);
    return rearmed;
  }

  /** What a hand did to the flag. One that was never looked at before and says nothing is no change. */
  #note(change: TradingChange, nowMs: number): TradingChanged {
    const { flag, latched, noted, revision } = this.stance(nowMs);
    const isFirst = noted === undefined && flag.kind === 'text' && stateOf(flag) === 'ACTIVE';
    if (isFirst) this.#save({ revision, noted: flag }, nowMs);
    if (isFirst || (noted !== undefined && isSameFlag(flag, noted)))
      return { changed: false, state: effective(this.stance(nowMs)), revision, voided: 0 };
    if (stateOf(flag) === 'ACTIVE') this.check(nowMs);
    if (flag.kind === 'text' && flag.text === null)
      return this.#changed(change, { noted: flag }, 'none', nowMs);
    const state = stateOf(flag) === 'ACTIVE' ? 'ACTIVE' : effective({ flag, latched });
    return this.#set(change, state, nowMs);
  }

  /** Latches the state, and does what follows from it. */
  #set(change: TradingChange, latched: TradingState, nowMs: number): TradingChanged {
    if (latched === 'ACTIVE') this.#keys.delete(this.#disarmedKey);
    const voids = ({ ACTIVE: 'none', REDUCING: 'openings', HALTED: 'all' } as const)[latched];
    return this.#changed(change, { latched, noted: this.#flag(nowMs) }, voids, nowMs);
  }

  #changed(
    { kind, by, reason }: TradingChange,
    fields: Omit<Fields, 'revision'>,
    voids: 'none' | 'openings' | 'all',
    nowMs: number,
  ): TradingChanged {
    const revision = this.stance(nowMs).revision + 1;
    const voided = voids === 'none' ? 0 : this.#outstanding.void(voids, nowMs);
    const below = voids === 'none' ? {} : { void_openings: revision };
    const allBelow = voids === 'all' ? { void_all: revision } : {};
    this.#save({ ...fields, revision, ...below, ...allBelow }, nowMs);
    const state = effective(this.stance(nowMs));
    this.#tell('KILL_SWITCH', { state, by, reason, how: kind, voided }, nowMs);
    return { changed: true, state, revision, voided };
  }

  /** Before anything is changed: throws `WRONGTYPE` where something else lies under our keys. The flag may be anything. */
  check(nowMs: number): void {
    this.#keys.find(this.#tradingKey, 'hash', nowMs);
    this.#keys.find(this.#disarmedKey, 'hash', nowMs);
    this.#keys.find(this.#eventsKey, 'stream', nowMs);
  }

  #flag(nowMs: number): KillFlag {
    const value = this.#keys.get(this.#killKey, nowMs);
    if (value === undefined) return { kind: 'text', text: null };
    if (value.type === 'string') return { kind: 'text', text: value.text };
    return { kind: 'unreadable', error: `WRONGTYPE ${this.#killKey} is a ${value.type}, not a string` };
  }

  #number(fields: ReadonlyMap<string, string> | undefined, name: string): number {
    const number = Number(fields?.get(name) ?? 0);
    if (Number.isFinite(number)) return number;
    const text = `${name} of ${this.#tradingKey} is no number: something else wrote it`;
    throw new StoreError('unusable', 'TRADING', text);
  }

  #save({ latched, noted, ...numbers }: Fields, nowMs: number): void {
    const { fields } = this.#keys.need(this.#tradingKey, 'hash', nowMs);
    for (const [name, value] of Object.entries(numbers)) fields.set(name, String(value));
    if (latched !== undefined) fields.set('latched', latched);
    if (noted !== undefined) fields.set('noted', encodeNoted(noted));
  }

  #tell(
    event: 'KILL_SWITCH' | 'REARM',
    about: Readonly<Record<string, string | number>>,
    nowMs: number,
  ): void {
    const entry = governorNotice(event, nowMs / 1000, about).flat();
    // What stops is not stopped by a stream that is none; what starts is not begun then.
    const value = this.#keys.get(this.#eventsKey, nowMs);
    if (value !== undefined && value.type !== 'stream') return;
    this.#keys.addEntry(this.#eventsKey, entry, KEYS.governorEvents.maxLength, nowMs);
  }
}

/** What holds: the more severe of the flag and what is latched. */
export function effective({ flag, latched }: Pick<Trading, 'flag' | 'latched'>): TradingState {
  return tradingState(flag.kind === 'text' ? flag.text : undefined, latched);
}

export function isSameFlag(a: KillFlag, b: KillFlag): boolean {
  return a.kind === 'text' ? b.kind === 'text' && a.text === b.text : b.kind === 'unreadable';
}

function stateOf(flag: KillFlag): TradingState {
  return flag.kind === 'text' ? stateOfFlag(flag.text) : 'HALTED';
}

/** What is not understood halts. */
function latchedOf(text = 'ACTIVE'): TradingState {
  return text === 'ACTIVE' || text === 'REDUCING' ? text : 'HALTED';
}

function encodeNoted(flag: KillFlag): string {
  if (flag.kind === 'unreadable') return '!unreadable';
  return flag.text === null ? 'absent' : `=${flag.text}`;
}

function decodeNoted(text: string | undefined): KillFlag | undefined {
  if (text === undefined) return undefined;
  if (text.startsWith('!')) return { kind: 'unreadable', error: text.slice(1) };
  return { kind: 'text', text: text === 'absent' ? null : text.slice(1) };
}
