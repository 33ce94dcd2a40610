/** An explanation as sentences and tables. */
import { exactText, roughText } from '../ops/explain/numbers.ts';
import { bold, dim } from './colour.ts';
import { formatCount, formatUsd } from './figures.ts';
import { renderTable, type Cell, type Column, type TableOptions } from './table.ts';
import { harmless, shortName } from './text-width.ts';
import { wrap } from './wrap.ts';
import type {
  EfficiencyParts,
  ExecutionLine,
  Explanation,
  Flip,
  GateStep,
  PlanExplanation,
  SymbolExplanation,
  Waterfall,
} from '../ops/explain/explanation.ts';

/** Executions shown on a terminal; `--json` has them all. */
const MAX_EXECUTIONS = 20;

/** Sections, to be set apart by empty lines. */
export function explainText(explanation: Explanation, options: TableOptions): string[] {
  const own =
    explanation.subject === 'plan'
      ? planSections(explanation, options)
      : symbolSections(explanation, options);
  const { waterfall, efficiency, executions, missing } = explanation;
  return [
    ...own,
    ...(waterfall === null ? [] : [waterfallSection(waterfall, options)]),
    ...(efficiency === null ? [] : [efficiencySection(efficiency, options)]),
    ...(executions.length === 0 ? [] : [executionSection(executions, options)]),
    ...(missing.length === 0
      ? []
      : [
          titled(
            'Not recorded',
            missing.map((what) => wrap(harmless(what), options.width, 2)).join('\n'),
            options,
          ),
        ]),
  ];
}

function planSections(plan: PlanExplanation, options: TableOptions): string[] {
  const said = (text: string): string => wrap(harmless(text), options.width, 2);
  const head = `Plan ${shortName(plan.plan_id)}: ${shortName(plan.symbol)}${plan.bot === null ? '' : `, bot ${shortName(plan.bot)}`}, judged ${time(plan.at)}`;
  const lines = [
    bold(said(plan.sentence), options),
    said(head),
    ...(plan.plan === null ? [] : [said(askedText(plan.plan))]),
    ...(plan.permit === null ? [] : [said(permitText(plan.permit))]),
    ...(plan.next_eligible_at === null
      ? []
      : [said(`The same plan could pass from ${time(plan.next_eligible_at)} on, if nothing else changes.`)]),
    ...(plan.max_qty === null ? [] : [said(`A quantity of ${exactText(plan.max_qty)} would have passed.`)]),
  ];
  return [
    lines.join('\n'),
    ...(plan.gates.length === 0 ? [] : [gateSection(plan.gates, options)]),
    flipSection(plan, options),
  ].filter((section) => section !== '');
}

function askedText({
  action,
  side,
  qty,
  price,
  notional_usd: notionalUsd,
  ...rest
}: NonNullable<PlanExplanation['plan']>): string {
  const parts = [
    `${shortName(action)}${side === null ? '' : ` ${shortName(side)}`}`,
    ...(qty === null ? [] : [`quantity ${exactText(qty)}`]),
    ...(price === null ? [] : [`price ${exactText(price)}`]),
    ...(notionalUsd === null ? [] : [`worth ${roughText(notionalUsd, 'USD')} USD`]),
    ...(rest.kill_score === null ? [] : [`kill score ${exactText(rest.kill_score)}`]),
    ...(rest.confidence === null ? [] : [`confidence ${exactText(rest.confidence)}`]),
    ...(rest.made_at === null ? [] : [`made ${time(rest.made_at)}`]),
  ];
  return `It asked for: ${parts.join(', ')}.`;
}

function permitText({
  outcome,
  expires_at: expiresAt,
  ended_at: endedAt,
}: NonNullable<PlanExplanation['permit']>): string {
  const ended = endedAt === null ? '' : ` ${time(endedAt)}`;
  if (outcome === 'issued') return `Its permit is not known to be taken; it holds until ${time(expiresAt)}.`;
  return outcome === 'expired' ? `Its permit expired unused${ended}.` : `Its permit was ${outcome}${ended}.`;
}

