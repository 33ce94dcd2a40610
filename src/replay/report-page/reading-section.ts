/** How to read the page, and what nobody should conclude from it. */
import { markup, type Markup } from './markup.ts';
import { count, counted } from './numbers.ts';
import type { Facts } from './facts.ts';

const TERMS: readonly (readonly [term: string, meaning: string])[] = [
  ['profit factor', 'what was won over what was lost; above 1 is a gain, – where nothing was lost'],
  ['expectancy', 'net profit over executions: what one more like these brings on average'],
  ['share', 'profit over the net profit; beyond 100% or below 0% where gains and losses stand side by side'],
  ['drawdown', 'how far equity is below its highest value so far'],
  ['performance', 'smoothed score of recent profit from −1 to +1, one step an execution; 0 is neutral'],
  ['score', 'performance from 0 to 1, divided by what volatility, losses and lying idle cost'],
  ['smoothed', 'the score as a moving average; pressure is decided by it'],
  [
    'volatility ÷ target',
    'the size of recent profits and losses over the capital of the symbol; loss ÷ target likewise',
  ],
  ['idle', 'from 0 to 1: how long nothing was traded, of the time after which it counts in full'],
  ['confidence', 'from 0 to 1: how much evidence there is, and how fresh'],
  ['pressure', '▲ increase, ■ hold or ▼ decrease the capital of the symbol'],
  ['reallocation', 'the same as a number from −1 to +1'],
  ['budget', 'what a symbol may hold at most, from equity and stress'],
  ['target', 'what a symbol should hold: its budget times four factors, then the caps'],
];

export function readingSection(facts: Facts): Markup {
  return markup`<section id="reading">
<h2>How to read this</h2>
<dl class="terms">
${TERMS.map(([term, meaning]) => markup`<div><dt>${term}</dt><dd>${meaning}</dd></div>\n`)}</dl>
</section>
<section id="limits">
<h2>What was not judged</h2>
<ul>
${limitsOf(facts).map((text) => markup`<li>${text}</li>\n`)}</ul>
</section>
`;
}

/** What these files do not say, and what no such page says. */
export function limitsOf(facts: Facts): string[] {
  const { outcome, total, weakBelow } = facts;
  const { record, pipeline, plans } = outcome;
  const blocked = [...record.blocks.values()].reduce((a, b) => a + b, 0);
  const weak = facts.bySymbol.rows.filter((row) => row.count < weakBelow).length;
  return [
    'Open positions: profit counts when it is realised, so a loss that is still open is in none of these numbers.',
    'Fees, funding and slippage beyond what the files deduct from profit.',
    outcome.files.length > 1
      ? 'Whether the files are one account. Several merged are shown as one, and a drawdown across accounts is the drawdown of none.'
      : 'Whether the file is one account: a drawdown across merged accounts or backtests is the drawdown of none.',
    pipeline.engine.isFed
      ? 'Equity before the first update of the portfolio: from there on it is what the files say.'
      : `The true size of the account: equity starts at INITIAL_EQUITY_USD and moves by realised profit and cash flows alone.`,
    ...(record.permits + blocked === 0 ? ['The gates of the governor: no plan was there to be judged.'] : []),
    ...(plans !== null
      ? ['What a blocked trade would have changed for those after it: history was left as it was.']
      : []),
    ...(plans !== null && plans.withoutEntry > 0
      ? [`${counted(plans.withoutEntry, 'trade')} that do not say when they were opened, as plans.`]
      : []),
    ...(weak > 0
      ? [
          `Whether results of ${counted(weak, 'symbol')} with fewer than ${count(weakBelow)} executions are more than chance.`,
        ]
      : []),
    ...(total.count > 0 ? ['Whether any of this goes on: a past period is no forecast.'] : []),
  ];
}
