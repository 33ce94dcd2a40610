/** Executions with explicit ids over the last minutes, as a busy producer would have left them: repeats and unusable ones among them. */
import { seededRandom } from './event-lines.ts';
import type { BareEntry, Fields } from './bare-client.ts';

export interface SampleExecutions {
  readonly entries: readonly BareEntry[];
  /** Execution ids that are to be applied, in order of their first arrival. */
  readonly ids: readonly string[];
  /** Ids of the entries that are to be dead letters. */
  readonly unusable: readonly string[];
  readonly repeats: number;
  /** Profit of all that is applied; whole dollars, so that every order of adding gives the same. */
  readonly pnlUsd: number;
}

export interface SampleOptions {
  readonly seed: number;
  readonly count: number;
  readonly symbols: number;
  readonly fromMs: number;
  readonly toMs: number;
}

const REGIMES = ['TREND', 'MEAN_REVERSION', 'CHOP'];

export function sampleExecutions({ seed, count, symbols, fromMs, toMs }: SampleOptions): SampleExecutions {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const entries: BareEntry[] = [];
  const ids: string[] = [];
  const unusable: string[] = [];
  let repeats = 0;
  let pnlUsd = 0;
  let lastMs = 0;
  let sequence = 0;
  for (let n = 0; n < count; n++) {
    const ms = fromMs + Math.floor(((toMs - fromMs) * n) / count);
    sequence = ms === lastMs ? sequence + 1 : 0;
    lastMs = ms;
    const id = `${ms}-${sequence}`;
    const kind = random();
    const pnl = below(400) - 180;
    const fields: Fields = {
      symbol: `S${below(symbols)}USDT`,
      pnl: String(pnl),
      regime: REGIMES[below(3)]!,
      signal: `signal${below(5)}`,
      cluster: `c${below(4)}`,
      execution_id: `e${n}`,
    };
    if (kind < 0.01) {
      unusable.push(id);
      entries.push({ id, fields: { ...fields, pnl: 'much' } });
    } else if (kind < 0.03 && ids.length > 0) {
      repeats++;
      entries.push({ id, fields: { ...fields, execution_id: ids[below(ids.length)]! } });
    } else {
      ids.push(`e${n}`);
      pnlUsd += pnl;
      entries.push({ id, fields });
    }
  }
  return { entries, ids, unusable, repeats, pnlUsd };
}
