/** Whose a component is, as far as this process knows. */
import type { ComponentName } from '../../contract/components.ts';
import type { Phase } from '../../runtime/supervisor.ts';

export type Holding =
  | { readonly kind: 'unknown' }
  | { readonly kind: 'held'; readonly epoch: number }
  | { readonly kind: 'other'; readonly owner: string }
  | { readonly kind: 'stopped' };

export const UNKNOWN_HOLDING: Holding = { kind: 'unknown' };

export function holdingIn(phase: Phase, component: ComponentName): Holding {
  if (phase.state === 'stopped') return { kind: 'stopped' };
  const held = phase.state === 'running' ? phase.held.find((one) => one.component === component) : undefined;
  if (held !== undefined) return { kind: 'held', epoch: held.epoch };
  const owner = phase.owners.get(component);
  return owner === undefined ? UNKNOWN_HOLDING : { kind: 'other', owner };
}

export function isSameHolding(one: Holding, other: Holding): boolean {
  if (one.kind === 'held' && other.kind === 'held') return one.epoch === other.epoch;
  if (one.kind === 'other' && other.kind === 'other') return one.owner === other.owner;
  return one.kind === other.kind;
}
