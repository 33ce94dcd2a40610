/** The equity curve with the drawdown below it, as one drawing. */
import { BOX_WIDTH, CHART_HEIGHT, curveView, PLOT_BOTTOM, type CurveView, type Mark } from './curve-view.ts';
import { markup, type Markup } from './markup.ts';
import { counted, dayText, minuteText, percent, signedUsd, usd } from './numbers.ts';
import type { Facts } from './facts.ts';

export function equitySection({ outcome }: Facts): Markup {
  const { curve } = outcome.record;
  const points = curve.points();
  const drawdown = curve.drawdown();
  const view = curveView(points, drawdown);
  if (view === null)
    return markup`<section id="equity"><h2>Equity and drawdown</h2>
<p class="empty">No curve: it takes two executions that realise profit.</p></section>`;
  const [first, last] = [points[0]!, points.at(-1)!];
  const fall =
    drawdown.maxUsdSec === null
      ? 'It never fell below an earlier high.'
      : `Its deepest fall was ${signedUsd(-drawdown.maxUsd)} USD on ${minuteText(drawdown.maxUsdSec)}${drawdown.maxFraction === null ? '' : `, its deepest of a peak ${percent(-drawdown.maxFraction, 2)}`}.`;
  const text = `Equity went from ${usd(first.equityUsd)} to ${usd(last.equityUsd)} USD between ${dayText(first.tsSec)} and ${dayText(last.tsSec)}. ${fall}`;
  return markup`<section id="equity">
<h2>Equity and drawdown</h2>
<figure>
<div class="chart">${drawing(view, text)}</div>
<figcaption>${text} Drawn through ${counted(points.length, 'point')}; deposits and withdrawals count as if they had been there from the start. Open positions are not in it.</figcaption>
</figure>
</section>
`;
}

function drawing(view: CurveView, text: string): Markup {
  const box = `0 0 ${BOX_WIDTH} ${CHART_HEIGHT}`;
  return markup`<svg role="img" aria-labelledby="curve-title curve-text" width="100%" height="${CHART_HEIGHT}">
<title id="curve-title">Equity and drawdown over time</title><desc id="curve-text">${text}</desc>
<text class="label" x="0" y="${view.drawdownTop - 10}">Drawdown, ${view.drawdownUnit}</text>
${view.timeTicks.map(
  ({ at, label }, index) =>
    markup`<g${index % 2 === 1 ? markup` class="odd"` : null}><line class="grid" x1="${at}%" x2="${at}%" y1="0" y2="${PLOT_BOTTOM}"/><text class="tick" x="${at}%" y="${PLOT_BOTTOM + 18}" text-anchor="middle">${label}</text></g>\n`,
)}
${[...view.equityTicks, ...view.drawdownTicks].map(
  ({ at, label }) =>
    markup`<line class="grid" x1="0" x2="100%" y1="${at}" y2="${at}"/><text class="tick" x="-8" y="${at}" dy="4" text-anchor="end">${label}</text>\n`,
)}
<line class="start" x1="0" x2="100%" y1="${view.startY}" y2="${view.startY}"/>
<svg class="plot" x="0" y="0" width="100%" height="${CHART_HEIGHT}" viewBox="${box}" preserveAspectRatio="none">
<path class="area" d="${view.equityArea}"/><path class="line" d="${view.equityPath}"/>
<path class="fall" d="${view.drawdownArea}"/><path class="fall-line" d="${view.drawdownPath}"/>
</svg>
${markOf(view.highest, -8)}${markOf(view.lowest, 17)}${markOf(view.deepest, 17)}
${endOf(view.end)}
</svg>`;
}

/** A dot, and above or below it what it is; the day is left out where there is little room. */
function markOf(mark: Mark | null, dy: number): Markup | null {
  if (mark === null) return null;
  const { x, y, text, when, anchor } = mark;
  return markup`<circle class="dot" cx="${x}%" cy="${y}" r="3"/><text class="mark" x="${x}%" y="${y}" dy="${dy}" text-anchor="${anchor}">${text}<tspan class="when"> · ${when}</tspan></text>`;
}

/** Beside the last point. Where all happened at one moment that is the middle, and the other marks say it. */
function endOf({ x, y, text }: Mark): Markup | null {
  if (x < 100) return null;
  return markup`<circle class="dot" cx="100%" cy="${y}" r="3"/><text class="end" x="100%" dx="8" y="${y}" dy="4">${text}</text>`;
}
