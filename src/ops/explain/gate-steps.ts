/** The gates in order of judging, those included that did not judge a plan. */
import { GATES, type GateName } from '../../core/governor/reasons.ts';
import type { GateTrace } from '../../core/decision.ts';
import type { BlockRecord } from '../../contract/governor-records.ts';
import type { GateStep } from './explanation.ts';

/** `traces`: what the gates saw; a gate before the one that blocked that saw nothing does not judge such plans. */
export function gateSteps(traces: readonly GateTrace[]): readonly GateStep[] {
  if (traces.length === 0) return [];
  const seen = new Map(traces.map((trace) => [trace.gate, trace]));
  const blocking = traces.find(({ outcome }) => outcome === 'block')?.gate;
  const last = blocking === undefined ? GATES.length : GATES.indexOf(blocking);
  return GATES.map((gate, i) => seen.get(gate) ?? unseen(gate, i > last ? 'not_reached' : 'exempt'));
}

/** Where only the block itself is left. */
export function gateOfBlock(block: BlockRecord): GateStep {
  const { gate, reason, value, limit, setting } = block;
  return { gate, outcome: 'block', enforced: true, reason, value, limit, setting, note: null };
}

function unseen(gate: GateName, outcome: 'exempt' | 'not_reached'): GateStep {
  return {
    gate,
    outcome,
    enforced: false,
    reason: null,
    value: null,
    limit: null,
    setting: null,
    note: null,
  };
}
