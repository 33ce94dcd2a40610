import { it, expect } from 'vitest';
import { T0, execution, market, plan, position, portfolio, regime, cluster, take, result } from '../support/engine-events.ts';
import { expectSameAsEveryTick } from '../support/engine-coasting.ts';
import { runEvents, testSettings, newest, lines } from '../support/engine-run.ts';
import { decodeEvent } from '../../src/contract/decode.ts';

it('age limit a hair before a tick', () => {
  const ts = T0 - 2 ** -22;
  expectSameAsEveryTick(testSettings(), [market(ts, 'BTC', { volRegime: 'EXTREME_VOL' }), execution(ts, 'BTC', 50), execution(T0 + 300, 'ETH', 50)]);
});
it('budget life shorter than interval', () => {
  expectSameAsEveryTick(testSettings({ P28_INTERVAL_SEC: 1000, STALE_DATA_SEC: 2000, P30_ATTRIBUTION_TTL_SEC: 2000, TARGET_TTL_SEC: 2000, P31_KEY_TTL_SEC: 2000, P31_STALE_SEC: 2000, P31_STALE_SEC_P29: 2000, P31_STALE_SEC_P30: 2000, P28_MAX_LKG_AGE_SEC: 2000 }), [execution(T0, 'BTC', 50), plan(T0 + 9990, 'p', {notionalUsd: 10})]);
});
it('future event time with applied proposals', () => {
  const s = testSettings({ P29_APPLY_PROPOSED: true, P31_SCORE_ALPHA: 1, P31_MIN_CONF: 0 , P30_LOOKBACK_WINDOW: 1});
  expectSameAsEveryTick(s, [execution(T0, 'BTC', 50, { eventTs: T0 + 60 }), plan(T0 + 300, 'p', {notionalUsd: 10})]);
});
