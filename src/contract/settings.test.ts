import { describe, expect, it } from 'vitest';
import {
  defaultSettings,
  formatSetting,
  parseSettings,
  SETTING_NAMES,
  SETTINGS,
  type SettingText,
} from './settings.ts';

const texts = (values: Readonly<Record<string, string>>, source = '.env line 1'): Map<string, SettingText> =>
  new Map(Object.entries(values).map(([name, text]) => [name, { text, source }]));
const messages = (values: Readonly<Record<string, string>>): string[] =>
  parseSettings(texts(values)).violations.map(({ message }) => message);

describe('parseSettings', () => {
  it('gives the defaults, frozen, where nothing is set', () => {
    const { settings } = parseSettings(new Map());
    expect(settings).toEqual(defaultSettings());
    expect(Object.isFrozen(settings)).toBe(true);
    expect(settings!.P31_MIN_CONF).toBe(0.65);
    expect(settings!.P28_MODE).toBe('shadow');
  });

  it('takes what is set', () => {
    const { settings } = parseSettings(
      texts({
        P31_MIN_CONF: '0.5',
        P30_MODE: 'enforce',
        P30_PNL_SCALE: 'equity:0.001',
        GOV_EXITS_EXEMPT: 'no',
        GOV_MAX_NOTIONAL_PER_TRADE_USD: '250.5',
        GOV_GATE_MODES: 'burst=shadow, loss=enforce',
      }),
    );
    expect(settings).toMatchObject({
      P31_MIN_CONF: 0.5,
      P30_MODE: 'enforce',
      P30_PNL_SCALE: { kind: 'equity', value: 0.001 },
      GOV_EXITS_EXEMPT: false,
      GOV_MAX_NOTIONAL_PER_TRADE_USD: 250.5,
    });
    expect([...settings!.GOV_GATE_MODES]).toEqual([
      ['burst', 'shadow'],
      ['loss', 'enforce'],
    ]);
  });

  it('reports every violation at once, each naming setting, value, source and what is allowed', () => {
    expect(messages({ P31_MIN_CONF: '2', TARGET_TTL_SEC: '0', P30_MODE: 'on', P31_MIN_CNF: '1' })).toEqual([
      'P31_MIN_CONF="2" (.env line 1) is not allowed: a number from 0 to 1',
      'TARGET_TTL_SEC="0" (.env line 1) is not allowed: a whole number from 1 to 31536000',
      'P30_MODE="on" (.env line 1) is not allowed: shadow or enforce',
      'P31_MIN_CNF (.env line 1) is no setting; did you mean P31_MIN_CONF?',
    ]);
  });

  it('names both sides of a contradiction and where each comes from', () => {
    expect(messages({ MIN_BUDGET_USD: '20000' })).toEqual([
      'MIN_BUDGET_USD=20000 (.env line 1) and MAX_BUDGET_USD=10000 (default): MIN_BUDGET_USD has to be at most MAX_BUDGET_USD',
    ]);
    expect(messages({ P31_PRESSURE_UP: '0.35' })).toEqual([
      'P31_PRESSURE_DOWN=0.35 (default) and P31_PRESSURE_UP=0.35 (.env line 1): P31_PRESSURE_DOWN has to be below P31_PRESSURE_UP',
    ]);
  });

  it('takes a setting for one symbol and for one bot', () => {
    const { settings } = parseSettings(new Map(), {
      bySymbol: new Map([['BTCUSDT', texts({ P31_W_VOL: '2', GOV_MAX_EXEC_PER_HOUR: '5' })]]),
      byBot: new Map([['__proto__', texts({ GOV_MAX_EXEC_PER_HOUR: '7' })]]),
    });
    expect(settings!.bySymbol.get('BTCUSDT')).toEqual({ P31_W_VOL: 2, GOV_MAX_EXEC_PER_HOUR: 5 });
    expect(settings!.byBot.get('__proto__')).toEqual({ GOV_MAX_EXEC_PER_HOUR: 7 });
  });

  it('refuses for one symbol or bot what holds for all', () => {
    const { violations } = parseSettings(new Map(), {
      bySymbol: new Map([['BTCUSDT', texts({ P30_MODE: 'shadow' })]]),
      byBot: new Map([['grid', texts({ P31_W_VOL: '2' })]]),
    });
    expect(violations.map(({ message }) => message)).toEqual([
      'P30_MODE="shadow" (.env line 1, symbol BTCUSDT) cannot be set there',
      'P31_W_VOL="2" (.env line 1, bot grid) cannot be set there',
    ]);
  });

  it('finds contradictions of a symbol with the general settings, and says them once', () => {
    const { violations } = parseSettings(texts({ P31_MAX_MULT: '1.2' }), {
      bySymbol: new Map([
        ['A', texts({ P31_MIN_MULT: '1.3' }, 'file')],
        ['B', texts({ P31_W_VOL: '1' }, 'file')],
      ]),
      byBot: new Map(),
    });
    expect(violations.map(({ message }) => message)).toEqual([
      'P31_MIN_MULT=1.3 (file) and P31_MAX_MULT=1.2 (.env line 1) for the symbol A: P31_MIN_MULT has to be at most P31_MAX_MULT',
    ]);
  });

  it("finds a contradiction that only a bot's plans of one symbol meet", () => {
    const { violations } = parseSettings(new Map(), {
      bySymbol: new Map([['A', texts({ GOV_KILL_SCORE_CRITICAL: '0.65' }, 'file')]]),
      byBot: new Map([['grid', texts({ GOV_KILL_SCORE_OPEN_THRESHOLD: '0.7' }, 'file')]]),
    });
    expect(violations.map(({ message }) => message)).toEqual([
      'GOV_KILL_SCORE_OPEN_THRESHOLD=0.7 (file) and GOV_KILL_SCORE_CRITICAL=0.65 (file) for the symbol A and the bot grid: GOV_KILL_SCORE_OPEN_THRESHOLD has to be at most GOV_KILL_SCORE_CRITICAL',
    ]);
  });

  it('keeps a message on one line whatever a name or value holds', () => {
    const [message] = messages({ P31_MIN_CONF: `1\n\u2028\u202e\u0085${'x'.repeat(500)}` });
    expect(message).toMatch(/^[\x20-\x7e]{1,200}$/);
    const { violations } = parseSettings(texts({ 'a\nb': '1' }));
    expect(violations[0]!.message).toBe('"a\\nb" (.env line 1) is no setting');
  });

  it.each(['', ' ', 'NaN', 'Infinity', '-1', '0x1', '1e999', '1_0', '１', '0.5 ', 'true'])(
    'refuses %j for every number',
    (text) => {
      const numbers = SETTING_NAMES.filter((name) => typeof SETTINGS[name].default === 'number');
      expect(numbers.length).toBeGreaterThan(70);
      for (const name of numbers) expect(SETTINGS[name].parse(text), name).toBeUndefined();
    },
  );

  it('takes both ends of a range and nothing beyond', () => {
    const { parse } = SETTINGS.P31_MIN_CONF;
    expect([parse('0'), parse('1'), parse('1.0000001'), parse('-1e-9')]).toEqual([
      0,
      1,
      undefined,
      undefined,
    ]);
    expect(SETTINGS.P30_EWMA_ALPHA.parse('0')).toBeUndefined();
    expect(SETTINGS.P30_LOOKBACK_WINDOW.parse('1.5')).toBeUndefined();
  });

  it('lets no one switch off the kill switch or the reading of a plan', () => {
    expect(SETTINGS.GOV_GATE_MODES.parse('kill=shadow')).toBeUndefined();
    expect(SETTINGS.GOV_GATE_MODES.parse('plan=shadow')).toBeUndefined();
    expect(SETTINGS.GOV_GATE_MODES.parse('burst=off')).toBeUndefined();
    expect(SETTINGS.GOV_GATE_MODES.parse('burst=shadow=x')).toBeUndefined();
  });
});

describe('formatSetting', () => {
  it('writes every setting as text that parses back to it', () => {
    const { settings } = parseSettings(
      texts({ GOV_GATE_MODES: 'burst=shadow', GOV_MAX_TOTAL_NOTIONAL_USD: '1000', P30_PNL_SCALE: 'usd:0.1' }),
    );
    for (const name of SETTING_NAMES)
      expect(SETTINGS[name].parse(formatSetting(name, settings!)), name).toEqual(settings![name]);
    expect(formatSetting('P30_PNL_SCALE', settings!)).toBe('usd:0.1');
  });
});
