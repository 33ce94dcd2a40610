/** Where there is nothing to show: says that it is not a fault of the page, and what would bring something. */
import { sentenceText } from '../../views/format.ts';
import { Icon } from './icon.tsx';

export function Empty({ what, why }: { readonly what: string; readonly why: string }): preact.JSX.Element {
  return (
    <div class="empty">
      <Icon name="ring" />
      <p class="empty-what">{what}</p>
      <p class="empty-why">{why}</p>
    </div>
  );
}

/** While the first word is awaited. Never shown for what is known to be empty. */
export function Loading({ what }: { readonly what: string }): preact.JSX.Element {
  return (
    <div class="loading" role="status">
      <span class="loading-bar" aria-hidden="true" />
      Loading {what} …
    </div>
  );
}

/** Where asking failed; `retry` asks again. */
export function Failed({
  error,
  retry,
}: {
  readonly error: string;
  readonly retry?: () => void;
}): preact.JSX.Element {
  return (
    <div class="failed" role="alert">
      <Icon name="octagon" />
      <p>{sentenceText(error)}</p>
      {retry !== undefined && (
        <button type="button" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  );
}
