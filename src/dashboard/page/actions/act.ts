/** Does what an operator wants, by the server. Nothing shown changes here: the page shows what the stream says. */
import type { ActionResult, Session } from '../../wire.ts';
import { sendJson, type Answer } from '../api.ts';
import { loadSession } from '../session.ts';
import { session } from '../state.ts';

export interface Wanted {
  readonly by: string;
  readonly reason: string;
  readonly confirm: string;
}

interface Challenge {
  readonly nonce: string;
}

/** How actions that stop are called on the way. */
export async function stop(action: 'stop-entries' | 'halt', wanted: Wanted): Promise<Answer<ActionResult>> {
  return post<ActionResult>(`/api/v1/actions/${action}`, { ...wanted });
}

/** Asks for a nonce first: re-arming cannot be sent twice, or long after it was meant. */
export async function rearm(
  symbol: string | null,
  rearmToken: string,
  wanted: Wanted,
): Promise<Answer<ActionResult>> {
  const challenge = await post<Challenge>('/api/v1/challenge', {});
  if (!challenge.ok) return challenge;
  const { nonce } = challenge.value;
  return post<ActionResult>('/api/v1/actions/rearm', { symbol, nonce, rearm_token: rearmToken, ...wanted });
}

/** Why one may not act, and how it would be possible; null: one may. */
export function whyNot(now: Session | null, isRearm: boolean): string | null {
  if (now === null || !now.can_stop)
    return 'This dashboard is read-only. Set DASHBOARD_STOP_TOKEN (at least 16 characters) and start it again to act here; “ballast kill on” acts from a terminal.';
  if (now.rights !== 'stop') return 'You are reading only. Sign in with the stop token to act.';
  if (isRearm && !now.can_rearm)
    return 'Re-arming here is off. Set DASHBOARD_REARM_TOKEN and start the dashboard again; “ballast rearm” and “ballast kill off” do it from a terminal.';
  return null;
}

async function post<T>(path: string, body: object): Promise<Answer<T>> {
  const answer = await sendJson<T>('POST', path, body, session.value?.csrf ?? null);
  // The session may be over, as after a restart of the server: the page has to know what it may do now.
  if (!answer.ok && (answer.status === 401 || answer.code === 'csrf')) await loadSession();
  return answer;
}
