import { describe, expect, it } from 'vitest';
import type { ComponentRow } from '../wire.ts';
import { modeLines, proposalText, shadowView } from './shadow.ts';
import { symbolRow as row } from '../../../test/support/symbol-row.ts';

const enforced = (symbol: string, target: number, proposed: number | null, base: number | null = target) =>
  row(symbol, {
    ...{ target_usd: target, target_mode: 'enforce', base_target_usd: base, proposed_usd: proposed },
    proposed_reason: proposed === null ? null : 'ok',
  });

describe('shadow against live', () => {
  it('has the largest difference first, whichever way and of whatever, and none last, by name', () => {
    const { rows } = shadowView([
      enforced('Z', 100, null),
      enforced('A', 100, null),
      enforced('SMALL', 100, 110),
      enforced('DOWN', 100, 20),
      row('SHADOW', {
        target_usd: 100,
        target_mode: 'enforce',
        shadow_target_usd: 150,
        base_target_usd: 100,
      }),
    ]);
    expect(rows.map(({ symbol }) => symbol)).toEqual(['DOWN', 'SHADOW', 'SMALL', 'A', 'Z']);
  });

  it('gives differences in money, as a share of what they are compared with, and as a bar', () => {
    const { rows } = shadowView([enforced('A', 200, 100), enforced('B', 100, 150)]);
    expect(rows.map(({ proposedDifference }) => proposedDifference)).toEqual([
      { usd: -100, fraction: -0.5, bar: -1 },
      { usd: 50, fraction: 0.5, bar: 0.5 },
    ]);
  });

  it('takes a target decided in shadow for no live one', () => {
    const { rows, hasShadow } = shadowView([
      row('A', { target_usd: 70, target_mode: 'shadow', target_ts: 5 }),
    ]);
    expect(rows[0]).toMatchObject({ liveUsd: null, shadowUsd: 70, shadowTs: 5, shadowDifference: null });
    expect(hasShadow).toBe(true);
  });

  it('compares a proposal with the base target it multiplies, not with what was made of it', () => {
    const [only] = shadowView([enforced('A', 130, 130, 100)]).rows;
    expect(only?.proposedDifference).toMatchObject({ usd: 30, fraction: 0.3 });
  });

  it('takes a proposal of the same for no difference, though its base is of another tick', () => {
    const [only] = shadowView([{ ...enforced('A', 100, 97), multiplier: 1 }]).rows;
    expect(only?.proposedDifference).toMatchObject({ usd: 0 });
  });

  it('knows by targets that are not their base that proposals act, and what they come to after caps', () => {
    expect(shadowView([enforced('A', 100, 130)]).totals.appliedUsd).toBeNull();
    const act = shadowView([enforced('A', 120, 130, 100), enforced('B', 90, 80, 100)]);
    expect(act.totals.appliedUsd).toBe(10);
  });

  it('has no share of zero', () => {
    expect(shadowView([enforced('A', 0, 50)]).rows[0]?.proposedDifference).toMatchObject({ fraction: null });
  });

  it('adds up, and says how many would rise, fall, stay or are withheld', () => {
    const { totals } = shadowView([
      enforced('A', 100, 150),
      enforced('B', 100, 60),
      enforced('C', 100, 100),
      { ...enforced('D', 50, 50), proposed_reason: 'low_conf' },
      row('E'),
    ]);
    expect(totals).toMatchObject({
      ...{ liveUsd: 350, baseUsd: 350, proposedUsd: 360, proposedDifferenceUsd: 10 },
      ...{ shadowUsd: null, shadowDifferenceUsd: null, rising: 1, falling: 1, same: 2, withheld: 1 },
    });
  });

  it('leaves out symbols without any target, and is empty without any', () => {
    expect(shadowView([row('A')])).toMatchObject({ rows: [], hasShadow: false, hasProposals: false });
  });
});

describe('modes in words', () => {
  const component = (name: string, mode: string | null): ComponentRow => ({
    ...{ component: name, id: null, state: 'running', mode, mode_why: null, owner: null, last_tick: null },
    ...{ tick_age_sec: null, interval_sec: null, symbols: null, lag_sec: null, degraded: [] },
  });

  it('have what runs in shadow first, and leave out what has no mode', () => {
    const lines = modeLines([
      component('budget', 'enforce'),
      component('allocation', 'shadow'),
      component('proposer', 'shadow'),
      component('watch', null),
    ]);
    expect(lines.map(({ component, isShadow }) => [component, isShadow])).toEqual([
      ['allocation', true],
      ['proposer', true],
      ['budget', false],
    ]);
    expect(lines[0]?.words).toContain('nothing acts');
  });

  it('say what an apply mode means, and repeat one that is not known', () => {
    const words = (mode: string): string | undefined => modeLines([component('governor', mode)])[0]?.words;
    expect(words('dry_run')).toContain('cannot be taken');
    expect(words('<b>')).toBe('<b>');
  });
});

describe('where no base is told', () => {
  it('what is proposed is held against the target itself, in the sums too', () => {
    const { totals } = shadowView([
      row('A', {
        target_usd: 100,
        base_target_usd: null,
        proposed_usd: 80,
        proposed_reason: 'other',
      }),
      row('B', { target_usd: 50, base_target_usd: null, proposed_usd: null, proposed_reason: null }),
    ]);
    expect(totals).toMatchObject({ comparedUsd: 100, proposedUsd: 80, proposedDifferenceUsd: -20 });
    expect(totals.withheld).toBe(0);
  });

  it('a reason is told in words, another program’s as it is', () => {
    expect(proposalText('low_conf')).toBe('no change: too little confidence');
    expect(proposalText('my_reason')).toBe('my reason');
  });
});
