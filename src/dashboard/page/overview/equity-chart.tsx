/** Equity above, drawdown hanging below it, on one axis of time. */
import { signal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type uPlot from 'uplot';
import { drawdownRange, equityRange, equitySeries, equityWords } from '../../views/equity.ts';
import {
  dateTimeText,
  decimalText,
  digitsOfStep,
  percentText,
  usdText,
  zoneName,
} from '../../views/format.ts';
import type { EquityPoint } from '../../wire.ts';
import { zone } from '../state.ts';
import { axisOf, Chart, timeAxisOf, type ChartColours } from '../ui/chart.tsx';
import { Empty } from '../ui/empty.tsx';
import { PointsTable } from '../ui/points-table.tsx';

const HEIGHT = 272;

/** The point under the pointer. */
const pointed = signal<number | null>(null);

export function EquityChart({ points }: { readonly points: readonly EquityPoint[] }): preact.JSX.Element {
  const series = useMemo(() => equitySeries(points), [points]);
  const words = equityWords(points, zone.value);
  if (words === null)
    return <Empty what="No curve yet" why="It begins with the second reading of the account." />;
  return (
    <figure class="equity-chart">
      <Chart
        options={chartOptions}
        data={[series.ts, series.equity, series.drawdown]}
        height={HEIGHT}
        label={words}
      />
      <figcaption>
        <span class="key key-1">Equity, USD</span>
        <span class="key key-2">Drawdown, %</span>
        <Pointed points={points} />
      </figcaption>
      <PointsTable
        times={series.ts}
        columns={[
          { title: 'Equity, USD', values: series.equity, tell: (usd) => usdText(usd, false, 2) },
          { title: 'Drawdown', values: series.drawdown, tell: (share) => percentText(share, 2) },
        ]}
      />
    </figure>
  );
}

/** What the pointer is on, in numbers. */
function Pointed({ points }: { readonly points: readonly EquityPoint[] }): preact.JSX.Element | null {
  const point = pointed.value === null ? undefined : points[pointed.value];
  if (point === undefined) return null;
  const [ts, equity, drawdown] = point;
  return (
    <span class="pointed">
      {dateTimeText(ts, zone.value)} {zoneName(ts, zone.value)}: {usdText(equity)} USD,{' '}
      {percentText(drawdown, 2)}
    </span>
  );
}

function chartOptions(colours: ChartColours): Omit<uPlot.Options, 'width' | 'height'> {
  const axis = axisOf(colours);
  const [equity, drawdown] = colours.lines;
  const above: uPlot.Axis.Filter = (chart, splits) => splits.map((at) => (at < leastOf(chart) ? null : at));
  const below: uPlot.Axis.Filter = (_chart, splits) => splits.map((at) => (at > 0 ? null : at));
  return {
    padding: [8, 4, 0, 4],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false } },
    hooks: {
      setCursor: [
        (chart) => {
          pointed.value = chart.cursor.idx ?? null;
        },
      ],
    },
    scales: {
      usd: { range: (_chart, low, high) => [...equityRange(low ?? 0, high ?? 0)] },
      share: { range: (_chart, low) => [...drawdownRange(low ?? 0)] },
    },
    axes: [
      timeAxisOf(colours),
      {
        ...axis,
        scale: 'usd',
        size: 76,
        // The lower part belongs to drawdown.
        filter: above,
        grid: { ...axis.grid, filter: above },
        ticks: { ...axis.ticks, filter: above },
        values: (_chart, splits, _axis, _space, step) =>
          splits.map((at) => (at === null ? '' : decimalText(at, digitsOfStep(step)))),
      },
      {
        ...axis,
        scale: 'share',
        side: 1,
        size: 52,
        grid: { show: false },
        space: 24,
        filter: below,
        ticks: { ...axis.ticks, filter: below },
        values: (_chart, splits) => splits.map((at) => (at === null ? '' : percentText(at, 1))),
      },
    ],
    series: [
      {},
      { scale: 'usd', stroke: equity, width: 1.75, points: { show: false } },
      {
        scale: 'share',
        stroke: drawdown,
        fill: colours.fill,
        fillTo: 0,
        width: 1.25,
        points: { show: false },
      },
    ],
  };
}

function leastOf(chart: uPlot): number {
  const { min, max } = chart.scales['usd'] ?? {};
  return typeof min === 'number' && typeof max === 'number' ? min + (max - min) * 0.3 : 0;
}
