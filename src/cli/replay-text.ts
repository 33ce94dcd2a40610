/** A replay as a person reads it: what was earned where, how well capital was used, and what the governor would have done. */
import { attributionBreakdowns } from '../replay/report/attribution-tables.ts';
import { holdPenaltyShare } from '../replay/report/hold-penalty.ts';
import type {
  AllocationDecision,
  AttributionDecision,
  EfficiencyDecision,
  ProposalDecision,
} from '../core/decision.ts';
import type { BreakdownRow, By } from '../replay/report/breakdown.ts';
import type { ReplayOutcome } from '../replay/outcome.ts';
import type { Settings } from '../core/settings.ts';
import { attributionText } from './attribution-text.ts';
import { bold, dim, signed } from './colour.ts';
import { qualitySection, settingsSection } from './data-text.ts';
import { governorSection, planSections } from './governor-text.ts';
import { wrap } from './wrap.ts';
import { counted, formatPercent, formatRatio, formatUsd } from './figures.ts';
import { sparkline } from './sparkline.ts';
import { harmless } from './text-width.ts';
import { renderTable, type Cell, type Column, type TableOptions } from './table.ts';

/** Sections, to be printed with an empty line between. */
export function replayText(
  outcome: ReplayOutcome,
  settings: Settings,
  by: By | null,
  options: TableOptions,
): string[] {
  const { record, pipeline } = outcome;
  const names = { symbols: pipeline.engine.symbols.names, labels: record.labels };
  return [
    headSection(outcome, options),
    outcome.finished ? symbolSection(outcome, options) : UNFINISHED,
    ...(record.executions > 0
      ? attributionText(attributionBreakdowns(record.ledger, names, by), options)
      : []),
    governorSection(outcome, options),
    ...(outcome.plans === null ? [] : planSections(outcome.plans, settings, options)),
    outcome.finished ? holdSection(outcome, options) : '',
    qualitySection(outcome, options),
    settingsSection(settings, options),
  ].filter((section) => section !== '');
}

const UNFINISHED =
  'Saved after the last event: targets and scores follow when the last part is replayed without --save.';

function headSection(outcome: ReplayOutcome, options: TableOptions): string {
  const { record, pipeline, files } = outcome;
  const points = record.curve.points().map((point) => point.equityUsd);
  const { maxUsd, maxFraction } = record.curve.drawdown();
  const equity = pipeline.engine.equityUsd;
  const profit = attributionBreakdowns(
    record.ledger,
    { symbols: pipeline.engine.symbols.names, labels: record.labels },
    ['weekday'],
  )[0]!.total;
  const lines = [
    ...files.map(({ name, what }) => dim(harmless(`${name}: ${what}`), options)),
    `${counted(record.executions, 'execution')} of ${counted(pipeline.engine.symbols.known().length, 'symbol')}, ` +
      `${day(record.firstTs)} to ${day(pipeline.lastEventTs)} (UTC)`,
    record.executions === 0 ? 'no execution realised a profit' : profitLine(profit, options),
    `equity ${formatUsd(equity).replace(/^\+/, '')} USD, deepest drawdown ${formatUsd(-maxUsd)} USD${maxFraction === null ? '' : ` (${formatPercent(maxFraction)})`}`,
  ];
  const line = sparkline(points, {
    width: Math.min(Math.max(20, options.width - 10), 100),
    ascii: options.ascii === true,
  });
  return [...lines, ...(points.length > 1 && Number.isFinite(options.width) ? [`equity ${line}`] : [])].join(
    '\n',
  );
}

function profitLine(total: BreakdownRow, options: TableOptions): string {
  const sum = bold(signed(formatUsd(total.profitUsd), total.profitUsd, options), options);
  const quality = `${formatPercent(total.winRate)} won, profit factor ${formatRatio(total.profitFactor)}`;
  return `profit ${sum} USD, ${quality}, ${formatUsd(total.expectancyUsd)} USD a trade`;
}

const SYMBOL_COLUMNS: readonly Column[] = [
  { header: 'symbol', align: 'left', importance: 9 },
  { header: 'profit', align: 'right', importance: 9 },
  { header: 'window', align: 'right', importance: 3 },
  { header: 'perf factor', align: 'right', importance: 6 },
  { header: 'efficiency', align: 'right', importance: 8 },
  { header: 'pressure', align: 'left', importance: 7 },
  { header: 'target', align: 'right', importance: 8 },
  { header: 'proposed', align: 'right', importance: 5 },
  { header: 'confidence', align: 'right', importance: 4 },
];

function symbolSection(outcome: ReplayOutcome, options: TableOptions): string {
  const { pipeline, record } = outcome;
  const names = { symbols: pipeline.engine.symbols.names, labels: record.labels };
  const bySymbol = attributionBreakdowns(record.ledger, names, ['symbol'])[0]!;
  const profits = new Map(bySymbol.rows.map((row) => [row.names[0], row.profitUsd]));
  const found = [...pipeline.final()].map(([symbol, final]) => ({
    symbol,
    final,
    profit: profits.get(symbol) ?? 0,
  }));
  found.sort((a, b) => b.profit - a.profit);
  const rows = found.map(({ symbol, final, profit }): Cell[] => {
    const attribution = final.attribution as AttributionDecision | null;
    const efficiency = final.efficiency as EfficiencyDecision | null;
    const allocation = final.allocation as AllocationDecision | null;
    const proposal = final.proposal as ProposalDecision | null;
    const factor = attribution?.performance_factor ?? null;
    return [
      symbol,
      { text: formatUsd(profit), sign: profit },
      attribution === null ? '' : String(attribution.window),
      factor === null ? '' : { text: fixed(factor, 4), sign: factor },
      efficiency === null ? '' : fixed(efficiency.efficiency_ewma, 3),
      efficiency?.capital_pressure ?? '',
      usd(allocation?.target_usd),
      usd(proposal?.proposed_target),
      efficiency === null ? '' : fixed(efficiency.confidence, 2),
    ];
  });
  if (rows.length === 0) return '';
  const total = [
    'total',
    { text: formatUsd(bySymbol.total.profitUsd), sign: bySymbol.total.profitUsd },
    '',
    '',
    '',
    '',
    '',
    '',
    '',
  ];
  return `${bold('Capital by symbol, at the end', options)}\n${renderTable({ columns: SYMBOL_COLUMNS, rows, total }, options)}`;
}

function holdSection({ pipeline }: ReplayOutcome, options: TableOptions): string {
  const { engine } = pipeline;
  const shares = [...engine.symbols.known()]
    .map((symbol) => holdPenaltyShare(engine, symbol))
    .filter((share) => share !== null);
  if (shares.length === 0) return '';
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const rare = engine.settings.P31_HOLD_BASIS === 'since_exec' && mean > 0.2;
  const hint = rare
    ? ' For bots that trade rarely, --set P31_HOLD_BASIS=trade_rate measures idleness by their own pace.'
    : '';
  return dim(
    wrap(
      `At the last tick the hold penalty takes ${formatPercent(mean)} of the efficiency scores, on average.${hint}`,
      options.width,
    ),
    options,
  );
}

function usd(value: number | undefined): string {
  return value === undefined ? '' : formatUsd(value).replace(/^\+/, '');
}

function fixed(value: number, digits: number): string {
  return value.toFixed(digits);
}

function day(ts: number): string {
  return ts === 0 ? '-' : new Date(ts * 1000).toISOString().slice(0, 16).replace('T', ' ');
}