function symbolSections(symbol: SymbolExplanation, options: TableOptions): string[] {
  const head = [
    bold(wrap(harmless(withShortNames(symbol)), options.width, 2), options),
    ...(symbol.at === null ? [] : [`Newest decision: ${time(symbol.at)}`]),
  ].join('\n');
  if (symbol.verdicts.length === 0) return [head];
  const columns: readonly Column[] = [
    { header: 'plan', align: 'left', importance: 9 },
    { header: 'judged (UTC)', align: 'left', importance: 8 },
    { header: 'outcome', align: 'left', importance: 9 },
    { header: 'reason', align: 'left', importance: 8 },
  ];
  const rows = symbol.verdicts.map(({ plan_id, at, outcome, reason }) => [
    shortName(plan_id),
    time(at),
    outcome,
    reason ?? '',
  ]);
  return [head, titled('Last verdicts', renderTable({ columns, rows }, options), options)];
}

/** The sentence has the name of the last plan whole. */
function withShortNames({ sentence, verdicts }: SymbolExplanation): string {
  const last = verdicts[0]?.plan_id ?? '';
  return last === '' ? sentence : sentence.replace(last, () => shortName(last));
}

const GATE_COLUMNS: readonly Column[] = [
  { header: 'gate', align: 'left', importance: 9 },
  { header: 'outcome', align: 'left', importance: 9 },
  { header: 'value', align: 'right', importance: 8 },
  { header: 'limit', align: 'right', importance: 8 },
  { header: 'setting', align: 'left', importance: 6 },
  { header: 'enforced', align: 'left', importance: 5 },
  { header: 'note', align: 'left', importance: 4 },
];

const OUTCOMES: Readonly<Record<GateStep['outcome'], string>> = {
  pass: 'passes',
  block: 'BLOCKS',
  would_block: 'would block',
  not_evaluated: 'passes',
  exempt: 'does not judge exits',
  not_reached: 'not reached',
};

function gateSection(gates: readonly GateStep[], options: TableOptions): string {
  const rows = gates.map((gate): Cell[] => [
    gate.gate,
    { text: OUTCOMES[gate.outcome], sign: gate.outcome === 'block' ? -1 : 0 },
    gate.value === null ? '' : roughText(gate.value, ''),
    gate.limit === null ? '' : roughText(gate.limit, ''),
    gate.setting ?? '',
    gate.outcome === 'exempt' || gate.outcome === 'not_reached' ? '' : gate.enforced ? 'yes' : 'no',
    gate.reason !== null && gate.outcome === 'would_block' ? gate.reason : (gate.note ?? ''),
  ]);
  return titled('Gates, in order', renderTable({ columns: GATE_COLUMNS, rows }, options), options);
}

function flipSection({ flips, flips_note: note, outcome }: PlanExplanation, options: TableOptions): string {
  const title = outcome === 'blocked' ? 'It would have passed with' : 'It would have been blocked with';
  const lines = flips.map((flip) => wrap(`- ${flipText(flip)}`, options.width, 2));
  if (note !== null) lines.push(dim(wrap(harmless(note), options.width, 2), options));
  return lines.length === 0 ? '' : titled(title, lines.join('\n'), options);
}

function flipText({ changes, reason }: Flip): string {
  const texts = changes.map((change) => harmless(shortText(change))).join(', and ');
  return reason === null ? texts : `${texts} (${reason})`;
}

/** What a plan said may be of any length. */
function shortText({ text, from }: Flip['changes'][number]): string {
  return typeof from === 'string' && from !== '' ? text.replace(from, () => shortName(from)) : text;
}

const STEP_COLUMNS: readonly Column[] = [
  { header: 'step', align: 'left', importance: 9 },
  { header: 'because', align: 'left', importance: 7 },
  { header: 'times', align: 'right', importance: 9 },
  { header: 'USD', align: 'right', importance: 9 },
];

