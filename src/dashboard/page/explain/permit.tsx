/** What became of a plan's permit. */
import type { PlanExplanation } from '../../views/explanation.ts';
import type { Tone } from '../../views/tone.ts';
import { Badge } from '../ui/badge.tsx';
import { Figure, Money, Quantity } from '../ui/figures.tsx';
import { Time } from '../ui/time.tsx';

type PermitFacts = NonNullable<PlanExplanation['permit']>;

const OUTCOMES: Record<PermitFacts['outcome'], { readonly tone: Tone; readonly words: string }> = {
  issued: { tone: 'info', words: 'issued, and not known to be taken' },
  used: { tone: 'ok', words: 'taken' },
  expired: { tone: 'warn', words: 'expired: nobody took it in time' },
  voided: { tone: 'bad', words: 'voided before it was taken' },
};

export function Permit({ permit }: { readonly permit: PermitFacts }): preact.JSX.Element {
  const { tone, words } = OUTCOMES[permit.outcome];
  return (
    <dl class="facts">
      <dt>Outcome</dt>
      <dd>
        <Badge tone={tone} text={words} />
      </dd>
      <dt>Quantity</dt>
      <dd>
        <Quantity value={permit.qty} />
        {permit.qty_scale !== 1 && (
          <small class="soft">
            {' '}
            after × <Figure value={permit.qty_scale} digits={4} /> by its kill score
          </small>
        )}
      </dd>
      <dt>Notional</dt>
      <dd>
        <Money usd={permit.notional_usd} hasUnit />
      </dd>
      <dt>Downsize hint</dt>
      <dd>
        × <Figure value={permit.downsize_factor} digits={4} />
      </dd>
      <dt>Expires</dt>
      <dd>
        <Time ts={permit.expires_at} />
      </dd>
      <dt>Ended</dt>
      <dd>
        <Time ts={permit.ended_at} />
      </dd>
    </dl>
  );
}
