/**
 * A permit as JSON, both ways (spec/contract.md, Outputs). The text is canonical: one permit has one text, so that a
 * signature over it holds for exactly these fields in this order, and a reader refuses every other spelling.
 */
import { parseJsonObject } from './json-object.ts';
import { fixed, oneOf, orEmpty, type FieldCodec } from './record-codec.ts';
import { PLAN_ID_GRAMMAR, SYMBOL_GRAMMAR } from './symbol.ts';
import { BLOCK_REASONS, GATES } from '../core/governor/reasons.ts';
import type { EfficiencyReason, GateTrace, PermitDecision } from '../core/decision.ts';

/** The version of the fields; a reader refuses any other. */
export const PERMIT_VERSION = 1;
/** No permit is longer, characters. */
const MAX_LENGTH = 65_536;

export interface Permit extends Omit<PermitDecision, 'type' | 'ts'> {
  readonly consumed: false;
  /** Rises whenever outstanding permits lose their force, so that an older one is known. */
  readonly epoch: number;
  readonly v: typeof PERMIT_VERSION;
  /** Which key signed it; null: unsigned. */
  readonly kid: string | null;
  /** The signature over `signedTextOf`; null: unsigned. */
  readonly sig: string | null;
}

export type DecodedPermit =
  { readonly permit: Permit; readonly problem: null } | { readonly permit: null; readonly problem: string };

/** The permit of a decision, unsigned. Field by field: a permit is made for every plan that is granted. */
export function permitOf(decision: PermitDecision, epoch: number): Permit {
  return {
    granted: true,
    plan_id: decision.plan_id,
    symbol: decision.symbol,
    side: decision.side,
    action: decision.action,
    reduce_only: decision.reduce_only,
    close_fraction: decision.close_fraction,
    bot: decision.bot,
    apply_mode: decision.apply_mode,
    decision: 'EXECUTE',
    requested_qty: decision.requested_qty,
    computed_qty: decision.computed_qty,
    computed_notional: decision.computed_notional,
    created_at: decision.created_at,
    consumed: false,
    eff_score: decision.eff_score,
    eff_confidence: decision.eff_confidence,
    eff_stale: decision.eff_stale,
    eff_factor: decision.eff_factor,
    eff_action: decision.eff_action,
    eff_reason: decision.eff_reason,
    downsize_factor: decision.downsize_factor,
    extra_cooldown_sec: decision.extra_cooldown_sec,
    qty_scale: decision.qty_scale,
    gates: decision.gates,
    expires_at: decision.expires_at,
    epoch,
    v: PERMIT_VERSION,
    sig: null,
    kid: null,
  };
}

/** The text that is stored; `kid` and `sig` are left out where null. Throws `RangeError` on a number that is not finite. */
export function encodePermit(permit: Permit): string {
  const parts: string[] = [];
  for (const field of PERMIT_FIELDS) {
    if (permit[field] === null && (field === 'sig' || field === 'kid')) continue;
    parts.push(`"${field}":${jsonOf(field, permit)}`);
  }
  // Joined at once: text added bit by bit keeps all its bits as long as it lives.
  return `{${parts.join(',')}}`;
}

/** What `sig` signs: everything but itself. */
export function signedTextOf(permit: Permit): string {
  return encodePermit({ ...permit, sig: null });
}

/** Reads a stored permit; says what is wrong where it is none, has another version, or is spelled in another way. Never throws. */
export function decodePermit(stored: string): DecodedPermit {
  if (stored.length > MAX_LENGTH) return refused(`it has ${stored.length} characters`);
  const json = parseJsonObject(stored);
  if (json === null) return refused('it is no JSON object');
  if (json.get('v') !== PERMIT_VERSION) return refused(`its version is not ${PERMIT_VERSION}`);
  const values: Record<string, unknown> = {};
  for (const field of PERMIT_FIELDS) {
    const optional = field === 'kid' || field === 'sig';
    const value = optional && !json.has(field) ? null : FIELD_CODECS[field].fromJson(json.get(field));
    if (value === undefined) return refused(`its ${field} is missing or malformed`);
    values[field] = value;
  }
  const permit = values as unknown as Permit;
  return encodePermit(permit) === stored
    ? { permit, problem: null }
    : refused('it is not spelled as a permit is: fields added, repeated or moved');
}

