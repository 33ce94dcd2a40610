/** The sums of everything, one figure each. */
import type { ComponentChildren } from 'preact';
import { decimalText } from '../../views/format.ts';
import type { Overview } from '../../wire.ts';
import { Link } from '../router.tsx';
import { Money } from '../ui/figures.tsx';
import { Time } from '../ui/time.tsx';

export function Totals({ overview: { totals } }: { readonly overview: Overview }): preact.JSX.Element {
  const { profit_since: since, unpermitted } = totals;
  const hasSymbols = totals.symbols > 0;
  return (
    <section class="totals" aria-label="Totals">
      <Total
        title="Profit"
        hint={
          since === null ? (
            'of the executions known'
          ) : (
            <>
              since <Time ts={since} />
            </>
          )
        }
      >
        <Money
          usd={totals.executions === 0 ? null : totals.profit_usd}
          unknown="no execution yet"
          isSigned
          hasUnit
        />
      </Total>
      <Total
        title="Net position"
        hint={
          <>
            of targets <Money usd={totals.target_usd} digits={0} />
          </>
        }
      >
        <Money usd={hasSymbols ? totals.position_usd : null} unknown="no symbol yet" digits={0} hasUnit />
      </Total>
      <Total title="Budget" hint={`${decimalText(totals.symbols, 0)} symbols`}>
        <Money usd={hasSymbols ? totals.budget_usd : null} unknown="no symbol yet" digits={0} hasUnit />
      </Total>
      <Total title="Permits" hint="in the last hour">
        <Link href="/plans?outcome=permitted">{decimalText(totals.permits, 0)}</Link>
      </Total>
      <Total title="Blocks" hint="in the last hour">
        <Link href="/plans?outcome=blocked">{decimalText(totals.blocks, 0)}</Link>
      </Total>
      <Total title="Without a permit" hint="in the last hour" isBad={unpermitted > 0}>
        <Link href="/events?show=unpermitted">{decimalText(unpermitted, 0)}</Link>
      </Total>
    </section>
  );
}

function Total({
  title,
  hint,
  isBad = false,
  children,
}: {
  readonly title: string;
  readonly hint: ComponentChildren;
  readonly isBad?: boolean;
  readonly children: ComponentChildren;
}): preact.JSX.Element {
  return (
    <dl class={isBad ? 'total edge-bad' : 'total'}>
      <dt>{title}</dt>
      <dd class="total-value">{children}</dd>
      <dd class="total-hint">{hint}</dd>
    </dl>
  );
}
