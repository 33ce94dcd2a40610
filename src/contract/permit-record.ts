/**
 * A permit as JSON, both ways (spec/contract.md, Outputs). The text is canonical: one permit has one text, so that a
 * signature over it holds for exactly these fields in this order, and a reader refuses every other spelling.
 */
import { encode } from './encode.ts';
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

/** The permit of a decision, unsigned. */
export function permitOf(decision: PermitDecision, epoch: number): Permit {
  const { type: _type, ts: _ts, ...fields } = decision;
  return { ...fields, consumed: false, epoch, v: PERMIT_VERSION, kid: null, sig: null };
}

/** The text that is stored; `kid` and `sig` are left out where null. Throws `RangeError` on a number that is not finite. */
export function encodePermit(permit: Permit): string {
  const fields = PERMIT_FIELDS.filter(
    (field) => (field !== 'sig' && field !== 'kid') || permit[field] !== null,
  ).map((field): [string, unknown] => [field, toJson(field, permit)]);
  return encode(new Map(fields));
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

/** A value as JSON and back; undefined where the JSON is no such value. */
interface JsonCodec<Value> {
  readonly toJson: (value: Value) => unknown;
  readonly fromJson: (json: unknown) => Value | undefined;
}

const bool = asIs((json): json is boolean => typeof json === 'boolean');
const finite = asIs((json): json is number => typeof json === 'number' && Number.isFinite(json));
const string = asIs((json): json is string => typeof json === 'string');
const numberOrNull = orNull(finite);
const stringOrNull = orNull(string);

const FIELD_CODECS: { readonly [Field in keyof Permit]-?: JsonCodec<Permit[Field]> } = {
  granted: exactly<true>(true),
  plan_id: asIs((json): json is string => typeof json === 'string' && PLAN_ID_GRAMMAR.test(json)),
  symbol: asIs((json): json is string => typeof json === 'string' && SYMBOL_GRAMMAR.test(json)),
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
  gates: { toJson: (gates) => gates.map(traceToJson), fromJson: tracesFromJson },
  expires_at: finite,
  epoch: finite,
  v: exactly<typeof PERMIT_VERSION>(PERMIT_VERSION),
  sig: stringOrNull,
  kid: stringOrNull,
};

/** The fields of a permit in the order they are written. */
export const PERMIT_FIELDS = Object.keys(FIELD_CODECS) as readonly (keyof Permit)[];

function toJson(field: keyof Permit, permit: Permit): unknown {
  return (FIELD_CODECS[field] as JsonCodec<unknown>).toJson(permit[field]);
}

/** One field as the text of a stream entry, formatted as in the permit; null is empty. */
export function permitFieldText(field: keyof Permit, permit: Permit): string {
  const json = toJson(field, permit);
  return json === null ? '' : typeof json === 'string' ? json : encode(json);
}

function asIs<Value>(is: (json: unknown) => json is Value): JsonCodec<Value> {
  return { toJson: (value) => value, fromJson: (json) => (is(json) ? json : undefined) };
}

function exactly<Value>(value: Value): JsonCodec<Value> {
  return asIs((json): json is Value => json === value);
}

function orNull<Value>(codec: JsonCodec<Value>): JsonCodec<Value | null> {
  return {
    toJson: (value) => (value === null ? null : codec.toJson(value)),
    fromJson: (json) => (json === null ? null : codec.fromJson(json)),
  };
}

/** A value as it stands in a hash, in quotes. */
function asText<Value>(codec: FieldCodec<Value>): JsonCodec<Value> {
  return {
    toJson: codec.format,
    fromJson: (json) => (typeof json === 'string' ? codec.parse(json) : undefined),
  };
}

const OUTCOMES: readonly GateTrace['outcome'][] = ['pass', 'block', 'would_block', 'not_evaluated'];

/** What a gate saw, its fields in a fixed order. */
export function traceToJson(trace: GateTrace): unknown {
  const { gate, enforced, outcome, reason, value, limit, setting, note } = trace;
  return { gate, enforced, outcome, reason, value, limit, setting, note };
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
