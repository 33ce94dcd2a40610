/** The trading state, to be read from across the room, and beside it what can be done about it. */
import type { TradingView } from '../../views/trading.ts';
import { reasonText } from '../../views/verdicts.ts';
import { whyNot } from '../actions/act.ts';
import { openDialog } from '../actions/open-dialog.ts';
import { stateIcon } from '../frame/state-icon.ts';
import { Link, symbolPath } from '../router.tsx';
import { outage, session } from '../state.ts';
import { Age } from '../ui/age.tsx';
import { Badge } from '../ui/badge.tsx';
import { Icon } from '../ui/icon.tsx';
import { Time } from '../ui/time.tsx';
import { Unknown } from '../ui/unknown.tsx';

/** Disarmed symbols that fit beside the state; the rest is unfolded. */
const MAX_SHOWN = 6;

export function TradingPanel({ view }: { readonly view: TradingView }): preact.JSX.Element {
  const isOld = outage.value !== null;
  return (
    <section class={`trading fill-${view.tone}${isOld ? ' is-old' : ''}`} aria-labelledby="trading-state">
      <div class="trading-state">
        <h2
          id="trading-state"
          class={view.headline.length > 9 ? 'trading-headline is-long' : 'trading-headline'}
        >
          <span class="sr-only">Trading state: </span>
          <Icon name={stateIcon(view.state)} />
          {view.headline}
        </h2>
        <p class="trading-meaning">
          {isOld && <strong>When last heard: </strong>}
          {view.meaning}
        </p>
        <Cause view={view} />
      </div>
      <Actions view={view} />
      <footer class="trading-foot">
        <dl>
          <dt>Outstanding permits</dt>
          <dd>{view.outstanding ?? <Unknown />}</dd>
        </dl>
        <Disarmed disarmed={view.disarmed} />
      </footer>
    </section>
  );
}

function Cause({
  view: { since, by, why, note, state },
}: {
  readonly view: TradingView;
}): preact.JSX.Element {
  if (since === null && by === null && why === null && note === null)
    return (
      <p class="trading-cause">
        {state === 'ACTIVE' ? 'Never stopped, as far as events go back.' : 'Who wanted it is not known.'}
      </p>
    );
  return (
    <p class="trading-cause">
      {since !== null && (
        <>
          Since <Time ts={since} /> (<Age ts={since} />)
        </>
      )}
      {by !== null && (
        <>
          {' '}
          by <strong>{by}</strong>
        </>
      )}
      {why !== null && <>: {why}</>}
      {note !== null && <span class="trading-note"> {note}</span>}
    </p>
  );
}

function Actions({ view: { can } }: { readonly view: TradingView }): preact.JSX.Element {
  const forbidden = whyNot(session.value, false);
  return (
    <div class="trading-actions">
      <button
        type="button"
        class="stop-button"
        disabled={!can.stopEntries}
        onClick={() => openDialog({ kind: 'stop-entries' })}
      >
        <Icon name={forbidden === null ? 'pause' : 'lock'} />
        Stop entries
      </button>
      <div class="trading-minor">
        <button type="button" disabled={!can.halt} onClick={() => openDialog({ kind: 'halt' })}>
          <Icon name="stop" />
          Halt all
        </button>
        <button
          type="button"
          disabled={!can.rearmAll}
          onClick={() => openDialog({ kind: 'rearm', symbol: null })}
        >
          <Icon name="play" />
          Re-arm all
        </button>
      </div>
      {forbidden !== null && (
        <p class="trading-forbidden">
          <Badge tone="neutral" icon="lock" text="Read-only" title={forbidden} />
        </p>
      )}
    </div>
  );
}

function Disarmed({ disarmed }: { readonly disarmed: TradingView['disarmed'] }): preact.JSX.Element {
  const shown = disarmed.slice(0, MAX_SHOWN);
  const rest = disarmed.slice(MAX_SHOWN);
  return (
    <dl class="disarmed">
      <dt>Disarmed symbols</dt>
      <dd>
        {disarmed.length === 0 && 'none'}
        <ul>
          {shown.map((one) => (
            <DisarmedSymbol key={one.symbol} {...one} />
          ))}
        </ul>
        {rest.length > 0 && (
          <details>
            <summary>{rest.length} more</summary>
            <ul>
              {rest.map((one) => (
                <DisarmedSymbol key={one.symbol} {...one} />
              ))}
            </ul>
          </details>
        )}
      </dd>
    </dl>
  );
}

function DisarmedSymbol({ symbol, reason, since }: TradingView['disarmed'][number]): preact.JSX.Element {
  return (
    <li class="disarmed-symbol">
      <Link href={symbolPath(symbol)}>{symbol === '*' ? 'every symbol' : symbol}</Link>
      <span>{reason === null ? 'no reason known' : reasonText(reason)}</span>
      <Age ts={since} />
      <button
        type="button"
        aria-label={`Re-arm ${symbol}`}
        onClick={() => openDialog({ kind: 'rearm', symbol: symbol === '*' ? null : symbol })}
      >
        Re-arm
      </button>
    </li>
  );
}
