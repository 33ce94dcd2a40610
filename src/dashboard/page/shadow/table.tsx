/** Targets live, in shadow and proposed, and how far they are apart. */
import { useSignal } from '@preact/signals';
import { countText } from '../../views/format.ts';
import { AGE_LIMITS_SEC } from '../../views/symbols.ts';
import { proposalText, type Difference, type ShadowRow, type ShadowTotals } from '../../views/shadow.ts';
import { Link, symbolPath } from '../router.tsx';
import { Age } from '../ui/age.tsx';
import { Money, Percent } from '../ui/figures.tsx';
import { DivergingBar } from './diverging-bar.tsx';

/** The largest differences are what is looked for; more rows are drawn when asked for. */
const FIRST_ROWS = 100;

export function ShadowTable({
  rows,
  totals,
  hasShadow,
  hasProposals,
}: {
  readonly rows: readonly ShadowRow[];
  readonly totals: ShadowTotals;
  readonly hasShadow: boolean;
  readonly hasProposals: boolean;
}): preact.JSX.Element {
  const shown = useSignal(FIRST_ROWS);
  return (
    <>
      <div class="scroll-x" tabIndex={0} role="group" aria-label="Targets live, in shadow and proposed">
        <table class="shadow-table">
          <caption class="sr-only">
            Targets live, in shadow and proposed, USD, the largest difference first
          </caption>
          <thead>
            <tr>
              <th scope="col">Symbol</th>
              <th scope="col" class="is-right">
                Live target
              </th>
              {hasShadow && (
                <>
                  <th scope="col" class="is-right">
                    Shadow target
                  </th>
                  <th scope="colgroup" colSpan={3} class="is-middle">
                    Shadow − live
                  </th>
                </>
              )}
              {hasProposals && (
                <>
                  <th scope="col" class="is-right">
                    Without proposal
                  </th>
                  <th scope="col" class="is-right">
                    Proposed
                  </th>
                  <th scope="colgroup" colSpan={3} class="is-middle">
                    Proposed − without
                  </th>
                  <th scope="col">Why</th>
                </>
              )}
              <th scope="col" class="is-right">
                Age
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown.value).map((row) => (
              <Line key={row.symbol} row={row} hasShadow={hasShadow} hasProposals={hasProposals} />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <th scope="row">Sum</th>
              <td class="is-right">
                <Money usd={totals.liveUsd} />
              </td>
              {hasShadow && (
                <>
                  <td class="is-right">
                    <Money usd={totals.shadowUsd} />
                  </td>
                  <td />
                  <td class="is-right">
                    <Money usd={totals.shadowDifferenceUsd} isSigned />
                  </td>
                  <td />
                </>
              )}
              {hasProposals && (
                <>
                  <td class="is-right">
                    <Money usd={totals.baseUsd} />
                  </td>
                  <td class="is-right">
                    <Money usd={totals.proposedUsd} />
                  </td>
                  <td />
                  <td class="is-right">
                    <Money usd={totals.proposedDifferenceUsd} isSigned />
                  </td>
                  <td colSpan={2} />
                </>
              )}
              <td />
            </tr>
          </tfoot>
        </table>
      </div>
      {rows.length > shown.value && (
        <p class="shadow-more">
          <span class="soft">
            The {shown.value} largest differences of {countText(rows.length, 'symbol')}; the sums are of all.
          </span>
          <button
            type="button"
            onClick={() => {
              shown.value = rows.length;
            }}
          >
            Show all
          </button>
        </p>
      )}
    </>
  );
}

function Line({
  row,
  hasShadow,
  hasProposals,
}: {
  readonly row: ShadowRow;
  readonly hasShadow: boolean;
  readonly hasProposals: boolean;
}): preact.JSX.Element {
  return (
    <tr>
      <th scope="row" class="shadow-symbol">
        <Link href={symbolPath(row.symbol)} title={row.symbol}>
          {row.symbol}
        </Link>
      </th>
      <td class="is-right">
        <Money usd={row.liveUsd} unknown="none is enforced" />
      </td>
      {hasShadow && (
        <>
          <td class="is-right">
            <Money usd={row.shadowUsd} unknown="none in shadow" />
          </td>
          <Apart difference={row.shadowDifference} />
        </>
      )}
      {hasProposals && (
        <>
          <td class="is-right">
            <Money usd={row.baseUsd} />
          </td>
          <td class="is-right">
            <Money usd={row.proposedUsd} unknown="no proposal" />
          </td>
          <Apart difference={row.proposedDifference} />
          <td>{row.proposedReason === null ? '' : proposalText(row.proposedReason)}</td>
        </>
      )}
      <td class="is-right">
        <Ages row={row} />
      </td>
    </tr>
  );
}

/** The oldest of what the line says. */
function Ages({ row }: { readonly row: ShadowRow }): preact.JSX.Element {
  const target = row.liveTs ?? row.shadowTs;
  const isProposal = row.proposedTs !== null && (target === null || row.proposedTs < target);
  return isProposal ? (
    <Age ts={row.proposedTs} limitSec={AGE_LIMITS_SEC.proposal} />
  ) : (
    <Age ts={target} limitSec={AGE_LIMITS_SEC.target} />
  );
}

function Apart({ difference }: { readonly difference: Difference | null }): preact.JSX.Element {
  if (difference === null) return <td colSpan={3} />;
  return (
    <>
      <td class="shadow-bar">
        <DivergingBar bar={difference.bar} />
      </td>
      <td class="is-right">
        <Money usd={difference.usd} isSigned />
      </td>
      <td class="is-right">
        <Percent fraction={difference.fraction} isSigned />
      </td>
    </>
  );
}
