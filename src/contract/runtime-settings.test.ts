import { describe, expect, it } from 'vitest';
import {
  defaultRuntimeSettings,
  parseAllSettings,
  parseRuntimeSettings,
  redisUrl,
  RUNTIME_SETTINGS,
} from './runtime-settings.ts';
import type { SettingText } from './setting-spec.ts';

const texts = (values: Readonly<Record<string, string>>, source = 'environment'): Map<string, SettingText> =>
  new Map(Object.entries(values).map(([name, text]) => [name, { text, source }]));
const urlOf = (values: Readonly<Record<string, string>>): string | null =>
  redisUrl(parseRuntimeSettings(texts(values)).runtime!);

describe('parseRuntimeSettings', () => {
  it('gives the defaults, frozen, where nothing is set', () => {
    const { runtime } = parseRuntimeSettings(new Map());
    expect(runtime).toEqual(defaultRuntimeSettings());
    expect(runtime).toMatchObject({
      REDIS_URL: null,
      BALLAST_NAMESPACE: 'quantum',
      METRICS_HOST: '127.0.0.1',
      METRICS_MAX_SYMBOLS: 1000,
      GOV_METRICS_PORT: 8044,
    });
    expect(Object.isFrozen(runtime)).toBe(true);
  });

  it.each([
    ['REDIS_URL', 'redis://localhost', true],
    ['REDIS_URL', 'rediss://user:p%40ss@redis.example:6380/15', true],
    ['REDIS_URL', 'redis://[::1]:6379/0', true],
    ['REDIS_URL', '', false],
    ['REDIS_URL', 'localhost:6379', false],
    ['REDIS_URL', 'http://localhost', false],
    ['REDIS_URL', 'redis://', false],
    ['REDIS_URL', 'redis://host:99999', false],
    ['REDIS_URL', 'redis://host/first', false],
    ['REDIS_HOST', 'redis.internal', true],
    ['REDIS_HOST', '::1', true],
    ['REDIS_HOST', 'a', true],
    ['REDIS_HOST', 'redis://x', false],
    ['REDIS_HOST', '', false],
    ['REDIS_HOST', 'a b', false],
    ['REDIS_PORT', '6380', true],
    ['REDIS_PORT', '0', false],
    ['REDIS_PORT', '65536', false],
    ['REDIS_PORT', '', false],
    ['REDIS_DB', '0', true],
    ['REDIS_DB', '-1', false],
    ['BALLAST_NAMESPACE', 'paper', true],
    ['BALLAST_NAMESPACE', '{paper}', true],
    ['BALLAST_NAMESPACE', 'a:b', false],
    ['BALLAST_NAMESPACE', 'a*', false],
    ['BALLAST_NAMESPACE', '{a', false],
    ['BALLAST_NAMESPACE', '', false],
    ['BALLAST_NAMESPACE', 'x'.repeat(65), false],
    ['GOV_PERMIT_KEY', '/etc/ballast/permit.pem', true],
    ['GOV_PERMIT_KEY', '', false],
    ['GOV_PERMIT_KEY', 'a\0b', false],
    ['GOV_PERMIT_SECRET', 's'.repeat(32), true],
    ['GOV_PERMIT_SECRET', 's'.repeat(31), false],
    ['METRICS_HOST', '0.0.0.0', true],
    ['METRICS_HOST', 'a/b', false],
    ['METRICS_MAX_SYMBOLS', '0', false],
    ['P28_METRICS_PORT', '0', true],
    ['P28_METRICS_PORT', '70000', false],
    ['DASHBOARD_METRICS_PORT', '80.5', false],
    ['DASHBOARD_HOST', '::', true],
    ['DASHBOARD_HOST', '', false],
    ['DASHBOARD_ALLOWED_HOSTS', '', true],
    ['DASHBOARD_ALLOWED_HOSTS', 'dash.lan, 10.0.0.5', true],
    ['DASHBOARD_ALLOWED_HOSTS', 'dash.lan:80', false],
    ['DASHBOARD_ALLOWED_HOSTS', 'a,,b', false],
    ['DASHBOARD_ALLOWED_HOSTS', '*', false],
    ['DASHBOARD_ALLOWED_HOSTS', Array.from({ length: 33 }, (_, i) => `h${i}`).join(','), false],
    ['DASHBOARD_READ_TOKEN', 't'.repeat(16), true],
    ['DASHBOARD_READ_TOKEN', 't'.repeat(15), false],
    ['DASHBOARD_STOP_TOKEN', 't'.repeat(513), false],
    ['DASHBOARD_STOP_TOKEN', `${'t'.repeat(16)} t`, false],
    ['DASHBOARD_REARM_TOKEN', `${'t'.repeat(16)}ü`, false],
  ] as const)('%s=%j: allowed %s', (name, text, allowed) => {
    expect(RUNTIME_SETTINGS[name].parse(text) !== undefined).toBe(allowed);
    expect(parseRuntimeSettings(texts({ [name]: text })).violations.length).toBe(allowed ? 0 : 1);
  });

  it('never shows a secret or a password', () => {
    const { violations } = parseRuntimeSettings(
      texts({ GOV_PERMIT_SECRET: 'hunter2', REDIS_URL: 'redis//:hunter2@host' }),
    );
    expect(violations.map(({ message }) => message)).toEqual([
      'GOV_PERMIT_SECRET=(not shown) (environment) is not allowed: at least 32 characters',
      'REDIS_URL=(not shown) (environment) is not allowed: redis://HOST:PORT/DB, or rediss:// for TLS',
    ]);
  });
});

