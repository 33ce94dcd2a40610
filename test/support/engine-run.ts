/** Runs events through a pipeline and hands out what it decided, as the JSON it would be written as. */
import { encode, encodeDecision } from '../../src/contract/encode.ts';
import { defaultSettings } from '../../src/contract/settings.ts';
import { Pipeline, type Emit } from '../../src/core/pipeline/pipeline.ts';
import type { BlockDecision, Decision, DisarmDecision, PermitDecision } from '../../src/core/decision.ts';
import type { InputEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';

/** The defaults with every component in enforce, as in replay, and what a test changes. */
export function testSettings(changed: Partial<Settings> = {}): Settings {
  return {
    ...defaultSettings(),
    P28_MODE: 'enforce',
    P29_MODE: 'enforce',
    P30_MODE: 'enforce',
    P31_MODE: 'enforce',
    ...changed,
  };
}

export interface Run {
  readonly pipeline: Pipeline;
  readonly decisions: readonly Decision[];
}

/** Applies the events; `finish` computes the ticks up to the run's end too. */
export function runEvents(
  settings: Settings,
  events: readonly InputEvent[],
  emit: Emit = 'executions',
  finish = true,
): Run {
  const decisions: Decision[] = [];
  const pipeline = new Pipeline(settings, emit, (decision) => decisions.push(decision));
  for (const event of events) pipeline.apply(event);
  if (finish) pipeline.finish();
  return { pipeline, decisions };
}

/** The newest decision of one component about a symbol; throws where there is none. */
export function newest<Type extends Decision['type']>(
  run: Run,
  type: Type,
  symbol: string,
): Extract<Decision, { type: Type }> {
  const found = run.decisions.findLast((decision) => decision.type === type && decision.symbol === symbol);
  if (found === undefined) throw new Error(`no ${type} of ${symbol} was decided`);
  return found as Extract<Decision, { type: Type }>;
}

export type Verdict = PermitDecision | BlockDecision | DisarmDecision;

/** What the governor said, in order. */
export function verdicts(run: Run): Verdict[] {
  return run.decisions.filter(
    (decision): decision is Verdict =>
      decision.type === 'permit' || decision.type === 'block' || decision.type === 'disarm',
  );
}

export function finalText(pipeline: Pipeline): string {
  return encode(new Map(pipeline.final()));
}

export function lines(decisions: readonly Decision[]): string[] {
  return decisions.map(encodeDecision);
}
