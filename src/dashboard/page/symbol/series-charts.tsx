/** A symbol's series as charts that share one pointer. */
import { useMemo } from 'preact/hooks';
import type { EfficiencyParts } from '../../views/explanation.ts';
import { decimalText, usdText } from '../../views/format.ts';
import { alignSeries, clipped, describeSeries, efficiencySeries, type Point } from '../../views/series.ts';
import type { SymbolDetail } from '../../wire.ts';
import { Empty } from '../ui/empty.tsx';
import { LinesChart } from './lines-chart.tsx';

/** The defaults of P31_PRESSURE_UP and P31_PRESSURE_DOWN: a symbol's own settings are not told, its pressure itself is the ground. */
const PRESSURE_MARKS = [
  { at: 0.65, label: 'INCREASE ≥ 0.65 (default)' },
  { at: 0.35, label: 'DECREASE ≤ 0.35 (default)' },
];
const score = (value: number, digits = 2): string => decimalText(value, Math.max(2, digits));
const money = (value: number, digits = 0): string => usdText(value, false, digits);

export function EfficiencyCharts({
  points,
  penalties,
}: {
  readonly points: SymbolDetail['series']['efficiency'];
  /** For their weights; null: not known. */
  readonly penalties: EfficiencyParts['penalties'] | null;
}): preact.JSX.Element {
  const series = useMemo(() => efficiencySeries(points), [points]);
  if (points.length < 2) return <Nothing what="scores" />;
  const label = (name: EfficiencyParts['penalties'][number]['name'], title: string): string => {
    const weight = penalties?.find((penalty) => penalty.name === name)?.weight;
    return weight === undefined ? title : `${title} (× ${decimalText(weight, 1)})`;
  };
  return (
    <>
      <LinesChart
        label={describeSeries(
          'Efficiency score',
          points.map(({ ts, score: value }): Point => [ts, value]),
          score,
        )}
        data={series.score}
        lines={[
          { label: 'Score', line: 1 },
          { label: 'EWMA', line: 2, dash: [7, 3] },
          { label: 'Confidence', line: 4, dash: [2, 3] },
        ]}
        tell={score}
        range={[0, 1]}
        height={250}
        marks={PRESSURE_MARKS}
        bands={series.bands}
      />
      <p class="chart-note soft">Ground: pressure INCREASE green, DECREASE amber, as it was recorded.</p>
      <LinesChart
        label="Ratios that lower the score: volatility and losses by target, and time without a trade"
        data={series.penalties}
        lines={[
          { label: label('volatility', 'Volatility / target'), line: 3 },
          { label: label('drawdown', 'Losses / target'), line: 2, dash: [7, 3] },
          { label: label('hold', 'Time without a trade'), line: 4, dash: [2, 3] },
        ]}
        tell={score}
        height={170}
      />
    </>
  );
}

export function MoneyChart({ series }: { readonly series: SymbolDetail['series'] }): preact.JSX.Element {
  const data = useMemo(
    // Of some more is kept than of others: shown is what the target is known for.
    () => {
      const from = series.target.length > 1 ? (series.target[0]?.[0] ?? 0) : 0;
      const all = [series.target, series.proposed, series.budget, series.position];
      return alignSeries(
        all.map((points) => clipped(points, from)),
        true,
      );
    },
    [series],
  );
  if (data.times.length < 2) return <Nothing what="targets" />;
  return (
    <LinesChart
      label={[
        describeSeries('Target', series.target, money),
        describeSeries('Position', series.position, money),
      ].join(' ')}
      data={data}
      lines={[
        { label: 'Target', line: 1, isStepped: true },
        { label: 'Proposed', line: 4, dash: [2, 3], isStepped: true },
        { label: 'Budget', line: 3, dash: [7, 3], isStepped: true },
        { label: 'Position', line: 2, isStepped: true, isFilled: true },
      ]}
      tell={money}
      height={230}
    />
  );
}

export function ProfitChart({ points }: { readonly points: readonly Point[] }): preact.JSX.Element {
  const data = useMemo(() => alignSeries([points], false), [points]);
  if (points.length < 2) return <Nothing what="executions" />;
  return (
    <LinesChart
      label={describeSeries('Running profit in USD', points, (value) => usdText(value, true))}
      data={data}
      lines={[{ label: 'Running profit, USD', line: 1, isStepped: true }]}
      tell={(value, digits = 2) => usdText(value, true, digits)}
      marks={[{ at: 0, label: '' }]}
      height={160}
    />
  );
}

function Nothing({ what }: { readonly what: string }): preact.JSX.Element {
  return (
    <Empty
      what={`Too few ${what} to draw`}
      why="A line needs two. They are kept from when this server began."
    />
  );
}
