/** What stands where something is not known: an en dash for eyes, words for ears. */
import { NOT_KNOWN, UNKNOWN } from '../../views/format.ts';

/** `what` says more than `not known` where there is more to say: `no target yet`. */
export function Unknown({ what = NOT_KNOWN }: { readonly what?: string }): preact.JSX.Element {
  return (
    <span class="unknown" title={what}>
      <span aria-hidden="true">{UNKNOWN}</span>
      <span class="sr-only">{what}</span>
    </span>
  );
}
