/** The shape of each trading state: what plays, what pauses, what stopped. */
import type { TradingView } from '../../views/trading.ts';
import type { IconName } from '../ui/icon.tsx';

const ICONS: { readonly [S in TradingView['state']]: IconName } = {
  ACTIVE: 'play',
  REDUCING: 'pause',
  HALTED: 'stop',
  unknown: 'triangle',
};

export function stateIcon(state: TradingView['state']): IconName {
  return ICONS[state];
}
