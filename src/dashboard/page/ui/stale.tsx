/** Marks what is too old to act on, by shape and word. */
import type { ComponentChildren } from 'preact';

export function Stale({
  isStale,
  why,
  children,
}: {
  readonly isStale: boolean;
  /** `its target is 5 minutes old, the limit is 1 minute`. */
  readonly why: string;
  readonly children: ComponentChildren;
}): preact.JSX.Element {
  if (!isStale) return <>{children}</>;
  return (
    <span class="is-stale" title={why}>
      {children}
      <span class="sr-only"> (stale: {why})</span>
    </span>
  );
}
