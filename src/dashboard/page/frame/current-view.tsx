/** The view of each route, its title, and the entries of the navigation. */
import { AttributionView } from '../attribution/view.tsx';
import { EventsView } from '../events/view.tsx';
import { PlanView } from '../explain/view.tsx';
import { OverviewView } from '../overview/view.tsx';
import { PlansView } from '../plans/view.tsx';
import { Link, type Route } from '../router.tsx';
import { ShadowView } from '../shadow/view.tsx';
import { SymbolView } from '../symbol/view.tsx';
import { SymbolsView } from '../symbols/view.tsx';
import type { IconName } from '../ui/icon.tsx';

export const NAVIGATION: readonly {
  readonly view: Route['view'];
  /** Views that are part of it: their entry is marked too. */
  readonly also?: Route['view'];
  readonly href: string;
  readonly title: string;
  readonly icon: IconName;
}[] = [
  { view: 'overview', href: '/', title: 'Overview', icon: 'gauge' },
  { view: 'symbols', also: 'symbol', href: '/symbols', title: 'Symbols', icon: 'list' },
  { view: 'attribution', href: '/attribution', title: 'Attribution', icon: 'grid' },
  { view: 'shadow', href: '/shadow', title: 'Shadow', icon: 'layers' },
  { view: 'plans', also: 'plan', href: '/plans', title: 'Plans', icon: 'shield' },
  { view: 'events', href: '/events', title: 'Events', icon: 'bell' },
];

export function titleOf(route: Route): string {
  switch (route.view) {
    case 'symbol':
      return route.symbol;
    case 'plan':
      return `Plan ${route.planId}`;
    case 'unknown':
      return 'No such page';
    case 'plans':
      return 'Permits and blocks';
    default:
      return NAVIGATION.find(({ view }) => view === route.view)?.title ?? '';
  }
}

export function currentView(route: Route): preact.JSX.Element {
  switch (route.view) {
    case 'overview':
      return <OverviewView />;
    case 'symbols':
      return <SymbolsView />;
    case 'symbol':
      return <SymbolView key={route.symbol} symbol={route.symbol} />;
    case 'attribution':
      return <AttributionView />;
    case 'shadow':
      return <ShadowView />;
    case 'plans':
      return <PlansView />;
    case 'plan':
      return <PlanView key={route.planId} planId={route.planId} />;
    case 'events':
      return <EventsView />;
    case 'unknown':
      return <NoSuchPage path={route.path} />;
  }
}

function NoSuchPage({ path }: { readonly path: string }): preact.JSX.Element {
  return (
    <div class="empty">
      <p class="empty-what">There is no page {path}</p>
      <p class="empty-why">
        <Link href="/">Go to the overview</Link>
      </p>
    </div>
  );
}
