/** Where the money is earned and lost, symbol by symbol; the table of symbols has the rest. */
import type { Earner, Earners } from '../../views/earners.ts';
import { countText, decimalText } from '../../views/format.ts';
import { Link, symbolPath } from '../router.tsx';
import { Empty } from '../ui/empty.tsx';
import { Money } from '../ui/figures.tsx';
import { Panel } from '../ui/panel.tsx';

export function EarnersPanel({ earners }: { readonly earners: Earners }): preact.JSX.Element {
  const { earning, losing, others, othersUsd } = earners;
  return (
    <Panel title="Profit by symbol, USD" class="earners" actions={<Link href="/symbols">All symbols</Link>}>
      {earning.length + losing.length === 0 ? (
        <Empty
          what="Nothing was traded yet"
          why="Profit comes with executions on the stream execution.result."
        />
      ) : (
        <table>
          <thead class="sr-only">
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col">Profit, USD</th>
              <th scope="col">Share of the largest</th>
              <th scope="col">Executions</th>
            </tr>
          </thead>
          <tbody>
            {[...earning, ...losing].map((one) => (
              <EarnerRow key={one.symbol} earner={one} />
            ))}
            {others > 0 && (
              <tr class="soft">
                <th scope="row">{countText(others, 'other')}</th>
                <td class="is-right">
                  <Money usd={othersUsd} isSigned />
                </td>
                <td />
                <td />
              </tr>
            )}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function EarnerRow({ earner }: { readonly earner: Earner }): preact.JSX.Element {
  const { symbol, profitUsd, executions, share } = earner;
  const width = Math.abs(share) * 50;
  return (
    <tr>
      <th scope="row">
        <Link href={symbolPath(symbol)}>{symbol}</Link>
      </th>
      <td class="is-right">
        <Money usd={profitUsd} isSigned />
      </td>
      <td class="earner-bar">
        <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
          <path class="earner-zero" d="M50 0V10" />
          <rect
            class={share < 0 ? 'is-loss' : 'is-gain'}
            x={share < 0 ? 50 - width : 50}
            y="1"
            width={width}
            height="8"
          />
        </svg>
      </td>
      <td class="is-right soft">{decimalText(executions, 0)}×</td>
    </tr>
  );
}