describe('the tokens of the dashboard', () => {
  it('have to be different, and are not shown where they are not', () => {
    const [one, two] = ['a'.repeat(16), 'b'.repeat(16)];
    const tokens = (read: string, stop: string, rearm: string) =>
      parseRuntimeSettings(
        texts({ DASHBOARD_READ_TOKEN: read, DASHBOARD_STOP_TOKEN: stop, DASHBOARD_REARM_TOKEN: rearm }),
      ).violations.map(({ message }) => message);
    expect(tokens(one, two, 'c'.repeat(16))).toEqual([]);
    expect(tokens(one, two, one)).toEqual([
      'DASHBOARD_REARM_TOKEN=(not shown) is the same as DASHBOARD_READ_TOKEN: each has to be a secret of its own',
    ]);
    expect(tokens(one, one, one)).toHaveLength(2);
  });
});

describe('redisUrl', () => {
  it('is none where nothing of Redis is set', () => {
    expect(urlOf({})).toBeNull();
  });

  it('is put together from what is set', () => {
    expect(urlOf({ REDIS_HOST: 'store', REDIS_DB: '2' })).toBe('redis://store:6379/2');
    expect(urlOf({ REDIS_PORT: '6380' })).toBe('redis://127.0.0.1:6380/0');
    expect(urlOf({ REDIS_HOST: '::1' })).toBe('redis://[::1]:6379/0');
  });

  it('is REDIS_URL where that is set, whatever Kubernetes puts beside it into the environment', () => {
    expect(urlOf({ REDIS_URL: 'redis://a', REDIS_PORT: 'tcp://10.0.0.1:6379' })).toBe('redis://a');
    expect(parseRuntimeSettings(texts({ REDIS_PORT: 'tcp://10.0.0.1:6379' })).violations).toHaveLength(1);
  });
});

describe('parseAllSettings', () => {
  it('reads both tables', () => {
    const parsed = parseAllSettings(texts({ P31_MIN_CONF: '0.5', BALLAST_NAMESPACE: 'paper' }));
    expect(parsed.settings?.P31_MIN_CONF).toBe(0.5);
    expect(parsed.runtime?.BALLAST_NAMESPACE).toBe('paper');
  });

  it('reports what is wrong with both at once, and gives neither', () => {
    const parsed = parseAllSettings(texts({ REDIS_DB: 'x', P31_MIN_CONF: 'y', P31_NONSENSE_WORD: '1' }));
    expect(parsed.violations.map(({ setting }) => setting)).toEqual([
      'P31_MIN_CONF',
      'P31_NONSENSE_WORD',
      'REDIS_DB',
    ]);
    expect([parsed.settings, parsed.runtime]).toEqual([null, null]);
  });
});
