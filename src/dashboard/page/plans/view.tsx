/** Permits and blocks as they are decided, each with its gates. The list holds still while one reads it. */
import { useSignal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { countText } from '../../views/format.ts';
import { filterVerdicts, heldList, reasonsOf } from '../../views/verdicts.ts';
import type { Verdict } from '../../wire.ts';
import { snapshot } from '../state.ts';
import { query } from '../router.tsx';
import { Empty } from '../ui/empty.tsx';
import { Icon } from '../ui/icon.tsx';
import { Panel } from '../ui/panel.tsx';
import { zoneLabel } from '../ui/time.tsx';
import { filterIn } from './address.ts';
import { PlanFilter } from './plan-filter.tsx';
import { PlanRow } from './plan-row.tsx';

/** Further down than this one is reading, not watching. */
const READING_PX = 80;

export function PlansView(): preact.JSX.Element {
  const all = snapshot.value?.verdicts ?? [];
  const filter = filterIn(query.value);
  const { outcome, symbol, reason } = filter;
  const found = useMemo(() => filterVerdicts(all, filter), [all, outcome, symbol, reason]);
  const isPaused = useSignal(false);
  const open = useSignal<ReadonlySet<string>>(new Set());
  const held = useSignal<readonly Verdict[] | null>(null);
  const isScrolled = useScrolled();

  const mustHold = isPaused.value || isScrolled.value || open.value.size > 0;
  useEffect(() => {
    held.value = mustHold ? found : null;
    // Held is what was there when holding began, or when another filter was chosen.
  }, [mustHold, outcome, symbol, reason]);
  const { shown, waiting } = heldList(found, mustHold ? held.value : null);

  const toggle = (id: string): void => {
    const next = new Set(open.value);
    if (!next.delete(id)) next.add(id);
    open.value = next;
  };
  const showNew = (): void => {
    held.value = mustHold ? found : null;
    scrollTo(0, 0);
  };
  return (
    <Panel
      title="Permits and blocks"
      class="plans"
      actions={
        <button
          type="button"
          aria-pressed={isPaused.value}
          onClick={() => {
            isPaused.value = !isPaused.value;
          }}
        >
          <Icon name={isPaused.value ? 'play' : 'pause'} />
          {isPaused.value ? 'Go on' : 'Pause'}
        </button>
      }
    >
      <PlanFilter filter={filter} reasons={reasonsOf(all)} shown={found.length} all={all.length} />
      {waiting > 0 && (
        <div class="new-bar">
          <button type="button" onClick={showNew}>
            <Icon name="up" />
            {countText(waiting, 'new', 'new')}
          </button>
        </div>
      )}
      {shown.length === 0 ? (
        <NothingFound isFiltered={all.length > 0} />
      ) : (
        <div class="plan-list" role="table" aria-label="Permits and blocks, newest first">
          <div class="plan-line plan-head" role="row">
            <span role="columnheader">Time {zoneLabel()}</span>
            <span role="columnheader">Verdict</span>
            <span role="columnheader">Symbol</span>
            <span role="columnheader">Side</span>
            <span role="columnheader" class="is-right">
              Notional, USD
            </span>
            <span role="columnheader">Why</span>
            <span role="columnheader">Plan</span>
            <span role="columnheader">Bot</span>
          </div>
          {shown.map((verdict) => (
            <PlanRow key={verdict.id} verdict={verdict} isOpen={open.value.has(verdict.id)} toggle={toggle} />
          ))}
        </div>
      )}
    </Panel>
  );
}

function NothingFound({ isFiltered }: { readonly isFiltered: boolean }): preact.JSX.Element {
  return isFiltered ? (
    <Empty what="No verdict fits the filter" why="Choose another outcome, symbol or reason above." />
  ) : (
    <Empty
      what="No plan was judged yet"
      why="Programs write their plans to the stream apply.plan; the governor answers each with a permit or a block."
    />
  );
}

function useScrolled(): { readonly value: boolean } {
  const isScrolled = useSignal(false);
  useEffect(() => {
    const look = (): void => {
      isScrolled.value = window.scrollY > READING_PX;
    };
    addEventListener('scroll', look, { passive: true });
    return () => removeEventListener('scroll', look);
  }, []);
  return isScrolled;
}
