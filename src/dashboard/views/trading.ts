/** The trading state as people read it: one word for the wall, one sentence on what passes, who wanted it, and what may be done about it. */
import type { Overview, Trading } from '../wire.ts';
import { countText } from './format.ts';
import type { Tone } from './tone.ts';

export interface TradingView {
  /** `unknown`: the governor's trading state could not be read. */
  readonly state: Trading['state'] | 'unknown';
  readonly tone: Tone;
  readonly headline: string;
  /** The same where there is little room. */
  readonly brief: string;
  /** What it means for a plan that comes now. */
  readonly meaning: string;
  readonly since: number | null;
  readonly by: string | null;
  readonly why: string | null;
  /** What of the key and the latch is worth knowing; null: nothing is unusual. */
  readonly note: string | null;
  readonly disarmed: Trading['disarmed'];
  /** `3 to open, 1 to close`; null: not known. */
  readonly outstanding: string | null;
  /** What would change something, by the state alone; whether one has the right is another question. */
  readonly can: { readonly stopEntries: boolean; readonly halt: boolean; readonly rearmAll: boolean };
}

const STATES: {
  readonly [S in TradingView['state']]: Pick<TradingView, 'tone' | 'headline' | 'brief' | 'meaning' | 'can'>;
} = {
  ACTIVE: {
    tone: 'ok',
    headline: 'ACTIVE',
    brief: 'ACTIVE',
    meaning: 'Plans are judged; permits to open and to close are issued.',
    can: { stopEntries: true, halt: true, rearmAll: false },
  },
  REDUCING: {
    tone: 'warn',
    headline: 'ENTRIES STOPPED',
    brief: 'STOPPED',
    meaning: 'REDUCING: only plans that reduce a position are permitted.',
    can: { stopEntries: false, halt: true, rearmAll: true },
  },
  HALTED: {
    tone: 'bad',
    headline: 'HALTED',
    brief: 'HALTED',
    meaning: 'No plan is permitted, neither to open nor to close.',
    can: { stopEntries: false, halt: false, rearmAll: true },
  },
  // What is not known is treated as the worst, and stopping stays possible.
  unknown: {
    tone: 'bad',
    headline: 'NOT KNOWN',
    brief: '?',
    meaning: 'The trading state could not be read. Take it for halted until it is.',
    can: { stopEntries: true, halt: true, rearmAll: false },
  },
};

const UNJUDGED = 'Trading is allowed, but no governor runs: no plan is judged, and none is permitted.';

export function tradingView(overview: Pick<Overview, 'trading' | 'namespace' | 'components'>): TradingView {
  const { trading, namespace, components } = overview;
  const state = trading?.state ?? 'unknown';
  const { can, ...said } = STATES[state];
  const isJudged = components.some(
    ({ component, state: now }) => component === 'governor' && now === 'running',
  );
  // Without a governor a plan waits, whatever the state says.
  const words =
    state === 'ACTIVE' && !isJudged ? { ...said, tone: 'warn' as const, meaning: UNJUDGED } : said;
  const disarmed = trading?.disarmed ?? [];
  return {
    state,
    ...words,
    since: trading?.since ?? null,
    by: trading?.by ?? null,
    why: trading?.why ?? null,
    note: trading === null ? null : noteOf(trading, namespace),
    disarmed,
    outstanding: outstandingText(trading?.outstanding ?? null),
    can: { ...can, rearmAll: can.rearmAll || disarmed.length > 0 },
  };
}

function outstandingText(outstanding: Trading['outstanding']): string | null {
  if (outstanding === null) return null;
  const { openings, exits } = outstanding;
  if (openings + exits === 0) return 'none';
  return `${countText(openings, 'to open', 'to open')}, ${countText(exits, 'to close', 'to close')}`;
}

/** The key alone, or the latch alone, may hold the state: whoever re-arms has to know which. */
function noteOf({ flag, flag_error: error, latched, state }: Trading, namespace: string): string | null {
  const key = `${namespace}:kill`;
  if (error !== null) return `${key} cannot be read (${error}), which halts.`;
  if (latched === state) return null;
  return `It holds because ${key} is ${JSON.stringify(flag ?? '')}; latched is ${latched}.`;
}
