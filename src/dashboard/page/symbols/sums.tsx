/** The last line of the table: sums over the rows shown, and how many of them are stale or disarmed. */
import { countText, decimalText, sumText, usdText } from '../../views/format.ts';
import { sumSymbols } from '../../views/symbols.ts';
import type { SymbolRow } from '../../wire.ts';
import { judgedAt } from '../state.ts';
import { Money } from '../ui/figures.tsx';
import { Unknown } from '../ui/unknown.tsx';

export function SumsLine({ rows }: { readonly rows: readonly SymbolRow[] }): preact.JSX.Element {
  const sums = sumSymbols(rows, judgedAt.peek());
  return (
    <div class="symbols-foot" role="rowgroup">
      <div class="symbols-row" role="row" aria-rowindex={rows.length + 2}>
        <div role="rowheader" class="at-symbol">
          <span class="symbols-name">
            <b>Sum</b>
            <small class="soft">
              {countText(sums.symbols, 'symbol')}
              {sums.stale > 0 && `, ${decimalText(sums.stale, 0)} stale`}
              {sums.disarmed > 0 && `, ${decimalText(sums.disarmed, 0)} disarmed`}
            </small>
          </span>
        </div>
        <div role="gridcell" class="at-profit is-right">
          <Money usd={sums.profitUsd} isSigned />
        </div>
        <div role="gridcell" class="at-executions is-right">
          <span class="num">{decimalText(sums.executions, 0)}</span>
          <span class="on-card soft"> executions</span>
        </div>
        <div role="gridcell" class="at-efficiency" />
        <div role="gridcell" class="at-pressure" />
        <div role="gridcell" class="at-confidence" />
        <div role="gridcell" class="at-budget is-right">
          <Sum usd={sums.budgetUsd} />
        </div>
        <div role="gridcell" class="at-target is-right">
          <Sum usd={sums.targetUsd} />
        </div>
        <div role="gridcell" class="at-proposed is-right">
          <Sum usd={sums.proposedUsd} />
        </div>
        <div role="gridcell" class="at-position is-right">
          <span class="symbols-gross">
            <span title="Sum of the positions' sizes, whichever way they go">
              <small class="soft">gross </small>
              <Sum usd={sums.grossUsd} />
            </span>
            <span title="Sum of the positions with their signs">
              <small class="soft">net </small>
              <Sum usd={sums.netUsd} />
            </span>
          </span>
        </div>
        <div role="gridcell" class="at-age" />
      </div>
    </div>
  );
}

/** Short from a million on: it has to fit the column. */
function Sum({ usd }: { readonly usd: number | null }): preact.JSX.Element {
  if (usd === null) return <Unknown />;
  return (
    <span class="num" title={`${usdText(usd)} USD`}>
      {sumText(usd)}
    </span>
  );
}
