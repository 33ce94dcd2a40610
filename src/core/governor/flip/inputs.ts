/**
 * Everything a verdict is made from, by name: what it is in a case, and the case with another value in its place. A change that
 * is stated can so be made, and judged.
 */
import { microUsd, saturate } from '../../num.ts';
import { readPlan, reduces, type Position } from '../read-plan.ts';
import type { PlanEvent, TradingState } from '../../event.ts';
import type { Mode, Settings } from '../../settings.ts';
import type { JudgedOn } from '../judged-on.ts';
import type { EnforcedRecord, JudgeView } from '../view.ts';

/** A plan as it was judged, and the settings as they held for it. */
export interface Case {
  readonly judged: JudgedOn;
  readonly settings: Settings;
}

export type Value = string | number | boolean | null;
export type ChangeKind = 'plan' | 'state' | 'setting';
/** Of a number: how it is rounded, too. */
export type Unit = 'USD' | 's' | 'permits' | 'positions' | '';

export interface Input {
  readonly kind: ChangeKind;
  readonly unit: Unit;
  /** Null: not known, or not there. */
  readonly read: (one: Case) => Value;
  readonly write: (one: Case, to: Value) => Case;
}

export const INPUTS = {
  /** What the plan is worth: quantity and notional together. */
  notional_usd: { kind: 'plan', unit: 'USD', read: worthUsd, write: withWorth },
  stated_notional_usd: ofPlan('notionalUsd', 'USD'),
  qty: ofPlan('qty', ''),
  price: ofPlan('price', 'USD'),
  side: ofPlan('side', ''),
  kill_score: ofPlan('killScore', ''),
  confidence: ofPlan('confidence', ''),
  k_regime_flip: ofPlan('regimeFlip', ''),
  made_at: ofPlan('madeAt', 's'),
  age_sec: {
    kind: 'plan',
    unit: 's',
    read: ({ judged: { plan } }) => (plan.madeAt === null ? null : plan.ts - plan.madeAt),
    write: (one, to) => withPlan(one, { madeAt: one.judged.plan.ts - (to as number) }),
  },
  names_valid: {
    kind: 'plan',
    unit: '',
    read: ({ judged }) => judged.plan.namesValid,
    write: (one, to) => withPlan(one, { namesValid: to as boolean, symbolValid: to as boolean }),
  },
  trading_state: {
    kind: 'state',
    unit: '',
    read: ({ judged }) => judged.view.state,
    write: (one, to) => withView(one, { state: to as TradingState }),
  },
  symbol_disarmed: {
    kind: 'state',
    unit: '',
    read: ({ judged }) => judged.view.disarmed,
    write: (one, to) => withView(one, { disarmed: to as boolean }),
  },
  /** Why nothing could be judged; null: it could. */
  doubt: {
    kind: 'state',
    unit: '',
    read: ({ judged }) => judged.doubt,
    write: (one, to) => ({ ...one, judged: { ...one.judged, doubt: to as string | null } }),
  },
  budget_usd: ofRecord('budget', 60),
  target_usd: ofRecord('target', 300),
  equity_usd: ofView('equityUsd', 'USD'),
  loss_usd: ofView('lossUsd', 'USD'),
  permits_last_hour: ofView('permitsLastHour', 'permits'),
  permits_last_5min: ofView('permitsLast5Min', 'permits'),
  since_last_opening_sec: ofView('sinceLastOpeningSec', 's'),
  open_positions: ofView('openSymbols', 'positions'),
  gross_position_usd: ofView('grossPositionUsd', 'USD'),
  mark_usd: ofView('markUsd', 'USD'),
  reserved_qty: ofView('reservedQty', ''),
  reserved_usd: ofMicro('reservedMicro'),
  all_reserved_usd: ofMicro('allReservedMicro'),
  permitted_day_usd: ofMicro('permittedDayMicro'),
  position_amt: {
    kind: 'state',
    unit: '',
    read: ({ judged }) => judged.view.position?.amount ?? null,
    write: (one, to) => withView(one, { position: withAmount(one.judged, to as number) }),
  },
  GOV_MAX_EXEC_PER_HOUR: ofSetting('GOV_MAX_EXEC_PER_HOUR', 'permits'),
  GOV_MAX_EXEC_PER_5MIN: ofSetting('GOV_MAX_EXEC_PER_5MIN', 'permits'),
  GOV_MAX_OPEN_POSITIONS: ofSetting('GOV_MAX_OPEN_POSITIONS', 'positions'),
  GOV_MAX_NOTIONAL_PER_TRADE_PCT: ofSetting('GOV_MAX_NOTIONAL_PER_TRADE_PCT', ''),
  GOV_MAX_NOTIONAL_PER_TRADE_USD: ofSetting('GOV_MAX_NOTIONAL_PER_TRADE_USD', 'USD'),
  GOV_MAX_TOTAL_NOTIONAL_PCT: ofSetting('GOV_MAX_TOTAL_NOTIONAL_PCT', ''),
  GOV_MAX_TOTAL_NOTIONAL_USD: ofSetting('GOV_MAX_TOTAL_NOTIONAL_USD', 'USD'),
  GOV_MAX_NOTIONAL_PER_DAY_PCT: ofSetting('GOV_MAX_NOTIONAL_PER_DAY_PCT', ''),
  GOV_MAX_NOTIONAL_PER_DAY_USD: ofSetting('GOV_MAX_NOTIONAL_PER_DAY_USD', 'USD'),
  GOV_MAX_DAILY_LOSS_PCT: ofSetting('GOV_MAX_DAILY_LOSS_PCT', ''),
  GOV_SYMBOL_COOLDOWN_SECONDS: ofSetting('GOV_SYMBOL_COOLDOWN_SECONDS', 's'),
  GOV_MAX_PRICE_DEVIATION_PCT: ofSetting('GOV_MAX_PRICE_DEVIATION_PCT', ''),
  GOV_MAX_NOTIONAL_MISMATCH_PCT: ofSetting('GOV_MAX_NOTIONAL_MISMATCH_PCT', ''),
  GOV_KILL_SCORE_CRITICAL: ofSetting('GOV_KILL_SCORE_CRITICAL', ''),
  GOV_PLAN_MAX_AGE_SEC: ofSetting('GOV_PLAN_MAX_AGE_SEC', 's'),
  GOV_EXIT_MAX_AGE_SEC: ofSetting('GOV_EXIT_MAX_AGE_SEC', 's'),
  GOV_ARMED_GATES: ofSetting('GOV_ARMED_GATES', ''),
  GOV_EXITS_EXEMPT: ofSetting('GOV_EXITS_EXEMPT', ''),
  GOV_GATE_MODES: {
    kind: 'setting',
    unit: '',
    read: ({ settings }) => modesText(settings.GOV_GATE_MODES),
    write: (one, to) => ({
      ...one,
      settings: { ...one.settings, GOV_GATE_MODES: modesOf(to as string) },
    }),
  },
} as const satisfies Record<string, Input>;

