/**
 * Why: what `ballast explain --json` prints and the page shows. Everything in it was recorded when it was decided; only
 * `flips` asks the judge again, on what was recorded. Money in USD, times Unix seconds; null: not known or not recorded.
 */
import type { BlockReason, GateName } from '../../core/governor/reasons.ts';

/** One gate in order of judging. */
export interface GateStep {
  readonly gate: GateName;
  /** `exempt`: it does not judge plans that reduce. `not_reached`: one before it blocked. */
  readonly outcome: 'pass' | 'block' | 'would_block' | 'not_evaluated' | 'exempt' | 'not_reached';
  readonly enforced: boolean;
  readonly reason: BlockReason | null;
  readonly value: number | null;
  readonly limit: number | null;
  /** The setting that armed it. */
  readonly setting: string | null;
  readonly note: string | null;
}

/** One thing that would have to be different. */
export interface Change {
  /** Where it comes from: the plan itself, what the governor knew, or a setting. */
  readonly kind: 'plan' | 'state' | 'setting';
  /** `notional_usd`, `permits_last_hour`, `GOV_MAX_EXEC_PER_HOUR`. */
  readonly input: string;
  readonly from: string | number | boolean | null;
  readonly to: string | number | boolean | null;
  /** `USD`, `s`, `permits`, or empty. */
  readonly unit: string;
  /** Plain words: `a notional of at most 4,210.55 USD instead of 5,000.00`. */
  readonly text: string;
}

/** Changes that together turn the verdict; judged again, they did. */
export interface Flip {
  readonly changes: readonly Change[];
  /** What the judge said with them. */
  readonly becomes: 'permitted' | 'blocked';
  /** Why it blocks then; null where it permits. */
  readonly reason: BlockReason | null;
  /** The largest relative size of a change; the flips are in order of the number of changes, then of this. */
  readonly size: number;
}

/**
 * From base budget to target. `before × factor`, in double arithmetic, is `after` in every step, and the last `after` is the target:
 * exactly, to the last bit.
 */
export interface Waterfall {
  readonly symbol: string;
  readonly ts: number;
  readonly mode: 'shadow' | 'enforce';
  readonly base_budget_usd: number;
  readonly steps: readonly WaterfallStep[];
  readonly target_usd: number;
  /** 0..1. */
  readonly confidence: number;
}

export interface WaterfallStep {
  readonly name:
    'regime' | 'cluster' | 'drawdown' | 'performance' | 'last_target' | 'caps' | 'proposal' | 'rounding';
  readonly factor: number;
  readonly before_usd: number;
  readonly after_usd: number;
  /** What it rests on: `TREND`, `MID`, `symbol,cluster`. */
  readonly because: string;
}

/** The score and what it was made of. */
export interface EfficiencyParts {
  readonly symbol: string;
  readonly ts: number;
  readonly mode: 'shadow' | 'enforce';
  readonly score: number;
  readonly raw: number;
  readonly ewma: number;
  readonly pressure: string;
  readonly reallocation_weight: number;
  readonly confidence: number;
  readonly stale_flags: string;
  /** The performance factor as read, and as a share 0..1. */
  readonly performance_factor: number;
  readonly performance_share: number;
  readonly target_usd: number;
  /** Each penalty: what it measures, its weight, and weight times ratio. `raw` is `performance_share / (1 + sum of costs)`. */
  readonly penalties: readonly {
    readonly name: 'volatility' | 'drawdown' | 'hold';
    readonly ratio: number;
    readonly weight: number;
    readonly cost: number;
  }[];
}

export interface ExecutionLine {
  /** The stream entry. */
  readonly id: string;
  readonly ts: number;
  readonly symbol: string;
  /** Null: an opening fill. */
  readonly pnl_usd: number | null;
  readonly side: string | null;
  readonly qty: number | null;
  readonly price: number | null;
  readonly bot: string | null;
  readonly signal: string | null;
  readonly regime: string | null;
  readonly cluster: string | null;
  readonly exit_reason: string | null;
  readonly plan_id: string | null;
}

export interface PlanExplanation {
  readonly subject: 'plan';
  readonly plan_id: string;
  readonly symbol: string;
  readonly bot: string | null;
  /** When it was judged. */
  readonly at: number;
  readonly outcome: 'permitted' | 'blocked';
  readonly reason: BlockReason | null;
  /** The answer in one sentence. */
  readonly sentence: string;
  /** Null: what it asked for is not recorded any more. */
  readonly plan: {
    readonly action: string;
    readonly side: string | null;
    readonly qty: number | null;
    readonly price: number | null;
    readonly notional_usd: number | null;
    readonly reduce_only: boolean;
    readonly kill_score: number | null;
    readonly confidence: number | null;
    readonly made_at: number | null;
  } | null;
  readonly gates: readonly GateStep[];
  /** What became of its permit; null: it got none. */
  readonly permit: {
    readonly outcome: 'issued' | 'used' | 'expired' | 'voided';
    readonly qty: number | null;
    readonly notional_usd: number | null;
    readonly qty_scale: number;
    readonly downsize_factor: number;
    readonly expires_at: number;
    readonly ended_at: number | null;
  } | null;
  /** Of a block: when the same plan could pass, and how much of it would have passed: eight digits where those, judged again, pass too. */
  readonly next_eligible_at: number | null;
  readonly max_qty: number | null;
  /** Smallest first. */
  readonly flips: readonly Flip[];
  /** Why there are none, or under which settings they hold; null: nothing to say. */
  readonly flips_note: string | null;
  /** The newest ones decided at or before it was judged. */
  readonly waterfall: Waterfall | null;
  readonly efficiency: EfficiencyParts | null;
  /** Newest first. */
  readonly executions: readonly ExecutionLine[];
  /** What is not recorded any more, a sentence each. */
  readonly missing: readonly string[];
}

export interface SymbolExplanation {
  readonly subject: 'symbol';
  readonly symbol: string;
  /** The newest decision of any component about it. */
  readonly at: number | null;
  readonly sentence: string;
  /** What acts: `enforce` where there is one, else the one in shadow. */
  readonly waterfall: Waterfall | null;
  readonly efficiency: EfficiencyParts | null;
  /** Newest first: those of the attribution's window. */
  readonly executions: readonly ExecutionLine[];
  /** Newest first: what was judged last of this symbol. */
  readonly verdicts: readonly {
    readonly plan_id: string;
    readonly at: number;
    readonly outcome: 'permitted' | 'blocked';
    readonly reason: BlockReason | null;
  }[];
  readonly missing: readonly string[];
}

export type Explanation = PlanExplanation | SymbolExplanation;
