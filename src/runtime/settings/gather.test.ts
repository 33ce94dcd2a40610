import { describe, expect, it } from 'vitest';
import { parseConfig } from './config-file.ts';
import { gatherSettings, resolveSettings, type GatherOptions, type ResolvedSettings } from './gather.ts';

interface Given {
  sets?: string[];
  env?: Record<string, string>;
  dotEnv?: string;
  config?: string | object;
}

function resolve(given: Given, options?: GatherOptions): ResolvedSettings {
  const { sets = [], env = {}, dotEnv = null, config } = given;
  const text = typeof config === 'object' ? JSON.stringify(config) : config;
  const parsed = text === undefined ? null : parseConfig(text);
  return resolveSettings(gatherSettings({ sets, env, dotEnvText: dotEnv, config: parsed }, options));
}
const messages = (given: Given): string[] => resolve(given).violations.map(({ message }) => message);

describe('the source of a setting', () => {
  const config = { settings: { P31_MIN_CONF: 0.1, P31_MIN_MULT: 0.1, P31_W_DD: 0.1, P31_W_VOL: 0.1 } };
  const dotEnv = 'P31_MIN_CONF=0.2\nP31_MIN_MULT=0.2\nP31_W_DD=0.2';
  const env = { P31_MIN_CONF: '0.3', P31_MIN_MULT: '0.3' };

  it('is --set before the environment before .env before the file before the default', () => {
    const { settings } = resolve({ config, dotEnv, env, sets: ['P31_MIN_CONF=0.4'] });
    expect(settings).toMatchObject({
      P31_MIN_CONF: 0.4,
      P31_MIN_MULT: 0.3,
      P31_W_DD: 0.2,
      P31_W_VOL: 0.1,
      P31_W_HOLD: 0.6,
    });
  });

  it('may be given twice on the command line: the last counts', () => {
    const { settings } = resolve({ sets: ['P31_MIN_CONF=0.4', 'P31_MIN_CONF=0.45'] });
    expect(settings!.P31_MIN_CONF).toBe(0.45);
  });

  it('is the general value for every symbol and bot but those of the file', () => {
    const { settings, runtime } = resolve({
      sets: ['GOV_MAX_EXEC_PER_HOUR=8', 'BALLAST_NAMESPACE=paper'],
      config: {
        symbols: { 'BTC/USDT': { GOV_MAX_EXEC_PER_HOUR: 5 } },
        bots: { grid: { GOV_MAX_EXEC_PER_HOUR: 6 } },
      },
    });
    expect(settings!.GOV_MAX_EXEC_PER_HOUR).toBe(8);
    expect(settings!.bySymbol.get('BTCUSDT')).toEqual({ GOV_MAX_EXEC_PER_HOUR: 5 });
    expect(settings!.byBot.get('grid')).toEqual({ GOV_MAX_EXEC_PER_HOUR: 6 });
    expect(runtime!.BALLAST_NAMESPACE).toBe('paper');
  });

  it('ignores what else is in the environment and, under other prefixes, in .env', () => {
    const given = {
      env: { PATH: '/bin', P31_NONSENSE: '1', __proto__: 'x' },
      dotEnv: 'NODE_ENV=test\nexport AWS_KEY=1',
    };
    expect(messages(given)).toEqual([]);
  });

  it('comes with the names of venues and clusters', () => {
    const resolved = resolve({ config: { aliases: { XBT: 'BTCUSDT' }, clusters: { XBT: 'L1' } } });
    expect(resolved).toMatchObject({
      aliases: new Map([['XBT', 'BTCUSDT']]),
      clusters: new Map([['BTCUSDT', 'L1']]),
    });
  });

  it('is, for the modes of a replay, --set only, else enforce', () => {
    const given = {
      env: { P28_MODE: 'shadow', P31_MIN_CONF: '0.5' },
      dotEnv: 'P29_MODE=nonsense',
      config: { settings: { P30_MODE: 'shadow' } },
      sets: ['P31_MODE=shadow'],
    };
    expect(resolve(given, { modesFrom: 'set' }).settings).toMatchObject({
      P28_MODE: 'enforce',
      P29_MODE: 'enforce',
      P30_MODE: 'enforce',
      P31_MODE: 'shadow',
      P31_MIN_CONF: 0.5,
    });
    expect(resolve({ ...given, dotEnv: '' }).settings!.P28_MODE).toBe('shadow');
  });
});

