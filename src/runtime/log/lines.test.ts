import { describe, expect, it } from 'vitest';
import type { AllocationDecision, AttributionDecision, EfficiencyDecision } from '../../core/decision.ts';
import {
  ALLOCATION,
  ATTRIBUTION,
  BUDGET,
  EFFICIENCY,
  PROPOSAL,
} from '../../../test/support/sample-decisions.ts';
import {
  allocationLine,
  attributionLine,
  budgetLine,
  efficiencyLine,
  processingLine,
  proposalLine,
} from './lines.ts';

describe('the line of an efficiency', () => {
  const efficiency: EfficiencyDecision = {
    ...EFFICIENCY,
    symbol: 'ETHUSDT',
    efficiency_score: 0,
    efficiency_ewma: 0.1954,
    capital_pressure: 'DECREASE',
    confidence: 0.4,
    stale_flags: '',
  };

  it('is the one operators search for', () => {
    expect(efficiencyLine(efficiency)).toBe(
      'ETHUSDT: eff=0.000 ewma=0.195 pressure=DECREASE conf=0.40 flags=OK',
    );
  });

  it('names what is stale or missing', () => {
    expect(efficiencyLine({ ...efficiency, stale_flags: 'P30_STALE,P29_MISSING' })).toMatch(
      / flags=P30_STALE,P29_MISSING$/,
    );
  });
});

describe('the line of an attribution', () => {
  const attribution: AttributionDecision = {
    ...ATTRIBUTION,
    alpha_score: 0.12344,
    performance_factor: 0.5678,
    confidence: 0.9,
    window: 20,
  };

  it('is the one operators search for', () => {
    expect(attributionLine(attribution)).toBe(
      'BTCUSDT: alpha=0.1234 perf=0.5678 conf=0.900 window=20 source=live',
    );
  });

  it('has signs of losses, none of zeros, and says what comes from the last good value', () => {
    const line = attributionLine({
      ...attribution,
      alpha_score: -0.00001,
      performance_factor: -0.5,
      source: 'LKG',
    });
    expect(line).toBe('BTCUSDT: alpha=0.0000 perf=-0.5000 conf=0.900 window=20 source=LKG');
  });
});

describe('the lines of money', () => {
  it('tell a budget', () => {
    const budget = { ...BUDGET, budget_usd: 1234.56, stress_factor: 0.1234, equity_usd: 100_000 };
    expect(budgetLine(budget)).toBe('BTCUSDT: budget=1234.56 stress=0.123 equity=100000.00 mode=shadow');
  });

  const allocation: AllocationDecision = {
    ...ALLOCATION,
    target_usd: 1234.56,
    base_target_usd: 1200,
    regime: 'TREND',
    cluster_id: 'L1',
    drawdown_zone: 'LOW',
    confidence: 0.9,
    mode: 'enforce',
  };

  it('tell a target', () => {
    expect(allocationLine(allocation)).toBe(
      'BTCUSDT: target=1234.56 base=1200.00 regime=TREND cluster=L1 dd=LOW conf=0.900 mode=enforce',
    );
  });

  it('keep a name that is free text one word', () => {
    const line = allocationLine({ ...allocation, cluster_id: 'L1 dd=LOW\n\u001b[31m', regime: '' });
    expect(line).toContain(' regime=- cluster=L1_dd_LOW\\u000a\\u001b[31m dd=LOW ');
  });

  it('tell a proposal', () => {
    const proposal = {
      ...PROPOSAL,
      base_target: 1200,
      proposed_target: 1300,
      multiplier: 1300 / 1200,
      reason: 'ok' as const,
    };
    expect(proposalLine(proposal)).toBe('BTCUSDT: base=1200.00 proposed=1300.00 mult=1.0833 reason=ok');
  });
});

describe('the line of a tick', () => {
  const symbols = (count: number): string[] => Array.from({ length: count }, (_, i) => `S${i}`);

  it('counts the symbols and names them', () => {
    expect(processingLine(['BTCUSDT', 'ETHUSDT'])).toBe('Processing 2 symbols: BTCUSDT, ETHUSDT');
    expect(processingLine([])).toBe('Processing 0 symbols: ');
    expect(processingLine(symbols(20))).toMatch(/^Processing 20 symbols: S0, .*, S19$/);
  });

  it('names the first twenty of many', () => {
    expect(processingLine(symbols(10_000))).toMatch(
      /^Processing 10000 symbols: S0, .*, S19, ... and 9980 more$/,
    );
  });
});
