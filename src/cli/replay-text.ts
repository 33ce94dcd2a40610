/** A replay as a person reads it: what was earned where, how well capital was used, and what the governor would have done. */
import { formatSetting, SETTING_NAMES, SETTINGS } from '../contract/settings.ts';
import { attributionBreakdowns } from '../replay/report/attribution-tables.ts';
import { holdPenaltyShare } from '../replay/report/hold-penalty.ts';
import { QUALITY_MEANING } from '../replay/report/quality.ts';
import type {
  AllocationDecision,
  AttributionDecision,
  EfficiencyDecision,
  ProposalDecision,
} from '../core/decision.ts';
import type { PlanOutcome, PlanTally } from '../replay/as-plans.ts';
import type { By } from '../replay/report/breakdown.ts';
import type { ReplayOutcome } from '../replay/outcome.ts';
import type { Settings } from '../core/settings.ts';
import { attributionText } from './attribution-text.ts';
import { bold, dim, signed } from './colour.ts';
import { formatCount, formatPercent, formatRatio, formatUsd } from './figures.ts';
import { sparkline } from './sparkline.ts';
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
    symbolSection(outcome, options),
    ...(record.executions > 0
      ? attributionText(attributionBreakdowns(record.ledger, names, by), options)
      : []),
    governorSection(outcome, options),
    ...(outcome.plans === null ? [] : planSections(outcome.plans, settings, options)),
    holdSection(outcome, options),
    qualitySection(outcome, options),
    settingsSection(settings),
  ].filter((section) => section !== '');
}

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
    ...files.map(({ name, what }) => dim(`${name}: ${what}`, options)),
    `${formatCount(record.executions)} executions of ${counted(pipeline.engine.symbols.known().length, 'symbol')}, ` +
      `${day(record.firstTs)} to ${day(pipeline.lastEventTs)} (UTC)`,
    `profit ${bold(signed(formatUsd(profit.profitUsd), profit.profitUsd, options), options)} USD, ` +
      `${formatPercent(profit.winRate)} won, profit factor ${formatRatio(profit.profitFactor)}, ${formatUsd(profit.expectancyUsd)} USD a trade`,
    `equity ${formatUsd(equity).replace(/^\+/, '')} USD, deepest drawdown ${formatUsd(-maxUsd)} USD${maxFraction === null ? '' : ` (${formatPercent(maxFraction)})`}`,
  ];
  const line = sparkline(points, {
    width: Math.min(Math.max(20, (Number.isFinite(options.width) ? options.width : 100) - 10), 100),
    ascii: options.ascii === true,
  });
  return [...lines, ...(points.length > 1 ? [`equity ${line}`] : [])].join('\n');
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

function governorSection({ record, pipeline }: ReplayOutcome, options: TableOptions): string {
  if (record.permits === 0 && record.blocks.size === 0) return '';
  const blocked = [...record.blocks.values()].reduce((a, b) => a + b, 0);
  const state = pipeline.engine.governor.tradingState;
  const head =
    `${bold('Governor', options)}\n${formatCount(record.permits)} permits (${formatCount(record.downsized)} downsized), ` +
    `${formatCount(blocked)} blocks, ${formatCount(record.disarms)} disarms; trading state ${state}`;
  const rows = [...record.blocks]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => [reason, formatCount(count)]);
  const columns: Column[] = [
    { header: 'blocked for', align: 'left', importance: 9 },
    { header: 'plans', align: 'right', importance: 9 },
  ];
  return rows.length === 0 ? head : `${head}\n${renderTable({ columns, rows }, options)}`;
}

