/** From base budget to target: a bar for each factor, and whether the factors multiply to the target exactly. */
import type { Waterfall, WaterfallStep } from './explanation.ts';

export interface WaterfallBar {
  readonly key: string;
  readonly title: string;
  /** `base` and `target` stand on zero; a `step` hangs between before and after. */
  readonly kind: 'base' | 'step' | 'target';
  readonly factor: number | null;
  readonly beforeUsd: number | null;
  readonly afterUsd: number;
  readonly because: string;
  readonly change: 'up' | 'down' | 'none';
  /** 0..1 of the drawing's width: where it begins, where it ends, always `from` ≤ `to`. */
  readonly from: number;
  readonly to: number;
  /** Where the value after it lies, for the line to the next bar. */
  readonly at: number;
}

export interface WaterfallView {
  readonly bars: readonly WaterfallBar[];
  /** Where zero lies, 0..1. */
  readonly zero: number;
  /** Each step's `before × factor` is its `after`, each `before` the `after` above it, and the last is the target: to the last bit. */
  readonly isExact: boolean;
  /** The target as a multiple of the base budget; null without one. */
  readonly overall: number | null;
}

export function waterfallView(given: Waterfall): WaterfallView {
  const values = [given.base_budget_usd, given.target_usd, ...given.steps.map(({ after_usd }) => after_usd)];
  const low = Math.min(0, ...values);
  const high = Math.max(0, ...values);
  const place = (value: number): number => (high === low ? 0 : (value - low) / (high - low));
  const span = (a: number, b: number): { from: number; to: number } => ({
    from: Math.min(place(a), place(b)),
    to: Math.max(place(a), place(b)),
  });
  const whole = (kind: 'base' | 'target', title: string, usd: number): WaterfallBar => ({
    ...{ key: kind, title, kind, factor: null, beforeUsd: null, afterUsd: usd, because: '', change: 'none' },
    ...span(0, usd),
    at: place(usd),
  });
  const steps = given.steps.map((step, index): WaterfallBar => ({
    ...{ key: `${index}-${step.name}`, title: stepTitle(step.name), kind: 'step', factor: step.factor },
    ...{ beforeUsd: step.before_usd, afterUsd: step.after_usd, because: step.because },
    change: changeOf(step),
    ...span(step.before_usd, step.after_usd),
    at: place(step.after_usd),
  }));
  return {
    bars: [
      whole('base', 'Base budget', given.base_budget_usd),
      ...steps,
      whole('target', 'Target', given.target_usd),
    ],
    zero: place(0),
    isExact: multiplies(given),
    overall: given.base_budget_usd === 0 ? null : given.target_usd / given.base_budget_usd,
  };
}

/** Whether the steps as told lead from the base budget to the target, in double arithmetic. */
function multiplies(given: Waterfall): boolean {
  let value = given.base_budget_usd;
  for (const step of given.steps) {
    if (step.before_usd !== value || step.before_usd * step.factor !== step.after_usd) return false;
    value = step.after_usd;
  }
  return value === given.target_usd;
}

function changeOf({ before_usd, after_usd }: WaterfallStep): 'up' | 'down' | 'none' {
  if (after_usd === before_usd) return 'none';
  return after_usd > before_usd ? 'up' : 'down';
}

const STEP_TITLES: Record<WaterfallStep['name'], string> = {
  regime: 'Regime',
  cluster: 'Cluster stress',
  drawdown: 'Drawdown',
  performance: 'Performance',
  last_target: 'Last target',
  caps: 'Caps',
  proposal: 'Proposal',
  rounding: 'Rounding',
};

function stepTitle(name: WaterfallStep['name']): string {
  return STEP_TITLES[name];
}
