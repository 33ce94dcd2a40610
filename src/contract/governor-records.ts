/** What the governor writes beside permits: blocks, uses, replies, disarmed symbols and its stream of events (spec/contract.md, Outputs). */
import { parseDecimal, formatDecimal } from './decimal.ts';
import { encode } from './encode.ts';
import { parseJsonObject } from './json-object.ts';
import { encodeTraces, permitFieldText, PERMIT_FIELDS, permitOf } from './permit-record.ts';
import { BLOCK_REASONS, GATES, type BlockReason, type GateName } from '../core/governor/reasons.ts';
import type { BlockAdvice } from '../core/governor/advice.ts';
import type { BlockDecision, DisarmDecision, GovernorDecision, PermitDecision } from '../core/decision.ts';
import type { FieldList } from './record-codec.ts';

export type { BlockAdvice };

export const GOVERNOR_EVENTS = [
  'PERMIT_ISSUED',
  'PERMIT_TAKEN',
  'PLAN_BLOCKED',
  'P29_ALLOCATION_CAP_BLOCK',
  'AUTO_DISARM',
  'KILL_SWITCH',
  'REARM',
  'MODE_CHANGE',
  'UNPERMITTED_EXECUTION',
] as const;
export type GovernorEvent = (typeof GOVERNOR_EVENTS)[number];

export interface BlockRecord {
  readonly reason: BlockReason;
  readonly gate: GateName;
  readonly symbol: string;
  readonly timestamp: number;
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
  readonly next_eligible_at: number | null;
  readonly max_qty: number | null;
}

export const BLOCK_FIELDS: readonly (keyof BlockRecord)[] = [
  'reason',
  'gate',
  'symbol',
  'timestamp',
  'value',
  'limit',
  'setting',
  'next_eligible_at',
  'max_qty',
];

/** The JSON of `governor:block:{plan_id}`. */
export function encodeBlock(decision: BlockDecision, advice: BlockAdvice): string {
  const { reason, gate, symbol, ts, value, limit, setting } = decision;
  const record: BlockRecord = {
    reason,
    gate,
    symbol,
    timestamp: ts,
    value,
    limit,
    setting,
    next_eligible_at: advice.nextEligibleAt,
    max_qty: advice.maxQty,
  };
  return encode(new Map(BLOCK_FIELDS.map((field) => [field, record[field]])));
}

/** Reads a block, or null where the text is none. Unknown fields are ignored. */
export function decodeBlock(stored: string): BlockRecord | null {
  const json = parseJsonObject(stored);
  if (json === null) return null;
  const reason = BLOCK_REASONS.find((name) => name === json.get('reason'));
  const gate = GATES.find((name) => name === json.get('gate'));
  const symbol = json.get('symbol');
  const timestamp = parseDecimal(json.get('timestamp'));
  const setting = json.get('setting') ?? null;
  if (reason === undefined || gate === undefined || typeof symbol !== 'string' || timestamp === null)
    return null;
  if (setting !== null && typeof setting !== 'string') return null;
  return {
    reason,
    gate,
    symbol,
    timestamp,
    value: parseDecimal(json.get('value')),
    limit: parseDecimal(json.get('limit')),
    setting,
    next_eligible_at: parseDecimal(json.get('next_eligible_at')),
    max_qty: parseDecimal(json.get('max_qty')),
  };
}

/** What became of a plan's permit: a second one is given only where the model says so. */
export interface PermitUse {
  readonly outcome: 'issued' | 'used' | 'expired' | 'voided';
  /** Unix seconds. */
  readonly issued_at: number;
  /** When it was used, expired or voided; null: not yet. */
  readonly ended_at: number | null;
}
export const PERMIT_OUTCOMES = ['issued', 'used', 'expired', 'voided'] as const;

/** The JSON of `permit:used:{plan_id}`. */
export function encodePermitUse({ outcome, issued_at, ended_at }: PermitUse): string {
  return `{"outcome":"${outcome}","issued_at":${encode(issued_at)},"ended_at":${encode(ended_at)}}`;
}

/** Reads a use, or null where the text is none. */
export function decodePermitUse(stored: string): PermitUse | null {
  const json = parseJsonObject(stored);
  if (json === null) return null;
  const outcome = PERMIT_OUTCOMES.find((name) => name === json.get('outcome'));
  const issuedAt = parseDecimal(json.get('issued_at'));
  if (outcome === undefined || issuedAt === null) return null;
  return { outcome, issued_at: issuedAt, ended_at: parseDecimal(json.get('ended_at')) };
}

