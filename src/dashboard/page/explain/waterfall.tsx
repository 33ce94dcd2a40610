/** From base budget to target: a bar and an exact line for each factor. */
import { decimalText, usdText } from '../../views/format.ts';
import type { Waterfall } from '../../views/explanation.ts';
import { waterfallView, type WaterfallBar } from '../../views/waterfall.ts';
import { Badge } from '../ui/badge.tsx';
import { Age } from '../ui/age.tsx';
import { Money, Percent } from '../ui/figures.tsx';
import { ModeBadge } from './mode-badge.tsx';

export function WaterfallTable({
  waterfall,
  hasAge,
}: {
  readonly waterfall: Waterfall;
  /** Of a moment in the past its age says nothing. */
  readonly hasAge: boolean;
}): preact.JSX.Element {
  const { bars, zero, isExact, overall } = waterfallView(waterfall);
  return (
    <div class="waterfall">
      <p class="waterfall-sum">
        <Money usd={waterfall.base_budget_usd} hasUnit /> × {overall === null ? '–' : decimalText(overall, 4)}{' '}
        ={' '}
        <b>
          <Money usd={waterfall.target_usd} hasUnit />
        </b>
        <ModeBadge mode={waterfall.mode} />
        {isExact ? (
          <Badge
            tone="ok"
            text="multiplies exactly"
            title="Each step's before times its factor is its after, to the last bit"
          />
        ) : (
          <Badge
            tone="warn"
            text="does not multiply"
            title="The factors as recorded do not lead to the target"
          />
        )}
        <span class="soft">
          confidence <Percent fraction={waterfall.confidence} digits={0} />
          {hasAge && (
            <>
              , decided <Age ts={waterfall.ts} /> ago
            </>
          )}
        </span>
      </p>
      <div class="scroll-x" tabIndex={0} role="group" aria-label="Factors from base budget to target">
        <table class="waterfall-table">
          <caption class="sr-only">
            Factors from base budget to target of {waterfall.symbol}, USD, in the order they were applied
          </caption>
          <thead>
            <tr>
              <th scope="col">Step</th>
              <th scope="col" class="waterfall-chart">
                <span class="sr-only">Drawing</span>
              </th>
              <th scope="col" class="is-right">
                Factor
              </th>
              <th scope="col" class="is-right">
                Before
              </th>
              <th scope="col" class="is-right">
                After
              </th>
              <th scope="col">Because</th>
            </tr>
          </thead>
          <tbody>
            {bars.map((bar, index) => (
              <Step key={bar.key} bar={bar} zero={zero} next={bars[index + 1]} />
            ))}
          </tbody>
        </table>
      </div>
    </div>
  );
}

const WIDTH = 240;
const HEIGHT = 30;

function Step({
  bar,
  zero,
  next,
}: {
  readonly bar: WaterfallBar;
  readonly zero: number;
  readonly next: WaterfallBar | undefined;
}): preact.JSX.Element {
  const x = (place: number): number => 2 + place * (WIDTH - 4);
  return (
    <tr class={`waterfall-${bar.kind} change-${bar.change}`}>
      <th scope="row">{bar.title}</th>
      <td class="waterfall-chart">
        <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
          <path class="waterfall-zero" d={`M${x(zero)} 0V${HEIGHT}`} />
          {/* At least a hair: a factor of 1 is a place too. */}
          <rect
            class="waterfall-bar"
            x={x(bar.from)}
            y="7"
            width={Math.max(1.5, x(bar.to) - x(bar.from))}
            height="16"
          />
          {next !== undefined && <path class="waterfall-link" d={`M${x(bar.at)} 23V${HEIGHT}`} />}
          {bar.kind !== 'base' && <path class="waterfall-link" d={`M${linkIn(bar, x)} 0V7`} />}
        </svg>
      </td>
      <td class="is-right">
        {bar.factor === null ? '' : <Factor factor={bar.factor} change={bar.change} />}
      </td>
      <td class="is-right">{bar.beforeUsd === null ? '' : <Exact usd={bar.beforeUsd} />}</td>
      <td class="is-right">
        <Exact usd={bar.afterUsd} />
      </td>
      <td class="waterfall-because" title={bar.because}>
        {bar.because}
      </td>
    </tr>
  );
}

/** Where the value before a bar lies: its own end for the target, else the end it does not leave from. */
function linkIn(bar: WaterfallBar, x: (place: number) => number): number {
  if (bar.kind === 'target') return x(bar.at);
  return x(bar.at === bar.from ? bar.to : bar.from);
}

/** Shown rounded, exact in its title: the factors multiply exactly, what is shown of them may not. */
function Factor({
  factor,
  change,
}: {
  readonly factor: number;
  readonly change: WaterfallBar['change'];
}): preact.JSX.Element {
  const sign = change === 'up' ? '▲' : change === 'down' ? '▼' : '';
  return (
    <span class="num waterfall-factor" title={String(factor)}>
      <span aria-hidden="true">{sign} </span>× {decimalText(factor, 4)}
    </span>
  );
}

function Exact({ usd }: { readonly usd: number }): preact.JSX.Element {
  return (
    <span class="num" title={`${usd} USD`}>
      {usdText(usd)}
    </span>
  );
}
