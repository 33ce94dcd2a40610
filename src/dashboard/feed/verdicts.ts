/** Entries of the governor's events as the page shows them. Another version may have written them: what cannot be read is null. */
import { parseDecimal } from '../../contract/decimal.ts';
import { decodeJudged } from '../../contract/judged-on.ts';
import { idMs, type StreamEntry } from '../../store/store.ts';
import { MAX_EVENT_FIELDS, MAX_GATES, MAX_TEXT_LENGTH } from './bounds.ts';
import { numberIn, textIn, timeIn, type FieldMap } from './fields.ts';
import { fieldsOf } from '../../ops/governor/verdicts.ts';
import type { PlanEvent } from '../../core/event.ts';
import type { EventRow, GateRow, Verdict } from '../wire.ts';

/** A verdict; null where the entry does not say of which plan or symbol. */
export function verdictOf({ id, fields: flat }: StreamEntry): Verdict | null {
  const fields = fieldsOf(flat);
  const [planId, symbol] = [textIn(fields, 'plan_id'), textIn(fields, 'symbol')];
  if (planId === null || symbol === null) return null;
  const isPermit = fields.get('event') === 'PERMIT_ISSUED';
  const asked = isPermit ? null : planIn(fields);
  return {
    id,
    ts: timeIn(fields, 'timestamp') ?? idMs(id) / 1000,
    outcome: isPermit ? 'permitted' : 'blocked',
    plan_id: planId,
    symbol,
    bot: textIn(fields, 'bot'),
    action: asked === null ? textIn(fields, 'action') : asked.action.slice(0, MAX_TEXT_LENGTH),
    side: asked === null ? textIn(fields, 'side') : (asked.side?.slice(0, MAX_TEXT_LENGTH) ?? null),
    reduce_only: asked?.reduceOnly ?? fields.get('reduce_only') === 'true',
    qty: asked === null ? numberIn(fields, 'computed_qty') : finite(asked.qty),
    notional_usd: asked === null ? numberIn(fields, 'computed_notional') : notionalOf(asked),
    downsize_factor: numberIn(fields, 'downsize_factor'),
    expires_at: timeIn(fields, 'expires_at'),
    reason: isPermit ? null : textIn(fields, 'reason'),
    gate: isPermit ? null : textIn(fields, 'gate'),
    value: numberIn(fields, 'value'),
    limit: numberIn(fields, 'limit'),
    setting: textIn(fields, 'setting'),
    gates: gatesIn(fields),
  };
}

/** Any entry of a stream, its fields as they were written; `name` null: the entry says itself what it is. */
export function eventOf({ id, fields: flat }: StreamEntry, name: string | null): EventRow | null {
  const fields = fieldsOf(flat);
  const event = name ?? textIn(fields, 'event');
  if (event === null) return null;
  const shown = [...fields].filter(([field]) => field !== 'event').slice(0, MAX_EVENT_FIELDS);
  return {
    id,
    ts: timeIn(fields, 'timestamp') ?? idMs(id) / 1000,
    event,
    symbol: textIn(fields, 'symbol'),
    // Made from entries, a field called `__proto__` is a field like any other.
    fields: Object.fromEntries(
      shown.map(([field, text]) => [field.slice(0, MAX_TEXT_LENGTH), text.slice(0, MAX_TEXT_LENGTH)]),
    ),
  };
}

/** A block does not say what was asked for; the plan it was judged on does, where it was recorded. */
function planIn(fields: FieldMap): PlanEvent | null {
  const judged = fields.get('judged');
  return judged === undefined ? null : (decodeJudged(judged)?.plan ?? null);
}

function notionalOf({ qty, price, notionalUsd }: PlanEvent): number | null {
  return finite(notionalUsd ?? (qty === null || price === null ? null : qty * price));
}

function finite(value: number | null): number | null {
  return value !== null && Number.isFinite(value) ? value : null;
}

const OUTCOMES = ['pass', 'block', 'would_block', 'not_evaluated'] as const;

function gatesIn(fields: FieldMap): GateRow[] {
  const list = parsedList(fields.get('gates') ?? '[]');
  return list.slice(0, MAX_GATES).flatMap((one) => gateOf(one) ?? []);
}

function parsedList(text: string): readonly unknown[] {
  try {
    const json: unknown = JSON.parse(text);
    return Array.isArray(json) ? json : [];
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return [];
  }
}

function gateOf(json: unknown): GateRow | null {
  if (typeof json !== 'object' || json === null) return null;
  const fields = new Map<string, unknown>(Object.entries(json));
  const text = (name: string): string | null => {
    const value = fields.get(name);
    return typeof value === 'string' ? value.slice(0, MAX_TEXT_LENGTH) : null;
  };
  const [gate, outcome] = [text('gate'), OUTCOMES.find((name) => name === fields.get('outcome'))];
  if (gate === null || outcome === undefined) return null;
  return {
    gate,
    enforced: fields.get('enforced') === true,
    outcome,
    reason: text('reason'),
    value: parseDecimal(fields.get('value')),
    limit: parseDecimal(fields.get('limit')),
    setting: text('setting'),
    note: text('note'),
  };
}
