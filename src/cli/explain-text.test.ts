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

describe('what others named', () => {
  it('is short and harmless, in the plan, its flips and the last verdicts', () => {
    const long = `\u001b[2J${'x'.repeat(500)}`;
    const plan: PlanExplanation = {
      ...planOf('issued'),
      plan_id: long,
      bot: long,
      plan: {
        action: long,
        side: long,
        qty: -5,
        price: null,
        notional_usd: null,
        reduce_only: false,
        kill_score: null,
        confidence: null,
        made_at: null,
      },
      flips: [
        {
          changes: [
            {
              kind: 'plan',
              input: 'side',
              from: long,
              to: 'BUY',
              unit: '',
              text: `the side BUY instead of ${long}`,
            },
          ],
          becomes: 'permitted',
          reason: null,
          size: 1,
        },
      ],
    };
    const short = `·[2J${'x'.repeat(35)}…`;
    const text = explainText(plan, { width: 1000, colour: false }).join('\n');
    expect(text).toContain(`Plan ${short}: BTC, bot ${short}, judged`);
    expect(text).toContain(`It asked for: ${short} ${short}, quantity −5.`);
    expect(text).toContain(`- the side BUY instead of ${short}`);
    expect(text).not.toContain('x'.repeat(36));
    const symbol = explainText(
      {
        subject: 'symbol',
        symbol: 'BTC',
        at: null,
        sentence: `Its last plan, ${long}, was permitted.`,
        waterfall: null,
        efficiency: null,
        executions: [],
        verdicts: [{ plan_id: long, at: 1_700_000_000, outcome: 'permitted', reason: null }],
        missing: [],
      },
      { width: 1000, colour: false },
    ).join('\n');
    expect(symbol).toContain(`Its last plan, ${short}, was permitted.`);
    expect(symbol).not.toContain('x'.repeat(36));
  });
});

function saidOf(outcome: NonNullable<PlanExplanation['permit']>['outcome']): string {
  return explainText(planOf(outcome), { width: 100, colour: false }).join('\n');
}

function planOf(outcome: NonNullable<PlanExplanation['permit']>['outcome']): PlanExplanation {
  const permit = { qty: 1, notional_usd: 100, qty_scale: 1, downsize_factor: 1, expires_at: 1_700_000_060 };
  return {
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
}
