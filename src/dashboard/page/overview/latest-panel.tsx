/** The newest verdicts, blocks before permits: what is refused right now, and why. */
import { comparedText, reasonText } from '../../views/verdicts.ts';
import type { Verdict } from '../../wire.ts';
import { Link, planPath } from '../router.tsx';
import { Badge } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';
import { Panel } from '../ui/panel.tsx';
import { Time } from '../ui/time.tsx';

/** `blocks` newest first. */
export function LatestPanel({ blocks }: { readonly blocks: readonly Verdict[] }): preact.JSX.Element {
  return (
    <Panel title="Latest blocks" class="latest" actions={<Link href="/plans">All plans</Link>}>
      {blocks.length === 0 ? (
        <Empty what="Nothing was blocked" why="Plans that a gate refuses appear here with the reason." />
      ) : (
        <table>
          <tbody>
            {blocks.map((verdict) => (
              <tr key={verdict.id}>
                <td>
                  <Time ts={verdict.ts} hasZone={false} />
                </td>
                <th scope="row">
                  <Link href={planPath(verdict.plan_id)} title={`Why was ${verdict.plan_id} blocked?`}>
                    {verdict.symbol}
                  </Link>
                </th>
                <td>
                  <Badge tone="bad" icon="cross" text={verdict.gate?.replaceAll('_', ' ') ?? 'block'} />
                </td>
                <td class="latest-why">
                  {reasonText(verdict.reason ?? 'no reason recorded')}
                  <span class="soft"> {comparedText(verdict)}</span>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}
