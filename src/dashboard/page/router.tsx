/** Which view the address names, and links that change it without loading the page again. */
import { signal } from '@preact/signals';
import type { ComponentChildren, TargetedMouseEvent } from 'preact';

export type Route =
  | { readonly view: 'overview' | 'symbols' | 'attribution' | 'shadow' | 'plans' | 'events' }
  | { readonly view: 'symbol'; readonly symbol: string }
  | { readonly view: 'plan'; readonly planId: string }
  | { readonly view: 'unknown'; readonly path: string };

export const route = signal<Route>(parse(location.pathname));

/** What follows `?` in the address. */
export const query = signal<URLSearchParams>(new URLSearchParams(location.search));

addEventListener('popstate', read);

export function symbolPath(symbol: string): string {
  return `/symbols/${encodeURIComponent(symbol)}`;
}

export function planPath(planId: string): string {
  return `/plans/${encodeURIComponent(planId)}`;
}

/** Goes there as if a link were followed; `isReplacing` leaves no step to come back to, as for a changed filter. */
export function navigate(href: string, isReplacing = false): void {
  if (isReplacing) history.replaceState(null, '', href);
  else history.pushState(null, '', href);
  const before = route.value;
  read();
  if (isReplacing || JSON.stringify(before) === JSON.stringify(route.value)) return;
  scrollTo(0, 0);
  // Whoever listens or uses keys is told that another view is there.
  document.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
}

/** A real link: opens in a new tab by the middle button or with a modifier, is copied, is followed by Enter. */
export function Link(props: {
  readonly href: string;
  readonly class?: string;
  readonly title?: string;
  readonly label?: string;
  readonly isCurrent?: boolean;
  readonly children: ComponentChildren;
}): preact.JSX.Element {
  const { href, isCurrent = false, label, children } = props;
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    const isPlain = event.button === 0 && !(event.metaKey || event.ctrlKey || event.shiftKey || event.altKey);
    if (!isPlain || event.defaultPrevented) return;
    event.preventDefault();
    navigate(href);
  };
  return (
    <a
      href={href}
      class={props.class}
      title={props.title}
      aria-label={label}
      aria-current={isCurrent ? 'page' : undefined}
      onClick={follow}
    >
      {children}
    </a>
  );
}

function read(): void {
  route.value = parse(location.pathname);
  query.value = new URLSearchParams(location.search);
}

function parse(path: string): Route {
  const [first = '', second = '', ...rest] = path.replace(/^\/|\/$/g, '').split('/');
  const name = decode(second);
  if (rest.length > 0 || name === null) return { view: 'unknown', path };
  if (name !== '') {
    if (first === 'symbols') return { view: 'symbol', symbol: name };
    if (first === 'plans') return { view: 'plan', planId: name };
    return { view: 'unknown', path };
  }
  switch (first) {
    case '':
      return { view: 'overview' };
    case 'symbols':
    case 'attribution':
    case 'shadow':
    case 'plans':
    case 'events':
      return { view: first };
    default:
      return { view: 'unknown', path };
  }
}

/** Null for what is no valid escape, such as `%zz`. */
function decode(part: string): string | null {
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return null;
    throw error;
  }
}