export type InputName = keyof typeof INPUTS;

/** The list of modes with some gates set. */
export function withMode(modes: ReadonlyMap<string, Mode>, gates: readonly string[], mode: Mode): string {
  return modesText(new Map([...modes, ...gates.map((gate) => [gate, mode] as const)]));
}

function modesText(modes: ReadonlyMap<string, Mode>): string {
  return [...modes].map(([gate, mode]) => `${gate}=${mode}`).join(',');
}

function modesOf(text: string): ReadonlyMap<string, Mode> {
  const pairs = text === '' ? [] : text.split(',').map((part) => part.split('='));
  return new Map(pairs.map(([gate, mode]) => [gate!, mode as Mode]));
}

function withPlan(one: Case, changed: Partial<PlanEvent>): Case {
  return { ...one, judged: { ...one.judged, plan: { ...one.judged.plan, ...changed } } };
}

function withView(one: Case, changed: Partial<JudgeView>): Case {
  return { ...one, judged: { ...one.judged, view: { ...one.judged.view, ...changed } } };
}

function ofPlan(
  field: 'notionalUsd' | 'qty' | 'price' | 'side' | 'killScore' | 'confidence' | 'regimeFlip' | 'madeAt',
  unit: Unit,
): Input {
  return {
    kind: 'plan',
    unit,
    read: ({ judged }) => judged.plan[field],
    write: (one, to) => withPlan(one, { [field]: to }),
  };
}

