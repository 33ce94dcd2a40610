/** What happened beside verdicts, in words: changes of the trading state, disarms, executions without a permit, modes, violations. */
import type { EventRow } from '../wire.ts';
import { compactText, reasonText } from './verdicts.ts';
import type { Tone } from './tone.ts';
import { decimalText, sentenceText } from './format.ts';

export const EVENT_KINDS = ['trading', 'disarm', 'unpermitted', 'mode', 'violation', 'other'] as const;
export type EventKind = (typeof EVENT_KINDS)[number];

/** As the tabs name them. */
export const KIND_TITLES: { readonly [K in EventKind]: string } = {
  trading: 'Trading state',
  disarm: 'Disarmed and re-armed',
  unpermitted: 'Unpermitted executions',
  mode: 'Modes',
  violation: 'Over budget',
  other: 'Other',
};

export interface EventView {
  readonly id: string;
  readonly ts: number;
  readonly kind: EventKind;
  readonly tone: Tone;
  readonly title: string;
  readonly text: string;
  readonly symbol: string | null;
  readonly planId: string | null;
  /** Who did it: an operator's name, a bot. */
  readonly by: string | null;
  /** As written, for whoever wants to know exactly. */
  readonly fields: readonly (readonly [name: string, value: string])[];
}

/** Newest first. `events` as the snapshot has them, oldest first. */
export function eventViews(events: readonly EventRow[]): EventView[] {
  return events.map(eventView).toReversed();
}

/** How many of each kind are here. */
export function kindCounts(views: readonly EventView[]): ReadonlyMap<EventKind, number> {
  const counts = new Map<EventKind, number>(EVENT_KINDS.map((kind) => [kind, 0]));
  for (const { kind } of views) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
}

/** A kind that an address names; null: all. */
export function kindIn(text: string | null): EventKind | null {
  return EVENT_KINDS.find((kind) => kind === text) ?? null;
}

type Words = Pick<EventView, 'kind' | 'tone' | 'title' | 'text'>;
type Field = (name: string) => string | null;

const WORDS: ReadonlyMap<string, (field: Field, symbol: string | null) => Words> = new Map([
  ['KILL_SWITCH', tradingWords],
  ['REARM', rearmWords],
  ['AUTO_DISARM', disarmWords],
  ['UNPERMITTED_EXECUTION', unpermittedWords],
  ['MODE_CHANGE', modeWords],
  ['BUDGET_VIOLATION', violationWords],
]);

function eventView(row: EventRow): EventView {
  const known = new Map(Object.entries(row.fields));
  const field: Field = (name) => {
    const value = known.get(name)?.trim() ?? '';
    return value === '' ? null : value;
  };
  const words = (WORDS.get(row.event) ?? otherWords(row.event))(field, row.symbol);
  return {
    id: row.id,
    ts: row.ts,
    ...words,
    symbol: row.symbol,
    planId: field('plan_id'),
    by: field('by') ?? field('bot'),
    fields: [...known].toSorted(([a], [b]) => (a < b ? -1 : 1)),
  };
}

const STATE_TITLES: ReadonlyMap<string, string> = new Map([
  ['ACTIVE', 'Trading re-armed'],
  ['REDUCING', 'Entries stopped'],
  ['HALTED', 'Trading halted'],
]);

function tradingWords(field: Field): Words {
  const state = field('state');
  const voided = Number(field('voided') ?? 0);
  const isVoid = field('how') === 'void';
  const tone = isVoid || state === 'REDUCING' ? 'warn' : state === 'ACTIVE' ? 'ok' : 'bad';
  return {
    kind: 'trading',
    tone,
    title: isVoid
      ? 'Outstanding permits voided'
      : (STATE_TITLES.get(state ?? '') ?? `Trading state ${state ?? 'changed'}`),
    text: sentences([
      quoted(field('reason')),
      field('how') === 'note' ? 'The key was set by hand' : null,
      voided > 0 ? `${voided} outstanding ${voided === 1 ? 'permit' : 'permits'} voided` : null,
    ]),
  };
}

function rearmWords(field: Field, symbol: string | null): Words {
  const title = symbol === null ? 'Everything re-armed' : `${symbol} re-armed`;
  return { kind: 'disarm', tone: 'ok', title, text: sentences([quoted(field('reason'))]) };
}

function disarmWords(field: Field, symbol: string | null): Words {
  const isAll = field('scope') === 'all';
  const reason = field('reason');
  return {
    kind: 'disarm',
    tone: isAll ? 'bad' : 'warn',
    title: isAll ? 'Every symbol disarmed' : `${symbol ?? 'A symbol'} disarmed`,
    text: sentences([
      reason === null ? null : reasonText(reason),
      isAll && symbol !== null ? `The last straw was ${symbol}` : null,
    ]),
  };
}

function unpermittedWords(field: Field, symbol: string | null): Words {
  const reason = field('reason');
  const value = numberIn(field('value'));
  const limit = numberIn(field('limit'));
  const numbers =
    value === null || limit === null ? null : `${compactText(value)} filled, ${compactText(limit)} permitted`;
  return {
    kind: 'unpermitted',
    tone: 'bad',
    title: `${symbol ?? 'Something'} traded without a permit`,
    text: sentences([
      reason === null ? null : reasonText(reason),
      numbers,
      field('execution_id') === null ? null : `Execution ${field('execution_id')}`,
    ]),
  };
}

function modeWords(field: Field): Words {
  const to = field('to') ?? 'another mode';
  return {
    kind: 'mode',
    tone: 'info',
    title: `${field('component') ?? 'A component'}: ${field('from') ?? 'unknown'} to ${to}`,
    text: sentences([field('reason')]),
  };
}

function violationWords(field: Field, symbol: string | null): Words {
  const position = numberIn(field('position_notional_usd'));
  const budget = numberIn(field('budget_usd'));
  const over = numberIn(field('over_budget'));
  return {
    kind: 'violation',
    tone: 'warn',
    title: `${symbol ?? 'A symbol'} is over its budget`,
    text: sentences([
      position === null || budget === null
        ? null
        : `${decimalText(position)} USD held, ${decimalText(budget)} USD budget`,
      over === null ? null : `${decimalText(over)} USD too much`,
    ]),
  };
}

const otherWords =
  (event: string) =>
  (field: Field, symbol: string | null): Words => ({
    kind: 'other',
    tone: 'neutral',
    title: [event.replaceAll('_', ' ').toLowerCase(), symbol].filter((part) => part !== null).join(' '),
    text: sentences([field('reason')]),
  });

function numberIn(text: string | null): number | null {
  const number = Number(text ?? Number.NaN);
  return Number.isFinite(number) ? number : null;
}

/** What someone wrote stays as it was written. */
function quoted(text: string | null): string | null {
  return text === null ? null : `“${text}”`;
}

/** Each with a capital and a full stop; quotations as they are. */
function sentences(parts: readonly (string | null)[]): string {
  return parts
    .filter((part) => part !== null)
    .map(sentenceText)
    .join(' ');
}
