/** Decisions as lines of JSON: the contract's field names, numbers as they are, an unknown value null. */
import type { Decision } from '../core/decision.ts';

/** One line of `decisions.jsonl`, without the line end. Throws `RangeError` on a number that is not finite: the engine may never make one. */
export function encodeDecision(decision: Decision): string {
  return encode(decision);
}

/** Any value of a decision as JSON; maps become objects in their own order, whatever their names. */
export function encode(value: unknown): string {
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`a decision holds ${value}`);
    return String(value + 0);
  }
  if (value === null || typeof value !== 'object') return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(encode).join(',')}]`;
  const entries = value instanceof Map ? [...value] : Object.entries(value);
  return `{${entries.map(([name, field]) => `${JSON.stringify(name)}:${encode(field)}`).join(',')}}`;
}
