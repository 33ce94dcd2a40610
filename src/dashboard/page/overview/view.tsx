/** What whoever is on call sees first: may be traded, what needs attention, the money, and whether everything runs. */
import { attentionOf } from '../../views/attention.ts';
import { componentViews } from '../../views/components.ts';
import { earnersOf } from '../../views/earners.ts';
import { blockGroups } from '../../views/verdicts.ts';
import { tradingView } from '../../views/trading.ts';
import { judgedAt, link, outage, snapshot } from '../state.ts';
import { AccountPanel } from './account-panel.tsx';
import { AttentionPanel } from './attention-panel.tsx';
import { EarnersPanel } from './earners-panel.tsx';
import { LatestPanel } from './latest-panel.tsx';
import { ComponentsPanel } from './components-panel.tsx';
import { InputsPanel } from './inputs-panel.tsx';
import { Totals } from './totals.tsx';
import { TradingPanel } from './trading-panel.tsx';

const SHOWN_EARNERS = 4;
const SHOWN_BLOCKS = 8;

export function OverviewView(): preact.JSX.Element | null {
  if (snapshot.value === null) return null;
  const { overview, equity, symbols, verdicts } = snapshot.value;
  // What is not heard may be well: it is judged as of when it was heard, and says how long ago that was.
  const now = outage.value === null ? judgedAt.value : overview.read_at;
  return (
    <div class="overview">
      <TradingPanel view={tradingView(overview)} />
      <AttentionPanel items={attentionOf(overview, now, link.value === 'lost')} />
      <Totals overview={overview} />
      <AccountPanel account={overview.account} points={equity} />
      <ComponentsPanel views={componentViews(overview.components, now)} />
      <InputsPanel overview={overview} />
      <EarnersPanel earners={earnersOf(symbols, SHOWN_EARNERS)} />
      <LatestPanel blocks={blockGroups(verdicts).slice(0, SHOWN_BLOCKS)} />
    </div>
  );
}
