/** Whether something was decided in shadow or acts. */
import { Badge } from '../ui/badge.tsx';

export function ModeBadge({ mode }: { readonly mode: string | null }): preact.JSX.Element | null {
  if (mode === null) return null;
  return mode === 'shadow' ? (
    <Badge tone="info" icon="layers" text="shadow" title="Decided in shadow: nothing acts on it" />
  ) : (
    <Badge tone="neutral" icon="shield" text={mode} title="What it decides acts" />
  );
}
