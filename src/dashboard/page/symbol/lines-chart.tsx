/** Lines over time that share one pointer; the values under it, else the newest, stand above. */
import { useSignal } from '@preact/signals';
import { useMemo, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import { knownAt, type ChartData, type PressureBand } from '../../views/series.ts';
import { digitsOfStep, shortTimeText, UNKNOWN, zoneName } from '../../views/format.ts';
import { clock, zone } from '../state.ts';
import { axisOf, Chart, timeAxisOf, type ChartColours } from '../ui/chart.tsx';
import { PointsTable } from '../ui/points-table.tsx';
import { groundDrawer, type ChartMark } from './chart-ground.ts';

export interface ChartLine {
  readonly label: string;
  /** Which of the lines of tokens.css. */
  readonly line: 1 | 2 | 3 | 4;
  /** Lines differ in their dashes too, for those who do not tell the colours. */
  readonly dash?: readonly number[];
  /** A value holds until the next. */
  readonly isStepped?: boolean;
  /** Filled down to zero. */
  readonly isFilled?: boolean;
}

export interface LinesProps {
  /** What it shows, for those who do not see it. */
  readonly label: string;
  readonly data: ChartData;
  readonly lines: readonly ChartLine[];
  /** `digits` where it has to tell more than usual, on an axis of small steps. */
  readonly tell: (value: number, digits?: number) => string;
  readonly height: number;
  readonly range?: readonly [number, number];
  /** Values worth a line across. */
  readonly marks?: readonly ChartMark[];
  readonly bands?: readonly PressureBand[];
}

/** Charts of one page point at the same time. */
const SYNC = 'symbol';

export function LinesChart(props: LinesProps): preact.JSX.Element {
  /** Under the pointer; null: none. */
  const index = useSignal<number | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const aligned = useMemo(() => alignedOf(props.data), [props.data]);
  const columns = props.lines.map(({ label: title }, column) => ({
    ...{ title, tell: props.tell },
    values: props.data.columns[column] ?? [],
  }));
  return (
    <figure class="lines-chart">
      <Legend {...props} index={index.value} />
      <Chart
        label={props.label}
        data={aligned}
        height={props.height}
        options={(colours) =>
          optionsOf(colours, latest, (at) => {
            index.value = at;
          })
        }
      />
      <PointsTable times={props.data.times} columns={columns} />
    </figure>
  );
}

function Legend({
  data,
  lines,
  tell,
  index,
}: LinesProps & { readonly index: number | null }): preact.JSX.Element {
  const at = Math.min(index ?? Number.POSITIVE_INFINITY, data.times.length - 1);
  const ts = data.times[at];
  return (
    <figcaption class="lines-legend">
      {lines.map(({ label, line, dash }, column) => {
        const value = knownAt(data.columns[column] ?? [], at);
        return (
          <span key={label} class="lines-key">
            <svg viewBox="0 0 22 8" aria-hidden="true" class={`line-${line}`}>
              <path d="M0 4H22" stroke-dasharray={dash?.join(' ')} />
            </svg>
            {label} <b class="num">{value === null ? UNKNOWN : tell(value)}</b>
          </span>
        );
      })}
      {ts !== undefined && (
        <span class="lines-when soft">
          {index === null ? 'newest, ' : ''}
          {shortTimeText(ts, clock.peek(), zone.value)} {zoneName(ts, zone.value)}
        </span>
      )}
    </figcaption>
  );
}

function optionsOf(
  colours: ChartColours,
  latest: { readonly current: LinesProps },
  point: (index: number | null) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const { lines, tell, range } = latest.current;
  const axis = axisOf(colours);
  const ground = groundDrawer(() => latest.current);
  return {
    padding: [8, 24, 0, 4],
    cursor: { y: false, points: { size: 6 }, drag: { x: false, y: false }, sync: { key: SYNC } },
    scales: { y: { range: range === undefined ? roomy : [range[0], range[1]] } },
    axes: [
      timeAxisOf(colours),
      {
        ...axis,
        size: 62,
        values: (_plot, splits, _axis, _space, step) => splits.map((at) => tell(at, digitsOfStep(step))),
      },
    ],
    series: [
      {},
      ...lines.map(({ label, line, dash, isStepped, isFilled }): uPlot.Series => {
        const stepped = isStepped === true ? uPlot.paths.stepped?.({ align: 1 }) : undefined;
        return {
          label,
          stroke: colours.lines[line - 1] ?? colours.text,
          width: 1.75,
          points: { show: false },
          // Not every point tells every value.
          spanGaps: true,
          ...(dash === undefined ? {} : { dash: [...dash] }),
          ...(isFilled === true ? { fill: colours.fill, fillTo: 0 } : {}),
          ...(stepped === undefined ? {} : { paths: stepped }),
        };
      }),
    ],
    hooks: {
      drawClear: [ground.bands],
      draw: [ground.marks],
      setCursor: [(plot) => point(plot.cursor.idx ?? null)],
    },
  };
}

/** Some room around, so that a line of zeros does not lie on the axis. */
function roomy(_plot: uPlot, low: number | null, high: number | null): uPlot.Range.MinMax {
  if (low === null || high === null) return [0, 1];
  const room = high > low ? (high - low) * 0.08 : Math.max(Math.abs(high) * 0.1, 0.01);
  return [low - room, high + room];
}

function alignedOf({ times, columns }: ChartData): uPlot.AlignedData {
  return [[...times], ...columns.map((column) => [...column])];
}
