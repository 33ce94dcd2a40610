/** How much of a symbol's efficiency score the hold penalty takes: what a bot that trades rarely loses by lying idle. */
import type { Engine } from '../../core/pipeline/engine.ts';

/** Share of the score as it would be without the penalty, 0..1, at the newest tick; null before any. */
export function holdPenaltyShare(engine: Engine, symbol: number): number | null {
  const columns = engine.efficiency.columns;
  if (columns.ts.get(symbol) === 0) return null;
  const settings = engine.settingsOf[symbol]!;
  const target = Math.max(columns.goodTargetUsd.get(symbol), 1);
  const roughness =
    1 +
    settings.P31_W_VOL * (columns.volUsd.get(symbol) / target) +
    settings.P31_W_DD * (columns.ddUsd.get(symbol) / target);
  const penalty = settings.P31_W_HOLD * columns.hold.get(symbol);
  return Number.isFinite(roughness) ? penalty / (roughness + penalty) : 0;
}