function refused(problem: string): DecodedPermit {
  return { permit: null, problem };
}

/** A value as JSON text, as the text of a field of its own, and back from JSON; undefined where the JSON is no such value. */
interface JsonCodec<Value> {
  readonly json: (value: Value) => string;
  /** In a stream entry. */
  readonly plain: (value: Value) => string;
  readonly fromJson: (json: unknown) => Value | undefined;
}

const bool: JsonCodec<boolean> = {
  json: String,
  plain: String,
  fromJson: (json) => (typeof json === 'boolean' ? json : undefined),
};
const finite: JsonCodec<number> = {
  json: numberText,
  plain: numberText,
  fromJson: (json) => (typeof json === 'number' && Number.isFinite(json) ? json : undefined),
};
const string = named((_text: string) => true);
const numberOrNull = orNull(finite);
const stringOrNull = orNull(string);

const FIELD_CODECS: { readonly [Field in keyof Permit]-?: JsonCodec<Permit[Field]> } = {
  granted: exactly<true>(true),
  plan_id: named((text) => PLAN_ID_GRAMMAR.test(text)),
  symbol: named((text) => SYMBOL_GRAMMAR.test(text)),
  side: stringOrNull,
  action: string,
  reduce_only: bool,
  close_fraction: numberOrNull,
  bot: stringOrNull,
  apply_mode: string,
  decision: exactly<'EXECUTE'>('EXECUTE'),
  requested_qty: numberOrNull,
  computed_qty: numberOrNull,
  computed_notional: numberOrNull,
  created_at: finite,
  consumed: exactly<false>(false),
  eff_score: asText(orEmpty(fixed(4))),
  eff_confidence: asText(orEmpty(fixed(3))),
  eff_stale: asText(oneOf<0 | 1>(0, 1)),
  eff_factor: asText(fixed(4)),
  eff_action: asText(oneOf('NONE', 'DOWNSIZE')),
  eff_reason: asText(oneOf<EfficiencyReason>('ok', 'missing_eff', 'stale_eff', 'low_conf', 'redis_error')),
  downsize_factor: asText(fixed(4)),
  extra_cooldown_sec: asText(fixed(0)),
  qty_scale: finite,
  gates: { json: encodeTraces, plain: encodeTraces, fromJson: tracesFromJson },
  expires_at: finite,
  epoch: finite,
  v: exactly<typeof PERMIT_VERSION>(PERMIT_VERSION),
  sig: stringOrNull,
  kid: stringOrNull,
};

/** The fields of a permit in the order they are written. */
export const PERMIT_FIELDS = Object.keys(FIELD_CODECS) as readonly (keyof Permit)[];

function jsonOf(field: keyof Permit, permit: Permit): string {
  return (FIELD_CODECS[field] as JsonCodec<unknown>).json(permit[field]);
}

/** One field as the text of a stream entry, formatted as in the permit; null is empty. */
export function permitFieldText(field: keyof Permit, permit: Permit): string {
  return (FIELD_CODECS[field] as JsonCodec<unknown>).plain(permit[field]);
}

function numberText(value: number): string {
  if (!Number.isFinite(value)) throw new RangeError(`a permit holds ${value}`);
  return String(value + 0);
}

function named(is: (text: string) => boolean): JsonCodec<string> {
  return {
    json: (text) => JSON.stringify(text),
    plain: (text) => text,
    fromJson: (json) => (typeof json === 'string' && is(json) ? json : undefined),
  };
}

function exactly<Value extends boolean | number | string>(value: Value): JsonCodec<Value> {
  const json = JSON.stringify(value);
  return {
    json: () => json,
    plain: () => String(value),
    fromJson: (found) => (found === value ? value : undefined),
  };
}

function orNull<Value>(codec: JsonCodec<Value>): JsonCodec<Value | null> {
  return {
    json: (value) => (value === null ? 'null' : codec.json(value)),
    plain: (value) => (value === null ? '' : codec.plain(value)),
    fromJson: (json) => (json === null ? null : codec.fromJson(json)),
  };
}

