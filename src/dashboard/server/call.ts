/** One request to the API: what it brings, read as its route says, before anything is done. */
import { z } from 'zod';
import { Problem } from './problem.ts';
import type { Caller } from './access.ts';
import type { Route } from './routes.ts';

type Read<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;
type Part<R, Name extends string> = Name extends keyof R ? Read<R[Name]> : undefined;

/** What a handler of this route gets. */
export interface Call<R extends Route = Route> {
  readonly caller: Caller;
  readonly params: Part<R, 'params'>;
  readonly query: Part<R, 'query'>;
  readonly body: Part<R, 'body'>;
}

/** What a handler of this route gives: its answer, as JSON. */
export type Given<R extends Route> = R['answer'] extends z.ZodType ? Loose<z.output<R['answer']>> : void;

/** Who answers gives it away: it may be read-only all through. */
export type Loose<T> = T extends object ? { readonly [Key in keyof T]: Loose<T[Key]> } : T;

export interface RawParts {
  readonly params: ReadonlyMap<string, string>;
  readonly query: URLSearchParams;
  /** As text; null: there is none. */
  readonly body: string | null;
}

export function readParts(route: Route, raw: RawParts): Pick<Call, 'params' | 'query' | 'body'> {
  return {
    params: partOf(route.params, [...raw.params], 'the path') as undefined,
    query: partOf(route.query, [...raw.query], 'the query') as undefined,
    body: bodyOf(route.body, raw.body) as undefined,
  };
}

/** Names come from outside: those that are not of the shape are refused before they become keys. */
function partOf(
  shape: z.ZodObject | undefined,
  given: readonly (readonly [string, string])[],
  where: string,
): unknown {
  if (shape === undefined) return undefined;
  for (const [name] of given) {
    if (!Object.hasOwn(shape.shape, name))
      throw new Problem(
        'invalid',
        `${where} has ${JSON.stringify(name.slice(0, 60))}, which is not asked for`,
      );
    if (given.filter(([other]) => other === name).length > 1)
      throw new Problem('invalid', `${where} has ${name} more than once`);
  }
  return parsed(shape, Object.fromEntries(given), where);
}

function bodyOf(shape: z.ZodObject | undefined, text: string | null): unknown {
  if (shape === undefined) return undefined;
  return parsed(shape, jsonOf(text ?? ''), 'the body');
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) throw new Problem('invalid', 'the body is no JSON');
    throw error;
  }
}

function parsed(shape: z.ZodObject, value: unknown, where: string): unknown {
  const result = shape.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue?.path.join('.') ?? '';
  throw new Problem(
    'invalid',
    `${where}${path === '' ? '' : `, ${path}`}: ${issue?.message ?? 'fits no form'}`,
  );
}
