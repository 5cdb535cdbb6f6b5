import { z } from 'zod';
import { enrollAnswerSchema, enrollSchema, pushAnswerSchema, pushSchema } from '../../protocol/index.ts';
import { problemContentType } from '../problem.ts';
import type { RestRoute } from '../rest/routes.ts';
import { problemSchema } from './schemas.ts';

const wireSchemas: Readonly<Record<string, z.ZodType>> = {
  Push: pushSchema,
  PushAnswer: pushAnswerSchema,
  Enroll: enrollSchema,
  EnrollAnswer: enrollAnswerSchema,
  Problem: problemSchema,
};

function allSchemas(routes: readonly RestRoute[]): Readonly<Record<string, z.ZodType>> {
  const named = routes.flatMap(({ answer, body }) => [answer, body]).filter((one) => one !== null);
  return { ...wireSchemas, ...Object.fromEntries(named.map(({ name, schema }) => [name, schema])) };
}

const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
const json = (name: string) => ({ 'application/json': { schema: ref(name) } });
const problem = (description: string) => ({
  description,
  content: { [problemContentType]: { schema: ref('Problem') } },
});

const refusals: Readonly<Record<string, string>> = {
  '400': 'Unreadable, or a bad parameter',
  '401': 'No valid credential',
  '403': 'The credential may not do this',
  '404': 'There is no such thing',
  '405': 'Another method is wanted',
  '409': 'In conflict with what is there; the detail says the way out',
  '413': 'Over the size limit, as sent or after inflation',
  '415': 'Neither JSON nor gzip-compressed JSON',
  '422': 'Fields are not as the schema says; errors has a JSON pointer each',
  '429': 'Too many; Retry-After says when to come back',
  '503': 'Not now; Retry-After says when to come back',
};
const refused = (...statuses: readonly string[]) =>
  Object.fromEntries(statuses.map((status) => [status, problem(refusals[status] ?? '')]));

function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'output', unrepresentable: 'any' });
  return rest;
}

function queryParameters(route: RestRoute): object[] {
  const schema = z.toJSONSchema(route.parameters, { io: 'input', unrepresentable: 'any' });
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = typeof property === 'object' ? property : {};
    return {
      name,
      in: 'query',
      required: required.has(name),
      ...(description ? { description } : {}),
      schema: rest,
    };
  });
}

function refusalsOf(route: RestRoute): readonly string[] {
  const ofPath = route.path.includes('{') ? ['404'] : [];
  const ofBody = route.body === null ? [] : ['409', '413', '415', '422'];
  return ['400', '401', '403', ...ofPath, ...ofBody, '503'];
}

function operationOf(route: RestRoute): object {
  const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const answer =
    route.answer === null
      ? { '204': { description: 'Done' } }
      : { '200': { description: 'Answered', content: json(route.answer.name) } };
  return {
    summary: route.summary,
    description: `Needs the role ${route.role}.`,
    security: [{ bearer: [] }, { session: [] }],
    parameters: [...inPath, ...queryParameters(route)],
    ...(route.body === null ? {} : { requestBody: { required: true, content: json(route.body.name) } }),
    responses: { ...answer, ...refused(...refusalsOf(route)) },
  };
}

const pushOperation = {
  summary: 'Takes reports of one host; answered after the commit. Sending a report again changes nothing',
  security: [{ agent: [] }],
  parameters: [
    { name: 'Content-Encoding', in: 'header', required: false, schema: { enum: ['gzip', 'identity'] } },
  ],
  requestBody: { required: true, content: json('Push') },
  responses: {
    '202': { description: 'Committed', content: json('PushAnswer') },
    ...refused('400', '401', '403', '409', '413', '415', '422', '429', '503'),
  },
};

const enrollOperation = {
  summary: 'Exchanges an enrolment token for the credential of one host',
  security: [{ enrollment: [] }],
  requestBody: { required: true, content: json('Enroll') },
  responses: {
    '201': { description: 'Enrolled', content: json('EnrollAnswer') },
    ...refused('400', '401', '409', '413', '415', '422', '429', '503'),
  },
};

const streamOperation = {
  summary: 'Server-sent events: `snapshot`, then `delta`s; ids are epoch-number, resumed by Last-Event-ID',
  security: [{ bearer: [] }, { session: [] }],
  parameters: [
    {
      name: 'topics',
      in: 'query',
      required: true,
      description: '`fleet` and `host/<id>`, joined by commas.',
      schema: { type: 'string' },
    },
    { name: 'Last-Event-ID', in: 'header', required: false, schema: { type: 'string' } },
  ],
  responses: {
    '200': { description: 'Events', content: { 'text/event-stream': { schema: { type: 'string' } } } },
    ...refused('400', '401', '403', '503'),
  },
};

const bearer = (description: string) => ({ type: 'http', scheme: 'bearer', description });

/** OpenAPI 3.1, made from the schemas that check and the table that routes. */
export function openApiDocument(version: string, routes: readonly RestRoute[]): object {
  const paths: Record<string, Record<string, object>> = {
    '/api/v1/push': { post: pushOperation },
    '/api/v1/enroll': { post: enrollOperation },
    '/api/v1/stream': { get: streamOperation },
  };
  for (const route of routes) {
    const path = paths[route.path] ?? {};
    path[route.method.toLowerCase()] = operationOf(route);
    paths[route.path] = path;
  }
  return {
    openapi: '3.1.0',
    info: { title: 'gpufleet', version, description: 'Units are base units, written last in each name.' },
    paths,
    components: {
      schemas: Object.fromEntries(
        Object.entries(allSchemas(routes)).map(([name, schema]) => [name, toJsonSchema(schema)]),
      ),
      securitySchemes: {
        agent: bearer("A host's credential, gfa_…"),
        enrollment: bearer('An enrolment token, gfe_…'),
        bearer: bearer('An API token, gft_…'),
        session: { type: 'apiKey', in: 'cookie', name: 'gpufleet_session' },
      },
    },
  };
}
