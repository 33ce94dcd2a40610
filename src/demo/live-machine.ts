/** The real thing on the store of the demo: the supervised components and the governor, on simulated time. */
import { TICKING_COMPONENTS, type TickingComponent } from '../components/declarations.ts';
import { runGovernor } from '../components/governor/run.ts';
import { TradingMachine, type MachineListener } from '../components/machine.ts';
import { supervise } from '../runtime/supervisor.ts';
import type { GovernorListener } from '../components/governor/listener.ts';
import type { Story } from './story.ts';
import type { Decision } from '../core/decision.ts';
import type { Settings } from '../core/settings.ts';
import type { Clock } from '../runtime/clock.ts';
import type { StoreError, Store } from '../store/store.ts';

export interface LiveMachineOptions {
  readonly store: Store;
  readonly namespace: string;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly clusters: ReadonlyMap<string, string>;
  readonly story: Story;
  /** Told every decision, in the order they are made. */
  readonly onDecision: (decision: Decision) => void;
}

const OWNER = 'demo';
const MAX_SYMBOLS = 1000;
const MODES_SET = new Set(['P28_MODE', 'P29_MODE', 'P30_MODE', 'P31_MODE']);

/** Runs until `signal` aborts; rejects on a bug, and where the store failed: in this process it has no reason to. */
export async function runLiveMachine(options: LiveMachineOptions, signal: AbortSignal): Promise<void> {
  const { store, namespace, clock, settings, clusters } = options;
  const failed = new AbortController();
  const running = AbortSignal.any([signal, failed.signal]);
  const shared = { store, namespace, settings, clock, aliases: new Map<string, string>() };
  const trouble = troubleOf(failed);
  const components = supervise(
    {
      ...shared,
      components: TICKING_COMPONENTS,
      owner: OWNER,
      events: { ...trouble, entryAhead: nothing, clockSetBack: nothing, round: nothing, phase: nothing },
      makeMachine: (names) =>
        new TradingMachine({
          ...shared,
          components: names as readonly TickingComponent[],
          modesSet: MODES_SET,
          clusters,
          maxSymbols: MAX_SYMBOLS,
          listener: machineListener(options, trouble.rejected),
        }),
    },
    running,
  );
  const governor = runGovernor(
    {
      ...shared,
      owner: OWNER,
      maxSymbols: MAX_SYMBOLS,
      sign: null,
      listener: governorListener(options, trouble),
    },
    running,
  );
  const all = [components, governor].map((one) =>
    one.catch((error: unknown) => {
      failed.abort(error);
    }),
  );
  await Promise.all(all);
  if (failed.signal.aborted) throw failed.signal.reason;
}

/** What may not happen in the demo ends it, with what it was. */
function troubleOf(failed: AbortController) {
  const end = (what: string): void => failed.abort(new Error(`the demo found a fault of its own: ${what}`));
  return {
    storeFailed: (operation: string, error: StoreError): void =>
      end(`the store could not ${operation}: ${error.message}`),
    outputRefused: (key: string, error: string): void => end(`the store refused ${key}: ${error}`),
    gap: (input: string): void => end(`entries of ${input} are gone`),
    inputState: (input: string, state: string): void => {
      if (state !== 'readable') end(`${input} is ${state}`);
    },
    rejected: (where: string, reason: string, detail: string): void => end(`${where}: ${reason}: ${detail}`),
  };
}

type Trouble = ReturnType<typeof troubleOf>;

function machineListener(
  { story, onDecision }: LiveMachineOptions,
  rejected: Trouble['rejected'],
): MachineListener {
  return {
    begins: nothing,
    began: nothing,
    applied: nothing,
    rejected,
    futureTime: nothing,
    foreignRecord: nothing,
    named: nothing,
    ticked: nothing,
    decided: (_declaration, _symbol, decision) => {
      onDecision(decision);
      story.decided(decision);
    },
    lastKnownGood: nothing,
    violation: nothing,
    modes: nothing,
    modeChanged: nothing,
  };
}

function governorListener({ story, onDecision }: LiveMachineOptions, trouble: Trouble): GovernorListener {
  return {
    ...trouble,
    phase: nothing,
    permitted: (decision) => {
      onDecision(decision);
      story.permitted(decision);
    },
    blocked: (decision, disarms) => {
      for (const one of [decision, ...disarms]) onDecision(one);
      story.blocked(decision, disarms);
    },
    dropped: nothing,
    taken: nothing,
    expired: nothing,
    unpermitted: ({ symbol, reason }) => story.executedWithoutPermit(symbol, reason),
    trading: ({ state }) => void (story.tradingState = state),
    clockStepped: nothing,
    futureTime: nothing,
    round: nothing,
  };
}

function nothing(): void {
  // Of no interest to the demo.
}
