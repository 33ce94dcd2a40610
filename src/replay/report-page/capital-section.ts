/** How well capital is used at the end of the period, and what each symbol should get. */
import { budgetPart } from './budget-part.ts';
import { capitalOf, MOST_SYMBOLS, pressureCounts, type Capital, type CapitalRows } from './capital.ts';
import { efficiencyTable } from './efficiency-table.ts';
import { holdPenaltyShare } from '../report/hold-penalty.ts';
import { markup, type Markup } from './markup.ts';
import { count, counted, minuteText, percent } from './numbers.ts';
import { proposalTable } from './proposal-table.ts';
import { targetTable } from './target-table.ts';
import type { Facts } from './facts.ts';

export function capitalSection(facts: Facts): Markup {
  const all = capitalOf(facts);
  const tick = all.find(({ efficiency }) => efficiency !== null)?.efficiency?.tick ?? null;
  if (all.length === 0)
    return markup`<section id="capital"><h2>Capital at the end</h2>
<p class="empty">No symbol was ever traded or held.</p></section>`;
  const rows = rowsOf(all);
  return markup`<section id="capital">
<h2>Capital at the end</h2>
<p class="lead">As decided at the last tick${tick === null ? '' : markup`, ${minuteText(tick)} UTC`}. ${pressureText(all)} ${holdText(facts)}</p>
${efficiencyTable(rows)}
${targetTable(rows)}
${budgetPart(all)}
${proposalTable(rows)}
</section>
`;
}

function rowsOf(all: readonly Capital[]): CapitalRows {
  const shown = all.length > MOST_SYMBOLS + 1 ? all.slice(0, MOST_SYMBOLS) : all;
  const rest = all.slice(shown.length);
  const words = `the ${count(shown.length)} with the largest targets of ${counted(all.length, 'symbol')}`;
  return { shown, rest, note: rest.length === 0 ? {} : { note: words } };
}

function pressureText(all: readonly Capital[]): string {
  const counts = pressureCounts(all);
  return `Capital should go up for ${counted(counts.get('INCREASE') ?? 0, 'symbol')}, stay for ${count(counts.get('HOLD') ?? 0)} and go down for ${count(counts.get('DECREASE') ?? 0)}.`;
}

/** How much of the scores lying idle took: the first thing to know about a bot that trades rarely. */
function holdText({ outcome }: Facts): string {
  const { engine } = outcome.pipeline;
  const shares = [...engine.symbols.known()]
    .map((symbol) => holdPenaltyShare(engine, symbol))
    .filter((share) => share !== null);
  if (shares.length === 0) return '';
  const mean = shares.reduce((a, b) => a + b, 0) / shares.length;
  const hint =
    engine.settings.P31_HOLD_BASIS === 'since_exec' && mean > 0.2
      ? ' For bots that trade rarely, P31_HOLD_BASIS=trade_rate measures idleness by their own pace.'
      : '';
  return `Lying idle takes ${percent(mean)} of the scores, on average.${hint}`;
}
