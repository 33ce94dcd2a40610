/** Headers and host of every request, before anything looks at the rest of it. */
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';

export interface GuardOptions {
  readonly isAllowed: (host: string | undefined) => boolean;
  /** On every answer. */
  readonly headers: Readonly<Record<string, string>>;
  /** What is said to whoever names another host. */
  readonly refusal: object;
}

export function guarded(
  answer: (request: IncomingMessage, response: ServerResponse) => unknown,
  { isAllowed, headers, refusal }: GuardOptions,
): RequestListener {
  return (request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    // A body may be left unread: the connection ends with the answer.
    if (request.method !== 'GET' && request.method !== 'HEAD') response.setHeader('Connection', 'close');
    if (!isAllowed(hostOf(request))) {
      sendJson(response, 421, refusal);
      return;
    }
    // Sent before the answer to another one: each of hundreds in one packet would be worked on at once, and a stream behind
    // another answer is never told that its connection is gone.
    if (response.socket === null) {
      sendJson(response, 400, { error: 'one request at a time on a connection', code: 'invalid' });
      return;
    }
    void answer(request, response);
  };
}

/** Of two hosts each of us and a proxy might believe another one: then there is none. */
function hostOf({ headersDistinct }: IncomingMessage): string | undefined {
  const hosts = headersDistinct.host ?? [];
  return hosts.length === 1 ? hosts[0] : undefined;
}

function sendJson(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.setHeader('Connection', 'close');
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}
