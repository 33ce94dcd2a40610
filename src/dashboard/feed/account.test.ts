import { describe, expect, it } from 'vitest';
import { accountIn, accountRequests } from './account.ts';
import type { HashAnswer } from '../../store/store.ts';

const NOW = 1_780_304_400;
const hash = (fields: Readonly<Record<string, unknown>>): HashAnswer =>
  new Map(
    Object.entries(fields).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ]),
  );
const own = { ownEquityUsd: 900, ownPeakUsd: 1000, fed: null };
const fed = { ts: NOW - 10, equityUsd: 80, drawdown: 0.2, heat: 0, peakUsd: 100 };
const read = (...answers: readonly HashAnswer[]) => accountIn(answers, NOW, 60);

describe('the account', () => {
  it('is asked for in one hash that is fed and three that are kept', () => {
    expect(accountRequests('q').map(({ key }) => key)).toEqual([
      'q:state:portfolio',
      ...['budget', 'allocation', 'governor'].map((name) => `q:ballast:meta:${name}`),
    ]);
  });

  it('is nobody’s where nobody keeps one', () => {
    expect(read(null, null, null, null)).toBeNull();
    expect(read(hash({ equity_usd: 'much' }), hash({ tick: NOW }))).toBeNull();
  });

  it('is counted by the component that is furthest', () => {
    const old = hash({ tick: NOW - 60, portfolio: { ...own, ownEquityUsd: 1 } });
    const inputs = { 'execution.result': ['7-0', 3], cashflow: ['6-0', 1] };
    expect(read(null, old, null, hash({ now: NOW - 1, portfolio: own, inputs }))).toEqual({
      account: { equity_usd: 900, peak_usd: 1000, drawdown: 0.1, source: 'own', ts: NOW - 1, stale: false },
      counted: { executions: '7-0', cashflows: '6-0' },
    });
    expect(read(null, hash({ tick: NOW - 61, portfolio: own }))?.account.stale).toBe(true);
  });

  it('that was ever fed stays fed, and grows stale', () => {
    const kept = hash({ tick: NOW - 500, portfolio: { ...own, fed } });
    expect(read(null, kept, hash({ tick: NOW, portfolio: own }))).toEqual({
      account: { equity_usd: 80, peak_usd: 100, drawdown: 0.2, source: 'fed', ts: NOW - 10, stale: false },
      counted: null,
    });
    expect(accountIn([null, kept], NOW + 60, 60)?.account.stale).toBe(true);
  });

  it('is the hash itself where that is newer than what was kept', () => {
    const told = hash({ equity_usd: '90', drawdown: '0.1', timestamp: String(NOW) });
    const kept = hash({ tick: NOW, portfolio: { ...own, fed } });
    for (const metas of [[kept], []])
      expect(read(told, ...metas)?.account).toMatchObject({
        equity_usd: 90,
        drawdown: 0.1,
        source: 'fed',
        ts: NOW,
      });
    expect(read(told, kept)?.account.peak_usd).toBe(100);
  });

  it.each(['[]', '5', '{"ownEquityUsd":"x"}', '{"ownEquityUsd":1,"ownPeakUsd":1,"fed":{"ts":null}}', '{'])(
    'kept as %s by another version is nobody’s',
    (portfolio) => {
      expect(read(null, hash({ portfolio, tick: NOW }))).toBeNull();
    },
  );

  it('whose places are garbage is an account all the same', () => {
    const reading = read(null, hash({ tick: NOW, portfolio: own, inputs: '{"execution.result":5}' }));
    expect(reading).toMatchObject({
      account: { equity_usd: 900 },
      counted: { executions: null, cashflows: null },
    });
  });
});
