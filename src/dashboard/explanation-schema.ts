/** Explanations as the API gives them: the schemas of src/ops/explain/explanation.ts; a test holds them to its types. */
import { z } from 'zod';
import { BLOCK_REASONS, GATES } from '../core/governor/reasons.ts';

const text = z.string().nullable();
const number = z.number().nullable();
const mode = z.enum(['shadow', 'enforce']);
const reason = z.enum(BLOCK_REASONS).nullable();
const verdict = z.enum(['permitted', 'blocked']);

const gateStepSchema = z.object({
  gate: z.enum(GATES),
  outcome: z
    .enum(['pass', 'block', 'would_block', 'not_evaluated', 'exempt', 'not_reached'])
    .describe('exempt: it does not judge plans that reduce; not_reached: one before it blocked'),
  enforced: z.boolean(),
  reason,
  value: number,
  limit: number,
  setting: text.describe('the setting that armed it'),
  note: text,
});

const changeSchema = z.object({
  kind: z.enum(['plan', 'state', 'setting']),
  input: z.string(),
  from: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  to: z.union([z.string(), z.number(), z.boolean()]).nullable(),
  unit: z.string(),
  text: z.string(),
});

const flipSchema = z.object({
  changes: z.array(changeSchema),
  becomes: verdict,
  reason,
  size: z.number(),
});

const waterfallSchema = z.object({
  symbol: z.string(),
  ts: z.number(),
  mode,
  base_budget_usd: z.number(),
  steps: z
    .array(
      z.object({
        name: z.enum([
          'regime',
          'cluster',
          'drawdown',
          'performance',
          'last_target',
          'caps',
          'proposal',
          'rounding',
        ]),
        factor: z.number(),
        before_usd: z.number(),
        after_usd: z.number(),
        because: z.string(),
      }),
    )
    .describe('before times factor is after, to the last bit; the last after is the target'),
  target_usd: z.number(),
  confidence: z.number(),
});

const efficiencySchema = z.object({
  symbol: z.string(),
  ts: z.number(),
  mode,
  score: z.number(),
  raw: z.number(),
  ewma: z.number(),
  pressure: z.string(),
  reallocation_weight: z.number(),
  confidence: z.number(),
  stale_flags: z.string(),
  performance_factor: z.number(),
  performance_share: z.number(),
  target_usd: z.number(),
  penalties: z.array(
    z.object({
      name: z.enum(['volatility', 'drawdown', 'hold']),
      ratio: z.number(),
      weight: z.number(),
      cost: z.number(),
    }),
  ),
});

const executionSchema = z.object({
  id: z.string(),
  ts: z.number(),
  symbol: z.string(),
  pnl_usd: number,
  side: text,
  qty: number,
  price: number,
  bot: text,
  signal: text,
  regime: text,
  cluster: text,
  exit_reason: text,
  plan_id: text,
});

const planSchema = z.object({
  action: z.string(),
  side: text,
  qty: number,
  price: number,
  notional_usd: number,
  reduce_only: z.boolean(),
  kill_score: number,
  confidence: number,
  made_at: number,
});

const permitSchema = z.object({
  outcome: z.enum(['issued', 'used', 'expired', 'voided']),
  qty: number,
  notional_usd: number,
  qty_scale: z.number(),
  downsize_factor: z.number(),
  expires_at: z.number(),
  ended_at: number,
});

export const planExplanationSchema = z.object({
  subject: z.literal('plan'),
  plan_id: z.string(),
  symbol: z.string(),
  bot: text,
  at: z.number().describe('when it was judged'),
  outcome: verdict,
  reason,
  sentence: z.string(),
  plan: planSchema.nullable(),
  gates: z.array(gateStepSchema),
  permit: permitSchema.nullable(),
  next_eligible_at: number,
  max_qty: number,
  flips: z.array(flipSchema).describe('what would have to be different, smallest first'),
  flips_note: text,
  waterfall: waterfallSchema.nullable(),
  efficiency: efficiencySchema.nullable(),
  executions: z.array(executionSchema),
  missing: z.array(z.string()).describe('what is not recorded any more, a sentence each'),
});

export const symbolExplanationSchema = z.object({
  subject: z.literal('symbol'),
  symbol: z.string(),
  at: number,
  sentence: z.string(),
  waterfall: waterfallSchema.nullable(),
  efficiency: efficiencySchema.nullable(),
  executions: z.array(executionSchema),
  verdicts: z.array(z.object({ plan_id: z.string(), at: z.number(), outcome: verdict, reason })),
  missing: z.array(z.string()),
});
