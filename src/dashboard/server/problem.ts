/** Why a request is not done: for people and for programs, with the status that goes with it. Nothing of what went wrong inside. */

const STATUS = {
  /** The request itself is wrong: its body, its parameters, what it says it is. */
  invalid: 400,
  /** A token is needed, or the one given is none. */
  unauthorized: 401,
  /** It is known who asks, and they may not. */
  forbidden: 403,
  /** Another page may have sent it. */
  csrf: 403,
  /** What has to be typed was not. */
  confirm: 403,
  /** The challenge is unknown, used, too old or someone else's. */
  nonce: 403,
  not_found: 404,
  method: 405,
  /** It cannot be done as things stand. */
  conflict: 409,
  too_large: 413,
  media_type: 415,
  rate_limited: 429,
  internal: 500,
  /** Nothing was read from the store yet. */
  starting: 503,
  /** Too many ask for the same. */
  busy: 503,
  /** The store did not do it, or does not answer. */
  store: 503,
} as const;

export type ProblemCode = keyof typeof STATUS;
export const PROBLEM_STATUS: Readonly<Record<ProblemCode, number>> = STATUS;

export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly status: (typeof STATUS)[ProblemCode];
  readonly headers: Readonly<Record<string, string>>;

  constructor(code: ProblemCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.code = code;
    this.status = STATUS[code];
    this.headers = headers;
  }
}
