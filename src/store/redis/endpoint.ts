/** Where Redis is: a URL taken apart. No message and no label ever shows the user or the password. */

export interface Endpoint {
  /** For messages: `127.0.0.1:6379/0`, `unix:/run/redis.sock/0`. */
  readonly where: string;
  readonly socket:
    { readonly host: string; readonly port: number; readonly tls: boolean } | { readonly path: string };
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly database: number;
}

/** Takes `redis://user:password@host:port/db`, `rediss://…` (TLS) or `unix:///path?db=1`. Throws `RangeError`. */
export function parseEndpoint(url: string): Endpoint {
  // The platform's own error shows the whole text, with the password.
  if (!URL.canParse(url)) throw wrong('it is no URL');
  const parsed = new URL(url);
  const { protocol, pathname, searchParams } = parsed;
  const credentials = {
    username: decode(parsed.username, 'user name'),
    password: decode(parsed.password, 'password'),
  };
  if (protocol === 'unix:') {
    if (pathname.length < 2) throw wrong('a unix: URL needs the path of the socket');
    const database = databaseOf(searchParams.get('db') ?? '');
    const path = decode(pathname, 'path')!;
    return { where: `unix:${path}/${database}`, socket: { path }, ...credentials, database };
  }
  if (protocol !== 'redis:' && protocol !== 'rediss:')
    throw wrong(`it begins with ${protocol}, not with redis:, rediss: or unix:`);
  const host = parsed.hostname.replace(/^\[(.*)\]$/, '$1') || '127.0.0.1';
  const port = parsed.port === '' ? 6379 : Number(parsed.port);
  const database = databaseOf(pathname.slice(1));
  return {
    where: `${parsed.hostname || host}:${port}/${database}`,
    socket: { host, port, tls: protocol === 'rediss:' },
    ...credentials,
    database,
  };
}

function databaseOf(text: string): number {
  if (text === '') return 0;
  if (!/^\d{1,5}$/.test(text)) throw wrong('the database after the last slash is no number');
  return Number(text);
}

function decode(text: string, what: string): string | undefined {
  if (text === '') return undefined;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    throw new RangeError(
      `The Redis URL is not usable: a % in its ${what} is not followed by two hexadecimal digits; write it %25`,
      { cause: error instanceof Error ? error.name : error },
    );
  }
}

function wrong(what: string): RangeError {
  return new RangeError(
    `The Redis URL is not usable: ${what}; write redis://user:password@host:port/database, rediss:// for TLS`,
  );
}
