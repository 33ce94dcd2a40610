/** Asks the server. What goes wrong comes back as a value with a sentence for people; nothing here throws. */
import type { ApiError } from '../wire.ts';

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  /** `status` 0: the server could not be reached. `code` as `errorSchema` says, or `network`, `malformed`. */
  | { readonly ok: false; readonly status: number; readonly code: string; readonly error: string };

/** `getJson('/api/v1/attribution?x=regime&y=hour')`. The type is what the server's schema of that path promises. */
export async function getJson<T>(path: string, signal?: AbortSignal): Promise<Answer<T>> {
  return ask<T>(path, { method: 'GET', ...(signal === undefined ? {} : { signal }) });
}

/** `csrf` null: there is no session yet, as when signing in. */
export async function sendJson<T>(
  method: 'POST' | 'DELETE',
  path: string,
  body: object | null,
  csrf: string | null,
): Promise<Answer<T>> {
  const headers = new Headers();
  if (body !== null) headers.set('Content-Type', 'application/json');
  if (csrf !== null) headers.set('X-CSRF-Token', csrf);
  return ask<T>(path, { method, headers, ...(body === null ? {} : { body: JSON.stringify(body) }) });
}

async function ask<T>(path: string, init: RequestInit): Promise<Answer<T>> {
  let response: Response;
  try {
    response = await fetch(path, { ...init, credentials: 'same-origin', cache: 'no-store' });
  } catch (error) {
    return failed(0, 'network', `The server did not answer (${messageOf(error)}). Is Ballast running?`);
  }
  let body: unknown = null;
  try {
    if (response.status !== 204) body = await response.json();
  } catch (error) {
    return failed(
      response.status,
      'malformed',
      `The server answered ${response.status} with something that is no JSON (${messageOf(error)}).`,
    );
  }
  if (response.ok) return { ok: true, value: body as T };
  const { error, code } = (body ?? {}) as Partial<ApiError>;
  return failed(response.status, code ?? 'unknown', error ?? `The server answered ${response.status}.`);
}

function failed(status: number, code: string, error: string): Answer<never> {
  return { ok: false, status, code, error };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
