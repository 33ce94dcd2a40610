/** What happens around a machine, told on, and the rare of it also noted where it is kept. */
import type { SupervisorEvents } from '../runtime/supervisor.ts';

/** A thing worth keeping: what it was, and its particulars. */
export type Note = (what: string, particulars: Readonly<Record<string, string | number | null>>) => void;

export function notedEvents(events: SupervisorEvents, note: Note): SupervisorEvents {
  return {
    phase: (phase) => events.phase(phase),
    storeFailed: (operation, error) => events.storeFailed(operation, error),
    entryAhead: (input) => events.entryAhead(input),
    round: (round) => events.round(round),
    gap: (input, gap) => {
      note('gap', { input, kind: gap.kind, lost: gap.kind === 'trimmed' ? gap.lost : null });
      events.gap(input, gap);
    },
    inputState: (input, state, why) => {
      note('input', { input, state, why });
      events.inputState(input, state, why);
    },
    clockSetBack: (byMs) => {
      note('clock_set_back', { by_ms: byMs });
      events.clockSetBack(byMs);
    },
    outputRefused: (key, error) => {
      note('output_refused', { key, error });
      events.outputRefused(key, error);
    },
  };
}
