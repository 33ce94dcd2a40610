/** Holds a run cut into a save and a load against the same run in one piece. */
import { expect } from 'vitest';
import { encodeDecision } from '../../src/contract/encode.ts';
import { Pipeline } from '../../src/core/pipeline/pipeline.ts';
import { loadPipeline, savePipeline, type Snapshot } from '../../src/core/snapshot.ts';
import { finalText, lines, runEvents } from './engine-run.ts';
import type { InputEvent } from '../../src/core/event.ts';
import type { Settings } from '../../src/core/settings.ts';

/** Saves after the first `cut` events, takes the state through JSON, loads it into a new pipeline and goes on. */
export function expectSameWhenCut(settings: Settings, events: readonly InputEvent[], cut: number): void {
  const whole = runEvents(settings, events);
  const decisions: string[] = [];
  const show: ConstructorParameters<typeof Pipeline>[2] = (decision) =>
    decisions.push(encodeDecision(decision));
  const before = new Pipeline(settings, 'executions', show);
  for (const event of events.slice(0, cut)) before.apply(event);
  const saved = JSON.stringify(savePipeline(before));
  const after = new Pipeline(settings, 'executions', show);
  loadPipeline(after, JSON.parse(saved) as Snapshot);
  expect(JSON.stringify(savePipeline(after))).toBe(saved);
  for (const event of events.slice(cut)) after.apply(event);
  after.finish();
  expect(decisions).toEqual(lines(whole.decisions));
  expect(finalText(after)).toBe(finalText(whole.pipeline));
  expect(after.endTick).toBe(whole.pipeline.endTick);
}
