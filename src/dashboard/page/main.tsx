/** The page begins: what was remembered, who looks, then the server's stream for as long as the page is open. */
import 'uplot/dist/uPlot.min.css';
import './style/tokens.css';
import './style/base.css';
import './style/layout.css';
import './style/overview.css';
import './style/lists.css';
import './style/dialog.css';
import { signal } from '@preact/signals';
import { render } from 'preact';
import { App } from './app.tsx';
import { startPreferences } from './preferences.ts';
import { loadSession, startSession } from './session.ts';
import { link, session } from './state.ts';
import { follow } from './stream.ts';

const SESSION_RETRY_MS = 3000;

/** What went wrong with the session, for people. */
const sessionError = signal<string | null>(null);

startPreferences();
const root = document.querySelector('#app');
if (root === null) throw new Error('index.html has no element #app to put the page into');
root.replaceChildren();
render(<App sessionError={sessionError} />, root);
await begin();

/** Without a session at all nothing may be read; until the server answers it is asked again. */
async function begin(): Promise<void> {
  sessionError.value = await startSession();
  while (session.value === null) {
    await new Promise((resolve) => setTimeout(resolve, SESSION_RETRY_MS));
    sessionError.value = await loadSession();
  }
  // A server that was started again knows none of the sessions of the one before.
  let wasCut = false;
  link.subscribe((now) => {
    if (now !== 'connecting' && wasCut) void loadSession();
    wasCut = now !== 'live';
  });
  let stop: (() => void) | null = null;
  session.subscribe((now) => {
    const mayRead = now !== null && now.rights !== 'none';
    if (mayRead) stop ??= follow();
    else {
      stop?.();
      stop = null;
    }
  });
}
