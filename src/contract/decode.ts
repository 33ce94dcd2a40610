/**
 * An input entry's fields → an event the engine may take, or the reason it may not. Strict: every number a plain
 * decimal, every time a time, every name in its grammar. Unknown fields are ignored. Source: spec/contract.md, Inputs;
 * spec/replay.md, the `ballast` format.
 */
import { parseDecimal } from './decimal.ts';
import { parseMoment } from './moment.ts';
import { canonicalSymbol, PLAN_ID_GRAMMAR } from './symbol.ts';
import type {
  EventType,
  ExecutionEvent,
  InputEvent,
  PlanEvent,
  Regime,
  TradingState,
} from '../core/event.ts';
import type { RejectReason } from './reject.ts';

export type Fields = Readonly<Record<string, unknown>>;

export interface Rejection {
  readonly reason: RejectReason;
  /** The field and what is wrong with it, for people. */
  readonly detail: string;
}

/** An event; `futureTime` says that its own time lay too far after its arrival and the arrival was taken instead. */
export type Decoded =
  | { readonly event: InputEvent; readonly futureTime: boolean }
  | { readonly event: null; readonly rejection: Rejection };

export interface DecodeOptions {
  readonly aliases: ReadonlyMap<string, string>;
}

/** An event time may lie this much after its arrival. */
const MAX_FUTURE_SEC = 60;
const MAX_LABEL_LENGTH = 256;
const PNL_FIELDS = ['realized_pnl', 'pnl_usd', 'pnl'] as const;
const ARRIVAL_FIELDS = ['ts', 'ts_ms', 'timestamp'] as const;
const EVENT_TIME_FIELDS = ['timestamp', 'ts', 'ts_ms'] as const;
const REGIMES: readonly string[] = ['TREND', 'MEAN_REVERSION', 'CHOP'];

/** Decodes one line of a file, whose fields say its type and when it arrived. Never throws. */
export function decodeEvent(fields: Fields, options: DecodeOptions): Decoded {
  return decode(fields['type'] ?? 'execution', new FieldReader(fields, options.aliases, null));
}

/**
 * Decodes an entry of a stream, or a hash: its key says the type, the store's clock the arrival (Unix seconds). A field
 * called `type` is the producer's own. Never throws.
 */
export function decodeEntry(
  type: EventType,
  fields: Fields,
  arrivalTs: number,
  options: DecodeOptions,
): Decoded {
  return decode(type, new FieldReader(fields, options.aliases, arrivalTs));
}

function decode(type: unknown, reader: FieldReader): Decoded {
  const event =
    typeof type === 'string' && Object.hasOwn(DECODERS, type) ? DECODERS[type as EventType](reader) : null;
  if (reader.rejection !== null) return { event: null, rejection: reader.rejection };
  if (event === null)
    return { event: null, rejection: { reason: 'unknown_type', detail: `type ${show(type)}` } };
  return { event, futureTime: reader.futureTime };
}

const DECODERS: { readonly [Type in EventType]: (reader: FieldReader) => InputEvent } = {
  execution: decodeExecution,
  plan: decodePlan,
  regime: (r) => ({
    type: 'regime',
    ...r.stateTimes(),
    regime: r.oneOf('regime', REGIMES) as Regime,
    confidence: r.fraction('confidence'),
    symbol: r.has('symbol') ? r.symbol() : null,
  }),
  market: (r) => ({
    type: 'market',
    ...r.stateTimes(),
    symbol: r.symbol(),
    markPrice: positive(r.number('mark_price', 0)),
    volRegime: r.label('vol_regime'),
    sigma: r.number('sigma', 0),
  }),
  cluster: (r) => ({
    type: 'cluster',
    ts: r.arrival(),
    symbol: r.symbol(),
    cluster: r.required('cluster', r.label('cluster')),
  }),
  cluster_stress: (r) => ({
    type: 'cluster_stress',
    ...r.stateTimes(),
    cluster: r.required('cluster', r.label('cluster')),
    stress: r.required('stress', r.fraction('stress')),
  }),
  position: (r) => ({
    type: 'position',
    ...r.stateTimes(),
    symbol: r.symbol(),
    amount: r.required('position_amt', r.number('position_amt')),
    markPrice: positive(r.number('mark_price', 0)),
    notionalUsd: r.number('notional_usd'),
  }),
  portfolio: (r) => ({
    type: 'portfolio',
    ...r.stateTimes(),
    equityUsd: r.required('equity_usd', r.number('equity_usd')),
    drawdown: r.fraction('drawdown'),
    heat: r.fraction('heat'),
  }),
  cashflow: (r) => ({
    type: 'cashflow',
    ts: r.arrival(),
    amountUsd: r.required('amount_usd', r.number('amount_usd')),
  }),
  take: (r) => ({ type: 'take', ts: r.arrival(), planId: r.planId() }),
  result: (r) => ({ type: 'result', ts: r.arrival(), planId: r.planId(), executed: r.flag('executed') }),
  kill: (r) => ({ type: 'kill', ts: r.arrival(), state: tradingState(r.text('state')) }),
  rearm: (r) => ({ type: 'rearm', ts: r.arrival(), symbol: r.has('symbol') ? r.symbol() : null }),
};

