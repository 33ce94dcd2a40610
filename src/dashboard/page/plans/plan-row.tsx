/** One verdict on a line, and below it, unfolded, what each gate compared. */
import {
  compactText,
  comparedText,
  gateViews,
  reasonText,
  sideText,
  type GateView,
} from '../../views/verdicts.ts';
import type { Verdict } from '../../wire.ts';
import { Link, planPath, symbolPath } from '../router.tsx';
import { Badge } from '../ui/badge.tsx';
import { Money, Percent } from '../ui/figures.tsx';
import { Icon } from '../ui/icon.tsx';
import { Time } from '../ui/time.tsx';
import { Unknown } from '../ui/unknown.tsx';

interface RowProps {
  readonly verdict: Verdict;
  readonly isOpen: boolean;
  readonly toggle: (id: string) => void;
}

export function PlanRow({ verdict, isOpen, toggle }: RowProps): preact.JSX.Element {
  const { id, ts, outcome, symbol, reason, plan_id: planId, bot } = verdict;
  const isPermitted = outcome === 'permitted';
  return (
    <>
      <div class={`plan-line plan-${outcome}`} role="row">
        <span role="cell" class="plan-time">
          <button
            type="button"
            class="is-quiet unfold"
            aria-expanded={isOpen}
            aria-label={`Gates of plan ${planId}`}
            onClick={() => toggle(id)}
          >
            <Icon name={isOpen ? 'down' : 'right'} />
          </button>
          <Time ts={ts} hasZone={false} />
        </span>
        <span role="cell" class="plan-outcome">
          <Badge
            tone={isPermitted ? 'ok' : 'bad'}
            icon={isPermitted ? 'check' : 'cross'}
            text={isPermitted ? 'permit' : 'block'}
          />
        </span>
        <span role="cell" class="plan-symbol">
          <Link href={symbolPath(symbol)}>{symbol}</Link>
        </span>
        <span role="cell" class="plan-side">
          {sideText(verdict)}
        </span>
        <span role="cell" class="plan-notional is-right">
          <Money usd={verdict.notional_usd} unknown="not computed" />
        </span>
        <span role="cell" class="plan-why">
          {reason === null ? <Downsized factor={verdict.downsize_factor} /> : reasonText(reason)}
          {reason !== null && <span class="soft"> {comparedText(verdict)}</span>}
        </span>
        <span role="cell" class="plan-id">
          <Link href={planPath(planId)} title={`Why? The whole explanation of ${planId}`}>
            {planId}
          </Link>
        </span>
        <span role="cell" class="plan-bot">
          {bot ?? <Unknown />}
        </span>
      </div>
      {isOpen && (
        <div role="row" class="plan-trace">
          <div role="cell">
            <Gates gates={gateViews(verdict.gates)} />
            <Facts verdict={verdict} />
          </div>
        </div>
      )}
    </>
  );
}

function Downsized({ factor }: { readonly factor: number | null }): preact.JSX.Element | null {
  if (factor === null || factor >= 1) return null;
  return (
    <>
      sized to <Percent fraction={factor} digits={0} />
    </>
  );
}

function Facts({ verdict }: { readonly verdict: Verdict }): preact.JSX.Element {
  return (
    <p class="plan-facts">
      {verdict.action !== null && <span>{verdict.action.replaceAll('_', ' ')}</span>}
      {verdict.qty !== null && (
        <span>
          quantity <span class="num">{compactText(verdict.qty)}</span>
        </span>
      )}
      {verdict.expires_at !== null && (
        <span>
          valid until <Time ts={verdict.expires_at} />
        </span>
      )}
      <Link href={planPath(verdict.plan_id)}>Explain, and what would change it</Link>
    </p>
  );
}

function Gates({ gates }: { readonly gates: readonly GateView[] }): preact.JSX.Element {
  if (gates.length === 0)
    return (
      <p class="soft">No gate compared anything: it was refused before the gates, or by the first of them.</p>
    );
  return (
    <table class="gates">
      <thead>
        <tr>
          <th scope="col">Gate</th>
          <th scope="col">Outcome</th>
          <th scope="col" class="is-right">
            Value
          </th>
          <th scope="col" class="is-right">
            Limit
          </th>
          <th scope="col">Setting</th>
          <th scope="col">Why</th>
        </tr>
      </thead>
      <tbody>
        {gates.map(({ gate, tone, word, value, limit, setting, why }) => (
          <tr key={gate}>
            <th scope="row">{gate}</th>
            <td>
              <Badge tone={tone} text={word} {...(tone === 'bad' ? { icon: 'cross' } : {})} />
            </td>
            <td class="is-right">{value ?? <Unknown what="nothing compared" />}</td>
            <td class="is-right">{limit ?? <Unknown what="no limit" />}</td>
            <td>{setting === null ? <Unknown what="no setting" /> : <code>{setting}</code>}</td>
            <td class="gate-why">{why}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
