/**
 * Who asks, and what they may do. A token in a header or a session in a cookie; what a cookie speaks for has to come from
 * our own page besides, and carry what only that page knows.
 */
import { foreignOrigin, type Provenance } from './origin.ts';
import { Problem } from './problem.ts';
import { Guesses, Secret, sha256 } from './secrets.ts';
import { Nonces, Sessions, type Session as OpenSession } from './sessions.ts';
import type { Session } from '../wire.ts';

export interface Tokens {
  readonly read: string | null;
  readonly stop: string | null;
  readonly rearm: string | null;
}

export interface AccessOptions {
  readonly tokens: Tokens;
  /** Never set back. */
  readonly nowMs: () => number;
  /** Hosts behind which a proxy may speak TLS. */
  readonly mayBeSecure: (host: string) => boolean;
}

export interface Credentials {
  readonly authorization: string | undefined;
  readonly cookie: string | undefined;
}

export interface Caller {
  readonly rights: Session['rights'];
  readonly session: OpenSession | null;
  /** What a challenge is bound to; null: nobody in particular. */
  readonly holder: string | null;
}

export class Access {
  readonly sessions: Sessions;
  readonly nonces: Nonces;
  readonly #read: Secret | null;
  readonly #stop: Secret | null;
  readonly #rearm: Secret | null;
  readonly #guesses: Guesses;
  readonly #mayBeSecure: (host: string) => boolean;

  constructor({ tokens, nowMs, mayBeSecure }: AccessOptions) {
    this.sessions = new Sessions(nowMs);
    this.nonces = new Nonces(nowMs);
    this.#read = secretOf(tokens.read);
    this.#stop = secretOf(tokens.stop);
    this.#rearm = secretOf(tokens.rearm);
    this.#guesses = new Guesses(nowMs);
    this.#mayBeSecure = mayBeSecure;
  }

  /** Throws where a token is given that is none. A session that is over is no session. */
  caller({ authorization, cookie }: Credentials): Caller {
    if (authorization !== undefined) {
      const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(authorization)?.[1];
      if (token === undefined)
        throw new Problem('unauthorized', 'Authorization has to be Bearer and a token', CHALLENGE);
      return {
        rights: this.#rightsOf(token),
        session: null,
        holder: `token ${sha256(token).toString('hex')}`,
      };
    }
    const session = cookie === undefined ? null : this.sessions.find(cookie);
    return {
      rights: session?.rights ?? (this.#read === null ? 'read' : 'none'),
      session,
      holder: session === null ? null : `session ${session.key}`,
    };
  }

  login(token: string): ReturnType<Sessions['open']> {
    return this.sessions.open(this.#rightsOf(token));
  }

  /** As the page learns it. */
  describe({ rights, session }: Caller): Session {
    return {
      rights,
      csrf: session?.csrf ?? null,
      can_stop: this.#stop !== null,
      can_rearm: this.#stop !== null && this.#rearm !== null,
    };
  }

  mustRead({ rights }: Caller): void {
    if (rights === 'none')
      throw new Problem('unauthorized', 'reading takes a token: DASHBOARD_READ_TOKEN is set', CHALLENGE);
  }

  mustStop(caller: Caller): void {
    this.mustRead(caller);
    if (caller.rights === 'stop') return;
    if (this.#stop === null)
      throw new Problem(
        'forbidden',
        'read-only: set DASHBOARD_STOP_TOKEN (at least 16 characters), and DASHBOARD_REARM_TOKEN for re-arming, and start the dashboard again',
      );
    if (caller.holder === null)
      throw new Problem(
        'unauthorized',
        'acting takes the stop token, or a session opened with it',
        CHALLENGE,
      );
    throw new Problem('forbidden', 'this token or session may only read: acting takes the stop token');
  }

  /** Of whatever changes something. `csrf`: what the page sent as `X-CSRF-Token`. */
  mustBeOurs(provenance: Provenance, { session }: Caller, csrf: string | undefined): void {
    const foreign = foreignOrigin(provenance, {
      needsProof: session !== null,
      mayBeSecure: this.#mayBeSecure,
    });
    if (foreign !== null) throw new Problem('csrf', foreign);
    if (session === null) return;
    if (csrf === undefined || !session.csrfSecret.is(csrf))
      throw new Problem('csrf', 'X-CSRF-Token is not the one of this session: GET /api/v1/session gives it');
  }

  /** The second factor. Uses the challenge up, whatever comes of it. */
  mustRearm({ holder }: Caller, nonce: string, token: string): void {
    const isFresh = holder !== null && this.nonces.use(nonce, holder);
    if (this.#rearm === null)
      throw new Problem('forbidden', 're-arming here takes DASHBOARD_REARM_TOKEN, which is not set');
    if (!isFresh)
      throw new Problem(
        'nonce',
        'the challenge is unknown, used or older than a minute: POST /api/v1/challenge gives a new one',
      );
    this.#guesses.mustBeFew(token);
    if (this.#rearm.is(token)) return;
    this.#guesses.wrong(token);
    throw new Problem('forbidden', 'that is not the re-arm token');
  }

  /** Every token is held against each secret, so that the time it takes says nothing. */
  #rightsOf(token: string): 'read' | 'stop' {
    this.#guesses.mustBeFew(token);
    const [isRead, isStop, isRearm] = [this.#read, this.#stop, this.#rearm].map(
      (secret) => secret?.is(token) ?? false,
    );
    if (isStop === true) return 'stop';
    if (isRead === true) return 'read';
    if (isRearm === true)
      throw new Problem('forbidden', 'the re-arm token opens nothing: it is asked for when you re-arm');
    this.#guesses.wrong(token);
    throw new Problem('unauthorized', 'that is no token of this dashboard', CHALLENGE);
  }
}

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="ballast"' };

function secretOf(token: string | null): Secret | null {
  return token === null ? null : new Secret(token);
}