function planSections(plans: PlanTally, settings: Settings, options: TableOptions): string[] {
  const missing =
    plans.withoutEntry > 0
      ? `; ${formatCount(plans.withoutEntry)} trades do not say when they were opened`
      : '';
  const head =
    `${bold('Your trades as plans', options)}\nEach trade's opening and close was put to the governor (APPLY_MODE=${settings.APPLY_MODE}), history left as it was: ` +
    `${formatCount(plans.openings)} openings, ${formatCount(plans.closes)} closes${missing}.`;
  const sections = [head];
  if (plans.blocked.size > 0) sections.push(outcomeTable('blocked for', plans.blocked, options));
  if (plans.downsized.count > 0)
    sections.push(outcomeTable('downsized', new Map([['capital used badly', plans.downsized]]), options));
  if (plans.blockedCloses.size > 0) {
    const closes = [...plans.blockedCloses].map(([reason, count]) => `${formatCount(count)} ${reason}`);
    sections.push(`Closes that would not have passed: ${closes.join(', ')}.`);
  }
  if (plans.wouldBlock.size > 0)
    sections.push(outcomeTable('would block (gate not enforced)', plans.wouldBlock, options));
  if (plans.blocked.size + plans.wouldBlock.size + plans.downsized.count === 0)
    sections.push('Nothing would have been blocked or downsized.');
  return sections;
}

function outcomeTable(
  header: string,
  outcomes: ReadonlyMap<string, PlanOutcome>,
  options: TableOptions,
): string {
  const columns: Column[] = [
    { header, align: 'left', importance: 9 },
    { header: 'trades', align: 'right', importance: 8 },
    { header: 'their profit', align: 'right', importance: 7 },
    { header: 'saved (+) or cost (-)', align: 'right', importance: 9 },
  ];
  const rows = [...outcomes]
    .sort((a, b) => b[1].count - a[1].count)
    .map(([reason, { count, pnlUsd, savedUsd }]): Cell[] => [
      reason,
      formatCount(count),
      { text: formatUsd(pnlUsd), sign: pnlUsd },
      { text: formatUsd(savedUsd), sign: savedUsd },
    ]);
  return renderTable({ columns, rows }, options);
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
    `The hold penalty takes ${formatPercent(mean)} of the efficiency score on average at the end.${hint}`,
    options,
  );
}

function qualitySection(outcome: ReplayOutcome, options: TableOptions): string {
  const { record, quality, rejectedExamples } = outcome;
  const lines: string[] = [];
  const rejected = [...record.rejected].sort((a, b) => b[1] - a[1]);
  if (rejected.length > 0) {
    lines.push(
      `not usable: ${rejected.map(([reason, count]) => `${formatCount(count)} ${reason}`).join(', ')}`,
    );
    for (const { file, line, reason, detail } of rejectedExamples.slice(0, 5))
      lines.push(dim(`  ${file}:${line}: ${reason}: ${detail}`, options));
  }
  if (record.duplicates > 0)
    lines.push(`${formatCount(record.duplicates)} repeats of an execution id were dropped`);
  if (record.futureTimes > 0)
    lines.push(
      `${formatCount(record.futureTimes)} times lay more than 60 s after their arrival; the arrival was taken`,
    );
  if (record.excluded > 0)
    lines.push(`${formatCount(record.excluded)} executions were left out by --exclude`);
  const { flags } = quality;
  for (const [flag, { count, pnlMicroUsd, late }] of flags) {
    const lateText =
      late.count > 0 ? ` (and ${formatCount(late.count)} earlier ones, known only afterwards)` : '';
    lines.push(
      `${formatCount(count)} ${flag}${lateText}, ${formatUsd(pnlMicroUsd / 1e6)} USD: ${QUALITY_MEANING[flag]}`,
    );
  }
  if (flags.size > 0)
    lines.push(
      dim(
        'Such rows are counted in; --exclude FLAG,... leaves them out, --out DIR lists every one in suspects.jsonl.',
        options,
      ),
    );
  return lines.length === 0 ? '' : [bold('Data', options), ...lines].join('\n');
}

function settingsSection(settings: Settings): string {
  const changed = SETTING_NAMES.filter(
    (name) =>
      formatSetting(name, settings) !==
        formatSetting(name, { ...settings, [name]: SETTINGS[name].default }) && !name.endsWith('_MODE'),
  );
  const modes = SETTING_NAMES.filter((name) => /^P\d\d_MODE$/.test(name) && settings[name] !== 'enforce');
  const apply = settings.APPLY_MODE === 'testnet' ? [] : (['APPLY_MODE'] as const);
  const shown = [...modes, ...apply, ...changed].map((name) => `${name}=${formatSetting(name, settings)}`);
  return shown.length === 0 ? '' : `Settings that differ from their defaults: ${shown.join(', ')}`;
}

function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? '' : 's'}`;
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
