/**
 * Drills: for every reason a made-up plan and view that the real judge must answer with just that reason under the
 * settings in force, and exits that must pass. They prove that each gate can still block; nothing of them leads to a permit.
 */
import { microUsd } from '../num.ts';
import { GATES_IN_ORDER, isEnforced } from './gates.ts';
import { judge } from './judge.ts';
import { BURST_SEC, HOUR_SEC } from './permit-book.ts';
import { REASON_GATES, type BlockReason, type GateName } from './reasons.ts';
import type { PlanEvent } from '../event.ts';
import type { Settings } from '../settings.ts';
import type { JudgeView } from './view.ts';

export interface DrillCase {
  /** Its `planId` begins with `drill-`. */
  readonly plan: PlanEvent;
  readonly view: JudgeView;
  /** Null: it must pass. */
  readonly expected: BlockReason | null;
  /** The gate that must say so; null where it must pass. */
  readonly gate: GateName | null;
  /** Why the settings keep it from coming out as expected; null: it must. */
  readonly cannotFire: string | null;
}

export interface DrillResult {
  readonly planId: string;
  readonly expected: BlockReason | null;
  /** The expected reason where the trace has it, else what blocked; null: it passed. */
  readonly found: BlockReason | null;
  readonly gate: GateName | null;
  /** Whether what was found blocks; false: it is only recorded, or nothing was found. */
  readonly enforced: boolean;
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
  /** It came out as expected. */
  readonly fired: boolean;
  readonly cannotFire: string | null;
}

/** One case for each reason, in their order, then an exit in each trading state and for a disarmed symbol. */
export function drillCases(settings: Settings): readonly DrillCase[] {
  const drills = new Map(Object.entries(drillsOf(settings)));
  const reasons = [...Object.entries(REASON_GATES), ['evaluation_error', 'plan'] as const];
  const blocks = reasons.map(([reason, gate]): DrillCase => {
    const { plan = {}, view = {}, cannotFire = null } = drills.get(reason)!;
    return {
      plan: { ...openingOf(settings, `drill-${reason}`), ...plan },
      // Not spread: a view may have a property that throws.
      view: Object.defineProperties({ ...calm() }, Object.getOwnPropertyDescriptors(view)),
      expected: reason as BlockReason,
      gate,
      cannotFire,
    };
  });
  return [...blocks, ...exitCases(settings)];
}

/** Judges a case as any plan is judged. */
export function runDrill(drill: DrillCase, settings: Settings): DrillResult {
  const { plan, view, expected, gate, cannotFire } = drill;
  const verdict = judge(plan, view, settings);
  const traced = verdict.trace.find((trace) => trace.gate === gate && trace.reason === expected);
  const shown = traced ?? (verdict.granted ? undefined : verdict.trace.at(-1));
  const found = shown?.reason ?? null;
  return {
    planId: plan.planId,
    expected,
    found,
    gate: shown?.gate ?? null,
    enforced: shown?.enforced ?? false,
    value: shown?.value ?? null,
    limit: shown?.limit ?? null,
    setting: shown?.setting ?? null,
    fired: found === expected,
    cannotFire,
  };
}

interface Drill {
  readonly plan?: Partial<PlanEvent>;
  readonly view?: Partial<JudgeView>;
  readonly cannotFire?: string | null;
}

/** Any moment will do: everything is told by its age. */
const DRILL_TS = 1_700_000_000;
const EQUITY_USD = 10_000;
/** A price that makes of any quantity an amount that 1 USD is wholly apart from. */
const ALMOST_NOTHING = 1e-18;

