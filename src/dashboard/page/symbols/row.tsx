/** One symbol's line, and on a phone its card. It is drawn again only when it says something else. */
import { useComputed } from '@preact/signals';
import { countText, decimalText, usdText } from '../../views/format.ts';
import { AGE_LIMITS_SEC, partAges, shadowParts, worstAge, type AgedPart } from '../../views/symbols.ts';
import type { SymbolRow } from '../../wire.ts';
import { Link, symbolPath } from '../router.tsx';
import { judgedAt } from '../state.ts';
import { Age } from '../ui/age.tsx';
import { Badge } from '../ui/badge.tsx';
import { Figure, Money, Percent } from '../ui/figures.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { Stale } from '../ui/stale.tsx';
import { Unknown } from '../ui/unknown.tsx';
import { BulletBar } from './bullet.tsx';
import { Pressure } from './pressure.tsx';

interface LineProps {
  readonly row: SymbolRow;
  readonly id: string;
  /** From 0, of those shown. */
  readonly place: number;
  /** In pixels. */
  readonly top: number;
  readonly isActive: boolean;
}

export function SymbolLine({ row, id, place, top, isActive }: LineProps): preact.JSX.Element {
  // As a text, so that a second that makes nothing stale draws nothing.
  const stale = useComputed(() =>
    partAges(row, judgedAt.value)
      .filter(({ isStale }) => isStale)
      .map(({ part }) => part)
      .join(),
  );
  const isStale = (part: AgedPart): boolean => stale.value.split(',').includes(part);
  const classes = ['symbols-row', isActive ? 'is-active' : '', row.disarmed === null ? '' : 'is-disarmed'];
  return (
    <div
      class={classes.filter(Boolean).join(' ')}
      role="row"
      id={id}
      aria-rowindex={place + 2}
      aria-selected={isActive}
      style={{ transform: `translateY(${top}px)` }}
    >
      <Name row={row} />
      <div role="gridcell" class="at-profit is-right">
        <Sparkline values={row.spark} label={`Profit of ${row.symbol} after each execution, USD`} />
        <Money usd={row.profit_usd} isSigned />
      </div>
      <div role="gridcell" class="at-executions is-right">
        <span class="num">{decimalText(row.executions, 0)}</span>
        <span class="on-card soft"> {row.executions === 1 ? 'execution' : 'executions'}</span>
      </div>
      <div role="gridcell" class="at-efficiency is-right">
        <Aged part="efficiency" isStale={isStale('efficiency')}>
          <Figure value={row.efficiency} unknown="no efficiency yet" />
        </Aged>
      </div>
      <div role="gridcell" class="at-pressure">
        <Pressure pressure={row.pressure} />
      </div>
      <div role="gridcell" class="at-confidence is-right">
        <Percent fraction={row.efficiency_confidence} digits={0} unknown="no confidence yet" />
      </div>
      <div role="gridcell" class="at-budget is-right">
        <Aged part="budget" isStale={isStale('budget')}>
          <Money usd={row.budget_usd} digits={0} unknown="no budget yet" />
        </Aged>
      </div>
      <div role="gridcell" class="at-target is-right">
        <Aged part="target" isStale={isStale('target')}>
          <Money usd={row.target_usd} digits={0} unknown="no target" />
        </Aged>
      </div>
      <div role="gridcell" class="at-proposed is-right">
        <Aged part="proposal" isStale={isStale('proposal')}>
          <Money usd={row.proposed_usd} digits={0} unknown="no proposal" />
        </Aged>
      </div>
      <div role="gridcell" class="at-position is-right">
        <BulletBar row={row} />
        <Aged part="position" isStale={isStale('position')}>
          <Money usd={row.position_usd} digits={0} unknown="position not known" />
        </Aged>
        <span class="on-card soft"> of {usdText(row.target_usd, false, 0)}</span>
      </div>
      <OldestAge row={row} />
    </div>
  );
}

function Name({ row }: { readonly row: SymbolRow }): preact.JSX.Element {
  const shadow = shadowParts(row);
  const about = [row.cluster, row.regime].filter((name) => name !== null).join(' · ');
  return (
    <div role="rowheader" class="at-symbol">
      <span class="symbols-name">
        <Link href={symbolPath(row.symbol)} title={row.symbol}>
          {row.symbol}
        </Link>
        <small class="soft" title={about}>
          {about}
        </small>
      </span>
      {row.disarmed !== null && (
        <Badge
          tone="bad"
          icon="lock"
          text="disarmed"
          title={`Openings are blocked until it is armed again: ${row.disarmed.reason ?? 'no reason recorded'}`}
        />
      )}
      {shadow.length > 0 && (
        <Badge
          tone="info"
          icon="layers"
          text="shadow"
          title={`Decided in shadow, acts on nothing: ${shadow.join(', ')}`}
        />
      )}
    </div>
  );
}

function OldestAge({ row }: { readonly row: SymbolRow }): preact.JSX.Element {
  const oldest = useComputed(() => worstAge(row, judgedAt.value)?.part ?? null);
  const age = oldest.value === null ? null : worstAge(row, judgedAt.peek());
  return (
    <div role="gridcell" class="at-age is-right">
      {age === null ? (
        <Unknown what="nothing has a time yet" />
      ) : (
        <span title={`The oldest: ${age.part}. ${agesText(row)}`}>
          <Age ts={age.ts} limitSec={age.limitSec} />
          <small class="soft"> {age.part}</small>
        </span>
      )}
    </div>
  );
}

const agesText = (row: SymbolRow): string =>
  partAges(row, judgedAt.peek())
    .map(({ part, ageSec }) => `${part} ${countText(Math.floor(ageSec), 'second')}`)
    .join(', ');

function Aged({
  part,
  isStale,
  children,
}: {
  readonly part: AgedPart;
  readonly isStale: boolean;
  readonly children: preact.ComponentChildren;
}): preact.JSX.Element {
  return (
    <Stale isStale={isStale} why={`older than ${AGE_LIMITS_SEC[part]} s`}>
      {children}
    </Stale>
  );
}
