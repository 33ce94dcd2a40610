/** Which part of a plan cannot be used, and why: what reading it again finds. */
import { invalidInputs, MAX_NOTIONAL_USD } from '../../core/governor/flip/levers.ts';
import { readPlan, reduces } from '../../core/governor/read-plan.ts';
import { exactText } from './numbers.ts';
import type { InputName } from '../../core/governor/flip/inputs.ts';
import type { JudgedOn } from '../../core/governor/judged-on.ts';
import type { PlanEvent } from '../../core/event.ts';
import type { Settings } from '../../core/settings.ts';

/** `its quantity −5 is not above 0`; null: every part of it can be used. */
export function invalidText(judged: JudgedOn, settings: Settings): string | null {
  const { plan } = judged;
  const found = invalidInputs({ judged, settings });
  const texts = found.flatMap((input) => {
    if (reduces(plan) && !isLookedAt(input, judged, settings)) return [];
    const text = TEXTS[input];
    return text === undefined ? [] : [text(plan)];
  });
  if (texts.length > 0) return texts.join(', and ');
  return reduces(plan)
    ? null
    : `it is worth more than ${exactText(MAX_NOTIONAL_USD, 2)} USD, which has to be a mistake`;
}

/** Of an exit only names and time are, and a quantity where its position does not say one. */
function isLookedAt(input: InputName, { plan, view }: JudgedOn, settings: Settings): boolean {
  if (input !== 'qty') return input === 'names_valid' || input === 'made_at';
  const { problem } = readPlan({ ...plan, namesValid: true, madeAt: null }, view, settings);
  return problem?.reason === 'invalid_plan';
}

const TEXTS: Readonly<Partial<Record<InputName, (plan: PlanEvent) => string>>> = {
  names_valid: ({ symbolValid }) =>
    symbolValid ? 'its plan id does not fit its grammar' : 'its symbol does not fit its grammar',
  qty: ({ qty }) => notAbove0('its quantity', qty),
  price: ({ price }) => notAbove0('its price', price),
  stated_notional_usd: ({ notionalUsd }) => notAbove0('its notional', notionalUsd),
  kill_score: ({ killScore }) => notIn01('its kill score', killScore),
  confidence: ({ confidence }) => notIn01('its confidence', confidence),
  k_regime_flip: () => 'its regime-flip score is no number',
  made_at: () => 'its time is no time',
};

function notAbove0(what: string, value: number | null): string {
  return value !== null && Number.isFinite(value)
    ? `${what} ${exactText(value)} is not above 0`
    : `${what} is ${noNumber(value)}`;
}

function notIn01(what: string, value: number | null): string {
  return value !== null && Number.isFinite(value)
    ? `${what} ${exactText(value)} is not within 0 and 1`
    : `${what} is ${noNumber(value)}`;
}

function noNumber(value: number | null): string {
  return value === null ? 'nothing' : exactText(value);
}
