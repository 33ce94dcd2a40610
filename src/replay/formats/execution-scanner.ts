/**
 * Executions straight from the bytes of a line, without the object in between: what a large file mostly consists of.
 * Takes only lines in the plain shape every program writes (a flat object, ASCII strings without escapes, plain numbers,
 * each field once) that are executions without a fault. Any other line gives null and is read the general way
 * (`JSON.parse`, contract/decode), which alone says what a field means; a test holds the two against each other.
 */
import { canonicalSymbol } from '../../contract/symbol.ts';
import { parseDecimal } from '../../contract/decimal.ts';
import { asciiText, hashStep, Intern } from './intern.ts';
import type { DecodeOptions } from '../../contract/decode.ts';
import type { ExecutionEvent } from '../../core/event.ts';

const QUOTE = 0x22;
const RETURN = 0x0d;
const NEWLINE = 0x0a;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const MINUS = 0x2d;
const DOT = 0x2e;
const ZERO = 0x30;
const EARLIEST_SEC = 946_684_800;
const LATEST_SEC = 4_102_444_800;
const MAX_FUTURE_SEC = 60;
const MAX_LABEL_LENGTH = 256;
const MAX_SYMBOLS = 1 << 16;

/** In place of a field: the line has to be read the general way. */
const NOT_PLAIN = -2;
const MAX_EXPECTED = 64;

const NUMBERS = [
  'ts',
  'ts_ms',
  'timestamp',
  'realized_pnl',
  'pnl_usd',
  'pnl',
  'filled_qty',
  'qty',
  'price',
  'stake_usd',
  'hold_sec',
  'entry_ts',
  'entry_ts_ms',
  'entry_price',
  'pnl_pct',
  'pnl_gross_usd',
] as const;
const TEXTS = [
  'type',
  'symbol',
  'regime',
  'cluster',
  'signal',
  'bot',
  'exit_reason',
  'side',
  'execution_id',
  'order_id',
] as const;
/** Fields whose meaning needs more than is done here. */
const GENERAL = new Set(['kind', 'plan_id']);

type NumberField = (typeof NUMBERS)[number];
type TextField = (typeof TEXTS)[number];
const NUMBER_AT = Object.fromEntries(NUMBERS.map((name, i) => [name, i])) as Record<NumberField, number>;
const TEXT_AT = Object.fromEntries(TEXTS.map((name, i) => [name, i])) as Record<TextField, number>;
const FIELDS: ReadonlyMap<string, number> = new Map([
  ...NUMBERS.map((name, i): [string, number] => [name, i]),
  ...TEXTS.map((name, i): [string, number] => [name, NUMBERS.length + i]),
  ...[...GENERAL].map((name): [string, number] => [name, NOT_PLAIN]),
]);
const TYPE = NUMBERS.length + TEXT_AT.type;
const EXECUTION = new TextEncoder().encode('"execution"');
/** Bytes that stand for themselves in a JSON string: printable ASCII but the backslash. */
const PLAIN = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= SPACE && byte <= 0x7e && byte !== BACKSLASH ? 1 : 0,
);
const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

export class ExecutionScanner {
  readonly #options: DecodeOptions;
  readonly #intern = new Intern();
  readonly #symbols = new Map<string, string | null>();
  readonly #numbers = new Float64Array(NUMBERS.length);
  readonly #texts: string[] = TEXTS.map(() => '');
  /** What stood before each value of the last line, brace or comma, name and colon: the next line mostly has the same. */
  readonly #expected: { readonly bytes: Uint8Array; readonly field: number }[] = [];
  #seen = 0;
  #at = 0;
  #buffer: Uint8Array = new Uint8Array(0);

  constructor(options: DecodeOptions) {
    this.#options = options;
  }

  /** Where the line after the one scanned last begins. */
  get next(): number {
    return this.#at;
  }

  /** The execution in the line of `buffer` that begins at `start`, or null where the line has to be read the general way. */
  scan(buffer: Uint8Array, start: number): ExecutionEvent | null {
    this.#buffer = buffer;
    this.#at = start;
    this.#seen = 0;
    return this.#scanFields() && this.#scanLineEnd() ? this.#execution() : null;
  }

