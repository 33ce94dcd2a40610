/** What was heard stays, and that asking again failed is said, in a line. While the server is not heard at all the banner says so. */
import { outage } from '../state.ts';
import { Icon } from '../ui/icon.tsx';
import type { Polled } from './polled.ts';

export function Trouble({
  polled,
}: {
  readonly polled: Pick<Polled<unknown>, 'value' | 'error' | 'refetch'>;
}): preact.JSX.Element | null {
  if (polled.error === null || polled.value === null || outage.value?.kind === 'link') return null;
  return (
    <p class="trouble" role="alert">
      <Icon name="triangle" /> This may be old. {polled.error.text}
      <button type="button" onClick={polled.refetch}>
        Try again
      </button>
    </p>
  );
}
