/** A drill as two tables: what the gates did, what the store's steps did. */
import { counted } from './figures.ts';
import { renderTable, type Column, type TableOptions } from './table.ts';
import { wrap } from './wrap.ts';
import type { DrillReport, GateDrill } from '../ops/governor/drill.ts';

const GATE_COLUMNS: readonly Column[] = [
  { header: 'gate', align: 'left', importance: 7 },
  { header: 'reason', align: 'left', importance: 9 },
  { header: 'enforced', align: 'left', importance: 8 },
  { header: 'fired', align: 'left', importance: 9 },
  { header: 'value vs limit', align: 'right', importance: 5 },
  { header: 'setting', align: 'left', importance: 3 },
  { header: 'ms', align: 'right', importance: 6 },
];

const STEP_COLUMNS: readonly Column[] = [
  { header: 'step', align: 'left', importance: 9 },
  { header: 'came out as', align: 'left', importance: 8 },
  { header: 'as it must', align: 'left', importance: 9 },
  { header: 'ms', align: 'right', importance: 6 },
];

export function drillText(report: DrillReport, options: TableOptions): string {
  const { gates, steps, governor, left_keys: left } = report;
  const isAnswered = gates.some(({ ms }) => ms !== null);
  const kept = gates.filter((gate) => !gate.fired && gate.note !== null && gate.ms !== null);
  const failed = [...gates, ...steps].filter(({ passed }) => !passed).length;
  const lines = [
    ...(isAnswered
      ? []
      : [
          governor === null
            ? 'No governor runs: the gates were not drilled. Start one (ballast up, or ballast run governor).'
            : `The governor of ${governor} did not answer: is it of this version?`,
        ]),
    ...kept.map((gate) => `${gate.case} cannot fire with these settings: ${gate.note}`),
    ...(left === 0 ? [] : [`${counted(left, 'key')} of the drill could not be removed.`]),
    failed === 0
      ? `All ${counted(gates.length + steps.length, 'drill')} came out as they must.`
      : `${counted(failed, 'drill')} of ${gates.length + steps.length} did not come out as they must.`,
  ];
  return [
    ...(isAnswered ? [renderTable({ columns: GATE_COLUMNS, rows: gates.map(gateCells) }, options)] : []),
    renderTable(
      {
        columns: STEP_COLUMNS,
        rows: steps.map(({ step, found, passed, ms }) => [step, found, passed ? 'yes' : 'NO', ms.toFixed(1)]),
      },
      options,
    ),
    lines.map((line) => wrap(line, options.width, 2)).join('\n'),
  ].join('\n\n');
}

function gateCells(drill: GateDrill): string[] {
  return [
    drill.gate ?? '-',
    drill.case === drill.expected ? drill.case : `${drill.case}: ${drill.expected ?? 'passes'}`,
    drill.expected === null ? '-' : drill.enforced ? 'yes' : 'recorded',
    drill.fired ? 'yes' : drill.note === null ? `NO: ${drill.found ?? 'nothing'}` : 'cannot',
    drill.value === null || drill.limit === null ? '-' : `${short(drill.value)} vs ${short(drill.limit)}`,
    drill.setting ?? '-',
    drill.ms === null ? '-' : drill.ms.toFixed(1),
  ];
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
