/** What would be if what runs in shadow acted, and if proposals were applied, beside what is. */
import { computed } from '@preact/signals';
import { countText } from '../../views/format.ts';
import { modeLines, shadowView, type ShadowView as View } from '../../views/shadow.ts';
import type { ComponentRow, SymbolRow } from '../../wire.ts';
import { snapshot } from '../state.ts';
import { Badge } from '../ui/badge.tsx';
import { Empty, Loading } from '../ui/empty.tsx';
import { Money } from '../ui/figures.tsx';
import { Panel } from '../ui/panel.tsx';
import { ShadowTable } from './table.tsx';
import './shadow.css';

const NO_ROWS: readonly SymbolRow[] = [];
const NO_COMPONENTS: readonly ComponentRow[] = [];
const rows = computed(() => snapshot.value?.symbols ?? NO_ROWS);
const view = computed(() => shadowView(rows.value));
const components = computed(() => snapshot.value?.overview.components ?? NO_COMPONENTS);
const modes = computed(() => modeLines(components.value));

export function ShadowView(): preact.JSX.Element {
  if (snapshot.value === null) return <Loading what="what runs in shadow" />;
  const { rows: compared, totals, hasShadow, hasProposals } = view.value;
  return (
    <div class="shadow">
      <h2 class="view-title">Shadow against live</h2>
      <div class="shadow-top">
        <Panel
          title={totals.appliedUsd === null ? 'If what is proposed were applied' : 'What proposals change'}
        >
          <Applied totals={totals} hasProposals={hasProposals} />
        </Panel>
        {hasShadow && (
          <Panel title="If the targets in shadow acted">
            <InShadow totals={totals} />
          </Panel>
        )}
        <Panel title="What runs in which mode">
          <Modes />
        </Panel>
      </div>
      <Panel title="Symbol by symbol, the largest difference first">
        {compared.length === 0 ? (
          <Empty
            what="No target yet, neither live nor in shadow"
            why="Targets appear once P2.9 runs and has budgets. “ballast status” says what it waits for."
          />
        ) : hasShadow || hasProposals ? (
          <ShadowTable rows={compared} totals={totals} hasShadow={hasShadow} hasProposals={hasProposals} />
        ) : (
          <Empty
            what="Nothing runs in shadow"
            why="Every target acts and there is no proposer: there is nothing to compare with. A component runs in shadow with P29_MODE=shadow or the like."
          />
        )}
      </Panel>
    </div>
  );
}

function InShadow({ totals }: { readonly totals: View['totals'] }): preact.JSX.Element {
  const { shadowUsd, shadowDifferenceUsd } = totals;
  if (shadowDifferenceUsd === null)
    return (
      <p class="shadow-lead">
        <span>
          <Money usd={shadowUsd} hasUnit /> in shadow. No symbol has a live target too, so there is nothing to
          compare with yet.
        </span>
      </p>
    );
  return (
    <p class="shadow-lead">
      <span>
        <b>
          <Money usd={shadowDifferenceUsd} isSigned hasUnit />
        </b>{' '}
        over the symbols that have both; <Money usd={shadowUsd} hasUnit /> in shadow altogether.
      </span>
    </p>
  );
}

function Applied({
  totals,
  hasProposals,
}: {
  readonly totals: View['totals'];
  readonly hasProposals: boolean;
}): preact.JSX.Element {
  if (!hasProposals)
    return <Empty what="No proposal yet" why="The proposer suggests a target for every symbol with one." />;
  return (
    <div class="shadow-lead">
      <Together totals={totals} />
      <p class="shadow-counts">
        <Badge tone="ok" icon="up" text={`${countText(totals.rising, 'target')} up`} />
        <Badge tone="warn" icon="down" text={`${countText(totals.falling, 'target')} down`} />
        <Badge tone="neutral" icon="minus" text={`${totals.same} unchanged`} />
        {totals.withheld > 0 && (
          <Badge
            tone="info"
            icon="info"
            text={`${totals.withheld} withheld`}
            title="The proposer proposes nothing there: efficiency missing, stale, or of too little confidence"
          />
        )}
      </p>
    </div>
  );
}

function Together({ totals }: { readonly totals: View['totals'] }): preact.JSX.Element {
  const { appliedUsd, baseUsd, liveUsd, comparedUsd, proposedUsd, proposedDifferenceUsd } = totals;
  const [before, after, difference] =
    appliedUsd === null ? [comparedUsd, proposedUsd, proposedDifferenceUsd] : [baseUsd, liveUsd, appliedUsd];
  const isApplied = appliedUsd !== null;
  return (
    <dl class="shadow-sums">
      <div>
        <dt>{isApplied ? 'Targets without proposals' : 'Targets now'}</dt>
        <dd>
          <Money usd={before} hasUnit />
        </dd>
      </div>
      <div>
        <dt>{isApplied ? 'With them, after caps' : 'As proposed, before caps'}</dt>
        <dd>
          <Money usd={after} hasUnit />
        </dd>
      </div>
      <div>
        <dt>Change, all together</dt>
        <dd>
          <Money usd={difference} isSigned hasUnit />
        </dd>
      </div>
    </dl>
  );
}

/** The mode is as set: nothing worth telling. */
const PLAIN = /^(the settings say|it is always)/;

function Modes(): preact.JSX.Element {
  if (modes.value.length === 0)
    return (
      <Empty what="No component tells its mode" why="Start one: “ballast up”, or “ballast run COMPONENT”." />
    );
  return (
    <table class="modes">
      <caption class="sr-only">The mode of each component and what it means</caption>
      <tbody>
        {modes.value.map(({ component, mode, words, why, isShadow }) => (
          <tr key={component}>
            <th scope="row">{component}</th>
            <td>
              <Badge tone={isShadow ? 'info' : 'neutral'} icon={isShadow ? 'layers' : 'shield'} text={mode} />
            </td>
            <td>
              {words}
              {why !== null && !PLAIN.test(why) && <small class="soft"> ({why})</small>}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
