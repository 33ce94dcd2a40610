/** The OpenAPI 3.1 document of the API, made from the table of routes and the schemas of the wire. */
import { z } from 'zod';
import { PROBLEM_STATUS, type ProblemCode } from './problem.ts';
import { GUARD_PROBLEMS, ROUTES, type Route, type RouteName } from './routes.ts';
import { VERSION } from '../../contract/version.ts';
import { planExplanationSchema, symbolExplanationSchema } from '../explanation-schema.ts';
import * as wire from '../wire.ts';

type Json = Readonly<Record<string, unknown>>;

/** Those that have a name of their own in the document. */
const NAMED: readonly (readonly [name: string, schema: z.ZodType])[] = [
  ['Snapshot', wire.snapshotSchema],
  ['Patch', wire.patchSchema],
  ['Overview', wire.overviewSchema],
  ['Trading', wire.tradingSchema],
  ['Component', wire.componentSchema],
  ['Symbol', wire.symbolSchema],
  ['Verdict', wire.verdictSchema],
  ['Gate', wire.gateSchema],
  ['Event', wire.eventSchema],
  ['EquityPoint', wire.equityPointSchema],
  ['SymbolDetail', wire.symbolDetailSchema],
  ['Attribution', wire.attributionSchema],
  ['PlanExplanation', planExplanationSchema],
  ['SymbolExplanation', symbolExplanationSchema],
  ['Session', wire.sessionSchema],
  ['Login', wire.loginSchema],
  ['Challenge', wire.challengeSchema],
  ['Stop', wire.stopSchema],
  ['Rearm', wire.rearmSchema],
  ['ActionResult', wire.actionSchema],
  ['Error', wire.errorSchema],
];

export function openApiDocument(): Json {
  const names = new Map(NAMED.map(([name, schema]): [z.ZodType, string] => [schema, name]));
  const paths = new Map<string, Record<string, Json>>();
  for (const [name, route] of Object.entries(ROUTES) as [RouteName, Route][]) {
    const at = paths.get(route.path) ?? {};
    at[route.method.toLowerCase()] = operation(name, route, names);
    paths.set(route.path, at);
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Ballast dashboard',
      version: VERSION,
      description:
        'What the dashboard shows and does. Reading takes a token only where DASHBOARD_READ_TOKEN is set. Scripts send `Authorization: Bearer TOKEN`; the page opens a session and sends `X-CSRF-Token` with every action. Money in USD, times Unix seconds of the store’s clock.',
    },
    paths: Object.fromEntries(paths),
    components: {
      schemas: schemas(),
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'ballast_session' },
      },
    },
  };
}

function operation(name: RouteName, route: Route, names: ReadonlyMap<z.ZodType, string>): Json {
  return {
    operationId: name,
    summary: route.summary,
    security: route.guard === 'open' || route.guard === 'login' ? [] : [{ token: [] }, { session: [] }],
    parameters: [
      ...parameters(route.params, 'path'),
      ...parameters(route.query, 'query'),
      ...(route.guard === 'act' || route.guard === 'leave' ? [CSRF] : []),
    ],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: json(schemaOf(route.body, names)) } }),
    responses: { ...success(route, names), ...problems(route) },
  };
}

const CSRF: Json = {
  name: 'X-CSRF-Token',
  in: 'header',
  required: false,
  description: 'Needed with a session.',
  schema: { type: 'string' },
};

function parameters(shape: z.ZodObject | undefined, where: 'path' | 'query'): Json[] {
  return (Object.entries(shape?.shape ?? {}) as [string, z.ZodType][]).map(([name, schema]) => ({
    name,
    in: where,
    required: where === 'path' || !z.safeParse(schema, undefined).success,
    schema: plainSchema(schema),
  }));
}

function success({ answer, path }: Route, names: ReadonlyMap<z.ZodType, string>): Json {
  if (answer === null) return { 204: { description: 'Done.' } };
  if (answer === 'events')
    return {
      200: { description: 'Events.', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    };
  return { 200: { description: path, content: json(schemaOf(answer, names)) } };
}

/** One answer a status; each is an `Error` with one of its codes. */
function problems(route: Route): Json {
  const codes = new Set<ProblemCode>([
    ...route.problems,
    ...GUARD_PROBLEMS[route.guard],
    // Every page of another site is refused.
    'forbidden',
    'internal',
    ...(route.params !== undefined || route.query !== undefined ? (['invalid'] as const) : []),
    ...(route.body === undefined ? [] : (['invalid', 'too_large', 'media_type'] as const)),
  ]);
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of codes) {
    const status = PROBLEM_STATUS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, found]) => [
      status,
      {
        description: found.map((code) => `\`${code}\``).join(', '),
        content: json({ $ref: '#/components/schemas/Error' }),
      },
    ]),
  );
}

function schemaOf(schema: z.ZodType, names: ReadonlyMap<z.ZodType, string>): Json {
  const name = names.get(schema);
  if (name !== undefined) return { $ref: `#/components/schemas/${name}` };
  const element = schema instanceof z.ZodArray ? names.get(schema.element as z.ZodType) : undefined;
  return element === undefined
    ? plainSchema(schema)
    : { type: 'array', items: { $ref: `#/components/schemas/${element}` } };
}

function plainSchema(schema: z.core.$ZodType): Json {
  return withoutMeta(z.toJSONSchema(schema, { io: 'input' }));
}

function schemas(): Json {
  const registry = z.registry<{ readonly id: string }>();
  for (const [id, schema] of NAMED) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}`, io: 'input' });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([name, schema]) => [name, withoutMeta(schema)]),
  );
}

function withoutMeta({ $schema: _schema, $id: _id, ...rest }: Readonly<Record<string, unknown>>): Json {
  return rest;
}

function json(schema: Json): Json {
  return { 'application/json': { schema } };
}
