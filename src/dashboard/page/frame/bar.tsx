/** The bar on top of every view; on a phone its navigation lies at the bottom, within the thumb's reach. */
import type { TradingView } from '../../views/trading.ts';
import { fullTimeText, timeText, zoneName } from '../../views/format.ts';
import { openDialog } from '../actions/open-dialog.ts';
import { theme, type Theme } from '../preferences.ts';
import { Link, route } from '../router.tsx';
import { signOut } from '../session.ts';
import { clock, link, outage, session, snapshot, zone } from '../state.ts';
import { Badge } from '../ui/badge.tsx';
import { Icon } from '../ui/icon.tsx';
import { NAVIGATION } from './current-view.tsx';
import { stateIcon } from './state-icon.ts';

export function Bar({ trading }: { readonly trading: TradingView | null }): preact.JSX.Element {
  return (
    <header class="bar">
      <Link href="/" class="brand" label="Ballast, overview">
        <Mark />
        <span class="brand-name">Ballast</span>
      </Link>
      <StatePill trading={trading} />
      {snapshot.value?.overview.kind === 'paper' && (
        <Badge tone="info" text="PAPER" title="The demo: prices, money and orders are invented" />
      )}
      <Navigation />
      <div class="bar-end">
        {mayRead() && (
          <>
            <LinkState />
            <Clock />
          </>
        )}
        <ThemeSwitch />
        <SessionButton />
      </div>
    </header>
  );
}

/** Where reading takes a token nothing is heard until it is given. */
function mayRead(): boolean {
  return session.value === null || session.value.rights !== 'none';
}

function StatePill({ trading }: { readonly trading: TradingView | null }): preact.JSX.Element | null {
  if (trading === null) return mayRead() ? <span class="pill fill-neutral">…</span> : null;
  const isOld = outage.value !== null;
  return (
    <Link href="/" class={`pill fill-${trading.tone}${isOld ? ' is-old' : ''}`} title={trading.meaning}>
      <Icon name={stateIcon(trading.state)} />
      <span class="pill-long">{trading.headline}</span>
      <span class="pill-brief" aria-hidden="true">
        {trading.brief}
      </span>
      {isOld && <span class="pill-old">?</span>}
    </Link>
  );
}

function Navigation(): preact.JSX.Element {
  const { view: current } = route.value;
  return (
    <nav class="navigation" aria-label="Views">
      <ul>
        {NAVIGATION.map(({ view, also, href, title, icon }) => (
          <li key={view}>
            <Link href={href} isCurrent={current === view || current === also}>
              <Icon name={icon} />
              <span>{title}</span>
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const LINKS = {
  live: { tone: 'ok', icon: 'dot', text: 'Live', title: 'The server is heard: changes show as they happen' },
  connecting: { tone: 'neutral', icon: 'plug', text: 'Connecting', title: 'Waiting for the server' },
  lost: { tone: 'bad', icon: 'cross', text: 'Lost', title: 'The server is not heard; trying again' },
} as const;

function LinkState(): preact.JSX.Element {
  const { tone, icon, text, title } = LINKS[link.value];
  return (
    <span class={`link-state is-${link.value}`} role="status">
      <Badge tone={tone} icon={icon} text={text} title={title} />
    </span>
  );
}

/** The store's clock; a press changes the zone of all times. */
function Clock(): preact.JSX.Element {
  const other = zone.value === 'utc' ? 'local' : 'utc';
  const now = clock.value;
  return (
    <button
      type="button"
      class="is-quiet clock"
      title={`${fullTimeText(now, zone.value)} by the store’s clock. Press for ${zoneName(now, other)}.`}
      onClick={() => {
        zone.value = other;
      }}
    >
      <span class="clock-time">{timeText(now, zone.value)}</span>
      <span class="zone">{zoneName(now, zone.value)}</span>
      <span class="sr-only">, change all times to {other === 'utc' ? 'UTC' : 'local time'}</span>
    </button>
  );
}

const NEXT_THEME: { readonly [T in Theme]: Theme } = { system: 'light', light: 'dark', dark: 'system' };

function ThemeSwitch(): preact.JSX.Element {
  const text = `Theme: ${theme.value === 'system' ? 'as the system' : theme.value}; change to ${NEXT_THEME[theme.value]}`;
  return (
    <button
      type="button"
      class="is-quiet is-square"
      aria-label={text}
      title={text}
      onClick={() => {
        theme.value = NEXT_THEME[theme.value];
      }}
    >
      <Icon name="theme" />
    </button>
  );
}

/** Says what one may do, and lets one change it. */
function SessionButton(): preact.JSX.Element | null {
  const now = session.value;
  if (now === null || now.rights === 'none') return null;
  if (now.csrf !== null)
    return (
      <button
        type="button"
        class="is-quiet"
        title={
          now.rights === 'stop'
            ? 'You may stop trading. Press to sign out'
            : 'You may read. Press to sign out'
        }
        aria-label="Sign out"
        onClick={() => void signOut()}
      >
        <span class="session-icon">
          <Icon name="skip" />
        </span>
        <span class="session-text">Sign out</span>
      </button>
    );
  return (
    <button
      type="button"
      class="is-quiet"
      title="Read-only: sign in with the stop token to act"
      aria-label="Read-only: sign in to act"
      onClick={() => openDialog({ kind: 'sign-in', next: null })}
    >
      <Icon name="lock" />
      <span class="session-text">Read-only</span>
    </button>
  );
}

/** A hull with its keel. */
function Mark(): preact.JSX.Element {
  return (
    <svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M16 5v18M9.5 10.5h13" />
      <path class="mark-hull" d="M6 16.5a10 9.5 0 0 0 20 0" />
    </svg>
  );
}
