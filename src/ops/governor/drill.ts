/**
 * `drill`: proves in a running deployment that every gate and the kill switch can fire. Gates: the governor that runs judges
 * made-up plans by its own settings. Steps: the store does them for real, in a namespace of their own.
 */
import { randomUUID } from 'node:crypto';
import { formatDecimal } from '../../contract/decimal.ts';
import { parseJsonObject } from '../../contract/json-object.ts';
import { keyOf } from '../../contract/keys.ts';
import { drillCases, type DrillCase } from '../../core/governor/drill.ts';
import { drillSteps, type DrillStep } from './drill-steps.ts';
import { situation, type Deployment } from './operation.ts';
import { StoreError, type Store } from '../../store/store.ts';

export interface GateDrill {
  /** `burst_limit_exceeded`, `exit-reducing`. */
  readonly case: string;
  /** The gate that spoke; null: none. */
  readonly gate: string | null;
  /** Reasons; null: passes. */
  readonly expected: string | null;
  readonly found: string | null;
  /** False: it is only recorded. */
  readonly enforced: boolean;
  readonly fired: boolean;
  readonly value: number | null;
  readonly limit: number | null;
  readonly setting: string | null;
  /** Why these settings keep it from firing, or why there is no answer; null: nothing does. */
  readonly note: string | null;
  /** Fired, or its settings keep it from firing. */
  readonly passed: boolean;
  /** From the entry's writing to the governor's reply, milliseconds; null: it did not reply. */
  readonly ms: number | null;
}

export interface DrillReport {
  readonly passed: boolean;
  /** The process that judges plans; null: none runs. */
  readonly governor: string | null;
  readonly gates: readonly GateDrill[];
  readonly steps: readonly DrillStep[];
  /** Keys of the drill that could not be removed. */
  readonly left_keys: number;
  readonly took_ms: number;
}

/** Not `EXECUTE`: a governor that knows no drills judges none. */
const DRILL_DECISION = 'DRILL';
const PREFIX = 'drill-';
/** So long a reply may take; the first longer, since a governor may just be starting. */
const REPLY_MS = 1000;
const FIRST_REPLY_MS = 3000;

export async function drill(
  deployment: Deployment,
  signal: AbortSignal,
  firstReplyMs = FIRST_REPLY_MS,
): Promise<DrillReport> {
  const startMs = performance.now();
  const { governor } = await situation(deployment);
  const gates = await drillGates(deployment, signal, firstReplyMs);
  const scratch = await deployment.openScratch(
    `${deployment.namespace}:ballast:drill:${randomUUID().slice(0, 8)}`,
  );
  let steps: readonly DrillStep[];
  let left = 0;
  try {
    steps = await drillSteps(scratch.store, scratch.namespace);
  } finally {
    left = await scratch.remove();
  }
  return {
    passed: [...gates, ...steps].every(({ passed }) => passed),
    governor,
    gates,
    steps,
    left_keys: left,
    took_ms: performance.now() - startMs,
  };
}

/** One after the other, each by itself, so that each has its own time. After the first without a reply no more are asked. */
async function drillGates(
  { store, namespace, settings }: Deployment,
  signal: AbortSignal,
  firstReplyMs: number,
): Promise<GateDrill[]> {
  const drills: GateDrill[] = [];
  let waitMs = firstReplyMs;
  for (const one of drillCases(settings)) {
    const { ms } = drills.at(-1) ?? { ms: 0 };
    if (ms === null || signal.aborted)
      drills.push(unanswered(one, 'not asked: the one before got no answer'));
    else drills.push(await drillGate(store, namespace, one, waitMs, signal));
    waitMs = REPLY_MS;
  }
  return drills;
}

async function drillGate(
  store: Store,
  namespace: string,
  drilled: DrillCase,
  waitMs: number,
  signal: AbortSignal,
): Promise<GateDrill> {
  const name = nameOf(drilled);
  const planId = `${PREFIX}${name}-${randomUUID().slice(0, 8)}`;
  const { symbol, action } = drilled.plan;
  const { nowMs } = await store.permits.look([]);
  const fields = { plan_id: planId, symbol, action, decision: DRILL_DECISION, drill: name };
  const startMs = performance.now();
  await store.append([
    {
      stream: keyOf(namespace, 'plans'),
      fields: Object.entries({ ...fields, timestamp: formatDecimal(nowMs / 1000) }).flat(),
      maxLength: null,
    },
  ]);
  const reply = await store.permits.awaitReply(planId, waitMs, signal);
  const ms = performance.now() - startMs;
  if (reply === null) return unanswered(drilled, 'no governor answered');
  const answer = parseJsonObject(reply)?.get('drill');
  if (typeof answer !== 'object' || answer === null)
    return { ...unanswered(drilled, `the governor answered ${reply.slice(0, 80)}`), ms };
  return { ...readAnswer(new Map(Object.entries(answer)), drilled), ms };
}

function readAnswer(answer: ReadonlyMap<string, unknown>, drilled: DrillCase): Omit<GateDrill, 'ms'> {
  const textIn = (field: string): string | null => {
    const value = answer.get(field);
    return typeof value === 'string' ? value : null;
  };
  const numberIn = (field: string): number | null => {
    const value = answer.get(field);
    return typeof value === 'number' ? value : null;
  };
  const found = textIn('found');
  const note = textIn('note');
  // What counts is what it found, whatever it thinks of that.
  const fired = answer.get('fired') === true && found === drilled.expected;
  return {
    case: nameOf(drilled),
    gate: textIn('gate') ?? drilled.gate,
    expected: drilled.expected,
    found,
    enforced: answer.get('enforced') === true,
    fired,
    value: numberIn('value'),
    limit: numberIn('limit'),
    setting: textIn('setting'),
    note,
    // A governor that does not know the case says so in its note, and compared nothing.
    passed: fired || (note !== null && answer.get('expected') === drilled.expected),
  };
}

function unanswered(drilled: DrillCase, note: string): GateDrill {
  return {
    case: nameOf(drilled),
    gate: drilled.gate,
    expected: drilled.expected,
    found: null,
    enforced: false,
    fired: false,
    value: null,
    limit: null,
    setting: null,
    note,
    passed: false,
    ms: null,
  };
}

function nameOf({ plan }: DrillCase): string {
  return plan.planId.startsWith(PREFIX) ? plan.planId.slice(PREFIX.length) : plan.planId;
}

/** Deletes every key of a namespace; returns how many could not be. */
export async function removeNamespace(store: Store, namespace: string): Promise<number> {
  const prefix = `${namespace}:`;
  const found = new Set<string>();
  let cursor = '0';
  do {
    const step = await store.scan(prefix, cursor);
    for (const key of step.keys) found.add(key);
    cursor = step.cursor;
  } while (cursor !== '0');
  let left = 0;
  for (const key of found) {
    try {
      await store.setText(key, null);
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      left++;
    }
  }
  return left;
}
