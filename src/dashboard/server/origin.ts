/** Whether a request comes from our own page, by what only a browser writes into it. */

export interface Provenance {
  readonly host: string | undefined;
  readonly origin: string | undefined;
  /** `Sec-Fetch-Site` */
  readonly site: string | undefined;
}

/**
 * What is wrong with where it comes from; null: nothing. A program that is no browser says neither, which will do where it
 * shows a token (`needsProof` false), and not where a cookie speaks for it.
 */
export function foreignOrigin(
  { host, origin, site }: Provenance,
  {
    needsProof,
    mayBeSecure,
  }: { readonly needsProof: boolean; readonly mayBeSecure: (host: string) => boolean },
): string | null {
  if (site !== undefined && site !== 'same-origin') return 'another site sent this request';
  if (origin !== undefined && !ownOrigins(host, mayBeSecure).includes(origin))
    return 'the Origin of this request is not this server';
  if (needsProof && origin === undefined && site === undefined)
    return 'a session needs an Origin or Sec-Fetch-Site header; scripts use a bearer token';
  return null;
}

/** A proxy in front may speak TLS to the browser; nobody else does to us. */
function ownOrigins(host: string | undefined, mayBeSecure: (host: string) => boolean): readonly string[] {
  if (host === undefined) return [];
  const schemes = mayBeSecure(host) ? ['http', 'https'] : ['http'];
  return schemes
    .map((scheme) => `${scheme}://${host}`)
    .filter((url) => URL.canParse(url))
    .map((url) => new URL(url).origin);
}
