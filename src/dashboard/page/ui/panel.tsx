/** A titled part of a view. While the server or its store is not heard, every panel says how old it is. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { outage } from '../state.ts';
import { Age } from './age.tsx';

export function Panel({
  title,
  age,
  actions,
  class: extra = '',
  children,
}: {
  readonly title: string;
  /** When its content was decided or read, where that differs from the rest of the page. */
  readonly age?: number | null;
  readonly actions?: ComponentChildren;
  readonly class?: string;
  readonly children: ComponentChildren;
}): preact.JSX.Element {
  const id = useId();
  const cut = outage.value;
  const shown = age ?? cut?.readAt ?? null;
  return (
    <section class={`panel ${extra}${cut === null ? '' : ' is-cut-off'}`} aria-labelledby={id}>
      <header class="panel-head">
        <h2 id={id}>{title}</h2>
        {shown !== null && (
          <span class="panel-age">
            as of <Age ts={shown} /> ago
            {cut !== null && (
              <>
                , <span class="stale-mark is-stale">stale</span>
              </>
            )}
          </span>
        )}
        {actions !== undefined && <div class="panel-actions">{actions}</div>}
      </header>
      {children}
    </section>
  );
}
