/** What happened beside verdicts: who stopped what, what was disarmed, and what traded without a permit. */
import { useMemo } from 'preact/hooks';
import {
  EVENT_KINDS,
  eventViews,
  kindCounts,
  kindIn,
  KIND_TITLES,
  type EventKind,
  type EventView,
} from '../../views/events.ts';
import { decimalText } from '../../views/format.ts';
import { Link, planPath, query, symbolPath } from '../router.tsx';
import { snapshot } from '../state.ts';
import { TONE_ICONS } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { Time, zoneLabel } from '../ui/time.tsx';

export function EventsView(): preact.JSX.Element {
  const events = snapshot.value?.events ?? [];
  const views = useMemo(() => eventViews(events), [events]);
  const chosen = kindIn(query.value.get('show'));
  const shown = chosen === null ? views : views.filter(({ kind }) => kind === chosen);
  return (
    <Panel title="Events" class="events">
      <Kinds chosen={chosen} counts={kindCounts(views)} all={views.length} />
      {shown.length === 0 ? (
        <Empty {...nothingOf(chosen)} />
      ) : (
        <>
          <p class="sr-only">Newest first, times in {zoneLabel()}.</p>
          <ol class="event-list">
            {shown.map((view) => (
              <EventItem key={view.id} view={view} />
            ))}
          </ol>
        </>
      )}
    </Panel>
  );
}

/** Links, so that each has an address to send to someone. */
function Kinds({
  chosen,
  counts,
  all,
}: {
  readonly chosen: EventKind | null;
  readonly counts: ReadonlyMap<EventKind, number>;
  readonly all: number;
}): preact.JSX.Element {
  const kinds = EVENT_KINDS.filter((kind) => kind !== 'other' || (counts.get(kind) ?? 0) > 0);
  return (
    <nav class="kinds" aria-label="Kinds of events">
      <Link href="/events" isCurrent={chosen === null}>
        All <span class="count">{decimalText(all, 0)}</span>
      </Link>
      {kinds.map((kind) => {
        const count = counts.get(kind) ?? 0;
        const isGrave = kind === 'unpermitted' && count > 0;
        return (
          <Link key={kind} href={`/events?show=${kind}`} isCurrent={chosen === kind}>
            {isGrave && <Icon name="octagon" />}
            {KIND_TITLES[kind]}{' '}
            <span class={isGrave ? 'count tone-bad' : 'count'}>{decimalText(count, 0)}</span>
          </Link>
        );
      })}
    </nav>
  );
}

const NOTHING: { readonly [K in EventKind]: string } = {
  trading: 'It was not stopped, halted or re-armed, as far as the events here go back.',
  disarm: 'The governor disarms a symbol that breaks a limit in bursts or fails too often.',
  unpermitted: 'Every execution was held against the permit of its plan, and each had one.',
  mode: 'A component goes from shadow to enforce by “ballast promote”, or by quantum:config:mode.',
  violation: 'No position was larger than the budget of its symbol.',
  other: 'There are no other events.',
};

function nothingOf(kind: EventKind | null): { readonly what: string; readonly why: string } {
  if (kind === null)
    return {
      what: 'Nothing happened yet',
      why: 'Changes of the trading state, disarms and the like appear here.',
    };
  return { what: `None of these: ${KIND_TITLES[kind].toLowerCase()}`, why: NOTHING[kind] };
}

function EventItem({ view }: { readonly view: EventView }): preact.JSX.Element {
  const { ts, tone, title, text, symbol, planId, by, fields } = view;
  return (
    <li class={`event edge-${tone}`}>
      <Time ts={ts} />
      <Icon name={TONE_ICONS[tone]} />
      <div class="event-body">
        <p class="event-title">
          {title}
          {by !== null && <span class="soft"> by {by}</span>}
        </p>
        {text !== '' && <p class="event-text">{text}</p>}
      </div>
      <div class="event-links">
        {symbol !== null && <Link href={symbolPath(symbol)}>{symbol}</Link>}
        {planId !== null && <Link href={planPath(planId)}>Plan</Link>}
        <details>
          <summary>Fields</summary>
          <dl class="fields">
            {fields.map(([name, value]) => (
              <div key={name}>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>
                  <code>{value}</code>
                </dd>
              </div>
            ))}
          </dl>
        </details>
      </div>
    </li>
  );
}
