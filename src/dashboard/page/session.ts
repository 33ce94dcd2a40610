/** Who looks, and what they may do. A token is given once, in a form or in the address, and kept by the server's cookie only. */
import type { Session } from '../wire.ts';
import { getJson, sendJson, type Answer } from './api.ts';
import { session } from './state.ts';

const PATH = '/api/v1/session';

/** Asks who we are; a token in the address is used first. Returns what went wrong, for people, or null. */
export async function startSession(): Promise<string | null> {
  const token = takeToken();
  if (token !== null) {
    const error = await signIn(token);
    if (error === null) return null;
    await loadSession();
    return error;
  }
  return loadSession();
}

export async function signIn(token: string): Promise<string | null> {
  return keep(await sendJson<Session>('POST', PATH, { token }, null));
}

export async function signOut(): Promise<string | null> {
  const answer = await sendJson<null>('DELETE', PATH, null, session.value?.csrf ?? null);
  return answer.ok ? loadSession() : answer.error;
}

export async function loadSession(): Promise<string | null> {
  return keep(await getJson<Session>(PATH));
}

function keep(answer: Answer<Session>): string | null {
  if (!answer.ok) return answer.error;
  session.value = answer.value;
  return null;
}

/** `#token=…` of the address, which is cleaned at once: it must not stay in the history or be shown to whoever passes by. */
function takeToken(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return null;
  history.replaceState(null, '', location.pathname + location.search);
  return token.trim() === '' ? null : token.trim();
}
