/** The governor's part of a replay as text. */
import { bold, dim } from './colour.ts';
import { counted, formatCount, formatUsd } from './figures.ts';
import { renderTable, type Cell, type Column, type TableOptions } from './table.ts';
import { wrap } from './wrap.ts';
import type { Settings } from '../core/settings.ts';
import type { PlanOutcome, PlanTally } from '../replay/as-plans.ts';
import type { ReplayOutcome } from '../replay/outcome.ts';

/** What the governor did with the plans of the files; empty where there were none. */
export function governorSection({ record, pipeline }: ReplayOutcome, options: TableOptions): string {
  if (record.permits === 0 && record.blocks.size === 0) return '';
  const blocked = [...record.blocks.values()].reduce((a, b) => a + b, 0);
  const state = pipeline.engine.governor.tradingState;
  const head =
    `${bold('Governor', options)}\n${counted(record.permits, 'permit')} (${formatCount(record.downsized)} downsized), ` +
    `${counted(blocked, 'block')}, ${counted(record.disarms, 'disarm')}; trading state ${state}`;
  return [
    head,
    ...reasonTable('blocked for', record.blocks, options),
    ...reasonTable('permitted, but would block (gate not enforced)', record.wouldBlock, options),
    ...overBudgetLines(pipeline, options),
  ].join('\n');
}

function reasonTable(header: string, reasons: ReadonlyMap<string, number>, options: TableOptions): string[] {
  if (reasons.size === 0) return [];
  const rows = [...reasons]
    .sort((a, b) => b[1] - a[1])
    .map(([reason, count]) => [reason, formatCount(count)]);
  const columns: Column[] = [
    { header, align: 'left', importance: 9 },
    { header: 'plans', align: 'right', importance: 9 },
  ];
  return [renderTable({ columns, rows }, options)];
}

function overBudgetLines({ engine }: ReplayOutcome['pipeline'], options: TableOptions): string[] {
  const over = [...engine.symbols.known()].filter((symbol) => engine.overBudgetUsd(symbol) > 0);
  const list = over.map(
    (symbol) => `${engine.symbols.name(symbol)} ${formatUsd(engine.overBudgetUsd(symbol))} USD`,
  );
  return over.length === 0
    ? []
    : [wrap(`Positions over their budget at the end: ${list.join(', ')}`, options.width, 2)];
}

/** What the governor would have done to closed trades. */
export function planSections(plans: PlanTally, settings: Settings, options: TableOptions): string[] {
  const missing =
    plans.withoutEntry > 0
      ? `; ${counted(plans.withoutEntry, 'trade')} without a time of opening left out`
      : '';
  const how =
    `Each trade's opening and close was put to the governor (APPLY_MODE=${settings.APPLY_MODE}), history left as it was: ` +
    `${counted(plans.openings, 'opening')}, ${counted(plans.closes, 'close')}${missing}.`;
  const head = `${bold('Your trades as plans', options)}\n${wrap(how, options.width)}`;
  const sections = [head];
  if (plans.blocked.size > 0) sections.push(outcomeTable('blocked for', plans.blocked, options));
  if (plans.downsized.count > 0)
    sections.push(outcomeTable('downsized', new Map([['capital used badly', plans.downsized]]), options));
  if (plans.blockedCloses.size > 0) {
    const closes = [...plans.blockedCloses].map(([reason, count]) => `${formatCount(count)} ${reason}`);
    sections.push(wrap(`Closes that would not have passed: ${closes.join(', ')}.`, options.width));
  }
  if (plans.wouldBlock.size > 0) {
    const note = 'A trade counts in every gate that would block it, so these rows do not add up.';
    sections.push(
      `${outcomeTable('would block (gate not enforced)', plans.wouldBlock, options)}\n${dim(note, options)}`,
    );
  }
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