describe('what is wrong', () => {
  it('is reported all at once, from every source, one line each', () => {
    const wrong = {
      sets: ['P31_MIN_CONF', 'P31_MIN_CNF=1'],
      env: { P30_MODE: 'maybe' },
      dotEnv: 'what\nGOV_TYPO=1',
      config: { settings: { P31_W_VOL: -1 } },
    };
    const lines = messages(wrong);
    expect(lines).toEqual([
      '--set "P31_MIN_CONF" is not allowed: write --set NAME=VALUE',
      'P31_MIN_CNF (--set) is no setting; did you mean P31_MIN_CONF?',
      '.env line 1 is no NAME=VALUE',
      'GOV_TYPO (.env line 2) is no setting',
      'P31_W_VOL="-1" (ballast.config.json) is not allowed: a number from 0 to 100',
      'P30_MODE="maybe" (environment) is not allowed: shadow or enforce',
    ]);
  });

  /** Configurations that may never start anything, each with a part of what is said about it. */
  const BAD: readonly (readonly [what: string, given: Given, said: string])[] = [
    ['an unknown name', { sets: ['P31_MIN_CONFF=0.5'] }, 'did you mean P31_MIN_CONF?'],
    ['a name in lower case', { sets: ['p31_min_conf=0.5'] }, 'did you mean P31_MIN_CONF?'],
    ['a name with a space', { sets: ['P31_MIN_CONF =0.5'] }, 'is no setting'],
    ['a set without =', { sets: ['P31_MIN_CONF'] }, 'write --set NAME=VALUE'],
    ['a set without a name', { sets: ['=1'] }, 'write --set NAME=VALUE'],
    ['an empty set', { sets: [''] }, 'write --set NAME=VALUE'],
    ['__proto__ as a name', { sets: ['__proto__=1'] }, '__proto__ (--set) is no setting'],
    ['constructor as a name', { sets: ['constructor=1'] }, 'constructor (--set) is no setting'],
    ['an unknown name in .env under our prefix', { dotEnv: 'P28_MOOD=shadow' }, 'did you mean P28_MODE?'],
    ['another', { dotEnv: 'GOV_MAX_EXEC_PER_HOURS=3' }, 'did you mean GOV_MAX_EXEC_PER_HOUR?'],
    ['a third', { dotEnv: 'BALLAST_NAMESPACES=x' }, 'did you mean BALLAST_NAMESPACE?'],
    ['a line of .env that is none', { dotEnv: 'P28_MODE shadow' }, '.env line 1 is no NAME=VALUE'],
    ['an open quote in .env', { dotEnv: '\nP28_MODE="shadow' }, '.env line 2 sets P28_MODE'],
    ['NaN', { env: { P31_MIN_CONF: 'NaN' } }, 'P31_MIN_CONF="NaN" (environment)'],
    ['nan', { env: { BASE_RISK_PCT: 'nan' } }, 'BASE_RISK_PCT="nan"'],
    ['Infinity', { env: { MAX_BUDGET_USD: 'Infinity' } }, 'MAX_BUDGET_USD="Infinity"'],
    ['-inf', { env: { MAX_BUDGET_USD: '-inf' } }, 'MAX_BUDGET_USD="-inf"'],
    ['1e999', { env: { MAX_BUDGET_USD: '1e999' } }, 'MAX_BUDGET_USD="1e999"'],
    ['hex', { dotEnv: 'GOV_MAX_EXEC_PER_HOUR=0x10' }, 'GOV_MAX_EXEC_PER_HOUR="0x10" (.env line 1)'],
    ['octal', { env: { GOV_MAX_EXEC_PER_HOUR: '0o7' } }, '="0o7"'],
    ['underscores', { env: { MAX_BUDGET_USD: '10_000' } }, '="10_000"'],
    ['thousands', { env: { MAX_BUDGET_USD: '10,000' } }, '="10,000"'],
    ['a unit', { env: { TARGET_TTL_SEC: '300s' } }, '="300s"'],
    ['a percent sign', { env: { MAX_SYMBOL_PCT: '40%' } }, '="40%"'],
    ['full-width digits', { env: { P31_MIN_CONF: '０.5' } }, 'P31_MIN_CONF='],
    ['an empty number', { env: { P31_MIN_CONF: '' } }, 'P31_MIN_CONF=""'],
    ['a blank number', { env: { P31_MIN_CONF: ' ' } }, 'P31_MIN_CONF=" "'],
    ['an empty number in .env', { dotEnv: 'P31_MIN_CONF=' }, 'P31_MIN_CONF="" (.env line 1)'],
    ['an empty mode', { sets: ['P28_MODE='] }, 'shadow or enforce'],
    ['a mode in capitals', { sets: ['P28_MODE=ENFORCE'] }, 'shadow or enforce'],
    ['an unknown apply mode', { sets: ['APPLY_MODE=live'] }, 'dry_run or testnet or production'],
    ['a negative limit', { sets: ['GOV_MAX_EXEC_PER_HOUR=-1'] }, 'a whole number from 0'],
    ['a negative share', { sets: ['GOV_MAX_NOTIONAL_PER_TRADE_PCT=-0.05'] }, 'a number from 0'],
    ['a negative sum', { sets: ['GOV_MAX_NOTIONAL_PER_DAY_USD=-1'] }, 'or empty for none'],
    ['a share above 1', { sets: ['GOV_MAX_DAILY_LOSS_PCT=5'] }, 'a number from 0 to 1'],
    ['half an execution', { sets: ['GOV_MAX_EXEC_PER_5MIN=2.5'] }, 'a whole number'],
    ['a zero life', { sets: ['P31_KEY_TTL_SEC=0'] }, 'a whole number from 1'],
    ['a zero permit life', { sets: ['GOV_PERMIT_TTL_SEC=0'] }, 'a whole number from 1'],
    ['a zero interval', { sets: ['P30_INTERVAL_SEC=0'] }, 'a whole number from 1'],
    ['a zero window', { sets: ['P30_LOOKBACK_WINDOW=0'] }, 'a whole number from 1'],
    ['a zero alpha', { sets: ['P30_EWMA_ALPHA=0'] }, 'a number above 0'],
    ['an alpha above 1', { sets: ['P31_SCORE_ALPHA=1.01'] }, 'a number above 0, at most 1'],
    ['a scale of zero', { sets: ['P30_PNL_SCALE=usd:0'] }, 'usd:AMOUNT or equity:SHARE'],
    ['a scale without kind', { sets: ['P30_PNL_SCALE=100'] }, 'usd:AMOUNT or equity:SHARE'],
    ['a flag that is none', { sets: ['GOV_EXITS_EXEMPT=maybe'] }, 'true or false'],
    ['a gate that may not be switched', { sets: ['GOV_GATE_MODES=kill=shadow'] }, 'a list like'],
    ['an unknown gate', { sets: ['GOV_GATE_MODES=burts=shadow'] }, 'a list like'],
    ['a minimum above its maximum', { sets: ['MIN_BUDGET_USD=10001'] }, 'has to be at most MAX_BUDGET_USD'],
    ['thresholds that meet', { sets: ['DD_LOW_THRESHOLD=0.15'] }, 'has to be below DD_HIGH_THRESHOLD'],
    ['multipliers crossed', { env: { P31_MIN_MULT: '2' } }, 'has to be at most P31_MAX_MULT'],
    ['pressures crossed', { env: { P31_PRESSURE_UP: '0.3' } }, 'has to be below P31_PRESSURE_UP'],
    [
      'kill scores crossed',
      { env: { GOV_KILL_SCORE_CRITICAL: '0.5' } },
      'GOV_KILL_SCORE_CRITICAL=0.5 (environment)',
    ],
    ['another store', { env: { REDIS_URL: 'mysql://host' } }, 'redis://HOST:PORT/DB'],
    ['a port too high', { env: { GOV_METRICS_PORT: '80440' } }, 'a whole number from 0 to 65535'],
    ['a namespace with a colon', { env: { BALLAST_NAMESPACE: 'a:b' } }, '1 to 64 letters'],
    ['a short secret', { env: { GOV_PERMIT_SECRET: 'secret' } }, 'GOV_PERMIT_SECRET=(not shown)'],
    ['a config that is no JSON', { config: '{"settings":}' }, 'ballast.config.json is no JSON'],
    ['an empty config', { config: '' }, 'ballast.config.json is no JSON'],
    ['a config that is a list', { config: '[]' }, 'ballast.config.json has to be an object'],
    ['an unknown key of the config', { config: { setting: {} } }, 'setting is no key of it'],
    ['an unknown setting in it', { config: { settings: { P31_MIN_CNF: 1 } } }, 'did you mean P31_MIN_CONF?'],
    [
      'a setting that is null',
      { config: { settings: { P31_MIN_CONF: null } } },
      'settings.P31_MIN_CONF is null',
    ],
    [
      'a setting that is a list',
      { config: { settings: { P31_MIN_CONF: [1] } } },
      'settings.P31_MIN_CONF is a list',
    ],
    [
      'a flag for a number',
      { config: { settings: { P31_MIN_CONF: true } } },
      'P31_MIN_CONF="true" (ballast.config.json)',
    ],
    ['a number for a mode', { config: { settings: { P28_MODE: 1 } } }, 'P28_MODE="1" (ballast.config.json)'],
    ['an endless number', { config: '{"settings":{"P31_MIN_CONF":1e999}}' }, 'P31_MIN_CONF="Infinity"'],
    [
      'a setting twice',
      { config: '{"settings":{"P31_W_DD":1,"P31_W_DD":2}}' },
      'settings.P31_W_DD is there twice',
    ],
    ['__proto__ in the config', { config: '{"__proto__":{}}' }, '__proto__ is no key of it'],
    ['a symbol outside the grammar', { config: { symbols: { 'BTC USDT': {} } } }, 'which is no symbol'],
    [
      'a general setting for a symbol',
      { config: { symbols: { BTCUSDT: { APPLY_MODE: 'production' } } } },
      'symbol BTCUSDT) cannot be set there',
    ],
    [
      'a port for a symbol',
      { config: { symbols: { BTCUSDT: { REDIS_PORT: 1 } } } },
      'cannot be set for one symbol',
    ],
    [
      "an efficiency's setting for a bot",
      { config: { bots: { grid: { P31_W_DD: 1 } } } },
      'bot grid) cannot be set there',
    ],
    ['an unknown setting for a bot', { config: { bots: { grid: { GOV_MAX_EXEC: 1 } } } }, 'is no setting'],
    [
      'a limit below zero for a bot',
      { config: { bots: { grid: { GOV_RESERVE_SEC: 0 } } } },
      'GOV_RESERVE_SEC="0"',
    ],
    [
      'a contradiction of a symbol',
      { config: { symbols: { A: { P31_MIN_MULT: 1.6 } } } },
      'for the symbol A',
    ],
    ['an alias of nothing', { config: { aliases: { XBT: '' } } }, 'aliases.XBT is empty'],
    [
      'a cluster that is a number',
      { config: { clusters: { BTCUSDT: 1 } } },
      'clusters.BTCUSDT has to be text',
    ],
  ];

  it('is tried in more than sixty ways', () => {
    expect(BAD.length).toBeGreaterThanOrEqual(60);
    expect(new Set(BAD.map(([, given]) => JSON.stringify(given))).size).toBe(BAD.length);
  });

  it.each(BAD)('refuses to start with %s', (_what, given, said) => {
    const resolved = resolve(given);
    expect(resolved.settings).toBeNull();
    expect(resolved.runtime).toBeNull();
    const lines = resolved.violations.map(({ message }) => message);
    expect(lines.filter((line) => line.includes(said))).toHaveLength(1);
    for (const line of lines) expect(line).toMatch(/^[^\p{Cc}\u2028\u2029]+$/u);
  });
});
