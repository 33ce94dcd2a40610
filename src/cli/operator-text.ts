/** What operators' commands did, in sentences and tables. */
import { seconds } from '../ops/status.ts';
import { bold } from './colour.ts';
import { counted, formatUsd } from './figures.ts';
import { renderTable, type Column, type TableOptions } from './table.ts';
import { harmless } from './text-width.ts';
import { wrap } from './wrap.ts';
import type { FlattenReport, FlattenRow } from '../ops/governor/flatten.ts';
import type { KillReport, RearmReport } from '../ops/governor/trading.ts';
import type { TradingState } from '../core/event.ts';

const MEANING: Readonly<Record<TradingState, string>> = {
  HALTED: 'no plan gets a permit, exits neither',
  REDUCING: 'no opening gets a permit; exits do',
  ACTIVE: 'plans are judged by the gates',
};

export function killText(report: KillReport, options: TableOptions): string {
  const { state, by, reason, voided, rearmed, disarmed, governor } = report;
  const voids = state === 'ACTIVE' ? '' : `; ${counted(voided, 'outstanding permit')} voided`;
  const lines = [
    `${bold(`${state}:`, options)} ${MEANING[state]}${voids}. Analytics go on.`,
    beforeText(report),
    ...(rearmed.length === 0 ? [] : [`Armed again: ${rearmed.join(', ')}.`]),
    ...(disarmed.length === 0 ? [] : [`Still disarmed: ${disarmed.join(', ')}.`]),
    ...(state === 'ACTIVE' ? [] : ['Re-arm with: npx ballast kill off --by NAME --reason TEXT']),
    ...(governor === null && report.before !== null
      ? [noGovernor('this holds for the one that is started next')]
      : []),
    `Recorded: by ${harmless(by)}, ${harmless(reason)}. Done in ${report.took_ms.toFixed(1)} ms.`,
  ];
  return lines.map((line) => wrap(line, options.width, 2)).join('\n');
}

function beforeText({ state, before, by, is_rearming: isRearming }: KillReport): string {
  if (before === null) return 'What it was before could not be read.';
  if (before === state) return state === 'ACTIVE' ? 'Nothing was stopped.' : `It was ${before} already.`;
  return isRearming
    ? `This allows more than before: it was ${before}, and ${harmless(by)} re-armed it.`
    : `It was ${before}.`;
}

export function rearmText(report: RearmReport, options: TableOptions): string {
  const { rearmed, disarmed, state } = report;
  const lines = [
    rearmed.length === 0 ? 'No symbol was disarmed.' : `Armed again: ${rearmed.join(', ')}.`,
    ...(disarmed.length === 0 ? [] : [`Still disarmed: ${disarmed.join(', ')}.`]),
    ...(state === 'ACTIVE'
      ? []
      : [
          `Trading is ${state}: ${MEANING[state]}. That takes besides: npx ballast kill off --by NAME --reason TEXT`,
        ]),
    `Done in ${report.took_ms.toFixed(1)} ms.`,
  ];
  return lines.map((line) => wrap(line, options.width, 2)).join('\n');
}

const FLATTEN_COLUMNS: readonly Column[] = [
  { header: 'symbol', align: 'left', importance: 9 },
  { header: 'position', align: 'right', importance: 9 },
  { header: 'USD', align: 'right', importance: 7 },
  { header: 'snapshot', align: 'right', importance: 8 },
  { header: 'plan', align: 'left', importance: 5 },
  { header: 'answer', align: 'left', importance: 9 },
];

export function flattenText(report: FlattenReport, options: TableOptions): string {
  const { rows, flat, state, governor } = report;
  const old = rows.filter(({ is_old }) => is_old).length;
  const unanswered = rows.filter(({ outcome }) => outcome === 'no_answer').length;
  const lines = [
    rows.length === 0
      ? `Nothing to close: ${flat === 0 ? 'there is no position snapshot' : `${counted(flat, 'symbol')}, all flat`}.`
      : `${counted(flat, 'other symbol')} flat.`,
    ...(report.is_dry_run ? ['A dry run: nothing was put to the governor.'] : []),
    ...(old === 0
      ? []
      : [
          `${counted(old, 'snapshot')} old: the position may be another by now; its plan closes whatever there is.`,
        ]),
    ...(state === 'HALTED'
      ? [
          'Trading is HALTED, which blocks exits too: npx ballast kill reduce --by NAME --reason TEXT lets them pass.',
        ]
      : []),
    ...(governor === null
      ? [noGovernor('plans are judged once one is started, unless they are too old then')]
      : []),
    ...(unanswered > 0 && governor !== null
      ? [
          `${counted(unanswered, 'plan')} without an answer in time; what became of them is in the governor's events.`,
        ]
      : []),
  ];
  const table =
    rows.length === 0 ? [] : [renderTable({ columns: FLATTEN_COLUMNS, rows: rows.map(cells) }, options)];
  return [...table, lines.map((line) => wrap(line, options.width, 2)).join('\n')].join('\n\n');
}

function cells(row: FlattenRow): string[] {
  return [
    row.symbol,
    row.position === null ? '-' : String(row.position),
    formatUsd(row.notional_usd),
    row.age_sec === null ? '-' : `${seconds(row.age_sec)}${row.is_old ? ', old' : ''}`,
    row.plan_id ?? '-',
    answer(row),
  ];
}

function answer({ outcome, reason, apply_mode, side }: FlattenRow): string {
  switch (outcome) {
    case 'granted':
      return apply_mode === 'dry_run' ? 'granted, but dry_run: nobody can take it' : 'granted';
    case 'blocked':
      return `blocked: ${reason ?? 'unknown'}`;
    case 'no_answer':
      return 'no answer';
    case 'not_sent':
      return `not sent: ${reason ?? 'unknown'}`;
    case 'would_send':
      return `would close with ${side ?? 'a plan'}`;
  }
}

function noGovernor(then: string): string {
  return `No governor runs, so no plan gets a permit anyway; ${then}.`;
}
