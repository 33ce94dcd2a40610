/**
 * What a plan was judged on as the text of the field `judged` in an entry of `stream:governor.events`, both ways: JSON in which what is
 * usual is left out, and every double reads back to the same bits (`"NaN"`, `"Infinity"`, `"-Infinity"` in quotes, `-0` as it is).
 * Written for every plan, so field by field.
 */
import { parseJsonObject } from './json-object.ts';
import type { PlanEvent, TradingState } from '../core/event.ts';
import type { JudgedOn } from '../core/governor/judged-on.ts';
import type { Position } from '../core/governor/read-plan.ts';
import type { EfficiencyRecord, EnforcedRecord, JudgeView } from '../core/governor/view.ts';

/** The version of the fields; a reader refuses any other. */
const JUDGED_VERSION = 1;

export function encodeJudged({ plan, view, doubt }: JudgedOn): string {
  const parts = [`{"v":${JUDGED_VERSION}`];
  addPlan(parts, plan);
  addView(parts, view);
  if (doubt !== null) parts.push(`"doubt":${JSON.stringify(doubt)}`);
  parts[parts.length - 1] += '}';
  // Joined at once: text added bit by bit keeps all its bits as long as it lives.
  return parts.join(',');
}

/** Reads what was written, or null where the text is none. */
export function decodeJudged(stored: string): JudgedOn | null {
  const json = parseJsonObject(stored);
  const doubt = json?.get('doubt') ?? null;
  if (json?.get('v') !== JUDGED_VERSION || (doubt !== null && typeof doubt !== 'string')) return null;
  try {
    return { plan: planFrom(fieldsIn(json.get('plan'))), view: viewFrom(fieldsIn(json.get('view'))), doubt };
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function addPlan(parts: string[], plan: PlanEvent): void {
  // Names within their grammar hold nothing that has to be escaped.
  const names = plan.namesValid
    ? `"plan_id":"${plan.planId}","symbol":"${plan.symbol}"`
    : `"plan_id":${JSON.stringify(plan.planId)},"symbol":${JSON.stringify(plan.symbol)},"names_valid":false`;
  parts.push(`"plan":{${names},"ts":${exact(plan.ts)},"action":${JSON.stringify(plan.action)}`);
  if (!plan.symbolValid) parts.push('"symbol_valid":false');
  if (plan.decision !== 'EXECUTE') parts.push(`"decision":${JSON.stringify(plan.decision)}`);
  if (plan.side !== null) parts.push(`"side":${JSON.stringify(plan.side)}`);
  if (plan.reduceOnly) parts.push('"reduce_only":true');
  if (plan.bot !== null) parts.push(`"bot":${JSON.stringify(plan.bot)}`);
  if (plan.qty !== null) parts.push(`"qty":${exact(plan.qty)}`);
  if (plan.price !== null) parts.push(`"price":${exact(plan.price)}`);
  if (plan.notionalUsd !== null) parts.push(`"notional_usd":${exact(plan.notionalUsd)}`);
  if (plan.killScore !== null) parts.push(`"kill_score":${exact(plan.killScore)}`);
  if (plan.confidence !== null) parts.push(`"confidence":${exact(plan.confidence)}`);
  if (plan.regimeFlip !== null) parts.push(`"k_regime_flip":${exact(plan.regimeFlip)}`);
  if (plan.madeAt !== null) parts.push(`"made_at":${exact(plan.madeAt)}`);
  parts[parts.length - 1] += '}';
}

function planFrom(fields: Fields): PlanEvent {
  return {
    type: 'plan',
    ts: numberIn(fields, 'ts'),
    planId: textIn(fields, 'plan_id'),
    symbol: textIn(fields, 'symbol'),
    symbolValid: flagIn(fields, 'symbol_valid', true),
    namesValid: flagIn(fields, 'names_valid', true),
    action: textIn(fields, 'action'),
    decision: fields.has('decision') ? textIn(fields, 'decision') : 'EXECUTE',
    side: fields.has('side') ? textIn(fields, 'side') : null,
    reduceOnly: flagIn(fields, 'reduce_only', false),
    bot: fields.has('bot') ? textIn(fields, 'bot') : null,
    qty: orNull(fields, 'qty'),
    price: orNull(fields, 'price'),
    notionalUsd: orNull(fields, 'notional_usd'),
    killScore: orNull(fields, 'kill_score'),
    confidence: orNull(fields, 'confidence'),
    regimeFlip: orNull(fields, 'k_regime_flip'),
    madeAt: orNull(fields, 'made_at'),
  };
}

/** As the governor reads a hash that is not there: left out. */
const NO_RECORD: EnforcedRecord = { usd: 0, ageSec: Infinity, lifeSec: -1 };
const NO_EFFICIENCY: EfficiencyRecord = { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 0 };

function addView(parts: string[], view: JudgeView): void {
  const { position, budget, target, efficiency } = view;
  parts.push(
    `"view":{"gross_position_usd":${exact(view.grossPositionUsd)},"open_symbols":${exact(view.openSymbols)}`,
  );
  if (view.state !== 'ACTIVE') parts.push(`"state":"${view.state}"`);
  if (view.disarmed) parts.push('"disarmed":true');
  if (position !== null) {
    const { amount, markUsd, notionalUsd, ts } = position;
    parts.push(
      `"position":[${exact(amount)},${exactOrNull(markUsd)},${exactOrNull(notionalUsd)},${exact(ts)}]`,
    );
  }
  if (view.markUsd !== null) parts.push(`"mark_usd":${exact(view.markUsd)}`);
  if (view.equityUsd !== null) parts.push(`"equity_usd":${exact(view.equityUsd)}`);
  if (!isNoRecord(budget)) parts.push(`"budget":${recordText(budget)}`);
  if (!isNoRecord(target)) parts.push(`"target":${recordText(target)}`);
  if (!isNoEfficiency(efficiency)) {
    const { score, confidence, ageSec, lifeSec } = efficiency;
    parts.push(`"efficiency":[${exact(score)},${exact(confidence)},${exact(ageSec)},${exact(lifeSec)}]`);
  }
  if (!Object.is(view.reservedQty, 0)) parts.push(`"reserved_qty":${exact(view.reservedQty)}`);
  if (!Object.is(view.reservedMicro, 0)) parts.push(`"reserved_micro":${exact(view.reservedMicro)}`);
  if (!Object.is(view.allReservedMicro, 0))
    parts.push(`"all_reserved_micro":${exact(view.allReservedMicro)}`);
  if (!Object.is(view.lossUsd, 0)) parts.push(`"loss_usd":${exact(view.lossUsd)}`);
  if (!Object.is(view.permitsLastHour, 0)) parts.push(`"permits_last_hour":${exact(view.permitsLastHour)}`);
  if (!Object.is(view.permitsLast5Min, 0)) parts.push(`"permits_last_5min":${exact(view.permitsLast5Min)}`);
  if (view.sinceLastOpeningSec !== Infinity)
    parts.push(`"since_last_opening_sec":${exact(view.sinceLastOpeningSec)}`);
  if (!Object.is(view.permittedDayMicro, 0))
    parts.push(`"permitted_day_micro":${exact(view.permittedDayMicro)}`);
  parts[parts.length - 1] += '}';
}

function viewFrom(fields: Fields): JudgeView {
  return {
    state: stateIn(fields),
    disarmed: flagIn(fields, 'disarmed', false),
    position: fields.has('position') ? positionFrom(listIn(fields, 'position', 4)) : null,
    markUsd: orNull(fields, 'mark_usd'),
    equityUsd: orNull(fields, 'equity_usd'),
    budget: fields.has('budget') ? recordFrom(listIn(fields, 'budget', 3)) : NO_RECORD,
    target: fields.has('target') ? recordFrom(listIn(fields, 'target', 3)) : NO_RECORD,
    efficiency: fields.has('efficiency') ? efficiencyFrom(listIn(fields, 'efficiency', 4)) : NO_EFFICIENCY,
    reservedQty: numberOr(fields, 'reserved_qty', 0),
    reservedMicro: numberOr(fields, 'reserved_micro', 0),
    allReservedMicro: numberOr(fields, 'all_reserved_micro', 0),
    grossPositionUsd: numberIn(fields, 'gross_position_usd'),
    openSymbols: numberIn(fields, 'open_symbols'),
    lossUsd: numberOr(fields, 'loss_usd', 0),
    permitsLastHour: numberOr(fields, 'permits_last_hour', 0),
    permitsLast5Min: numberOr(fields, 'permits_last_5min', 0),
    sinceLastOpeningSec: numberOr(fields, 'since_last_opening_sec', Infinity),
    permittedDayMicro: numberOr(fields, 'permitted_day_micro', 0),
  };
}

function isNoRecord({ usd, ageSec, lifeSec }: EnforcedRecord): boolean {
  return Object.is(usd, 0) && ageSec === Infinity && lifeSec === -1;
}

function isNoEfficiency({ score, confidence, ageSec, lifeSec }: EfficiencyRecord): boolean {
  return Object.is(score, 0) && Object.is(confidence, 0) && ageSec === Infinity && Object.is(lifeSec, 0);
}

function recordText({ usd, ageSec, lifeSec }: EnforcedRecord): string {
  return `[${exact(usd)},${exact(ageSec)},${exact(lifeSec)}]`;
}

function recordFrom([usd, ageSec, lifeSec]: readonly unknown[]): EnforcedRecord {
  return { usd: exactFrom(usd), ageSec: exactFrom(ageSec), lifeSec: exactFrom(lifeSec) };
}

function efficiencyFrom([score, confidence, ageSec, lifeSec]: readonly unknown[]): EfficiencyRecord {
  return {
    score: exactFrom(score),
    confidence: exactFrom(confidence),
    ageSec: exactFrom(ageSec),
    lifeSec: exactFrom(lifeSec),
  };
}

function positionFrom([amount, markUsd, notionalUsd, ts]: readonly unknown[]): Position {
  return {
    amount: exactFrom(amount),
    markUsd: markUsd === null ? null : exactFrom(markUsd),
    notionalUsd: notionalUsd === null ? null : exactFrom(notionalUsd),
    ts: exactFrom(ts),
  };
}

/** A double as JSON that reads back to the same bits. */
function exact(value: number): string {
  if (value === 0) return 1 / value < 0 ? '-0' : '0';
  return Number.isFinite(value) ? String(value) : `"${value}"`;
}

function exactOrNull(value: number | null): string {
  return value === null ? 'null' : exact(value);
}

type Fields = ReadonlyMap<string, unknown>;

const TEXTS: ReadonlyMap<unknown, number> = new Map([
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

function exactFrom(json: unknown): number {
  const value = typeof json === 'number' ? json : TEXTS.get(json);
  if (value === undefined) throw new RangeError('it is no number');
  return value;
}

function fieldsIn(json: unknown): Fields {
  if (typeof json !== 'object' || json === null || Array.isArray(json))
    throw new RangeError('it is no object');
  return new Map(Object.entries(json));
}

function numberIn(fields: Fields, name: string): number {
  return exactFrom(fields.get(name));
}

function numberOr(fields: Fields, name: string, usual: number): number {
  return fields.has(name) ? numberIn(fields, name) : usual;
}

function orNull(fields: Fields, name: string): number | null {
  return fields.has(name) ? numberIn(fields, name) : null;
}

function textIn(fields: Fields, name: string): string {
  const text = fields.get(name);
  if (typeof text !== 'string') throw new RangeError(`${name} is no text`);
  return text;
}

function flagIn(fields: Fields, name: string, usual: boolean): boolean {
  const flag = fields.get(name) ?? usual;
  if (typeof flag !== 'boolean') throw new RangeError(`${name} is neither true nor false`);
  return flag;
}

function listIn(fields: Fields, name: string, length: number): readonly unknown[] {
  const list = fields.get(name);
  if (!Array.isArray(list) || list.length !== length) throw new RangeError(`${name} has not ${length} parts`);
  return list;
}

function stateIn(fields: Fields): TradingState {
  const state = fields.get('state') ?? 'ACTIVE';
  if (state !== 'ACTIVE' && state !== 'REDUCING' && state !== 'HALTED')
    throw new RangeError('state is no trading state');
  return state;
}
