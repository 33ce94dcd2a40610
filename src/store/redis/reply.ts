/** What Redis answers, and how an error answer becomes a `StoreError`. */
import { ErrorReply } from '@redis/client';
import { StoreError } from '../store.ts';

export type Command = readonly (string | Buffer)[];
export type Reply = string | number | null | readonly Reply[];
/** An answer of a pipeline, where an error is one answer among others. */
export type Answer = Reply | ErrorReply;

export function isError(answer: Answer): answer is ErrorReply {
  return answer instanceof ErrorReply;
}

/** The first word of an error answer where it is a code (`OOM`, `READONLY`), else `ERR`. */
export function codeOf(error: ErrorReply): string {
  return /^([A-Z][A-Z0-9_]+)(?: |$)/.exec(error.message)?.[1] ?? 'ERR';
}

export function refusal(error: ErrorReply, where: string): StoreError {
  return new StoreError('refused', codeOf(error), `Redis at ${where} answered: ${error.message}`, error);
}

/** Codes that say something about the server or the user, not about the key that was asked for. */
const SERVER_WIDE = new Set([
  'LOADING',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'BUSY',
  'NOAUTH',
  'TRYAGAIN',
  'MISCONF',
  'OOM',
  'READONLY',
  'NOREPLICAS',
]);

export function isServerWide(error: ErrorReply): boolean {
  return SERVER_WIDE.has(codeOf(error));
}

export function textOf(reply: Reply | undefined): string {
  if (typeof reply === 'string') return reply;
  if (typeof reply === 'number') return String(reply);
  throw unexpected('a text', reply);
}

export function numberOf(reply: Reply | undefined): number {
  const number = typeof reply === 'string' && reply !== '' ? Number(reply) : reply;
  if (typeof number !== 'number' || !Number.isFinite(number)) throw unexpected('a number', reply);
  return number;
}

export function listOf(reply: Reply | undefined): readonly Reply[] {
  if (typeof reply === 'object' && reply !== null) return reply;
  throw unexpected('a list', reply);
}

/** A list of texts; what holds it is not looked through, it came from a command that answers nothing else. */
export function textsOf(reply: Reply | undefined): readonly string[] {
  return listOf(reply) as readonly string[];
}

/** `[name, value, name, value]` as a map. */
export function mapOf(reply: Reply | undefined): Map<string, string> {
  const flat = textsOf(reply);
  const map = new Map<string, string>();
  for (let i = 0; i + 1 < flat.length; i += 2) map.set(flat[i]!, flat[i + 1]!);
  return map;
}

/** Milliseconds of a `TIME` answer. */
export function timeMsOf(reply: Reply | undefined): number {
  const [seconds, micros] = listOf(reply);
  return numberOf(seconds) * 1000 + Math.floor(numberOf(micros) / 1000);
}

function unexpected(wanted: string, got: Reply | undefined): StoreError {
  return new StoreError(
    'unusable',
    'REPLY',
    `Redis answered ${JSON.stringify(got)?.slice(0, 100)} where ${wanted} belongs`,
  );
}
