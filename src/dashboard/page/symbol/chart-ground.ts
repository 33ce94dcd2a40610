/** What a chart has behind and across its lines: how long which pressure held, and values worth a mark. */
import type uPlot from 'uplot';
import type { PressureBand } from '../../views/series.ts';
import { colourIn } from '../ui/chart.tsx';

export interface ChartMark {
  readonly at: number;
  readonly label: string;
}

interface Ground {
  readonly bands?: readonly PressureBand[];
  readonly marks?: readonly ChartMark[];
}

/** Draws what `read` gives at that moment. Made anew with every theme, as a chart is. */
export function groundDrawer(read: () => Ground): {
  readonly bands: (plot: uPlot) => void;
  readonly marks: (plot: uPlot) => void;
} {
  const known = new Map<string, string>();
  const colour = (plot: uPlot, name: string): string => {
    const found = known.get(name) ?? colourIn(plot.root, name);
    known.set(name, found);
    return found;
  };
  return {
    bands: (plot) => drawBands(plot, read().bands ?? [], (name) => colour(plot, name)),
    marks: (plot) => drawMarks(plot, read().marks ?? [], (name) => colour(plot, name)),
  };
}

const BAND_GROUNDS = new Map([
  ['INCREASE', '--ok-ground'],
  ['DECREASE', '--warn-ground'],
]);

function drawBands(plot: uPlot, bands: readonly PressureBand[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { from, to, pressure } of bands) {
    const ground = BAND_GROUNDS.get(pressure);
    if (ground === undefined) continue;
    const left = Math.max(bbox.left, plot.valToPos(from, 'x', true));
    const right = Math.min(bbox.left + bbox.width, plot.valToPos(to, 'x', true));
    ctx.fillStyle = colour(ground);
    if (right > left) ctx.fillRect(left, bbox.top, right - left, bbox.height);
  }
  ctx.restore();
}

/** Above the lines, words with a rim, so that they are readable over whatever lies there. */
function drawMarks(plot: uPlot, marks: readonly ChartMark[], colour: (name: string) => string): void {
  const { ctx, bbox } = plot;
  const dot = devicePixelRatio;
  ctx.save();
  ctx.font = `${10 * dot}px ${getComputedStyle(plot.root).fontFamily}`;
  ctx.textBaseline = 'bottom';
  ctx.textAlign = 'right';
  for (const { at, label } of marks) {
    const y = Math.round(plot.valToPos(at, 'y', true)) + 0.5;
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = colour('--line-strong');
    ctx.lineWidth = dot;
    ctx.setLineDash([2 * dot, 4 * dot]);
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.setLineDash([]);
    ctx.lineWidth = 2.5 * dot;
    ctx.strokeStyle = colour('--surface');
    ctx.strokeText(label, bbox.left + bbox.width - 4 * dot, y - 2 * dot);
    ctx.fillStyle = colour('--text-soft');
    ctx.fillText(label, bbox.left + bbox.width - 4 * dot, y - 2 * dot);
  }
  ctx.restore();
}
