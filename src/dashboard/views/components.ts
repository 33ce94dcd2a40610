/** The components as a table: what runs, in which mode, how fresh and how far behind, and in words what is amiss. */
import { COMPONENTS } from '../../contract/components.ts';
import type { ComponentRow, Overview } from '../wire.ts';
import { ageWords } from './format.ts';
import { TONE_RANK, type Tone } from './tone.ts';

export interface ComponentView {
  readonly component: string;
  readonly id: string | null;
  /** `capital allocation` */
  readonly title: string;
  readonly tone: Tone;
  /** `running`, `late`, `degraded`, `standby`, `stopped`, `not running` */
  readonly state: string;
  readonly mode: string | null;
  readonly modeWhy: string | null;
  readonly lastTick: number | null;
  /** A tick older than this is late; null: it does not tick. */
  readonly tickLimitSec: number | null;
  readonly lagSec: number | null;
  readonly isLagging: boolean;
  readonly symbols: number | null;
  readonly owner: string | null;
  /** Sentences; empty: nothing is amiss. */
  readonly amiss: readonly string[];
}

/** As `ballast status` judges. */
const LATE_TICKS = 3;
const LATE_SEC = 10;
export const LAGGING_SEC = 10;

/** In the order of the tick. `now` is the store's clock. */
export function componentViews(components: Overview['components'], now: number): ComponentView[] {
  return components.map((row) => componentView(row, now));
}

/** The worst of all, to sum up. */
export function worstTone(views: readonly { readonly tone: Tone }[]): Tone {
  return views.reduce<Tone>(
    (worst, { tone }) => (TONE_RANK[tone] > TONE_RANK[worst] ? tone : worst),
    'neutral',
  );
}

function componentView(row: ComponentRow, now: number): ComponentView {
  const tickLimitSec = row.interval_sec === null ? null : Math.max(LATE_SEC, LATE_TICKS * row.interval_sec);
  const tickAgeSec = row.last_tick === null ? null : now - row.last_tick;
  const isLate =
    row.state === 'running' && tickAgeSec !== null && tickLimitSec !== null && tickAgeSec > tickLimitSec;
  const isLagging = row.lag_sec !== null && row.lag_sec > LAGGING_SEC;
  const spec = new Map<string, { readonly title: string }>(Object.entries(COMPONENTS)).get(row.component);
  // The server said it at its last reading; between two readings the page notices by itself.
  const isTold = row.degraded.some((sentence) => sentence.startsWith('last tick '));
  const late = isLate && !isTold ? [`last tick ${ageWords(tickAgeSec)} ago`] : [];
  const amiss = [...late, ...row.degraded];
  const [state, tone] = stateOf(row, isLate, amiss.length > 0 || isLagging);
  return {
    component: row.component,
    id: row.id,
    title: spec?.title ?? row.component,
    tone,
    state,
    mode: row.mode,
    modeWhy: row.mode_why,
    lastTick: row.last_tick,
    tickLimitSec,
    lagSec: row.lag_sec,
    isLagging,
    symbols: row.symbols,
    owner: row.owner,
    amiss,
  };
}

function stateOf({ state }: ComponentRow, isLate: boolean, isDegraded: boolean): [string, Tone] {
  switch (state) {
    case 'running':
      if (isLate) return ['late', 'bad'];
      return isDegraded ? ['degraded', 'warn'] : ['running', 'ok'];
    case 'standby':
      return ['standby', 'info'];
    case 'stopped':
      return ['stopped', 'bad'];
    case 'absent':
      return ['not running', 'bad'];
  }
}