/** `0` is ACTIVE, `reduce` REDUCING; `1` and anything that is none of them (nothing, too) is HALTED. */
export function tradingState(value: string | null): TradingState {
  return value === '0' ? 'ACTIVE' : value === 'reduce' ? 'REDUCING' : 'HALTED';
}

function decodeExecution(r: FieldReader): ExecutionEvent {
  const ts = r.arrival();
  const symbol = r.symbol();
  const isOpen = r.label('kind') === 'open';
  const pnlField = PNL_FIELDS.find((name) => r.has(name));
  if (!isOpen && pnlField === undefined) r.reject('missing_pnl', `none of ${PNL_FIELDS.join(', ')}`);
  const pnlUsd = isOpen || pnlField === undefined ? null : r.number(pnlField);
  return {
    type: 'execution',
    ts,
    symbol,
    pnlUsd,
    eventTs: r.eventTime(ts, EVENT_TIME_FIELDS),
    executionId: r.label('execution_id'),
    bot: r.label('bot'),
    regime: r.label('regime'),
    cluster: r.label('cluster'),
    signal: r.label('signal'),
    exitReason: r.label('exit_reason'),
    side: r.label('side'),
    planId: r.has('plan_id') && r.fields['plan_id'] !== '' ? r.planId() : null,
    orderId: r.label('order_id'),
    qty: r.number('filled_qty') ?? r.number('qty'),
    price: r.number('price'),
    stakeUsd: r.number('stake_usd'),
    holdSec: r.number('hold_sec'),
    entryTs: r.optionalTime(['entry_ts', 'entry_ts_ms']),
    entryPrice: r.optionalNumber('entry_price'),
    pnlPct: r.optionalNumber('pnl_pct'),
    grossUsd: r.optionalNumber('pnl_gross_usd'),
  };
}

/** A plan with a bad number or name is still a plan: the governor answers it with `invalid_plan`. */
function decodePlan(r: FieldReader): PlanEvent {
  const ts = r.arrival();
  const planId = r.required('plan_id', r.text('plan_id')) ?? '';
  if (!r.has('symbol')) r.reject('missing_symbol', 'symbol is missing');
  const rawSymbol = r.text('symbol') ?? '';
  const symbol = r.canonical(rawSymbol);
  const madeAt = r.has('timestamp') ? (parseMoment(r.fields['timestamp']) ?? NaN) : null;
  return {
    type: 'plan',
    ts,
    planId: planId.slice(0, MAX_LABEL_LENGTH),
    symbol: symbol ?? rawSymbol.slice(0, MAX_LABEL_LENGTH),
    symbolValid: symbol !== null,
    namesValid: symbol !== null && PLAN_ID_GRAMMAR.test(planId),
    action: r.cutText('action') ?? '',
    decision: r.cutText('decision') ?? '',
    side: r.cutText('side'),
    reduceOnly: isTrue(r.fields['reduceOnly']),
    bot: r.cutText('bot'),
    qty: r.loose('qty'),
    price: r.loose('price'),
    notionalUsd: r.loose('notional_usd'),
    killScore: r.loose('kill_score'),
    confidence: r.loose('confidence'),
    regimeFlip: r.loose('k_regime_flip'),
    madeAt: madeAt === null ? null : r.notFuture(madeAt, ts),
  };
}

/** Reads fields and keeps the first thing that is wrong; what it returns after that is never used. */
class FieldReader {
  readonly fields: Fields;
  readonly #aliases: ReadonlyMap<string, string>;
  readonly #arrivalTs: number | null;
  rejection: Rejection | null = null;
  futureTime = false;

  constructor(fields: Fields, aliases: ReadonlyMap<string, string>, arrivalTs: number | null) {
    this.fields = fields;
    this.#aliases = aliases;
    this.#arrivalTs = arrivalTs;
  }

  reject(reason: RejectReason, detail: string): null {
    this.rejection ??= { reason, detail };
    return null;
  }

  /** Present: there and not null. An empty text is present, and no number. No name asked for is one that every object has. */
  has(name: string): boolean {
    const value = this.fields[name];
    return value !== undefined && value !== null;
  }

  required<Value>(name: string, value: Value | null): Value {
    if (value === null) this.reject('missing_field', `${name} is missing`);
    return value as Value;
  }

  /** A number if the field is there; `min` is the least it may be. */
  number(name: string, min = -Infinity): number | null {
    if (!this.has(name)) return null;
    const value = parseDecimal(this.fields[name]);
    if (value === null)
      return this.reject('bad_number', `${name} ${show(this.fields[name])} is not a plain decimal`);
    if (value < min) return this.reject('out_of_range', `${name} ${value} is below ${min}`);
    return value;
  }

