/** Why a plan was permitted or blocked, from what was recorded when it was judged. */
import { ladder, type PlanExplanation } from '../../views/explanation.ts';
import { Link, symbolPath } from '../router.tsx';
import { usePolled } from '../symbol/polled.ts';
import { Trouble } from '../symbol/trouble.tsx';
import { Badge } from '../ui/badge.tsx';
import { Empty, Failed, Loading } from '../ui/empty.tsx';
import { Figure, Money, Quantity } from '../ui/figures.tsx';
import { Panel } from '../ui/panel.tsx';
import { Time } from '../ui/time.tsx';
import { Unknown } from '../ui/unknown.tsx';
import { EfficiencyPartsTable } from './efficiency-parts.tsx';
import { ExecutionsTable } from './executions.tsx';
import { Flips } from './flips.tsx';
import { GateLadder } from './gate-ladder.tsx';
import { Missing } from './missing.tsx';
import { Permit } from './permit.tsx';
import { WaterfallTable } from './waterfall.tsx';
import './explain.css';

/** What became of its permit may change. */
const EVERY_SEC = 15;

export function PlanView({ planId }: { readonly planId: string }): preact.JSX.Element {
  const path = `/api/v1/plans/${encodeURIComponent(planId)}/explanation`;
  const polled = usePolled<PlanExplanation>(path, EVERY_SEC);
  const { value, error, refetch } = polled;
  if (value !== null)
    return (
      <div class="why">
        <Trouble polled={polled} />
        <Explained plan={value} />
      </div>
    );
  if (error === null) return <Loading what={`plan ${planId}`} />;
  if (!error.isNotFound) return <Failed error={error.text} retry={refetch} />;
  return (
    <div class="symbol-none">
      <Empty
        what={`No plan ${planId} is recorded`}
        why="Plans are known for as long as the streams of plans and of the governor’s events keep them."
      />
      <Link href="/plans" class="button">
        All permits and blocks
      </Link>
    </div>
  );
}

function Explained({ plan }: { readonly plan: PlanExplanation }): preact.JSX.Element {
  const isPermitted = plan.outcome === 'permitted';
  return (
    <>
      <header class={`why-head tone-edge-${isPermitted ? 'ok' : 'bad'}`}>
        <nav aria-label="Breadcrumb" class="crumb">
          <Link href="/plans">Permits and blocks</Link> <span aria-hidden="true">/</span>{' '}
          <span class="code">{plan.plan_id}</span>
        </nav>
        <h2 class="why-sentence">{plan.sentence}</h2>
        <p class="why-about">
          <Badge tone={isPermitted ? 'ok' : 'bad'} text={plan.outcome} />
          {plan.reason !== null && <code>{plan.reason}</code>}
          <span>
            <Link href={symbolPath(plan.symbol)}>{plan.symbol}</Link>
            {plan.bot !== null && <> by {plan.bot}</>}, judged <Time ts={plan.at} />
          </span>
        </p>
      </header>
      <Missing missing={plan.missing} />
      <div class="why-grid">
        <Panel title="Gates, in the order they judged" class="why-gates">
          {plan.gates.length === 0 ? (
            <Empty
              what="Its gates are not recorded any more"
              why="Verdicts are kept for as long as the stream of events."
            />
          ) : (
            <GateLadder steps={ladder(plan)} />
          )}
        </Panel>
        <div class="why-side">
          <Panel title={isPermitted ? 'What would have blocked it' : 'What would have changed the verdict'}>
            <Flips flips={plan.flips} note={plan.flips_note} />
          </Panel>
          {!isPermitted && <Advice plan={plan} />}
          {plan.permit !== null && (
            <Panel title="Its permit">
              <Permit permit={plan.permit} />
            </Panel>
          )}
          <Panel title="What it asked for">
            <Asked plan={plan.plan} />
          </Panel>
        </div>
      </div>
      <Panel title="Target then: from base budget">
        {plan.waterfall === null ? (
          <Empty what="No target of before is recorded" why="There was none, or it is not kept any more." />
        ) : (
          <WaterfallTable waterfall={plan.waterfall} hasAge={false} />
        )}
      </Panel>
      <Panel title="Efficiency then">
        {plan.efficiency === null ? (
          <Empty what="No score of before is recorded" why="There was none, or it is not kept any more." />
        ) : (
          <EfficiencyPartsTable parts={plan.efficiency} hasAge={false} />
        )}
      </Panel>
      <Panel title={`Executions of ${plan.symbol} in the window`}>
        <ExecutionsTable executions={plan.executions} of={plan.symbol} />
      </Panel>
    </>
  );
}

function Advice({ plan }: { readonly plan: PlanExplanation }): preact.JSX.Element | null {
  if (plan.next_eligible_at === null && plan.max_qty === null) return null;
  return (
    <Panel title="Advice given with it">
      <dl class="facts">
        <dt>The same plan could pass from</dt>
        <dd>
          {plan.next_eligible_at === null ? (
            <Unknown what="time alone changes nothing" />
          ) : (
            <Time ts={plan.next_eligible_at} />
          )}
        </dd>
        <dt>Quantity that would have passed</dt>
        <dd>
          <Quantity value={plan.max_qty} unknown="no smaller one" />
        </dd>
      </dl>
    </Panel>
  );
}

function Asked({ plan }: { readonly plan: PlanExplanation['plan'] }): preact.JSX.Element {
  if (plan === null)
    return <Empty what="Not recorded any more" why="The stream of plans was trimmed past it." />;
  return (
    <dl class="facts">
      <dt>Action</dt>
      <dd>
        {plan.action} {plan.side ?? ''} {plan.reduce_only && <Badge tone="info" text="reduces only" />}
      </dd>
      <dt>Quantity</dt>
      <dd>
        <Quantity value={plan.qty} />
      </dd>
      <dt>Price</dt>
      <dd>
        <Figure value={plan.price} digits={Math.abs(plan.price ?? 0) < 10 ? 6 : 2} />
      </dd>
      <dt>Notional</dt>
      <dd>
        <Money usd={plan.notional_usd} hasUnit />
      </dd>
      <dt>Kill score</dt>
      <dd>
        <Figure value={plan.kill_score} />
      </dd>
      <dt>Confidence</dt>
      <dd>
        <Figure value={plan.confidence} />
      </dd>
      <dt>Made</dt>
      <dd>
        <Time ts={plan.made_at} />
      </dd>
    </dl>
  );
}
