/** The settings a reader of the numbers has to know of: those that are not what a replay takes by itself. */
import { defaultSettings, formatSetting, SETTING_NAMES } from '../../contract/settings.ts';
import type { Settings } from '../../core/settings.ts';

/** `NAME=value` in the order of the contract, then `SYMBOL: NAME=value …` and `bot NAME: …`. */
export function differingSettings(settings: Settings): string[] {
  const defaults = { ...defaultSettings(), ...ENFORCED };
  const changed = SETTING_NAMES.filter(
    (name) => formatSetting(name, settings) !== formatSetting(name, defaults),
  );
  return [
    ...changed.map((name) => `${name}=${formatSetting(name, settings)}`),
    ...[...settings.bySymbol].map(([symbol, values]) => ownSettings(symbol, values)),
    ...[...settings.byBot].map(([bot, values]) => ownSettings(`bot ${bot}`, values)),
  ];
}

/** In a replay every component is in enforce unless `--set` says otherwise. */
const ENFORCED = {
  P28_MODE: 'enforce',
  P29_MODE: 'enforce',
  P30_MODE: 'enforce',
  P31_MODE: 'enforce',
} as const;

function ownSettings(owner: string, values: object): string {
  return `${owner}: ${Object.entries(values)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')}`;
}