function waterfallSection(waterfall: Waterfall, options: TableOptions): string {
  const { symbol, ts, mode, base_budget_usd: budget, steps, target_usd: target, confidence } = waterfall;
  const rows: string[][] = [
    ['base budget', '', '', roughText(budget, 'USD')],
    ...steps.map((step) => [
      step.name.replace('_', ' '),
      step.because,
      step.name === 'rounding' ? String(step.factor) : roughText(step.factor, ''),
      roughText(step.after_usd, 'USD'),
    ]),
  ];
  const table = renderTable(
    { columns: STEP_COLUMNS, rows, total: ['target', '', '', roughText(target, 'USD')] },
    options,
  );
  return titled(
    `From budget to target: ${symbol}, ${mode}, ${time(ts)}, confidence ${roughText(confidence, '')}`,
    table,
    options,
  );
}

const PENALTY_COLUMNS: readonly Column[] = [
  { header: 'penalty', align: 'left', importance: 9 },
  { header: 'ratio', align: 'right', importance: 9 },
  { header: 'weight', align: 'right', importance: 9 },
  { header: 'cost', align: 'right', importance: 9 },
];

function efficiencySection(parts: EfficiencyParts, options: TableOptions): string {
  const short = (value: number): string => roughText(value, '');
  const rows = parts.penalties.map(({ name, ratio, weight, cost }) => [
    name,
    short(ratio),
    short(weight),
    short(cost),
  ]);
  const stale = parts.stale_flags === '' ? '' : `; ${parts.stale_flags}`;
  const line =
    `Score ${short(parts.raw)} = ${short(parts.performance_share)} / (1 + the costs), smoothed ${short(parts.ewma)}: ${parts.pressure}, ` +
    `confidence ${short(parts.confidence)}${stale}. Performance factor ${short(parts.performance_factor)}, ratios of a target of ${roughText(parts.target_usd, 'USD')} USD.`;
  const body = `${renderTable({ columns: PENALTY_COLUMNS, rows }, options)}\n${wrap(harmless(line), options.width, 2)}`;
  return titled(`Efficiency: ${parts.symbol}, ${parts.mode}, ${time(parts.ts)}`, body, options);
}

const EXECUTION_COLUMNS: readonly Column[] = [
  { header: 'time (UTC)', align: 'left', importance: 9 },
  { header: 'profit', align: 'right', importance: 9 },
  { header: 'side', align: 'left', importance: 7 },
  { header: 'quantity', align: 'right', importance: 6 },
  { header: 'price', align: 'right', importance: 6 },
  { header: 'bot', align: 'left', importance: 5 },
  { header: 'signal', align: 'left', importance: 4 },
  { header: 'regime', align: 'left', importance: 3 },
  { header: 'plan', align: 'left', importance: 2 },
];

function executionSection(executions: readonly ExecutionLine[], options: TableOptions): string {
  const shown = executions.slice(0, MAX_EXECUTIONS);
  const rows = shown.map((one): Cell[] => [
    time(one.ts),
    one.pnl_usd === null ? 'opening' : { text: formatUsd(one.pnl_usd), sign: one.pnl_usd },
    shortName(one.side ?? ''),
    one.qty === null ? '' : roughText(one.qty, ''),
    one.price === null ? '' : roughText(one.price, ''),
    shortName(one.bot ?? ''),
    shortName(one.signal ?? ''),
    shortName(one.regime ?? ''),
    shortName(one.plan_id ?? ''),
  ]);
  const rest = executions.length - shown.length;
  const more =
    rest === 0
      ? ''
      : `\n${dim(`and ${formatCount(rest)} older ones in its window; --json has them`, options)}`;
  return titled(
    'Executions in its window, newest first',
    `${renderTable({ columns: EXECUTION_COLUMNS, rows }, options)}${more}`,
    options,
  );
}

function titled(title: string, body: string, options: TableOptions): string {
  return `${bold(wrap(harmless(title), options.width), options)}\n${body}`;
}

/** `2026-06-01 12:00:05Z`. */
function time(sec: number): string {
  const ms = sec * 1000;
  return Math.abs(ms) <= 8.64e15
    ? `${new Date(ms).toISOString().slice(0, 19).replace('T', ' ')}Z`
    : String(sec);
}
