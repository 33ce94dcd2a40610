/** The components that tick, and how often. */
import type { Settings } from '../settings.ts';

export const TICKING = ['budget', 'attribution', 'allocation', 'efficiency', 'proposal'] as const;
/** The components that tick, in the order they do within one tick. */
export type Ticking = (typeof TICKING)[number];

/** Seconds between the ticks of a component. */
export function intervalSecOf(component: Ticking, settings: Settings): number {
  switch (component) {
    case 'budget':
      return settings.P28_INTERVAL_SEC;
    case 'attribution':
      return settings.P30_INTERVAL_SEC;
    case 'allocation':
      return settings.P29_INTERVAL_SEC;
    case 'efficiency':
      return settings.P31_LOOP_SEC;
    case 'proposal':
      return settings.LOOP_INTERVAL_SEC;
  }
}
