/** The trading state in a few lines: what holds comes first. */
import { seconds } from '../ops/status.ts';
import { bold } from './colour.ts';
import { counted } from './figures.ts';
import { harmless } from './text-width.ts';
import { wrap } from './wrap.ts';
import type { DisarmedSymbol, TradingReading } from '../ops/governor/trading-collect.ts';
import type { TableOptions } from './table.ts';

export function tradingText(trading: TradingReading, options: TableOptions): string {
  const { state, now, since, by, why, outstanding, disarmed } = trading;
  const age = since === null ? null : seconds(Math.max(0, now - since));
  const lines = [
    ...(age === null
      ? []
      : [`Since ${age} ago, by ${harmless(by ?? 'nobody')}: ${harmless(why ?? 'no reason')}`]),
    ...(state === 'ACTIVE' || age !== null ? [] : [notSaid(trading)]),
    ...disarmed.map((one) => disarmedLine(one, now)),
    outstanding === null
      ? 'Outstanding permits: not known, what the governor keeps cannot be read'
      : `Outstanding permits: ${counted(outstanding.openings, 'opening')}, ${counted(outstanding.exits, 'exit')}`,
  ];
  return [bold(`Trading: ${state}`, options), ...lines.map((line) => wrap(line, options.width, 2))].join(
    '\n',
  );
}

/** Why nothing but `ACTIVE` is in the events. */
function notSaid({ flag, flag_error, latched }: TradingReading): string {
  if (flag_error !== null) return `The kill flag cannot be read, which halts: ${harmless(flag_error)}`;
  return flag === null
    ? `${latched} was set before, and an absent flag re-arms nothing`
    : `The kill flag says ${harmless(flag)}; among the newest events there is none about it`;
}

function disarmedLine({ symbol, reason, since }: DisarmedSymbol, now: number): string {
  const age = since === null ? '' : ` since ${seconds(Math.max(0, now - since))}`;
  return `Disarmed${age}: ${harmless(symbol)}, ${harmless(reason ?? 'no reason that can be read')}`;
}
