/** What is refused right now, and why: a line for each symbol and reason. */
import { comparedText, reasonText, type BlockGroup } from '../../views/verdicts.ts';
import { Link, planPath } from '../router.tsx';
import { Empty } from '../ui/empty.tsx';
import { Panel } from '../ui/panel.tsx';
import { decimalText } from '../../views/format.ts';
import { Time, zoneLabel } from '../ui/time.tsx';

/** `blocks` newest first. */
export function LatestPanel({ blocks }: { readonly blocks: readonly BlockGroup[] }): preact.JSX.Element {
  return (
    <Panel title="Latest blocks" class="latest" actions={<Link href="/plans">All plans</Link>}>
      {blocks.length === 0 ? (
        <Empty what="Nothing was blocked" why="Plans that a gate refuses appear here with the reason." />
      ) : (
        <table>
          <thead class="sr-only">
            <tr>
              <th scope="col">Newest, {zoneLabel()}</th>
              <th scope="col">Symbol</th>
              <th scope="col">Why</th>
              <th scope="col">Times</th>
            </tr>
          </thead>
          <tbody>
            {blocks.map(({ newest: verdict, count }) => (
              <tr key={`${verdict.symbol} ${verdict.reason ?? ''}`}>
                <td>
                  <Time ts={verdict.ts} hasZone={false} />
                </td>
                <th scope="row">
                  <Link href={planPath(verdict.plan_id)} title={`Why was ${verdict.plan_id} blocked?`}>
                    {verdict.symbol}
                  </Link>
                </th>
                <td class="latest-why">
                  {reasonText(verdict.reason ?? 'no reason recorded')}
                  <span class="soft"> {comparedText(verdict)}</span>
                </td>
                <td class="is-right latest-count" title={`blocked ${count} times, of the plans listed`}>
                  {decimalText(count, 0)}×
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
