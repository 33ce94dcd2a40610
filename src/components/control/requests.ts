/** What an operator asks of a process that has its data folder to itself, as files in that folder say it. */
import { z } from 'zod';
import { cleanText, MAX_BY_LENGTH, MAX_REASON_LENGTH } from './clean-text.ts';
import type { TradingState } from '../../core/event.ts';

export const MAX_REQUEST_BYTES = 16_384;

const MAX_NAME_LENGTH = 128;

const STATES = ['ACTIVE', 'REDUCING', 'HALTED'] as const satisfies readonly TradingState[];

const by = cleaned(MAX_BY_LENGTH);
const reason = cleaned(MAX_REASON_LENGTH);
const symbol = z.string().min(1).max(MAX_NAME_LENGTH).nullable();

const OPERATION = z.discriminatedUnion('command', [
  /** `by` null: nobody gave a name. */
  z.strictObject({ command: z.literal('kill'), state: z.enum(STATES), reason, by: by.nullable() }),
  /** `symbol` null: every one. */
  z.strictObject({ command: z.literal('rearm'), symbol, reason, by }),
  z.strictObject({ command: z.literal('flatten'), symbol, reason, by, is_dry_run: z.boolean() }),
  z.strictObject({ command: z.literal('drill') }),
  /** Changes nothing: what `status` shows. */
  z.strictObject({ command: z.literal('trading') }),
  /** Changes nothing either: why something was decided. */
  z.strictObject({
    command: z.literal('explain'),
    name: z.string().min(1).max(MAX_NAME_LENGTH),
    as: z.enum(['any', 'plan', 'symbol']),
  }),
]);

const REQUEST = z.strictObject({ namespace: z.string().min(1).max(MAX_NAME_LENGTH), operation: OPERATION });

/** What is asked for. */
export type Operation = z.infer<typeof OPERATION>;
export interface ControlRequest {
  /** Which deployment is meant: a process of another one refuses. */
  readonly namespace: string;
  readonly operation: Operation;
}

export type ControlAnswer =
  | { readonly done: true; readonly report: unknown }
  /** In plain words. */
  | { readonly done: false; readonly error: string };

/** Reads a request, or says what is wrong with it. Never throws. */
export function parseRequest(
  text: string,
):
  | { readonly request: ControlRequest; readonly problem: null }
  | { readonly request: null; readonly problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { request: null, problem: `the request is no JSON: ${String(error)}` };
  }
  const parsed = REQUEST.safeParse(json);
  return parsed.success
    ? { request: parsed.data, problem: null }
    : { request: null, problem: `the request cannot be read: ${firstIssue(parsed.error)}` };
}

function cleaned(maxLength: number): z.ZodType<string> {
  return z
    .string()
    .transform((text) => cleanText(text, maxLength))
    .refine((text) => text !== '', 'says nothing');
}

function firstIssue({ issues }: z.ZodError): string {
  const [issue] = issues;
  return issue === undefined ? 'it fits no form' : `${issue.path.join('.') || 'it'}: ${issue.message}`;
}
