/** Where money is earned and lost: the symbols that stand out, in numbers and as shares of the largest. */
import type { SymbolRow } from '../wire.ts';

export interface Earner {
  readonly symbol: string;
  readonly profitUsd: number;
  readonly executions: number;
  /** Of the largest profit or loss shown, −1..1: how long its bar is, and to which side. */
  readonly share: number;
}

export interface Earners {
  readonly earning: readonly Earner[];
  readonly losing: readonly Earner[];
  /** Symbols that are not among them. */
  readonly others: number;
  readonly othersUsd: number;
}

/** At most `count` each: those that earn, the largest first; those that lose, the worst first. */
export function earnersOf(rows: readonly SymbolRow[], count: number): Earners {
  const traded = rows.filter(({ executions }) => executions > 0);
  const sorted = traded.toSorted((a, b) => b.profit_usd - a.profit_usd || (a.symbol < b.symbol ? -1 : 1));
  const gains = sorted.filter(({ profit_usd: profit }) => profit >= 0).slice(0, count);
  const losses = sorted
    .filter(({ profit_usd: profit }) => profit < 0)
    .slice(-count)
    .toReversed();
  const largest = Math.max(0, ...[...gains, ...losses].map(({ profit_usd: profit }) => Math.abs(profit)));
  const earner = ({ symbol, profit_usd: profitUsd, executions }: SymbolRow): Earner => ({
    symbol,
    profitUsd,
    executions,
    share: largest === 0 ? 0 : profitUsd / largest,
  });
  const shown = new Set([...gains, ...losses]);
  const others = traded.filter((row) => !shown.has(row));
  return {
    earning: gains.map(earner),
    losing: losses.map(earner),
    others: others.length,
    othersUsd: others.reduce((sum, { profit_usd: profit }) => sum + profit, 0),
  };
}