/** A value as it stands in a hash, in quotes. */
function asText<Value>(codec: FieldCodec<Value>): JsonCodec<Value> {
  return {
    // The formats are of digits and names: nothing in them has to be escaped.
    json: (value) => `"${codec.format(value)}"`,
    plain: codec.format,
    fromJson: (json) => (typeof json === 'string' ? codec.parse(json) : undefined),
  };
}

const OUTCOMES: readonly GateTrace['outcome'][] = ['pass', 'block', 'would_block', 'not_evaluated'];

/** What the gates saw, as JSON. Wanted twice in a row, for the permit and for its event: the last text is kept. */
export function encodeTraces(traces: readonly GateTrace[]): string {
  if (traces === lastTraces) return lastText;
  lastTraces = traces;
  lastText = `[${traces.map(textOf).join(',')}]`;
  return lastText;
}

/** Reads what `encodeTraces` wrote; null where the text is none. */
export function decodeTraces(stored: string): readonly GateTrace[] | null {
  try {
    return tracesFromJson(JSON.parse(stored)) ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

let lastTraces: readonly GateTrace[] | null = null;
let lastText = '';

/** Most gates pass without comparing, in the same few words: their texts are kept. */
function textOf(trace: GateTrace): string {
  const { gate, enforced, outcome, value, reason, setting, note } = trace;
  if (value !== null || reason !== null || setting !== null) return traceText(trace);
  const known = PLAIN_TEXTS.get(note)?.find(
    (one) => one.gate === gate && one.enforced === enforced && one.outcome === outcome,
  );
  if (known !== undefined) return known.text;
  const text = traceText(trace);
  const others = PLAIN_TEXTS.get(note) ?? [];
  if (PLAIN_TEXTS.size < MAX_PLAIN_NOTES)
    PLAIN_TEXTS.set(note, [...others, { gate, enforced, outcome, text }]);
  return text;
}

/** A note may hold the words of an error: what is kept has a bound. */
const MAX_PLAIN_NOTES = 20;
const PLAIN_TEXTS = new Map<
  string | null,
  readonly (Pick<GateTrace, 'gate' | 'enforced' | 'outcome'> & { readonly text: string })[]
>();

/** Gates, outcomes, reasons and settings are names of closed lists: only a note may hold what has to be escaped. */
function traceText({ gate, enforced, outcome, reason, value, limit, setting, note }: GateTrace): string {
  return (
    `{"gate":"${gate}","enforced":${enforced},"outcome":"${outcome}","reason":${quoted(reason)}` +
    `,"value":${numberOrNull.json(value)},"limit":${numberOrNull.json(limit)},"setting":${quoted(setting)}` +
    `,"note":${note === null ? 'null' : JSON.stringify(note)}}`
  );
}

function quoted(name: string | null): string {
  return name === null ? 'null' : `"${name}"`;
}

function tracesFromJson(json: unknown): readonly GateTrace[] | undefined {
  if (!Array.isArray(json)) return undefined;
  const traces = json.map(traceFromJson);
  return traces.every((trace) => trace !== undefined) ? traces : undefined;
}

function traceFromJson(json: unknown): GateTrace | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(json));
  const gate = GATES.find((name) => name === fields.get('gate'));
  const enforced = bool.fromJson(fields.get('enforced'));
  const outcome = OUTCOMES.find((name) => name === fields.get('outcome'));
  const reason =
    fields.get('reason') === null ? null : BLOCK_REASONS.find((name) => name === fields.get('reason'));
  const value = numberOrNull.fromJson(fields.get('value'));
  const limit = numberOrNull.fromJson(fields.get('limit'));
  const setting = stringOrNull.fromJson(fields.get('setting'));
  const note = stringOrNull.fromJson(fields.get('note'));
  if (gate === undefined || enforced === undefined || outcome === undefined || reason === undefined)
    return undefined;
  if (value === undefined || limit === undefined || setting === undefined || note === undefined)
    return undefined;
  return { gate, enforced, outcome, reason, value, limit, setting, note };
}
