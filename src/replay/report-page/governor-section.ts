/** What the governor did with the plans of the files, or would have done with closed trades. */
import { BLOCK_REASONS } from '../../core/governor/reasons.ts';
import { markup, NOTHING, type Markup } from './markup.ts';
import { BLOCK_MEANING, gateOf, meaningOf } from './meanings.ts';
import { count, counted, signedUsd } from './numbers.ts';
import { table, toned, type Row } from './table.ts';
import type { PlanOutcome, PlanTally } from '../as-plans.ts';
import type { Facts } from './facts.ts';

export function governorSection(facts: Facts): Markup {
  const { plans } = facts.outcome;
  return markup`<section id="governor">
<h2>Permits and blocks</h2>
${verdicts(facts)}${plans === null ? NOTHING : planTables(plans, facts)}
</section>
`;
}

function verdicts({ outcome }: Facts): Markup {
  const { record, pipeline } = outcome;
  const blocked = [...record.blocks.values()].reduce((a, b) => a + b, 0);
  if (record.permits === 0 && blocked === 0)
    return markup`<p class="empty">No plan was judged: these files hold executions, not plans. With --as-plans each closed trade is judged as the plans that would have led to it.</p>`;
  const reasons = inOrder(new Set([...record.blocks.keys(), ...record.wouldBlock.keys()]));
  const summary = markup`<dl class="glance small">
${[
  ['Plans judged', record.permits + blocked, ''],
  ['Permits', record.permits, `${count(record.downsized)} of them downsized`],
  ['Blocks', blocked, ''],
  ['Disarms', record.disarms, ''],
].map(
  ([name, value, note]) =>
    markup`<div><dt>${name}</dt><dd><span class="value">${count(Number(value))}</span>${note === '' ? NOTHING : markup`<small>${note}</small>`}</dd></div>\n`,
)}<div><dt>Trading state</dt><dd><span class="value">${pipeline.engine.governor.tradingState}</span><small>at the end</small></dd></div>
</dl>
`;
  if (reasons.length === 0) return markup`${summary}<p>Every gate passed every plan.</p>`;
  return markup`${summary}${table({
    caption: 'By reason, in the order of the gates',
    layout: 'reasons',
    note: 'would block: the gate was not enforced and the plan got its permit',
    columns: [
      { head: 'Reason', kind: 'name' },
      { head: 'gate', kind: 'word' },
      { head: 'blocked', kind: 'number' },
      { head: 'would block', kind: 'number' },
      { head: 'what it means', kind: 'text' },
    ],
    rows: reasons.map((reason) => ({
      cells: [
        reason,
        gateOf(reason) ?? 'any',
        count(record.blocks.get(reason) ?? 0),
        count(record.wouldBlock.get(reason) ?? 0),
        meaningOf(BLOCK_MEANING, reason),
      ],
    })),
  })}`;
}

function planTables(plans: PlanTally, { settings }: Facts): Markup {
  const missing =
    plans.withoutEntry > 0
      ? ` ${counted(plans.withoutEntry, 'trade')} without a time of opening could not be judged.`
      : '';
  const nothing = plans.blocked.size + plans.wouldBlock.size + plans.downsized.count === 0;
  const closes = [...plans.blockedCloses].map(([reason, times]) => `${count(times)} ${reason}`);
  return markup`<p class="lead">Each trade's opening and close was put to the governor (APPLY_MODE=${settings.APPLY_MODE}) with history left as it was: ${counted(plans.openings, 'opening')}, ${counted(plans.closes, 'close')}.${missing} What a block would have saved or cost is that trade's profit with its sign turned.</p>
${nothing ? markup`<p>Nothing would have been blocked or downsized.</p>` : NOTHING}
${outcomeTable('Trades the gates would have stopped', plans.blocked)}
${outcomeTable('Trades made smaller, because capital was used badly', plans.downsized.count === 0 ? new Map() : new Map([['downsized', plans.downsized]]))}
${outcomeTable('Trades that gates in shadow would have stopped', plans.wouldBlock, 'a trade counts in every gate that would block it, so rows do not add up')}
${closes.length === 0 ? NOTHING : markup`<p>Closes that would not have passed: ${closes.join(', ')}.</p>`}`;
}

function outcomeTable(caption: string, outcomes: ReadonlyMap<string, PlanOutcome>, note?: string): Markup {
  if (outcomes.size === 0) return NOTHING;
  const rows = inOrder(new Set(outcomes.keys())).map((reason): Row => {
    const { count: trades, pnlUsd, savedUsd } = outcomes.get(reason)!;
    return {
      cells: [
        reason,
        count(trades),
        toned(signedUsd(pnlUsd), pnlUsd),
        toned(`${signedUsd(savedUsd)}${savedUsd > 0 ? ' saved' : savedUsd < 0 ? ' cost' : ''}`, savedUsd),
        meaningOf(BLOCK_MEANING, reason),
      ],
    };
  });
  return table({
    caption,
    layout: 'reasons',
    ...(note === undefined ? {} : { note }),
    columns: [
      { head: 'Reason', kind: 'name' },
      { head: 'trades', kind: 'number' },
      { head: 'their profit', kind: 'number' },
      { head: 'saved or cost', kind: 'number' },
      { head: 'what it means', kind: 'text' },
    ],
    rows,
    ...(note === undefined && rows.length > 1 ? { total: totalOf(outcomes) } : {}),
  });
}

function totalOf(outcomes: ReadonlyMap<string, PlanOutcome>): Row {
  const all = [...outcomes.values()];
  const pnlUsd = all.reduce((sum, one) => sum + one.pnlUsd, 0);
  const savedUsd = all.reduce((sum, one) => sum + one.savedUsd, 0);
  const trades = all.reduce((sum, one) => sum + one.count, 0);
  return {
    cells: [
      'Total',
      count(trades),
      toned(signedUsd(pnlUsd), pnlUsd),
      toned(signedUsd(savedUsd), savedUsd),
      '',
    ],
  };
}

/** Reasons in the order their gates are asked, which is the order of the closed list. */
function inOrder(reasons: ReadonlySet<string>): string[] {
  const place = (reason: string): number => {
    const at = BLOCK_REASONS.findIndex((known) => known === reason);
    return at < 0 ? BLOCK_REASONS.length : at;
  };
  return [...reasons].sort((a, b) => place(a) - place(b));
}