/** What a waiting executor is told; `reason` null: granted. */
export interface PermitReply {
  readonly granted: boolean;
  readonly reason: string | null;
}

/** The one entry of `permit:reply:{plan_id}`. */
export function encodePermitReply({ granted, reason }: PermitReply): string {
  return encode({ granted, reason });
}

/** Reads a reply, or null where the text is none. */
export function decodePermitReply(stored: string): PermitReply | null {
  const json = parseJsonObject(stored);
  if (json === null) return null;
  const granted = json.get('granted');
  const reason = json.get('reason') ?? null;
  if (typeof granted !== 'boolean' || (reason !== null && typeof reason !== 'string')) return null;
  return { granted, reason };
}

/** Why and since when a symbol is disarmed. */
export interface Disarmed {
  readonly reason: string;
  /** Unix seconds. */
  readonly timestamp: number;
}

/** A value of the hash `governor:disarmed`. */
export function encodeDisarmed({ reason, timestamp }: Disarmed): string {
  return encode({ reason, timestamp });
}

/** Reads why a symbol is disarmed, or null where the text does not say: it is disarmed all the same. */
export function decodeDisarmed(stored: string): Disarmed | null {
  const json = parseJsonObject(stored);
  if (json === null) return null;
  const reason = json.get('reason');
  const timestamp = parseDecimal(json.get('timestamp'));
  return typeof reason === 'string' && timestamp !== null ? { reason, timestamp } : null;
}

/**
 * The entries of `stream:governor.events` about a decision, in order. A block by the allocation has a second one under
 * the name that older programs listen for.
 */
export function governorEntries(decision: GovernorDecision): readonly FieldList[] {
  switch (decision.type) {
    case 'permit':
      return [permitEntry(decision)];
    case 'block': {
      const entry = blockEntry('PLAN_BLOCKED', decision);
      return decision.reason === 'p29_allocation_cap'
        ? [entry, blockEntry('P29_ALLOCATION_CAP_BLOCK', decision)]
        : [entry];
    }
    case 'disarm':
      return [disarmEntry(decision)];
  }
}

/** An entry about something an operator or the outside did. Null is written as the empty text. */
export function governorNotice(
  event: GovernorEvent,
  timestamp: number,
  about: Readonly<Record<string, string | number | boolean | null>>,
): FieldList {
  const fields = Object.entries(about).map(([field, value]): [string, string] => [field, textOf(value)]);
  return [['event', event], ['timestamp', formatDecimal(timestamp)], ...fields];
}

/** Of a permit: what it was made from; what the key itself holds besides is the same for all. */
const NOT_IN_ENTRY: readonly string[] = ['granted', 'decision', 'consumed', 'epoch', 'v', 'kid', 'sig'];

const IN_ENTRY = PERMIT_FIELDS.filter((field) => !NOT_IN_ENTRY.includes(field));

function permitEntry(decision: PermitDecision): FieldList {
  const flat = permitEventFields(decision);
  return Array.from({ length: flat.length / 2 }, (_, i) => [flat[2 * i]!, flat[2 * i + 1]!]);
}

/** The entry about a permit, names and values in turns: made for every permit. */
export function permitEventFields(decision: PermitDecision): string[] {
  const permit = permitOf(decision, 0);
  const fields = ['event', 'PERMIT_ISSUED', 'timestamp', formatDecimal(decision.ts)];
  for (const field of IN_ENTRY) fields.push(field, permitFieldText(field, permit));
  return fields;
}

function blockEntry(event: GovernorEvent, decision: BlockDecision): FieldList {
  const { plan_id, symbol, bot, reason, gate, value, limit, setting, gates } = decision;
  const about = { plan_id, symbol, bot, reason, gate, value, limit, setting };
  return [...governorNotice(event, decision.ts, about), ['gates', encodeTraces(gates)]];
}

function disarmEntry(decision: DisarmDecision): FieldList {
  const { plan_id, symbol, reason, scope } = decision;
  return governorNotice('AUTO_DISARM', decision.ts, { plan_id, symbol, reason, scope });
}

function textOf(value: string | number | boolean | null): string {
  return value === null ? '' : typeof value === 'string' ? value : encode(value);
}
