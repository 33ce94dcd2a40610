import { describe, expect, it } from 'vitest';
import { symbolSchema } from '../wire.ts';
import { symbolRow } from '../../../test/support/symbol-row.ts';
import { hashRequests, readHashes, REQUESTS_A_SYMBOL, UNREAD } from './symbol-hashes.ts';
import { isSameRow } from './rows.ts';
import type { HashAnswer } from '../../store/store.ts';

const T0 = 1_780_304_400;
const TS = String(T0);
type Hashes = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** By the end of their keys. */
const read = (hashes: Hashes) =>
  readHashes(
    hashRequests('q', 'BTC').map(({ key, fields }): HashAnswer => {
      const hash = hashes[key];
      if (hash === undefined) return null;
      return new Map(Object.entries(hash).filter(([field]) => fields!.includes(field)));
    }),
  ).columns;

describe('the hashes of a symbol', () => {
  it('are asked for field by field', () => {
    const requests = hashRequests('q', 'BTC');
    expect(requests).toHaveLength(REQUESTS_A_SYMBOL);
    expect(requests.map(({ key }) => key)).toContain('q:shadow:allocation:target:BTC');
    expect(requests.every(({ fields }) => fields !== null && fields.length > 0)).toBe(true);
  });

  it('that are not there leave everything unknown', () => {
    expect(read({})).toEqual(UNREAD.columns);
    expect(symbolSchema.parse({ ...symbolRow('BTC'), ...UNREAD.columns })).toEqual(symbolRow('BTC'));
  });

  it('tell what is enforced before what is in shadow', () => {
    const target = { target_usd: '500', base_target_usd: '400', confidence: '0.9', ts: TS, mode: 'enforce' };
    const columns = read({
      'q:allocation:target:BTC': target,
      'q:shadow:allocation:target:BTC': { ...target, target_usd: '300', mode: 'shadow' },
    });
    expect(columns).toMatchObject({
      target_usd: 500,
      base_target_usd: 400,
      target_ts: T0,
      target_mode: 'enforce',
    });
    expect(columns).toMatchObject({ shadow_target_usd: 300, shadow_target_ts: T0 });
  });

  it('tell what is in shadow where nothing is enforced, and say so', () => {
    expect(
      read({
        'q:shadow:capital:efficiency:BTC': { efficiency_score: '0.5', capital_pressure: 'HOLD', ts: TS },
        'q:shadow:alpha:attribution:BTC': { alpha_score: '1', ts_utc: TS },
      }),
    ).toMatchObject({
      ...{ efficiency: 0.5, pressure: 'HOLD', efficiency_mode: 'shadow', performance_mode: 'shadow' },
      ...{ performance_ts: T0, target_mode: null },
    });
  });

  it('of another program count as enforced', () => {
    expect(read({ 'q:allocation:target:BTC': { target_usd: '1', timestamp: TS } })).toMatchObject({
      ...{ target_usd: 1, target_ts: T0, target_mode: 'enforce', base_target_usd: null },
    });
  });

  it('with garbage tell the rest', () => {
    const columns = read({
      'q:portfolio:budget:BTC': { budget_usd: '0x10', timestamp: 'yesterday' },
      'q:capital:efficiency:BTC': {
        efficiency_score: 'NaN',
        efficiency_ewma: '0.3',
        capital_pressure: '<b>',
        ts: TS,
      },
    });
    expect(columns).toMatchObject({ budget_usd: null, budget_ts: null, efficiency: null, pressure: null });
    expect(columns).toMatchObject({ efficiency_ewma: 0.3, efficiency_ts: T0 });
  });

  it('tell a position with its sign, at the price of the market', () => {
    const position = { position_amt: '-2', mark_price: '90', notional_usd: '180', timestamp: TS };
    const market = { mark_price: '100', timestamp: String(T0 + 1) };
    expect(read({ 'q:position:snapshot:BTC': position })).toMatchObject({
      position_usd: -180,
      mark_price: 90,
    });
    expect(read({ 'q:position:snapshot:BTC': position, 'q:state:market:BTC': market })).toMatchObject({
      ...{ position_amt: -2, position_usd: -180, position_ts: T0, mark_price: 100, mark_ts: T0 + 1 },
    });
    const { notional_usd: _, ...without } = position;
    expect(read({ 'q:position:snapshot:BTC': without, 'q:state:market:BTC': market })).toMatchObject({
      position_usd: -200,
    });
    expect(
      read({ 'q:position:snapshot:BTC': { position_amt: '1e308', mark_price: '1e308' } }).position_usd,
    ).toBeNull();
  });
});

describe('two rows', () => {
  it('are the same where all they show is', () => {
    const row = symbolRow('A', { spark: [1, 2], disarmed: { reason: 'r', since: 5 } });
    expect(isSameRow(row, structuredClone(row))).toBe(true);
    for (const other of [
      { spark: [1, 3] },
      { spark: [1, 2, 3] },
      { disarmed: null },
      { disarmed: { reason: 'r', since: 6 } },
      { budget_usd: 0 },
      { stale_flags: 'x' },
    ])
      expect(isSameRow(row, { ...row, ...other })).toBe(false);
    expect(isSameRow(symbolRow('A'), row)).toBe(false);
  });
});
