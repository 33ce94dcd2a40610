import { describe, expect, it } from 'vitest';
import { defaultSettings } from '../../contract/settings.ts';
import { differingSettings } from './differing-settings.ts';
import type { Settings } from '../../core/settings.ts';

const AS_REPLAYED: Settings = {
  ...defaultSettings(),
  ...({ P28_MODE: 'enforce', P29_MODE: 'enforce', P30_MODE: 'enforce', P31_MODE: 'enforce' } as const),
};

describe('settings that differ', () => {
  it('are none where a replay takes what it takes by itself', () => {
    expect(differingSettings(AS_REPLAYED)).toEqual([]);
  });

  it('are named with their values, those of one symbol or bot with their owner', () => {
    const settings: Settings = {
      ...AS_REPLAYED,
      P31_MODE: 'shadow',
      P31_W_HOLD: 0.25,
      bySymbol: new Map([['SOLUSDT', { P31_W_VOL: 1 }]]),
      byBot: new Map([['grid', { GOV_MAX_EXEC_PER_HOUR: 9 }]]),
    };
    expect(differingSettings(settings)).toEqual([
      ...['P31_MODE=shadow', 'P31_W_HOLD=0.25', 'SOLUSDT: P31_W_VOL=1', 'bot grid: GOV_MAX_EXEC_PER_HOUR=9'],
    ]);
  });
});