function ofView(
  field:
    | 'equityUsd'
    | 'lossUsd'
    | 'permitsLastHour'
    | 'permitsLast5Min'
    | 'sinceLastOpeningSec'
    | 'openSymbols'
    | 'grossPositionUsd'
    | 'markUsd'
    | 'reservedQty',
  unit: Unit,
): Input {
  return {
    kind: 'state',
    unit,
    read: ({ judged }) => judged.view[field],
    write: (one, to) => withView(one, { [field]: to }),
  };
}

function ofMicro(field: 'reservedMicro' | 'allReservedMicro' | 'permittedDayMicro'): Input {
  return {
    kind: 'state',
    unit: 'USD',
    read: ({ judged }) => judged.view[field] / 1e6,
    write: (one, to) => withView(one, { [field]: microUsd(to as number) }),
  };
}

/** A record that is not there is one that is, with this amount, as of now. */
function ofRecord(field: 'budget' | 'target', maxAgeSec: number): Input {
  const isThere = ({ ageSec, lifeSec }: EnforcedRecord): boolean => ageSec <= Math.min(maxAgeSec, lifeSec);
  return {
    kind: 'state',
    unit: 'USD',
    read: ({ judged }) => (isThere(judged.view[field]) ? judged.view[field].usd : null),
    write: (one, to) => {
      const record = one.judged.view[field];
      const there = isThere(record) ? record : { ...record, ageSec: 0, lifeSec: maxAgeSec };
      return withView(one, { [field]: { ...there, usd: to as number } });
    },
  };
}

function ofSetting(
  name: Exclude<keyof Settings, 'bySymbol' | 'byBot' | 'GOV_GATE_MODES' | 'P30_PNL_SCALE'>,
  unit: Unit,
): Input {
  return {
    kind: 'setting',
    unit,
    read: ({ settings }) => settings[name],
    write: (one, to) => ({ ...one, settings: { ...one.settings, [name]: to } }),
  };
}

/** The most of what the plan says and what its quantity is worth, as it is read; of an exit what it would close. */
function worthUsd({ judged: { plan, view }, settings }: Case): number | null {
  if (reduces(plan)) return readPlan(plan, view, settings).notionalUsd;
  const { qty, price, notionalUsd } = plan;
  const worths = [notionalUsd, times(qty, price), times(qty, view.markUsd)].filter((worth) => worth !== null);
  return worths.length === 0 ? null : Math.max(...worths);
}

function times(a: number | null, b: number | null): number | null {
  return a === null || b === null ? null : saturate(a * b);
}

/** Quantity and notional in the same proportion; a plan that says neither gets the notional. */
function withWorth(one: Case, to: Value): Case {
  const worth = worthUsd(one);
  if (worth === null) return withPlan(one, { notionalUsd: to as number });
  // What is worth nothing, or less, does not become worth something by its proportions.
  if (!(worth > 0)) return withPlan(one, { notionalUsd: to as number });
  const share = (to as number) / worth;
  const { qty, notionalUsd } = one.judged.plan;
  return withPlan(one, {
    qty: qty === null ? null : qty * share,
    notionalUsd: notionalUsd === null ? null : notionalUsd * share,
  });
}

function withAmount({ plan, view }: JudgedOn, amount: number): Position {
  const position = view.position ?? { amount, markUsd: null, notionalUsd: null, ts: plan.ts };
  return { ...position, amount };
}