  #scanLineEnd(): boolean {
    const buffer = this.#buffer;
    if (buffer[this.#at] === RETURN) this.#at++;
    if (this.#at === buffer.length) return true;
    return buffer[this.#at++] === NEWLINE;
  }

  #scanFields(): boolean {
    const buffer = this.#buffer;
    for (let i = 0; ; i++) {
      const field = this.#field(i);
      if (field === NOT_PLAIN || !this.#value(field)) return false;
      if (buffer[this.#at] === SPACE) this.#skipSpaces();
      if (buffer[this.#at] === CLOSE) {
        this.#at++;
        return true;
      }
    }
  }

  /** The field whose name stands here as the `index`th of the line, from the brace or comma before it to its value; -1 for one that is not ours. */
  #field(index: number): number {
    const buffer = this.#buffer;
    const start = this.#at;
    const expected = this.#expected[index];
    if (expected !== undefined) {
      const { bytes } = expected;
      const length = bytes.length;
      let i = 0;
      while (i < length && buffer[start + i] === bytes[i]) i++;
      if (i === length) {
        this.#at = start + length;
        return expected.field;
      }
    }
    if (buffer[this.#at++] !== (index === 0 ? OPEN : COMMA)) return NOT_PLAIN;
    this.#skipSpaces();
    const name = this.#string();
    if (name === null) return NOT_PLAIN;
    this.#skipSpaces();
    if (buffer[this.#at++] !== COLON) return NOT_PLAIN;
    this.#skipSpaces();
    const field = FIELDS.get(name) ?? -1;
    if (index <= this.#expected.length && index < MAX_EXPECTED)
      this.#expected[index] = { bytes: new Uint8Array(buffer.subarray(start, this.#at)), field };
    return field;
  }

  /** Takes one value: into its field, or past it where no field of ours has the name (-1). */
  #value(field: number): boolean {
    const isText = this.#buffer[this.#at] === QUOTE;
    if (field >= 0) {
      const bit = 1 << field;
      if ((this.#seen & bit) !== 0) return false;
      this.#seen |= bit;
    }
    if (isText) {
      if (field === TYPE && this.#isExecutionType()) return true;
      const text = this.#string();
      if (text === null || (field >= 0 && field < NUMBERS.length)) return false;
      if (field >= 0) this.#texts[field - NUMBERS.length] = text;
      return true;
    }
    const value = this.#number();
    if (Number.isNaN(value) || field >= NUMBERS.length) return false;
    if (field >= 0) this.#numbers[field] = value;
    return true;
  }

  /** Steps over the type that nearly every line has. */
  #isExecutionType(): boolean {
    const buffer = this.#buffer;
    const start = this.#at;
    for (let i = 0; i < EXECUTION.length; i++) if (buffer[start + i] !== EXECUTION[i]) return false;
    this.#at = start + EXECUTION.length;
    this.#texts[TEXT_AT.type] = 'execution';
    return true;
  }

  #skipSpaces(): void {
    while (this.#buffer[this.#at] === SPACE) this.#at++;
  }

  /** A string of printable ASCII without escapes, or null. */
  #string(): string | null {
    const buffer = this.#buffer;
    let at = this.#at;
    if (buffer[at] !== QUOTE) return null;
    const start = ++at;
    let hash = 0;
    for (const end = buffer.length; at < end; at++) {
      const byte = buffer[at]!;
      if (byte === QUOTE) {
        if (at - start > MAX_LABEL_LENGTH) return null;
        this.#at = at + 1;
        return this.#intern.get(buffer, start, at, hash);
      }
      if (PLAIN[byte] === 0) return null;
      hash = hashStep(hash, byte);
    }
    return null;
  }

  /** A number without exponent, or NaN: exact by one division where it has at most 15 digits (Clinger 1990). */
  #number(): number {
    const buffer = this.#buffer;
    let at = this.#at;
    const isNegative = buffer[at] === MINUS;
    if (isNegative) at++;
    const first = at;
    let mantissa = 0;
    let digit = buffer[at]! - ZERO;
    while (digit >= 0 && digit <= 9) {
      mantissa = mantissa * 10 + digit;
      digit = buffer[++at]! - ZERO;
    }
    const whole = at - first;
    if (whole === 0 || (whole > 1 && buffer[first] === ZERO)) return NaN;
    let decimals = 0;
    if (buffer[at] === DOT) {
      digit = buffer[++at]! - ZERO;
      while (digit >= 0 && digit <= 9) {
        mantissa = mantissa * 10 + digit;
        decimals++;
        digit = buffer[++at]! - ZERO;
      }
      if (decimals === 0) return NaN;
    }
    const next = buffer[at];
    if (next !== COMMA && next !== CLOSE && next !== SPACE) return NaN;
    this.#at = at;
    if (whole + decimals > 15) return numberOf(buffer, isNegative ? first - 1 : first, at);
    const value = decimals === 0 ? mantissa : mantissa / POWERS[decimals]!;
    return isNegative ? 0 - value : value;
  }

  #execution(): ExecutionEvent | null {
    const hasType = (this.#seen & (1 << (NUMBERS.length + TEXT_AT.type))) !== 0;
    if (hasType && this.#texts[TEXT_AT.type] !== 'execution') return null;
    const ts = this.#time(NUMBER_AT.ts, NUMBER_AT.ts_ms, NUMBER_AT.timestamp);
    const hasOwnTime = (this.#seen & (1 << NUMBER_AT.timestamp)) !== 0;
    const eventTs = hasOwnTime ? this.#time(NUMBER_AT.timestamp, NUMBER_AT.ts, NUMBER_AT.ts_ms) : ts;
    const pnlUsd =
      this.#number0(NUMBER_AT.realized_pnl) ??
      this.#number0(NUMBER_AT.pnl_usd) ??
      this.#number0(NUMBER_AT.pnl);
    const rawSymbol = this.#text(TEXT_AT.symbol);
    if (
      ts === null ||
      eventTs === null ||
      pnlUsd === null ||
      rawSymbol === null ||
      eventTs > ts + MAX_FUTURE_SEC
    )
      return null;
    const symbol = this.#canonical(rawSymbol);
    if (symbol === null) return null;
    return {
      type: 'execution',
      ts,
      symbol,
      pnlUsd,
      eventTs,
      executionId: this.#text(TEXT_AT.execution_id),
      bot: this.#text(TEXT_AT.bot),
      regime: this.#text(TEXT_AT.regime),
      cluster: this.#text(TEXT_AT.cluster),
      signal: this.#text(TEXT_AT.signal),
      exitReason: this.#text(TEXT_AT.exit_reason),
      side: this.#text(TEXT_AT.side),
      planId: null,
      orderId: this.#text(TEXT_AT.order_id),
      qty: this.#number0(NUMBER_AT.filled_qty) ?? this.#number0(NUMBER_AT.qty),
      price: this.#number0(NUMBER_AT.price),
      stakeUsd: this.#number0(NUMBER_AT.stake_usd),
      holdSec: this.#number0(NUMBER_AT.hold_sec),
      entryTs: this.#time(NUMBER_AT.entry_ts, NUMBER_AT.entry_ts_ms, NUMBER_AT.entry_ts_ms),
      entryPrice: this.#number0(NUMBER_AT.entry_price),
      pnlPct: this.#number0(NUMBER_AT.pnl_pct),
      grossUsd: this.#number0(NUMBER_AT.pnl_gross_usd),
    };
  }

  #number0(field: number): number | null {
    return (this.#seen & (1 << field)) === 0 ? null : this.#numbers[field]!;
  }

  #text(field: number): string | null {
    if ((this.#seen & (1 << (NUMBERS.length + field))) === 0) return null;
    const text = this.#texts[field]!;
    return text === '' ? null : text;
  }

  /** The first of the fields that is there as Unix seconds; null where none is, or it is no time. */
  #time(first: number, second: number, third: number): number | null {
    const value = this.#number0(first) ?? this.#number0(second) ?? this.#number0(third);
    if (value === null) return null;
    const seconds = Math.abs(value) > 1e11 ? value / 1000 : value;
    return seconds >= EARLIEST_SEC && seconds <= LATEST_SEC ? seconds : null;
  }

  #canonical(raw: string): string | null {
    const known = this.#symbols.get(raw);
    if (known !== undefined) return known;
    const symbol = canonicalSymbol(raw, this.#options.aliases);
    if (this.#symbols.size < MAX_SYMBOLS) this.#symbols.set(raw, symbol);
    return symbol;
  }
}

/** A longer number, the general way; NaN where it has more characters than any number anyone means. */
function numberOf(buffer: Uint8Array, start: number, end: number): number {
  return parseDecimal(asciiText(buffer, start, end)) ?? NaN;
}
