/**
 * Which `Host` a request may name. A page in a browser can have its own name resolve to this machine and read what we
 * serve; its requests then carry that name, and are refused.
 */
import { isIP } from 'node:net';
import { hostname } from 'node:os';

/**
 * Takes a `Host` header. Loopback names and the bound host are allowed, and those of `alsoAllowed`. Bound to every
 * address, so is any IP address (nobody can make one resolve elsewhere) and this machine's own name.
 */
export function hostCheck(
  boundHost: string,
  alsoAllowed: readonly string[] = [],
): (header: string | undefined) => boolean {
  const isEverywhere = ['0.0.0.0', '::', ''].includes(boundHost);
  const names = new Set(['localhost', bare(boundHost), ...alsoAllowed.map(bare)]);
  if (isEverywhere) names.add(bare(hostname()));
  return (header) => {
    const name = header === undefined ? null : nameIn(header);
    if (name === null) return false;
    return names.has(name) || isLoopback(name) || (isEverywhere && isIP(name) !== 0);
  };
}

/** The name or address of `name:port`, without brackets and a last dot, in lower case; null where it is none. */
function nameIn(header: string): string | null {
  const match = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+))(?::\d{1,5})?$/i.exec(header);
  const name = match?.[1] ?? match?.[2];
  return name === undefined ? null : bare(name);
}

function bare(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function isLoopback(name: string): boolean {
  return name === '::1' || (isIP(name) === 4 && name.startsWith('127.'));
}
