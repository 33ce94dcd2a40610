/** What a score was made of: the performance's share over one and the costs of its penalties. */
import { decimalText } from '../../views/format.ts';
import { efficiencyView, type EfficiencyParts } from '../../views/explanation.ts';
import { Age } from '../ui/age.tsx';
import { Badge } from '../ui/badge.tsx';
import { Percent } from '../ui/figures.tsx';
import { Pressure } from '../symbols/pressure.tsx';
import { ModeBadge } from './mode-badge.tsx';

export function EfficiencyPartsTable({
  parts,
  hasAge,
}: {
  readonly parts: EfficiencyParts;
  /** Of a moment in the past its age says nothing. */
  readonly hasAge: boolean;
}): preact.JSX.Element {
  const view = efficiencyView(parts);
  const number = (value: number): preact.JSX.Element => (
    <span class="num" title={String(value)}>
      {decimalText(value, 3)}
    </span>
  );
  return (
    <div class="parts">
      <p class="parts-sum">
        <b class="parts-score">{number(parts.score)}</b>
        <span>
          = {number(view.share)} / {number(view.divisor)}
        </span>
        <Pressure pressure={parts.pressure} />
        <ModeBadge mode={parts.mode} />
        {parts.stale_flags !== '' && (
          <Badge
            tone="warn"
            icon="clock"
            text={parts.stale_flags}
            title="Inputs that were stale or missing"
          />
        )}
        <span class="soft">
          EWMA {number(parts.ewma)}, confidence <Percent fraction={parts.confidence} digits={0} />
          {hasAge && (
            <>
              , decided <Age ts={parts.ts} /> ago
            </>
          )}
        </span>
      </p>
      <div class="scroll-x" tabIndex={0} role="group" aria-label="Parts of the efficiency score">
        <table class="parts-table">
          <caption class="sr-only">
            Parts of the efficiency score of {parts.symbol}: performance share over 1 and the costs
          </caption>
          <thead>
            <tr>
              <th scope="col">Part</th>
              <th scope="col" class="is-right">
                Ratio × weight
              </th>
              <th scope="col" class="is-right">
                Cost
              </th>
              <th scope="col" class="parts-chart">
                <span class="sr-only">Drawing</span>
              </th>
              <th scope="col" class="is-right">
                Without it
              </th>
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">Performance share</th>
              <td class="is-right soft" title={`performance factor ${parts.performance_factor}`}>
                factor {decimalText(parts.performance_factor, 3, true)}
              </td>
              <td class="is-right">{number(view.share)}</td>
              <td class="parts-chart">
                <PartBar width={Math.min(1, Math.max(0, view.share))} kind="share" />
              </td>
              <td />
            </tr>
            {view.bars.map((bar) => (
              <tr key={bar.name}>
                <th scope="row">{bar.title}</th>
                <td class="is-right">
                  {number(bar.ratio)} × {decimalText(bar.weight, 2)}
                </td>
                <td class="is-right">+{number(bar.cost)}</td>
                <td class="parts-chart">
                  <PartBar width={bar.width} kind="cost" />
                </td>
                <td class="is-right">{number(bar.withoutIt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

function PartBar({
  width,
  kind,
}: {
  readonly width: number;
  readonly kind: 'share' | 'cost';
}): preact.JSX.Element {
  return (
    <svg viewBox="0 0 120 10" preserveAspectRatio="none" class={`part-bar is-${kind}`} aria-hidden="true">
      <rect class="part-ground" width="120" height="10" />
      <rect class="part-value" width={120 * width} height="10" />
    </svg>
  );
}
