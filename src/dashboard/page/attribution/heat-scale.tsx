/** What the colours mean. */
import { usdText } from '../../views/format.ts';
import { LEVELS } from '../../views/heatmap.ts';

export function HeatScale({ scaleUsd }: { readonly scaleUsd: number }): preact.JSX.Element {
  const levels = Array.from({ length: LEVELS }, (_, index) => index + 1);
  return (
    <p class="heat-scale">
      <span class="num">{usdText(-scaleUsd, true, 0)}</span>
      <span class="heat-steps" aria-hidden="true">
        {levels.toReversed().map((level) => (
          <i key={`loss-${level}`} class={`heat-loss-${level}`} />
        ))}
        <i class="heat-zero" />
        {levels.map((level) => (
          <i key={`gain-${level}`} class={`heat-gain-${level}`} />
        ))}
      </span>
      <span class="num">{usdText(scaleUsd, true, 0)}</span>
      <span class="soft">USD a cell: orange lost, blue earned, steps by the root of the amount</span>
    </p>
  );
}