  fraction(name: string): number | null {
    const value = this.number(name, 0);
    if (value !== null && value > 1) return this.reject('out_of_range', `${name} ${value} is above 1`);
    return value;
  }

  /** A number, null where absent, NaN where there but none. */
  loose(name: string): number | null {
    return this.has(name) ? (parseDecimal(this.fields[name]) ?? NaN) : null;
  }

  /** A number that only the reports use: one that is none counts as absent. */
  optionalNumber(name: string): number | null {
    return this.has(name) ? parseDecimal(this.fields[name]) : null;
  }

  optionalTime(names: readonly string[]): number | null {
    const name = names.find((candidate) => this.has(candidate));
    return name === undefined ? null : parseMoment(this.fields[name]);
  }

  /** Text, or a number written as text; null where absent or empty. */
  text(name: string): string | null {
    const value = this.fields[name];
    if (typeof value === 'string') return value === '' ? null : value;
    return typeof value === 'number' ? String(value) : null;
  }

  /** Text of a plan, which is answered whatever it holds. */
  cutText(name: string): string | null {
    return this.text(name)?.slice(0, MAX_LABEL_LENGTH) ?? null;
  }

  label(name: string): string | null {
    const value = this.text(name);
    if (value !== null && value.length > MAX_LABEL_LENGTH)
      return this.reject(
        'oversized',
        `${name} has ${value.length} characters, at most ${MAX_LABEL_LENGTH} are taken`,
      );
    return value;
  }

  oneOf(name: string, allowed: readonly string[]): string {
    const value = this.required(name, this.label(name));
    if (value !== null && !allowed.includes(value))
      this.reject('bad_value', `${name} ${show(value)} is none of ${allowed.join(', ')}`);
    return value;
  }

  flag(name: string): boolean {
    const value = this.fields[name];
    if (value === undefined || value === null) this.reject('missing_field', `${name} is missing`);
    else if (!isTrue(value) && !isFalse(value))
      this.reject('bad_value', `${name} ${show(value)} is neither true nor false`);
    return isTrue(value);
  }

  symbol(): string {
    if (!this.has('symbol') || this.fields['symbol'] === '') {
      this.reject('missing_symbol', 'symbol is missing');
      return '';
    }
    const symbol = this.canonical(this.fields['symbol']);
    if (symbol === null)
      this.reject('bad_symbol', `symbol ${show(this.fields['symbol'])} is outside the grammar`);
    return symbol ?? '';
  }

  canonical(raw: unknown): string | null {
    return canonicalSymbol(raw, this.#aliases);
  }

  planId(): string {
    const value = this.required('plan_id', this.text('plan_id'));
    if (value !== null && !PLAN_ID_GRAMMAR.test(value))
      this.reject('bad_name', `plan_id ${show(value)} is outside the grammar`);
    return value;
  }

  /** The arrival, Unix seconds. */
  arrival(): number {
    return (
      this.#arrivalTs ??
      this.#time(ARRIVAL_FIELDS) ??
      (this.reject('missing_time', `none of ${ARRIVAL_FIELDS.join(', ')}`), 0)
    );
  }

  /** When it happened: the first field there; the arrival where none is or where it lies more than 60 s after it. */
  eventTime(arrivalTs: number, names: readonly string[]): number {
    return this.notFuture(this.#time(names) ?? arrivalTs, arrivalTs);
  }

  /** A time, or the arrival where it lies more than 60 s after it. NaN stays. */
  notFuture(ts: number, arrivalTs: number): number {
    if (!(ts > arrivalTs + MAX_FUTURE_SEC)) return ts;
    this.futureTime = true;
    return arrivalTs;
  }

  stateTimes(): { ts: number; stateTs: number } {
    const ts = this.arrival();
    return { ts, stateTs: this.eventTime(ts, ['timestamp']) };
  }

  #time(names: readonly string[]): number | null {
    const name = names.find((candidate) => this.has(candidate));
    if (name === undefined) return null;
    return (
      parseMoment(this.fields[name]) ??
      this.reject('bad_time', `${name} ${show(this.fields[name])} is no time in 2000..2100`)
    );
  }
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

function isTrue(value: unknown): boolean {
  return (
    value === true || value === 'true' || value === 'True' || value === 'TRUE' || value === '1' || value === 1
  );
}

function isFalse(value: unknown): boolean {
  return (
    value === false ||
    value === 'false' ||
    value === 'False' ||
    value === 'FALSE' ||
    value === '0' ||
    value === 0
  );
}

/** A value for a message: short, and on one line. Of what has parts only the kind is said. */
function show(value: unknown): string {
  if (value !== null && typeof value === 'object') return Array.isArray(value) ? '[list]' : '[object]';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 60) : value) ?? typeof value;
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
