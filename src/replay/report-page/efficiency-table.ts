/** How well each symbol uses its capital: the score with its parts, and what it asks for. */
import { numberColumn, pressureCounts, restRow, sum, type Capital, type CapitalRows } from './capital.ts';
import { markup, type Markup } from './markup.ts';
import { count, fixed, signedFixed, signedUsd } from './numbers.ts';
import { table, toned, type Cell, type Column, type Row } from './table.ts';
import type { CapitalPressure } from '../../core/decision.ts';

export function efficiencyTable({ shown, rest, note }: CapitalRows): Markup {
  const columns: Column[] = [
    { head: 'Symbol', kind: 'name' },
    numberColumn('profit'),
    numberColumn('performance'),
    numberColumn('score'),
    { head: '', kind: 'bar' },
    numberColumn('smoothed'),
    numberColumn('volatility ÷ target'),
    numberColumn('loss ÷ target'),
    numberColumn('idle'),
    numberColumn('confidence'),
    { head: 'pressure', kind: 'word' },
    numberColumn('reallocation'),
    { head: 'flags', kind: 'text' },
  ];
  const rows = shown.map(({ symbol, profitUsd, efficiency }): Row => {
    if (efficiency === null)
      return { cells: [symbol, toned(signedUsd(profitUsd), profitUsd), ...columns.slice(2).map(() => '–')] };
    const pressure = efficiency.capital_pressure;
    return {
      cells: [
        symbol,
        toned(signedUsd(profitUsd), profitUsd),
        signedFixed(efficiency.p30_perf, 3),
        fixed(efficiency.efficiency_score, 3),
        { text: shareBar(efficiency.efficiency_score) },
        fixed(efficiency.efficiency_ewma, 3),
        fixed(efficiency.volatility_ratio, 3),
        fixed(efficiency.dd_ratio, 3),
        fixed(efficiency.hold_time_penalty, 2),
        fixed(efficiency.confidence, 2),
        { text: PRESSURE_SIGNS[pressure], tone: PRESSURE_TONES[pressure] },
        signedFixed(efficiency.reallocation_weight, 2),
        efficiency.stale_flags === '' ? '' : efficiency.stale_flags.replaceAll(',', ', '),
      ],
    };
  });
  return table({
    caption: 'Efficiency and its parts',
    ...note,
    columns,
    rows: [...rows, ...restRow(rest, columns, efficiencyRest)],
  });
}

function efficiencyRest(rest: readonly Capital[]): ReadonlyMap<string, Cell | string> {
  const profit = sum(rest, ({ profitUsd }) => profitUsd);
  const counts = pressureCounts(rest);
  return new Map<string, Cell | string>([
    ['profit', toned(signedUsd(profit), profit)],
    [
      'pressure',
      `▲ ${count(counts.get('INCREASE') ?? 0)} ■ ${count(counts.get('HOLD') ?? 0)} ▼ ${count(counts.get('DECREASE') ?? 0)}`,
    ],
  ]);
}

const PRESSURE_SIGNS: Readonly<Record<CapitalPressure, string>> = {
  INCREASE: '▲ increase',
  HOLD: '■ hold',
  DECREASE: '▼ decrease',
};
const PRESSURE_TONES: Readonly<Record<CapitalPressure, string>> = {
  INCREASE: 'gain',
  HOLD: '',
  DECREASE: 'loss',
};

/** A share of one as a bar; the number stands beside it. */
function shareBar(share: number): Markup {
  const width = Math.round(Math.max(0, Math.min(1, share)) * 1000) / 10;
  return markup`<svg width="100%" height="12"><rect class="rail" x="0" y="2" width="100%" height="8"/><rect class="share" x="0" y="2" width="${width}%" height="8"/></svg>`;
}
