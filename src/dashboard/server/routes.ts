/** The table of the API: what there is, what it takes and gives, and who may. Served, documented and tested from here. */
import { z } from 'zod';
import { CSP_REPORT_PATH } from './headers.ts';
import { planExplanationSchema, symbolExplanationSchema } from '../explanation-schema.ts';
import * as wire from '../wire.ts';
import type { ProblemCode } from './problem.ts';

/** `read`: nobody without a token where one is set. `login`: from our own page or none. `leave`: with the session's CSRF token. `act`: with the rights to stop. */
export type Guard = 'open' | 'read' | 'login' | 'leave' | 'act';

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** As OpenAPI writes it: `/api/v1/symbols/{symbol}`. */
  readonly path: string;
  readonly summary: string;
  readonly guard: Guard;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodObject;
  /** `events`: a stream; null: no content. */
  readonly answer: z.ZodType | 'events' | null;
  /** Beside those its guard and what it takes bring. */
  readonly problems: readonly ProblemCode[];
}

const name = z.string().min(1).max(128);
const limit = z
  .string()
  .regex(/^(?:[1-9]\d{0,2}|1000)$/, 'a whole number from 1 to 1000')
  .prefault('100')
  .transform(Number);
const dimension = z.enum(wire.ATTRIBUTION_DIMENSIONS);

export const ROUTES = {
  snapshot: {
    method: 'GET',
    path: '/api/v1/snapshot',
    summary: 'Everything as it was last read.',
    guard: 'read',
    answer: wire.snapshotSchema,
    problems: ['starting'],
  },
  stream: {
    method: 'GET',
    path: '/api/v1/stream',
    summary:
      'Everything, then every change: Server-Sent Events `snapshot`, `patch` and, every five seconds, `beat`. With `Last-Event-ID` it goes on after that patch where that is still known, and begins with a snapshot else.',
    guard: 'read',
    answer: 'events',
    problems: ['busy'],
  },
  symbol: {
    method: 'GET',
    path: '/api/v1/symbols/{symbol}',
    summary: 'A symbol over time.',
    guard: 'read',
    params: z.object({ symbol: name }),
    answer: wire.symbolDetailSchema,
    problems: ['starting', 'not_found'],
  },
  symbolExplanation: {
    method: 'GET',
    path: '/api/v1/symbols/{symbol}/explanation',
    summary: 'Why the target of a symbol is what it is, as `ballast explain SYMBOL --json`.',
    guard: 'read',
    params: z.object({ symbol: name }),
    answer: symbolExplanationSchema,
    problems: ['not_found', 'store', 'busy'],
  },
  planExplanation: {
    method: 'GET',
    path: '/api/v1/plans/{plan_id}/explanation',
    summary: 'Why a plan was permitted or blocked, as `ballast explain PLAN_ID --json`.',
    guard: 'read',
    params: z.object({ plan_id: name }),
    answer: planExplanationSchema,
    problems: ['not_found', 'store', 'busy'],
  },
  attribution: {
    method: 'GET',
    path: '/api/v1/attribution',
    summary: 'Profit by two dimensions.',
    guard: 'read',
    query: z.strictObject({ x: dimension, y: dimension, symbol: name.optional() }),
    answer: wire.attributionSchema,
    problems: ['starting'],
  },
  verdicts: {
    method: 'GET',
    path: '/api/v1/verdicts',
    summary: 'Permits and blocks, newest first.',
    guard: 'read',
    query: z.strictObject({
      symbol: name.optional(),
      outcome: z.enum(['permitted', 'blocked']).optional(),
      limit,
    }),
    answer: z.array(wire.verdictSchema),
    problems: ['starting'],
  },
  events: {
    method: 'GET',
    path: '/api/v1/events',
    summary: 'Other events, newest first.',
    guard: 'read',
    query: z.strictObject({ event: name.optional(), limit }),
    answer: z.array(wire.eventSchema),
    problems: ['starting'],
  },
  session: {
    method: 'GET',
    path: '/api/v1/session',
    summary: 'What whoever asks may do.',
    guard: 'open',
    answer: wire.sessionSchema,
    problems: ['unauthorized', 'rate_limited'],
  },
  login: {
    method: 'POST',
    path: '/api/v1/session',
    summary: 'Opens a session with a token: a cookie, and the CSRF token to be sent with every action.',
    guard: 'login',
    body: wire.loginSchema,
    answer: wire.sessionSchema,
    problems: ['unauthorized', 'forbidden', 'rate_limited'],
  },
  logout: {
    method: 'DELETE',
    path: '/api/v1/session',
    summary: 'Ends the session.',
    guard: 'leave',
    answer: wire.sessionSchema,
    problems: ['unauthorized', 'rate_limited'],
  },
  challenge: {
    method: 'POST',
    path: '/api/v1/challenge',
    summary: 'A nonce for re-arming: for whoever asked, for one use within a minute.',
    guard: 'act',
    body: z.strictObject({}),
    answer: wire.challengeSchema,
    problems: [],
  },
  stopEntries: {
    method: 'POST',
    path: '/api/v1/actions/stop-entries',
    summary: 'No plan that opens passes any more; exits do. `confirm` is `STOP`.',
    guard: 'act',
    body: wire.stopSchema,
    answer: wire.actionSchema,
    problems: ['confirm', 'conflict', 'store'],
  },
  halt: {
    method: 'POST',
    path: '/api/v1/actions/halt',
    summary: 'Nothing passes any more, and outstanding permits are void. `confirm` is `HALT`.',
    guard: 'act',
    body: wire.stopSchema,
    answer: wire.actionSchema,
    problems: ['confirm', 'store'],
  },
  rearm: {
    method: 'POST',
    path: '/api/v1/actions/rearm',
    summary:
      'Re-arms a symbol, or with `symbol` null everything. `confirm` is the symbol or `ALL`; takes a fresh nonce and the re-arm token.',
    guard: 'act',
    body: wire.rearmSchema,
    answer: wire.actionSchema,
    problems: ['confirm', 'nonce', 'conflict', 'store'],
  },
  report: {
    method: 'POST',
    path: CSP_REPORT_PATH,
    summary:
      'Where browsers report what the content security policy kept the page from doing; it is counted.',
    guard: 'open',
    answer: null,
    problems: ['too_large'],
  },
  openapi: {
    method: 'GET',
    path: '/api/v1/openapi.json',
    summary: 'This document.',
    guard: 'open',
    answer: z.record(z.string(), z.unknown()),
    problems: [],
  },
} as const satisfies Record<string, Route>;

export type Routes = typeof ROUTES;
export type RouteName = keyof Routes;

/** What a guard may answer instead. */
export const GUARD_PROBLEMS: Readonly<Record<Guard, readonly ProblemCode[]>> = {
  open: [],
  read: ['unauthorized', 'rate_limited'],
  login: ['csrf'],
  leave: ['csrf'],
  act: ['unauthorized', 'forbidden', 'csrf', 'rate_limited'],
};

/** The pages of the page: every one is its index.html, which finds out itself where it is. */
export const PAGES: readonly RegExp[] = [
  /^\/(?:symbols|attribution|plans|shadow|events)?$/,
  /^\/(?:symbols|plans)\/[^/]{1,400}$/,
];
