import { describe, expect, it } from 'vitest';
import { parseConfig } from './config-file.ts';

const messages = (file: string): string[] => parseConfig(file).violations.map(({ message }) => message);

describe('parseConfig', () => {
  it('reads settings, symbols, bots, aliases and clusters, symbols in canonical form', () => {
    const { config, violations } = parseConfig(
      JSON.stringify({
        settings: { P31_MIN_CONF: 0.5, P29_APPLY_PROPOSED: true, P30_PNL_SCALE: 'usd:50' },
        symbols: { 'btc/usdt:usdt': { P31_W_VOL: 1 }, XBT: { P31_W_VOL: 2 } },
        bots: { 'my bot': { GOV_MAX_EXEC_PER_HOUR: 9 } },
        aliases: { XBT: 'XBT/USD' },
        clusters: { 'eth/usdt': 'L1' },
      }),
    );
    expect(violations).toEqual([]);
    expect(config).toEqual({
      settings: new Map([
        ['P31_MIN_CONF', '0.5'],
        ['P29_APPLY_PROPOSED', 'true'],
        ['P30_PNL_SCALE', 'usd:50'],
      ]),
      symbols: new Map([
        ['BTCUSDT', new Map([['P31_W_VOL', '1']])],
        ['XBTUSD', new Map([['P31_W_VOL', '2']])],
      ]),
      bots: new Map([['my bot', new Map([['GOV_MAX_EXEC_PER_HOUR', '9']])]]),
      aliases: new Map([['XBT', 'XBTUSD']]),
      clusters: new Map([['ETHUSDT', 'L1']]),
    });
  });

  it('takes an empty object, and a byte order mark before it', () => {
    expect(messages('\ufeff{}')).toEqual([]);
  });

  it('is harmless with names that mean something to JavaScript', () => {
    const { config, violations } = parseConfig(
      '{"bots":{"__proto__":{"GOV_MAX_EXEC_PER_HOUR":1},"constructor":{}}}',
    );
    expect(violations).toEqual([]);
    expect([...config.bots.keys()]).toEqual(['__proto__', 'constructor']);
    expect(({} as Record<string, unknown>)['GOV_MAX_EXEC_PER_HOUR']).toBeUndefined();
  });

  it('names the path of everything that has the wrong shape', () => {
    expect(
      messages(
        '{"setings":{},"symbols":{"BTCUSDT":[]},"bots":null,"settings":{"P31_MIN_CONF":null},"aliases":{"A":1}}',
      ),
    ).toEqual([
      'ballast.config.json: settings.P31_MIN_CONF is null, and has to be text, a number, true or false',
      'ballast.config.json: symbols.BTCUSDT has to be an object',
      'ballast.config.json: bots has to be an object',
      'ballast.config.json: aliases.A has to be text',
      'ballast.config.json: setings is no key of it; allowed are settings, symbols, bots, aliases, clusters',
    ]);
  });

  it('says where it stops being JSON, not what stands there', () => {
    const [message] = messages('{\n  "settings": { "GOV_PERMIT_SECRET": "hunter2", }\n}');
    expect(message).toBe('ballast.config.json is no JSON from line 2, column 49 on');
    expect(messages('{"a":')).toEqual(['ballast.config.json is no JSON: it ends too early']);
  });

  it('refuses one symbol under two spellings', () => {
    expect(messages('{"symbols":{"BTC/USDT":{},"BTCUSDT":{}}}')).toEqual([
      'ballast.config.json: symbols.BTCUSDT is BTCUSDT, which is there twice',
    ]);
  });

  it('refuses an alias of an alias, which would give a name two symbols', () => {
    expect(messages('{"aliases":{"XBT":"BTC","BTC":"BTCUSDT"}}')).toEqual([
      'ballast.config.json: aliases.XBT is BTC, which is itself an alias of BTCUSDT; name BTCUSDT here',
    ]);
  });
});