/** What is changed in a calm view and in an opening that passes it; a limit is met exactly or passed by a little. */
function drillsOf(settings: Settings): Record<BlockReason, Drill> {
  const { trade, total, day, orderUsd } = limitsOf(settings);
  const record = { usd: orderUsd / 2, ageSec: 0, lifeSec: 1 };
  const exit = { action: 'FULL_CLOSE_PROPOSED', notionalUsd: null };
  const flat = { amount: 0, markUsd: null, notionalUsd: null, ts: DRILL_TS };
  const mismatch = settings.GOV_MAX_NOTIONAL_MISMATCH_PCT;
  const lossPct = settings.GOV_MAX_DAILY_LOSS_PCT;
  const burst = settings.GOV_MAX_EXEC_PER_5MIN;
  const inBurst = { permitsLastHour: burst, permitsLast5Min: burst };
  const cooling = coolingView(settings.GOV_SYMBOL_COOLDOWN_SECONDS);
  const noPermits = permitsBlock({}, settings);
  const unknown =
    settings.APPLY_MODE === 'production'
      ? noPermits
      : `APPLY_MODE=${settings.APPLY_MODE}: what is not known is not compared`;
  const isCapped = isGateEnforced('caps', settings);
  return {
    kill_switch_active: { view: { state: 'HALTED' } },
    kill_switch_reducing: { view: { state: 'REDUCING' } },
    symbol_disarmed: { view: { disarmed: true } },
    invalid_plan: { plan: { qty: -1 } },
    stale_plan: { plan: { madeAt: DRILL_TS - settings.GOV_PLAN_MAX_AGE_SEC - 1 } },
    would_increase: { plan: { ...exit, side: 'BUY' } },
    nothing_to_close: { plan: { ...exit, side: null }, view: { position: flat } },
    notional_mismatch: {
      plan: { notionalUsd: 1, qty: 1, price: ALMOST_NOTHING },
      cannotFire: mismatch < 1 ? null : `GOV_MAX_NOTIONAL_MISMATCH_PCT=${mismatch} allows any`,
    },
    price_out_of_range: {
      plan: { price: 2 + settings.GOV_MAX_PRICE_DEVIATION_PCT },
      view: { markUsd: 1 },
    },
    p28_budget_violation: { view: { budget: record } },
    p29_allocation_cap: { view: { target: record } },
    kill_score_critical_non_close: { plan: { killScore: settings.GOV_KILL_SCORE_CRITICAL } },
    daily_loss_limit: {
      view: { equityUsd: EQUITY_USD * (1 - lossPct), lossUsd: EQUITY_USD * lossPct + 1 },
    },
    hourly_limit_exceeded: { view: { permitsLastHour: settings.GOV_MAX_EXEC_PER_HOUR } },
    burst_limit_exceeded: { view: inBurst, cannotFire: hourlyBlocks(burst, settings) },
    symbol_cooldown: {
      view: cooling,
      cannotFire:
        settings.GOV_SYMBOL_COOLDOWN_SECONDS > 0
          ? permitsBlock(cooling, settings)
          : 'GOV_SYMBOL_COOLDOWN_SECONDS=0: there is none',
    },
    max_positions_reached: {
      view: { position: null, openSymbols: settings.GOV_MAX_OPEN_POSITIONS },
      cannotFire: noPermits,
    },
    notional_unknown: { plan: { notionalUsd: null }, cannotFire: unknown },
    equity_unknown: { view: { equityUsd: null }, cannotFire: unknown },
    notional_per_trade_exceeded: { plan: { notionalUsd: trade.usd * 2 + 1 }, cannotFire: noPermits },
    total_notional_exceeded: {
      view: { grossPositionUsd: total.usd },
      cannotFire: noPermits ?? limitBlocks(trade),
    },
    daily_limit_exceeded: {
      view: { permittedDayMicro: microUsd(day.usd) },
      cannotFire: noPermits ?? (isCapped ? (limitBlocks(trade) ?? limitBlocks(total)) : null),
    },
    evaluation_error: {
      view: {
        get markUsd(): number {
          throw new Error('made on purpose');
        },
      },
    },
  };
}

function exitCases(settings: Settings): readonly DrillCase[] {
  const views = {
    active: { state: 'ACTIVE' },
    reducing: { state: 'REDUCING' },
    halted: { state: 'HALTED' },
    disarmed: { disarmed: true },
  } as const;
  return Object.entries(views).map(([name, view]): DrillCase => {
    const isHalted = name === 'halted';
    return {
      plan: {
        ...openingOf(settings, `drill-exit-${name}`),
        action: 'FULL_CLOSE_PROPOSED',
        side: 'SELL',
        notionalUsd: null,
      },
      view: { ...calm(), ...view },
      expected: isHalted ? 'kill_switch_active' : null,
      gate: isHalted ? 'kill' : null,
      cannotFire: isHalted || settings.GOV_EXITS_EXEMPT ? null : permitsBlock({}, settings),
    };
  });
}

/** An account at rest: a position in the symbol that is worth nothing, no permits, no records. */
function calm(): JudgeView {
  const record = { usd: 0, ageSec: Infinity, lifeSec: 1 };
  return {
    state: 'ACTIVE',
    disarmed: false,
    position: { amount: 1, markUsd: null, notionalUsd: null, ts: DRILL_TS },
    markUsd: null,
    reservedQty: 0,
    equityUsd: EQUITY_USD,
    budget: record,
    target: record,
    efficiency: { score: 0, confidence: 0, ageSec: Infinity, lifeSec: 1 },
    reservedMicro: 0,
    allReservedMicro: 0,
    grossPositionUsd: 0,
    openSymbols: 1,
    lossUsd: 0,
    permitsLastHour: 0,
    permitsLast5Min: 0,
    sinceLastOpeningSec: Infinity,
    permittedDayMicro: 0,
  };
}

