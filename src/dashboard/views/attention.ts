/** What whoever is on call should look at, gravest first: nothing of it can be seen at a glance elsewhere on the page at once. */
import type { Overview } from '../wire.ts';
import { componentViews, type ComponentView } from './components.ts';
import { ageWords, capitalText, countText, sentenceText } from './format.ts';
import { reasonText } from './verdicts.ts';
import { TONE_RANK, type Tone } from './tone.ts';

export interface Attention {
  /** The same thing has the same key from one reading to the next. */
  readonly key: string;
  readonly tone: Tone;
  readonly what: string;
  /** What it means or what to do. */
  readonly detail: string;
  readonly href: string | null;
  /** Since when, where that is known. */
  readonly since: number | null;
}

/** Disarmed symbols that are named each; more are summed up. */
const MAX_NAMED = 4;

/** `isLost`: the page does not hear the server. `now` is the store's clock, so that ages grow between two readings. */
export function attentionOf(overview: Overview, now: number, isLost: boolean): Attention[] {
  const found = [
    ...connection(overview, isLost),
    ...trading(overview),
    ...unpermitted(overview),
    ...components(overview, now),
    ...inputs(overview, now),
    ...account(overview),
    ...disarmed(overview),
  ];
  return found.toSorted((a, b) => TONE_RANK[b.tone] - TONE_RANK[a.tone]);
}

function connection({ store, read_at: readAt }: Overview, isLost: boolean): Attention[] {
  if (isLost) {
    const detail = 'Everything here is as old as it says; trading goes on without this page. Reconnecting.';
    return [{ ...item('link', 'bad', 'The connection to the server is lost', detail), since: readAt }];
  }
  if (store.error === null) return [];
  const detail = `${sentenceText(store.error)} Nothing is permitted while the governor cannot reach it.`;
  return [{ ...item('store', 'bad', `The store ${store.where} does not answer`, detail), since: readAt }];
}

function trading({ trading: known, namespace }: Overview): Attention[] {
  if (known === null)
    return [item('trading', 'bad', 'The trading state is not known', 'Take it for halted until it is read.')];
  if (known.flag_error !== null) {
    const what = `The key ${namespace}:kill cannot be read`;
    return [item('flag', 'bad', what, `${sentenceText(known.flag_error)} Unreadable halts.`)];
  }
  const { state, since, why } = known;
  if (state === 'ACTIVE') return [];
  const [tone, what] =
    state === 'HALTED' ? (['bad', 'Trading is halted'] as const) : (['warn', 'Entries are stopped'] as const);
  const because = why === null ? '' : `${sentenceText(why)} `;
  return [{ ...item('state', tone, what, `${because}It stays so until it is re-armed.`), since }];
}

function unpermitted({ totals }: Overview): Attention[] {
  if (totals.unpermitted === 0) return [];
  const what = `${countText(totals.unpermitted, 'execution')} without a permit in the last hour`;
  const detail = 'Something trades past the governor, or beyond what it allowed.';
  return [{ ...item('unpermitted', 'bad', what, detail), href: '/events?show=unpermitted' }];
}

function components(overview: Overview, now: number): Attention[] {
  const views = componentViews(overview.components, now);
  const down = views.filter(({ state }) => state === 'stopped' || state === 'not running');
  const isSummed = down.length > 1;
  const each = views.flatMap(({ component, state, tone, amiss, lastTick }) => {
    if (tone !== 'bad' && tone !== 'warn') return [];
    if (isSummed && down.some((one) => one.component === component && one.state === state)) return [];
    const detail = amiss.map(sentenceText).join(' ');
    const what = `${capitalText(component)} is ${state}`;
    return [
      {
        ...item(`component:${component}`, tone, what, detail === '' ? whyDown(state) : detail),
        since: tone === 'bad' ? lastTick : null,
      },
    ];
  });
  return isSummed ? [summed(down), ...each] : each;
}

/** Whoever stopped everything does not need to read it six times. */
function summed(down: readonly ComponentView[]): Attention {
  const ticks = down.flatMap(({ lastTick }) => lastTick ?? []);
  const names = down.map(({ component }) => component).join(', ');
  const what = `${countText(down.length, 'component')} do not run`;
  const detail = `${capitalText(names)}. “ballast status” and their logs say why.`;
  return {
    ...item('components', 'bad', what, detail),
    since: ticks.length === 0 ? null : Math.max(...ticks),
  };
}

function whyDown(state: string): string {
  return state === 'degraded'
    ? 'It is more than 10 seconds behind its inputs.'
    : 'Nothing runs it: “ballast status” and its log say why.';
}

function inputs({ inputs: known, streams, read_at: readAt }: Overview, now: number): Attention[] {
  if (known.length + streams.length === 0) {
    const detail =
      'Other programs write executions, plans and market data; “ballast doctor” says what is missing.';
    return [item('inputs', 'info', 'Nothing came in yet', detail)];
  }
  return known.flatMap(({ input, age_sec: ageSec, limit_sec: limitSec }) => {
    const age = ageSec + Math.max(0, now - readAt);
    if (age <= limitSec) return [];
    const detail = `Its limit is ${ageWords(limitSec)}; beyond it neutral values are used.`;
    const what = `${input} is stale: ${ageWords(age)} old`;
    return [{ ...item(`input:${input}`, 'warn', what, detail), since: readAt - ageSec }];
  });
}

function account({ account: known }: Overview): Attention[] {
  if (known === null) {
    const detail = 'No account was fed and none is counted yet; limits that are shares of equity block.';
    return [item('account', 'info', 'Equity is not known', detail)];
  }
  if (!known.stale) return [];
  const detail = 'Budgets and limits use the last one that is known.';
  return [{ ...item('account', 'warn', 'Equity is stale', detail), since: known.ts }];
}

function disarmed({ trading: known }: Overview): Attention[] {
  const all = known?.disarmed ?? [];
  const named = all.length > MAX_NAMED ? all.slice(0, MAX_NAMED - 1) : all;
  const rest = all.length - named.length;
  return [
    ...named.map(({ symbol, reason, since }) => ({
      ...item(
        `disarmed:${symbol}`,
        'warn',
        symbol === '*' ? 'Every symbol is disarmed' : `${symbol} is disarmed`,
        `${reason === null ? 'No reason is known.' : sentenceText(reasonText(reason))} It opens nothing until it is re-armed.`,
      ),
      since,
    })),
    ...(rest > 0
      ? [
          item(
            'disarmed',
            'warn',
            `${rest} more symbols are disarmed`,
            'They are named beside the trading state.',
          ),
        ]
      : []),
  ];
}

function item(key: string, tone: Tone, what: string, detail: string): Attention {
  return { key, tone, what, detail, href: null, since: null };
}
