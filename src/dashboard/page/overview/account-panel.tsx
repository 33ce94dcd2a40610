/** Equity and drawdown: the numbers, and how they came to be. */
import type { EquityPoint, Overview } from '../../wire.ts';
import { Age } from '../ui/age.tsx';
import { Empty } from '../ui/empty.tsx';
import { Money, Percent } from '../ui/figures.tsx';
import { Panel } from '../ui/panel.tsx';
import { Stale } from '../ui/stale.tsx';
import { EquityChart } from './equity-chart.tsx';

export function AccountPanel({
  account,
  points,
}: {
  readonly account: Overview['account'];
  readonly points: readonly EquityPoint[];
}): preact.JSX.Element {
  return (
    <Panel title="Equity and drawdown" class="account">
      {account === null ? (
        <Empty
          what="No account yet"
          why="It comes from the hash state:portfolio, or is counted from executions and cash flows once there are some."
        />
      ) : (
        <>
          <dl class="account-numbers">
            <div>
              <dt>Equity</dt>
              <dd class="figure-large">
                <Stale isStale={account.stale} why="older than its limit">
                  <Money usd={account.equity_usd} digits={2} hasUnit />
                </Stale>
              </dd>
            </div>
            <div>
              <dt>Drawdown</dt>
              <dd class="figure-large">
                <Percent fraction={account.drawdown} digits={2} />
              </dd>
            </div>
            <div>
              <dt>Peak</dt>
              <dd>
                <Money usd={account.peak_usd} digits={2} />
              </dd>
            </div>
            <div>
              <dt>Source</dt>
              <dd>
                {account.source === 'fed' ? 'fed' : 'counted here'}, <Age ts={account.ts} /> ago
              </dd>
            </div>
          </dl>
          <EquityChart points={points} />
        </>
      )}
    </Panel>
  );
}
