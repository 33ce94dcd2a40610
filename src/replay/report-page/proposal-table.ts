/** What the proposer would make of the targets; nothing acts on it. */
import { factorCell, numberColumn, restRow, sum, type Capital, type CapitalRows } from './capital.ts';
import { markup, NOTHING, type Markup } from './markup.ts';
import { fixed, signedUsd, usd } from './numbers.ts';
import { table, toned, type Column, type Row } from './table.ts';
import type { ProposalDecision } from '../../core/decision.ts';

export function proposalTable({ shown, rest, note }: CapitalRows): Markup {
  const proposals = [...shown, ...rest].map(({ proposal }) => proposal).filter((one) => one !== null);
  if (proposals.length === 0) return NOTHING;
  if (proposals.every(({ multiplier }) => multiplier === 1)) {
    const reasons = [...new Set(proposals.map(({ reason }) => PROPOSAL_REASONS[reason]))].filter(Boolean);
    return markup`<p>Proposals (shadow): none differs from its target${reasons.length > 0 ? ` (${reasons.join(', ')})` : ''}.</p>`;
  }
  const columns: Column[] = [
    { head: 'Symbol', kind: 'name' },
    ...['target', '×\u00a0multiplier', 'proposed', 'difference', 'score', 'confidence'].map(numberColumn),
    { head: 'why not', kind: 'text' },
  ];
  const rows = shown.map(({ symbol, proposal }): Row => {
    if (proposal === null) return { cells: [symbol, ...columns.slice(1).map(() => '–')] };
    const difference = proposal.proposed_target - proposal.base_target;
    return {
      cells: [
        symbol,
        usd(proposal.base_target),
        factorCell(proposal.multiplier, ''),
        usd(proposal.proposed_target),
        toned(signedUsd(difference), difference),
        fixed(proposal.eff_score, 3),
        fixed(proposal.eff_confidence, 2),
        PROPOSAL_REASONS[proposal.reason],
      ],
    };
  });
  const sums = (among: readonly Capital[]): ReadonlyMap<string, string> =>
    new Map([
      ['target', usd(sum(among, ({ proposal }) => proposal?.base_target ?? 0))],
      ['proposed', usd(sum(among, ({ proposal }) => proposal?.proposed_target ?? 0))],
    ]);
  return table({
    caption: 'Proposals (shadow: nothing acts on them)',
    ...note,
    columns,
    rows: [...rows, ...restRow(rest, columns, sums)],
  });
}

const PROPOSAL_REASONS: Readonly<Record<ProposalDecision['reason'], string>> = {
  ok: '',
  missing_eff: 'no efficiency',
  stale_eff: 'efficiency too old',
  low_conf: 'too little confidence',
  redis_error: 'efficiency could not be read',
};
