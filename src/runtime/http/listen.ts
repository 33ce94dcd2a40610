/** A Node server that listens within limits, says why where it cannot, and closes at once when told to. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

export interface ListenOptions {
  readonly host: string;
  /** 0: the system chooses a free one. */
  readonly port: number;
  /** The setting that holds the port, and the one that holds the host: for what an error tells to do. */
  readonly portSetting: string;
  readonly hostSetting: string;
  /** What went wrong with the server once it listens. */
  readonly onError: (error: Error) => void;
  /** On every answer to what is no request; `SECURITY_HEADERS` unless given. */
  readonly securityHeaders?: Readonly<Record<string, string>>;
  /** Further connections are closed at once. */
  readonly maxConnections?: number;
}

export interface Listening {
  /** The real port. */
  readonly port: number;
  readonly url: string;
  /** Within 200 ms, whatever clients do. */
  close(): Promise<void>;
}

/** A port cannot be had; its message names setting, address and remedy. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
}

/** On every answer: nothing here is to be kept, framed, guessed at or run by a browser. */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

const LIMITS = {
  maxHeaderSize: 8192,
  headersTimeout: 5000,
  requestTimeout: 5000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1000,
  // A request without a host is answered as one for another host is: Node's own answer has no headers.
  requireHostHeader: false,
};
const MAX_CONNECTIONS = 64;
const MAX_HEADERS = 50;
/** A client that takes an answer slower than this is let go. */
const IDLE_SOCKET_MS = 15_000;
/** How long an answer on its way may take once the server closes. */
const GRACE_MS = 80;

/** Rejects with `ListenError` where the port cannot be had. */
export async function listen(handler: RequestListener, options: ListenOptions): Promise<Listening> {
  const server = createServer(LIMITS, handler);
  server.maxConnections = options.maxConnections ?? MAX_CONNECTIONS;
  server.maxHeadersCount = MAX_HEADERS;
  server.setTimeout(IDLE_SOCKET_MS);
  // What it expects nobody here knows: it is a request like any other.
  server.on('checkExpectation', handler);
  const headers = options.securityHeaders ?? SECURITY_HEADERS;
  server.on('clientError', (error, socket) => answerBadRequest(error, socket as Socket, headers));
  await new Promise<void>((resolve, reject) => {
    const refuse = (error: NodeJS.ErrnoException): void => reject(listenError(error, options));
    server.once('error', refuse);
    server.listen(options.port, options.host, () => {
      server.off('error', refuse);
      resolve();
    });
  });
  server.on('error', options.onError);
  const { port } = server.address() as AddressInfo;
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { port, url: `http://${host}:${port}`, close: () => close(server) };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS);
    // It closes idle connections itself. An error here says that it was closed already.
    server.close(() => {
      clearTimeout(cut);
      resolve();
    });
  });
}

/** What is not HTTP, is too large or came too slowly, in the form of every other error. */
function answerBadRequest(
  error: NodeJS.ErrnoException,
  socket: Socket,
  securityHeaders: Readonly<Record<string, string>>,
): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const [status, why] = BAD_REQUESTS.get(error.code ?? '') ?? ['400 Bad Request', 'bad request'];
  const body = JSON.stringify({ error: why, code: 'invalid' });
  const headers = Object.entries({
    ...securityHeaders,
    'Content-Type': 'application/json',
    'Content-Length': String(body.length),
    Connection: 'close',
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status}\r\n${headers.join('')}\r\n${body}`);
}

const BAD_REQUESTS: ReadonlyMap<string, readonly [status: string, why: string]> = new Map([
  ['HPE_HEADER_OVERFLOW', ['431 Request Header Fields Too Large', 'headers too large']],
  ['ERR_HTTP_REQUEST_TIMEOUT', ['408 Request Timeout', 'the request took too long']],
]);

function listenError(error: NodeJS.ErrnoException, options: ListenOptions): ListenError {
  const { host, port, portSetting, hostSetting } = options;
  const where = `${portSetting} ${port} on ${host}`;
  const message = new Map([
    [
      'EADDRINUSE',
      `${where} is in use: stop the program that listens there, or set ${portSetting} to another port (0: any free one)`,
    ],
    [
      'EACCES',
      `${where} may not be opened by this user: set ${portSetting} to a port from 1024 to 65535 (0: any free one)`,
    ],
    ...['EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'EINVAL'].map((code): [string, string] => [
      code,
      `${hostSetting} ${host} is no address of this machine: set it to one of its own, 127.0.0.1 for this machine only`,
    ]),
  ]).get(error.code ?? '');
  return new ListenError(message ?? `${where} cannot be opened: ${error.message}`, { cause: error });
}