function openingOf(settings: Settings, planId: string): PlanEvent {
  return {
    type: 'plan',
    ts: DRILL_TS,
    planId,
    symbol: 'DRILL',
    symbolValid: true,
    namesValid: true,
    action: 'OPEN_PROPOSED',
    decision: 'EXECUTE',
    side: 'BUY',
    reduceOnly: false,
    bot: null,
    qty: null,
    price: null,
    notionalUsd: limitsOf(settings).orderUsd,
    killScore: null,
    confidence: null,
    regimeFlip: null,
    madeAt: null,
  };
}

/** Within the cooldown by a second at most; a permit that young counts in the windows it lies in. */
function coolingView(cooldownSec: number): Partial<JudgeView> {
  const sinceLastOpeningSec = Math.max(cooldownSec - 1, 0);
  return {
    sinceLastOpeningSec,
    permitsLastHour: sinceLastOpeningSec < HOUR_SEC ? 1 : 0,
    permitsLast5Min: sinceLastOpeningSec < BURST_SEC ? 1 : 0,
  };
}

interface UsdLimit {
  readonly usd: number;
  readonly setting: string;
}

/** Less than this is nothing, counted in micro-USD. */
const LEAST_USD = 1e-5;

/** What binds for the drill's equity, and an order within all of it but what allows none. */
function limitsOf(settings: Settings) {
  const trade = usdLimit(settings, 'GOV_MAX_NOTIONAL_PER_TRADE_PCT', 'GOV_MAX_NOTIONAL_PER_TRADE_USD');
  const total = usdLimit(settings, 'GOV_MAX_TOTAL_NOTIONAL_PCT', 'GOV_MAX_TOTAL_NOTIONAL_USD');
  const day = usdLimit(settings, 'GOV_MAX_NOTIONAL_PER_DAY_PCT', 'GOV_MAX_NOTIONAL_PER_DAY_USD');
  const possible = [trade.usd, total.usd, day.usd].filter((usd) => usd >= LEAST_USD);
  return { trade, total, day, orderUsd: Math.min(1, ...possible) };
}

function usdLimit(
  settings: Settings,
  pct: 'GOV_MAX_NOTIONAL_PER_TRADE_PCT' | 'GOV_MAX_TOTAL_NOTIONAL_PCT' | 'GOV_MAX_NOTIONAL_PER_DAY_PCT',
  usd: 'GOV_MAX_NOTIONAL_PER_TRADE_USD' | 'GOV_MAX_TOTAL_NOTIONAL_USD' | 'GOV_MAX_NOTIONAL_PER_DAY_USD',
): UsdLimit {
  const byShare = settings[pct] * EQUITY_USD;
  const fixed = settings[usd];
  return fixed !== null && fixed < byShare ? { usd: fixed, setting: usd } : { usd: byShare, setting: pct };
}

function isGateEnforced(name: GateName, settings: Settings): boolean {
  return GATES_IN_ORDER.some((gate) => gate.name === name && isEnforced(gate, settings));
}

/** Why the gates that count permits block whatever comes after them; null: they let it pass. */
function permitsBlock(view: Partial<JudgeView>, settings: Settings): string | null {
  const { permitsLastHour = 0, permitsLast5Min = 0 } = view;
  const limit = settings.GOV_MAX_EXEC_PER_5MIN;
  const burstBlocks = isGateEnforced('burst', settings) && permitsLast5Min >= limit;
  return (
    hourlyBlocks(permitsLastHour, settings) ??
    (burstBlocks ? `GOV_MAX_EXEC_PER_5MIN=${limit} blocks before it` : null)
  );
}

function hourlyBlocks(permits: number, settings: Settings): string | null {
  const limit = settings.GOV_MAX_EXEC_PER_HOUR;
  const blocks = isGateEnforced('hourly', settings) && permits >= limit;
  return blocks ? `GOV_MAX_EXEC_PER_HOUR=${limit} blocks before it` : null;
}

/** Why a limit lets no order pass; null: it does. */
function limitBlocks({ usd, setting }: UsdLimit): string | null {
  return usd < LEAST_USD ? `${setting}: so little blocks every opening before it` : null;
}
