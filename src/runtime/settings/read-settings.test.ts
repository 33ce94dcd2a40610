import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readSettings } from './read-settings.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ballast-settings-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

describe('readSettings', () => {
  it('gives the defaults where there is no file', async () => {
    const { settings, violations } = await readSettings({ folder, sets: [], env: {} });
    expect(violations).toEqual([]);
    expect(settings!.P31_MIN_CONF).toBe(0.65);
  });

  it('reads .env and ballast.config.json of the folder below the environment and --set', async () => {
    await writeFile(join(folder, '.env'), 'P31_W_VOL=2\nP31_W_DD=2\n');
    await writeFile(
      join(folder, 'ballast.config.json'),
      JSON.stringify({
        settings: { P31_W_VOL: 1, P31_W_HOLD: 1 },
        symbols: { 'BTC/USDT': { P31_W_VOL: 3 } },
      }),
    );
    const { settings } = await readSettings({
      folder,
      sets: ['P31_MIN_CONF=0.5'],
      env: { P31_W_DD: '3' },
      modesFrom: 'set',
    });
    expect(settings).toMatchObject({
      P31_W_VOL: 2,
      P31_W_DD: 3,
      P31_W_HOLD: 1,
      P31_MIN_CONF: 0.5,
      P28_MODE: 'enforce',
    });
    expect(settings!.bySymbol.get('BTCUSDT')).toEqual({ P31_W_VOL: 3 });
  });

  it('reports what is wrong in both files at once', async () => {
    await writeFile(join(folder, '.env'), 'oops\n');
    await writeFile(join(folder, 'ballast.config.json'), '{');
    const { settings, violations } = await readSettings({ folder, sets: [], env: {} });
    expect(settings).toBeNull();
    expect(violations.map(({ setting }) => setting)).toEqual(['', '.env']);
  });

  it('refuses to start where a file is there and cannot be read', async () => {
    await mkdir(join(folder, '.env'));
    const { settings, violations } = await readSettings({ folder, sets: [], env: {} });
    expect(settings).toBeNull();
    expect(violations).toEqual([{ setting: '.env', message: '.env cannot be read: EISDIR' }]);
  });
});
