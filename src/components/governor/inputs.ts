/** The streams the governor reads, besides the permits taken. */

/** In the order they apply: a plan is judged on everything that arrived with it. */
export const DESK_INPUTS = ['cashflows', 'results', 'executions', 'plans'] as const;
export type DeskInput = (typeof DESK_INPUTS)[number];
