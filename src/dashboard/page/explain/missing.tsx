/** What is not recorded any more, said plainly: what is not shown did not necessarily not happen. */
import { Icon } from '../ui/icon.tsx';

export function Missing({ missing }: { readonly missing: readonly string[] }): preact.JSX.Element | null {
  if (missing.length === 0) return null;
  return (
    <aside class="missing" aria-label="Not recorded any more">
      <Icon name="info" />
      <ul>
        {missing.map((sentence, index) => (
          <li key={index}>{sentence}</li>
        ))}
      </ul>
    </aside>
  );
}
