/** The gates as a ladder: each with what it compared, the setting behind its limit, and what came out. */
import type { GateUnit, LadderStep } from '../../views/explanation.ts';
import { decimalText, percentText, usdText } from '../../views/format.ts';
import { Badge } from '../ui/badge.tsx';

export function GateLadder({ steps }: { readonly steps: readonly LadderStep[] }): preact.JSX.Element {
  return (
    <ol class="ladder">
      {steps.map((step, index) => (
        <Step key={`${step.gate}-${index}`} step={step} />
      ))}
    </ol>
  );
}

function Step({ step }: { readonly step: LadderStep }): preact.JSX.Element {
  const classes = ['ladder-step', `is-${step.outcome}`, step.isReached ? '' : 'is-unreached'];
  return (
    <li class={classes.filter(Boolean).join(' ')}>
      <div class="ladder-name">
        <b>{step.title}</b>
        <code class="soft">{step.gate}</code>
      </div>
      <div class="ladder-compared">
        {step.value !== null && step.limit !== null && (
          <Compared step={step} value={step.value} limit={step.limit} />
        )}
        {(step.reason !== null || step.note !== null || step.setting !== null) && (
          <p class="ladder-words">
            {step.reason !== null && <code class="ladder-reason">{step.reason}</code>}
            {step.setting !== null && (
              <span class="soft">
                set by <code>{step.setting}</code>
              </span>
            )}
            {step.note !== null && <span class="soft">{step.note}</span>}
          </p>
        )}
      </div>
      <div class="ladder-outcome">
        <Badge tone={step.tone} icon={step.icon} text={step.word} />
        {!step.isEnforced && step.isReached && (
          <small class="soft" title="In this apply mode the gate tells what it would do, and stops nothing">
            not enforced
          </small>
        )}
      </div>
    </li>
  );
}

const WIDTH = 200;

function Compared({
  step,
  value,
  limit,
}: {
  readonly step: LadderStep;
  readonly value: number;
  readonly limit: number;
}): preact.JSX.Element {
  const share = step.bar?.share ?? null;
  return (
    <div class="ladder-numbers">
      <span class="num">
        <b title={String(value)}>{tell(value, step.unit)}</b>
        <span class="soft"> {step.relation} </span>
        <span title={String(limit)}>{tell(limit, step.unit)}</span>
        {step.unit === 'usd' && <span class="unit"> USD</span>}
      </span>
      {step.bar !== null && step.relation !== 'close to' && (
        <svg
          class={`ladder-bar tone-${step.tone}`}
          viewBox={`0 0 ${WIDTH} 12`}
          preserveAspectRatio="none"
          role="img"
          aria-label={share === null ? 'The limit is zero' : `${percentText(share, 0)} of the limit`}
        >
          <rect class="ladder-ground" y="2" width={WIDTH} height="8" />
          <rect class="ladder-value" y="2" width={WIDTH * step.bar.value} height="8" />
          <path class="ladder-limit" d={`M${Math.max(1, WIDTH * step.bar.limit)} 0V12`} />
        </svg>
      )}
      <span class="ladder-share soft num">{share === null ? '' : percentText(share, 0)}</span>
    </div>
  );
}

function tell(value: number, unit: GateUnit): string {
  switch (unit) {
    case 'usd':
      return usdText(value);
    case 'seconds':
      return `${decimalText(value, Number.isInteger(value) ? 0 : 1)} s`;
    case 'count':
      return decimalText(value, 0);
    case 'number':
      return decimalText(value, Math.abs(value) < 10 ? 3 : 2);
  }
}
