/**
 * What the governor keeps of a permit for 24 hours, in its records below `p:{plan_id}`: how it counts, what it reserves, and
 * whether it may be taken. The Redis function that takes permits reads `expiresAt`, `reducing`, `takeable`, `epoch` and `digest`.
 */
import { parseJsonObject } from './json-object.ts';
import type { PermitRecord } from '../core/governor/permit.ts';

/** The core's record with the symbol's name, and what the store checks besides. */
export type KeptPermit = Readonly<Omit<PermitRecord, 'planId' | 'symbol'>> & {
  readonly symbol: string;
  readonly side: string | null;
  /** Quantity that executions of the plan filled so far: opening fills, and those that realised profit. */
  readonly filledQty: number;
  readonly realisedQty: number;
  /** The revision of the trading state it was issued at. */
  readonly epoch: number;
  /** SHA-1 of the permit's JSON, hexadecimal. */
  readonly digest: string;
};

/** Fields of the governor's records: of permits, positions and profits. No symbol and no plan id holds a colon. */
export const KEPT_PREFIX = { permit: 'p:', position: 's:', profits: 'l:' } as const;

const NUMBERS = [
  'sequence',
  'issuedAt',
  'expiresAt',
  'reserveSec',
  'filledQty',
  'realisedQty',
  'epoch',
] as const;
const NUMBERS_OR_NULL = ['qty', 'notionalUsd', 'takenAt', 'executedAt'] as const;
const FLAGS = ['reducing', 'takeable', 'failed', 'voided', 'counted', 'reserved'] as const;
const TEXTS = ['symbol', 'digest'] as const;

/** Every number in it is finite: it comes from a decision that was encoded before. */
export function encodeKeptPermit(kept: KeptPermit): string {
  return JSON.stringify(kept);
}

/** Throws `RangeError` where the text is none: the governor's own state cannot be used then. */
export function decodeKeptPermit(stored: string): KeptPermit {
  const json = parseJsonObject(stored);
  const isSound =
    json !== null &&
    NUMBERS.every((field) => Number.isFinite(json.get(field))) &&
    NUMBERS_OR_NULL.every((field) => json.get(field) === null || Number.isFinite(json.get(field))) &&
    FLAGS.every((field) => typeof json.get(field) === 'boolean') &&
    TEXTS.every((field) => typeof json.get(field) === 'string') &&
    (json.get('side') === null || typeof json.get('side') === 'string');
  if (!isSound) throw new RangeError(`${stored.slice(0, 80)} is no kept permit`);
  return Object.fromEntries(json) as unknown as KeptPermit;
}
