/** The proposer: its reasons in order, its multiplier, its smoothing. */
import { describe, expect, it } from 'vitest';
import { T0 } from '../../../test/support/engine-events.ts';
import { testSettings } from '../../../test/support/engine-run.ts';
import { EFFICIENCY_REASONS, Proposer, type EfficiencyView } from './proposer.ts';
import type { Settings } from '../settings.ts';

const view = (score: number, confidence: number, ageSec = 0, lifeSec = 600): EfficiencyView => ({
  ts: Float64Array.of(T0 - ageSec),
  score: Float64Array.of(score),
  confidence: Float64Array.of(confidence),
  lifeSec,
});

function propose(efficiency: EfficiencyView, changed: Partial<Settings> = {}, ticks = 1, targetAgeSec = 0) {
  const proposer = new Proposer();
  proposer.ensure(1);
  const targets = {
    ts: Float64Array.of(T0 - targetAgeSec),
    baseTargetUsd: Float64Array.of(2000),
    lifeSec: 300,
  };
  for (let i = 0; i < ticks; i++)
    proposer.tick(T0, Int32Array.of(0), targets, efficiency, [testSettings(changed)]);
  const { multiplier, reason, ts } = proposer.columns;
  return {
    ts: ts.get(0),
    multiplier: multiplier.get(0),
    reason: EFFICIENCY_REASONS[reason.get(0)],
  };
}

describe('the proposer', () => {
  it('multiplies the base target by 1 plus the score’s distance from 0.5', () => {
    expect(propose(view(0.8, 1))).toMatchObject({ multiplier: 1.3, reason: 'ok' });
    expect(propose(view(0, 1)).multiplier).toBe(0.5);
    expect(propose(view(1, 1)).multiplier).toBe(1.5);
    const wide = { P31_SCALE: 10 };
    expect([propose(view(0, 1), wide).multiplier, propose(view(1, 1), wide).multiplier]).toEqual([0.5, 1.5]);
  });

  it('proposes what is there where efficiency is missing, stale or unsure, in that order', () => {
    expect(propose(view(0.9, 0, 601))).toMatchObject({
      multiplier: 1,
      reason: 'missing_eff',
    });
    expect(propose(view(0.9, 0, 601, 900))).toMatchObject({ multiplier: 1, reason: 'stale_eff' });
    expect(propose(view(0.9, 0.649, 600))).toMatchObject({ multiplier: 1, reason: 'low_conf' });
    expect(propose(view(0.9, 0.65, 600)).reason).toBe('ok');
    expect(propose({ ...view(0.9, 1), ts: Float64Array.of(0) }).reason).toBe('missing_eff');
  });

  it('proposes nothing without a target that is alive', () => {
    expect(propose(view(0.9, 1), {}, 1, 300).ts).toBe(T0);
    expect(propose(view(0.9, 1), {}, 1, 301).ts).toBe(0);
  });

  it('smooths its multiplier per tick, from 1', () => {
    const smooth = { PROPOSER_EWMA_ALPHA: 0.5 };
    expect(propose(view(1, 1), smooth, 1).multiplier).toBe(1.25);
    expect(propose(view(1, 1), smooth, 2).multiplier).toBe(1.375);
    expect(propose(view(1, 1), { PROPOSER_EWMA_ALPHA: 1 }, 2).multiplier).toBe(1.5);
  });
});
