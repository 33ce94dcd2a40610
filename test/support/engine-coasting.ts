/** Holds a run that may coast against one that computes every tick (`emit` all never coasts). */
import { expect } from 'vitest';
import { encodeDecision } from '../../src/contract/encode.ts';
import { TICKING } from '../../src/core/pipeline/ticking.ts';
import { Pipeline } from '../../src/core/pipeline/pipeline.ts';
import { finalText, lines, runEvents } from './engine-run.ts';
import type { Decision } from '../../src/core/decision.ts';
import type { InputEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';

/** Decisions after an execution, and the final state, have to be the same bytes either way. */
export function expectSameAsEveryTick(settings: Settings, events: readonly InputEvent[]): void {
  const coasting = runEvents(settings, events, 'executions');
  const wanted = new Wanted();
  const expected: string[] = [];
  const everyTick = new Pipeline(settings, 'all', (decision) => {
    if (wanted.has(decision)) expected.push(encodeDecision(decision));
  });
  for (const event of events) {
    const applied = everyTick.apply(event);
    if (event.type === 'execution' && applied === 'applied') wanted.add(event.symbol);
  }
  everyTick.finish();
  expect(lines(coasting.decisions)).toEqual(expected);
  expect(finalText(coasting.pipeline)).toBe(finalText(everyTick));
  const withoutDecisions = runEvents(settings, events, 'final');
  expect(finalText(withoutDecisions.pipeline)).toBe(finalText(everyTick));
}

/** Which of all decisions `emit` executions shows: after an execution of a symbol each component's next about it. */
class Wanted {
  readonly #pending = new Map<string, Set<string>>();

  add(symbol: string): void {
    this.#pending.set(symbol, new Set(TICKING));
  }

  has(decision: Decision): boolean {
    if (!(TICKING as readonly string[]).includes(decision.type)) return true;
    return this.#pending.get(decision.symbol)?.delete(decision.type) ?? false;
  }
}
