/** Every component: does it run, in which mode, how fresh, how far behind, and what is amiss. */
import { worstTone, type ComponentView } from '../../views/components.ts';
import { ageText } from '../../views/format.ts';
import { Age } from '../ui/age.tsx';
import { Badge } from '../ui/badge.tsx';
import { Empty } from '../ui/empty.tsx';
import { Figure } from '../ui/figures.tsx';
import { Panel } from '../ui/panel.tsx';
import { Unknown } from '../ui/unknown.tsx';

export function ComponentsPanel({ views }: { readonly views: readonly ComponentView[] }): preact.JSX.Element {
  const worst = worstTone(views);
  const running = views.filter(({ state }) => ['running', 'late', 'degraded'].includes(state)).length;
  return (
    <Panel
      title="Components"
      class="components"
      actions={views.length > 0 && <Badge tone={worst} text={`${running} of ${views.length} running`} />}
    >
      {views.length === 0 ? (
        <Empty what="No component is known" why="“ballast up” runs them all in one process." />
      ) : (
        <div class="scroll-x" tabIndex={0} role="group" aria-label="Components">
          <table class="components-table">
            <thead>
              <tr>
                <th scope="col">Component</th>
                <th scope="col">State</th>
                <th scope="col">Mode</th>
                <th scope="col" class="is-right">
                  Last tick
                </th>
                <th scope="col" class="is-right is-minor">
                  Lag
                </th>
                <th scope="col" class="is-right is-minor">
                  Symbols
                </th>
              </tr>
            </thead>
            {views.map((view) => (
              <Rows key={view.component} view={view} />
            ))}
          </table>
        </div>
      )}
    </Panel>
  );
}

/** A body of its own, so that what is amiss stays with its component. */
function Rows({ view }: { readonly view: ComponentView }): preact.JSX.Element {
  const { component, id, title, tone, state, lastTick, tickLimitSec, lagSec, isLagging, amiss } = view;
  return (
    <tbody class={amiss.length > 0 ? `edge-${tone}` : undefined}>
      <tr>
        <th scope="row">
          <span class="component-name" title={title}>
            {component}
          </span>
          {id !== null && <span class="soft"> {id}</span>}
        </th>
        <td>
          <Badge
            tone={tone}
            text={state}
            {...(view.owner === null ? {} : { title: `held by ${view.owner}` })}
          />
        </td>
        <td>
          <Mode mode={view.mode} why={view.modeWhy} />
        </td>
        <td class="is-right">
          <Age ts={lastTick} {...(tickLimitSec === null ? {} : { limitSec: tickLimitSec })} />
        </td>
        <td class="is-right is-minor">
          {lagSec === null ? (
            <Unknown />
          ) : (
            <span class={isLagging ? 'is-stale' : undefined}>{lagSec < 0.5 ? 'none' : ageText(lagSec)}</span>
          )}
        </td>
        <td class="is-right is-minor">
          <Figure value={view.symbols} digits={0} />
        </td>
      </tr>
      {amiss.length > 0 && (
        <tr class="amiss">
          <td colSpan={6}>
            {amiss.map((sentence) => (
              <p key={sentence}>{sentence}</p>
            ))}
          </td>
        </tr>
      )}
    </tbody>
  );
}

/** Modes in which nothing is enforced. */
const HOLLOW: readonly string[] = ['shadow', 'dry_run'];

/** Enforce is filled, shadow an outline: what only watches looks hollow. */
function Mode({
  mode,
  why,
}: {
  readonly mode: string | null;
  readonly why: string | null;
}): preact.JSX.Element {
  if (mode === null) return <Unknown what="it has no mode of its own" />;
  return (
    <span class={`mode mode-${HOLLOW.includes(mode) ? 'shadow' : 'enforce'}`} title={why ?? undefined}>
      {mode}
    </span>
  );
}
