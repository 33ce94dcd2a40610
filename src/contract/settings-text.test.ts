import { describe, expect, it } from 'vitest';
import { parseSettings, defaultSettings } from './settings.ts';
import { decodeSettings, encodeSettings } from './settings-text.ts';

const text = (value: string) => ({ text: value, source: 'test' });

const CHANGED = parseSettings(
  new Map([
    ['APPLY_MODE', text('production')],
    ['GOV_GATE_MODES', text('burst=shadow,loss=enforce')],
    ['GOV_MAX_NOTIONAL_PER_TRADE_USD', text('0.30000000000000004')],
    ['P30_PNL_SCALE', text('equity:0.001')],
    ['GOV_EXITS_EXEMPT', text('false')],
  ]),
  {
    bySymbol: new Map([
      ['__proto__', new Map([['GOV_MAX_EXEC_PER_HOUR', text('7')]])],
      ['BTCUSDT', new Map([['GOV_MAX_NOTIONAL_PER_DAY_USD', text('')]])],
    ]),
    byBot: new Map([['a "bot"', new Map([['GOV_MAX_DAILY_LOSS_PCT', text('0.1')]])]]),
  },
).settings!;

describe('settings as text', () => {
  it('read back as they were, overrides and gate modes included', () => {
    expect(decodeSettings(encodeSettings(CHANGED))).toEqual(CHANGED);
    expect(decodeSettings(encodeSettings(defaultSettings()))).toEqual(defaultSettings());
  });

  it('are one text whatever the order of the overrides', () => {
    const turned = { ...CHANGED, bySymbol: new Map([...CHANGED.bySymbol].toReversed()) };
    expect(encodeSettings(turned)).toBe(encodeSettings(CHANGED));
    expect(encodeSettings({ ...CHANGED, GOV_RESERVE_SEC: 121 })).not.toBe(encodeSettings(CHANGED));
  });

  it('take what another version lacks from the defaults, and leave out what only it knows', () => {
    const given = '{"all":[["GOV_RESERVE_SEC","5"],["GOV_NEWER","x"]],"symbols":[],"bots":[]}';
    expect(decodeSettings(given)).toEqual({ ...defaultSettings(), GOV_RESERVE_SEC: 5 });
  });

  it('are refused where a value is not allowed or the text is none', () => {
    for (const bad of [
      '',
      '[]',
      '{"all":[],"symbols":[]}',
      '{"all":[["GOV_RESERVE_SEC","-5"]],"symbols":[],"bots":[]}',
      '{"all":[["GOV_RESERVE_SEC",5]],"symbols":[],"bots":[]}',
      '{"all":[],"symbols":[["A",[["GOV_RESERVE_SEC","no"]]]],"bots":[]}',
      '{"all":[],"symbols":[[1,[]]],"bots":[]}',
    ])
      expect([bad, decodeSettings(bad)]).toEqual([bad, null]);
  });
});
