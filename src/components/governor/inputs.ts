/** The streams the governor reads, besides the permits taken. */
import { KEYS } from '../../contract/keys.ts';

/** In the order they apply: a plan is judged on everything that arrived with it. */
export const DESK_INPUTS = ['cashflows', 'results', 'executions', 'plans'] as const;
export type DeskInput = (typeof DESK_INPUTS)[number];

/** `apply.plan`, as people know the stream. */
export function inputName(kind: DeskInput): string {
  return KEYS[kind].pattern.replace('stream:', '');
}
