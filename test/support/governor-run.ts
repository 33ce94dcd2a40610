/** The live governor inside a test, on a store of its own and a clock that is the test's, with everything it tells kept. */
import { runGovernor, type GovernorOptions } from '../../src/components/governor/run.ts';
import { keyOf } from '../../src/contract/keys.ts';
import { systemClock } from '../../src/runtime/clock.ts';
import { testSettings } from './engine-run.ts';
import type { GovernorListener } from '../../src/components/governor/listener.ts';
import type { Unpermitted } from '../../src/components/governor/reconcile.ts';
import type { BlockDecision, DisarmDecision, PermitDecision } from '../../src/core/decision.ts';
import type { Settings } from '../../src/core/settings.ts';
import type { Store } from '../../src/store/store.ts';

export const GOVERNED = 'quantum';

/** What a governor told, in order. */
export class Told implements GovernorListener {
  readonly permits: PermitDecision[] = [];
  readonly blocks: BlockDecision[] = [];
  readonly disarms: DisarmDecision[] = [];
  readonly unpermittedOnes: Unpermitted[] = [];
  readonly lines: string[] = [];
  rounds = 0;
  isCaughtUp = false;

  phase: GovernorListener['phase'] = ({ state }) => this.lines.push(`phase ${state}`);
  permitted: GovernorListener['permitted'] = (decision) => this.permits.push(decision);
  blocked: GovernorListener['blocked'] = (decision, disarms) => {
    this.blocks.push(decision);
    this.disarms.push(...disarms);
  };
  dropped: GovernorListener['dropped'] = (planId) => this.lines.push(`dropped ${planId}`);
  taken: GovernorListener['taken'] = (planId, _symbol, how) => this.lines.push(`${how} ${planId}`);
  expired: GovernorListener['expired'] = (planId) => this.lines.push(`expired ${planId}`);
  unpermitted: GovernorListener['unpermitted'] = (what) => this.unpermittedOnes.push(what);
  trading: GovernorListener['trading'] = ({ state, disarmed }) =>
    this.lines.push(`trading ${state} ${disarmed.join(',')}`.trim());
  clockStepped: GovernorListener['clockStepped'] = (byMs) =>
    this.lines.push(`clock ${Math.round(byMs / 1000)}`);
  rejected: GovernorListener['rejected'] = (input, reason) => this.lines.push(`rejected ${input} ${reason}`);
  futureTime: GovernorListener['futureTime'] = (input) => this.lines.push(`future ${input}`);
  gap: GovernorListener['gap'] = (input, gap) => this.lines.push(`gap ${input} ${gap.kind}`);
  inputState: GovernorListener['inputState'] = (input, state) => this.lines.push(`input ${input} ${state}`);
  storeFailed: GovernorListener['storeFailed'] = (operation, error) =>
    this.lines.push(`failed ${operation} ${error.kind} ${error.code}`);
  outputRefused: GovernorListener['outputRefused'] = (key) => this.lines.push(`refused ${key}`);
  round: GovernorListener['round'] = ({ isCaughtUp }) => {
    this.rounds++;
    this.isCaughtUp = isCaughtUp;
  };
}

export interface RunningGovernor {
  readonly told: Told;
  /** Ends it as SIGTERM does; rejects with what it died of. */
  readonly stop: () => Promise<void>;
  /** Settles when it is over. */
  readonly over: Promise<void>;
}

export function startGovernor(
  store: Store,
  settings: Settings = testSettings({}),
  more: Partial<GovernorOptions> = {},
): RunningGovernor {
  const told = new Told();
  const abort = new AbortController();
  const over = runGovernor(
    {
      store,
      namespace: GOVERNED,
      settings,
      aliases: new Map(),
      maxSymbols: 1000,
      owner: 'test',
      clock: systemClock,
      sign: null,
      listener: told,
      ...more,
    },
    abort.signal,
  );
  return {
    told,
    over,
    stop: async () => {
      abort.abort();
      await over;
    },
  };
}

/** Publishes a plan as a bot does; returns its entry's id. */
export async function publishPlan(
  store: Store,
  fields: Readonly<Record<string, string>>,
  namespace = GOVERNED,
): Promise<string> {
  const all = { decision: 'EXECUTE', action: 'OPEN_PROPOSED', symbol: 'BTCUSDT', side: 'BUY', ...fields };
  const request = { stream: keyOf(namespace, 'plans'), fields: Object.entries(all).flat(), maxLength: null };
  return (await store.append([request]))[0]!;
}

/** Publishes a plan and waits for its answer. */
export async function ask(
  store: Store,
  fields: Readonly<Record<string, string>> & { readonly plan_id: string },
  waitMs = 5000,
): Promise<{ readonly granted: boolean; readonly reason: string | null } | null> {
  await publishPlan(store, fields);
  const reply = await store.permits.awaitReply(fields.plan_id, waitMs, new AbortController().signal);
  return reply === null ? null : (JSON.parse(reply) as { granted: boolean; reason: string | null });
}
