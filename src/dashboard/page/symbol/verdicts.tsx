/** What was judged last of a symbol. */
import type { SymbolExplanation } from '../../views/explanation.ts';
import { reasonText } from '../../views/verdicts.ts';
import { Link, planPath } from '../router.tsx';
import { Badge } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';
import { Time, zoneLabel } from '../ui/time.tsx';

export function LatestVerdicts({
  verdicts,
}: {
  readonly verdicts: SymbolExplanation['verdicts'];
}): preact.JSX.Element {
  if (verdicts.length === 0)
    return <Empty what="No plan judged" why="Plans come in by the stream quantum:stream:apply.plan." />;
  return (
    <div class="scroll-x is-tall" tabIndex={0} role="group" aria-label="Latest permits and blocks">
      <table class="symbol-verdicts">
        <caption class="sr-only">Latest permits and blocks, newest first</caption>
        <thead>
          <tr>
            <th scope="col">Time ({zoneLabel()})</th>
            <th scope="col">Verdict</th>
            <th scope="col">Plan</th>
          </tr>
        </thead>
        <tbody>
          {verdicts.map(({ plan_id, at, outcome, reason }) => (
            <tr key={`${plan_id}-${at}`}>
              <td>
                <Time ts={at} hasZone={false} />
              </td>
              <td>
                <Badge tone={outcome === 'permitted' ? 'ok' : 'bad'} text={outcome} />
                {reason !== null && (
                  <small class="symbol-verdicts-reason" title={reason}>
                    {reasonText(reason)}
                  </small>
                )}
              </td>
              <td class="executions-plan">
                <Link href={planPath(plan_id)} title={plan_id}>
                  {plan_id}
                </Link>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
