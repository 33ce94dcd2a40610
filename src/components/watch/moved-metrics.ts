/** What can move a component's metrics; and gauges that go when what they show is no more. */
import type { ExecutionEvent } from '../../core/event.ts';
import type { TickDecision } from '../../core/decision.ts';
import type { Engine, Modes } from '../../core/pipeline/engine.ts';

/** Called at every event or tick: cheap. */
export interface MovedMetrics {
  /** After a tick of the component. */
  readonly ticked: (engine: Engine, tick: number) => void;
  /** An execution that is no repeat was applied. */
  readonly executed?: (engine: Engine, symbol: number, event: ExecutionEvent) => void;
  /** A decision is shown to others. */
  readonly decided?: (symbol: number, decision: TickDecision) => void;
  /** A decision is shown again for want of input. */
  readonly lastKnownGood?: (symbol: number) => void;
  readonly modes?: (modes: Modes) => void;
  /** Symbols have other numbers from here on. */
  readonly begins?: (engine: Engine) => void;
  /** How long a tick took, seconds. */
  readonly tookSec?: (seconds: number) => void;
}

interface GaugeBySymbol {
  setAt(id: number, value: number): void;
}

/**
 * Forgets a symbol's figures once its record's life is over: nobody can read it any more, so the gauge would show what is
 * not there. `before`: the tick before this one, so that it happens once.
 */
export function dropOver(
  gauges: readonly GaugeBySymbol[],
  symbol: number,
  ts: number,
  [before, tick]: readonly [before: number, tick: number],
  lifeSec: number,
): void {
  if (ts === 0 || tick - ts <= lifeSec || before - ts > lifeSec) return;
  for (const gauge of gauges) gauge.setAt(symbol, Number.NaN);
}
