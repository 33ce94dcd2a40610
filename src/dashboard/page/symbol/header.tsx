/** What a symbol is, whether it may open, and its numbers with their ages. */
import { AGE_LIMITS_SEC } from '../../views/symbols.ts';
import { proposalText } from '../../views/shadow.ts';
import { reasonText } from '../../views/verdicts.ts';
import type { SymbolRow } from '../../wire.ts';
import { ModeBadge } from '../explain/mode-badge.tsx';
import { Link } from '../router.tsx';
import { outage } from '../state.ts';
import { Pressure } from '../symbols/pressure.tsx';
import { BulletBar } from '../symbols/bullet.tsx';
import { Age } from '../ui/age.tsx';
import { Badge } from '../ui/badge.tsx';
import { Figure, Money, Percent } from '../ui/figures.tsx';
import { Sparkline } from '../ui/sparkline.tsx';
import { Time } from '../ui/time.tsx';

export function SymbolHeader({
  row,
  sentence,
}: {
  readonly row: SymbolRow;
  readonly sentence: string | null;
}): preact.JSX.Element {
  return (
    <header class="symbol-head">
      <nav aria-label="Breadcrumb" class="crumb">
        <Link href="/symbols">All symbols</Link>
      </nav>
      <div class="symbol-title">
        <h2 class="view-title">{row.symbol}</h2>
        {row.disarmed === null ? (
          <Badge tone="ok" text="armed" title="Openings are judged as usual" />
        ) : (
          <Badge
            tone="bad"
            icon="lock"
            text="disarmed"
            title="Openings are blocked until it is armed again"
          />
        )}
        <Badge tone="neutral" text={row.cluster ?? 'no cluster'} title="Cluster" />
        <Badge tone="neutral" text={row.regime ?? 'no regime'} title="Regime" />
        {row.stale_flags !== '' && (
          <Badge tone="warn" icon="clock" text={row.stale_flags} title="What P3.1 found stale or missing" />
        )}
      </div>
      {row.disarmed !== null && (
        <p class="symbol-disarmed">
          Disarmed since <Time ts={row.disarmed.since} />:{' '}
          {row.disarmed.reason === null ? 'why is not recorded' : reasonText(row.disarmed.reason)}. It opens
          nothing until an operator re-arms it.
        </p>
      )}
      {sentence !== null && <p class="symbol-sentence">{sentence}</p>}
      <Tiles row={row} />
    </header>
  );
}

function Tiles({ row }: { readonly row: SymbolRow }): preact.JSX.Element {
  return (
    <dl class={`symbol-facts${outage.value === null ? '' : ' is-cut-off'}`}>
      <Tile name="Profit" ts={row.last_execution_ts}>
        <Money usd={row.profit_usd} isSigned hasUnit />
        <Sparkline values={row.spark} label="Profit after each execution, USD" />
      </Tile>
      <Tile name="Efficiency" ts={row.efficiency_ts} limitSec={AGE_LIMITS_SEC.efficiency}>
        <Figure value={row.efficiency} unknown="no efficiency yet" />
        <Pressure pressure={row.pressure} />
        {row.efficiency_mode === 'shadow' && <ModeBadge mode="shadow" />}
      </Tile>
      <Tile name="Confidence" ts={row.efficiency_ts} limitSec={AGE_LIMITS_SEC.efficiency}>
        <Percent fraction={row.efficiency_confidence} digits={0} />
      </Tile>
      <Tile name="Target" ts={row.target_ts} limitSec={AGE_LIMITS_SEC.target}>
        <Money usd={row.target_usd} hasUnit unknown="no target" />
        {row.target_mode === 'shadow' && <ModeBadge mode="shadow" />}
      </Tile>
      <Tile name="Proposed" ts={row.proposed_ts} limitSec={AGE_LIMITS_SEC.proposal}>
        <Money usd={row.proposed_usd} hasUnit unknown="no proposal" />
        {row.proposed_reason !== null && <small class="soft">{proposalText(row.proposed_reason)}</small>}
      </Tile>
      <Tile name="Budget" ts={row.budget_ts} limitSec={AGE_LIMITS_SEC.budget}>
        <Money usd={row.budget_usd} hasUnit unknown="no budget" />
      </Tile>
      <Tile name="Position" ts={row.position_ts} limitSec={AGE_LIMITS_SEC.position}>
        <Money usd={row.position_usd} hasUnit unknown="not known" />
        <BulletBar row={row} />
      </Tile>
      <Tile name="Mark price" ts={row.mark_ts} limitSec={60}>
        <Figure value={row.mark_price} digits={Math.abs(row.mark_price ?? 0) < 10 ? 5 : 2} />
      </Tile>
    </dl>
  );
}

function Tile({
  name,
  ts,
  limitSec,
  children,
}: {
  readonly name: string;
  readonly ts: number | null;
  readonly limitSec?: number;
  readonly children: preact.ComponentChildren;
}): preact.JSX.Element {
  return (
    <div class="symbol-fact">
      <dt>
        {name}
        <Age ts={ts} {...(limitSec === undefined ? {} : { limitSec })} />
      </dt>
      <dd>{children}</dd>
    </div>
  );
}
