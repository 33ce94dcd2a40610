import { describe, expect, it } from 'vitest';
import { explainText } from './explain-text.ts';
import type { PlanExplanation } from '../ops/explain/explanation.ts';

describe('what became of a permit', () => {
  it('is said as people say it', () => {
    expect(saidOf('used')).toContain('Its permit was used 2023-11-14 22:13:30Z.');
    expect(saidOf('voided')).toContain('Its permit was voided 2023-11-14 22:13:30Z.');
    expect(saidOf('expired')).toContain('Its permit expired unused 2023-11-14 22:13:30Z.');
    expect(saidOf('issued')).toContain('it holds until 2023-11-14 22:14:20Z.');
  });
});

function saidOf(outcome: NonNullable<PlanExplanation['permit']>['outcome']): string {
  const permit = { qty: 1, notional_usd: 100, qty_scale: 1, downsize_factor: 1, expires_at: 1_700_000_060 };
  const plan: PlanExplanation = {
    subject: 'plan',
    plan_id: 'p',
    symbol: 'BTC',
    bot: null,
    at: 1_700_000_000,
    outcome: 'permitted',
    reason: null,
    sentence: 'Permitted.',
    plan: null,
    gates: [],
    permit: { ...permit, outcome, ended_at: outcome === 'issued' ? null : 1_700_000_010 },
    next_eligible_at: null,
    max_qty: null,
    flips: [],
    flips_note: null,
    waterfall: null,
    efficiency: null,
    executions: [],
    missing: [],
  };
  return explainText(plan, { width: 100, colour: false }).join('\n');
}
