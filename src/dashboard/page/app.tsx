/** The frame around every view: the bar that always shows the trading state, what is lost, and the view the address names. */
import type { ReadonlySignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { tradingView } from '../views/trading.ts';
import { ActionDialog } from './actions/dialog.tsx';
import { SignInView } from './actions/sign-in.tsx';
import { Banner } from './frame/banner.tsx';
import { Bar } from './frame/bar.tsx';
import { currentView, titleOf } from './frame/current-view.tsx';
import { route } from './router.tsx';
import { session, snapshot } from './state.ts';
import { Failed, Loading } from './ui/empty.tsx';

export function App({
  sessionError,
}: {
  readonly sessionError: ReadonlySignal<string | null>;
}): preact.JSX.Element {
  const trading = snapshot.value === null ? null : tradingView(snapshot.value.overview);
  const title = titleOf(route.value);
  useEffect(() => {
    document.title = [trading?.headline, title, 'Ballast'].filter((part) => part !== undefined).join(' · ');
  }, [trading?.headline, title]);
  return (
    <>
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <Bar trading={trading} />
      <p class="sr-only" role="status">
        {trading === null ? '' : `Trading state: ${trading.headline}`}
      </p>
      <Banner />
      <main id="main" tabIndex={-1}>
        <Content sessionError={sessionError.value} title={title} />
      </main>
      <ActionDialog />
    </>
  );
}

function Content({
  sessionError,
  title,
}: {
  readonly sessionError: string | null;
  readonly title: string;
}): preact.JSX.Element {
  if (session.value === null)
    return sessionError === null ? (
      <Loading what="the page" />
    ) : (
      <Failed error={`${sessionError} It is asked again every few seconds.`} />
    );
  if (session.value.rights === 'none') return <SignInView error={sessionError} />;
  return (
    <>
      {sessionError !== null && <Failed error={sessionError} />}
      <h1 class="sr-only">{title}</h1>
      {snapshot.value === null ? <Loading what="what the store holds" /> : currentView(route.value)}
    </>
  );
}
