import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { identify } from '../operations/identify.ts';
import { problemHeaders, problemOf, toHubError } from '../problem.ts';
import { requireRole } from '../require-role.ts';
import { requireOwnOrigin } from '../same-origin.ts';
import { readJsonBody } from './json-body.ts';
import { type RestRoute, restRoutes } from './routes.ts';

interface Match {
  readonly route: RestRoute;
  readonly id: string;
}

function matchPath(route: RestRoute, segments: readonly string[]): string | null {
  const wanted = route.path.split('/');
  if (wanted.length !== segments.length) return null;
  let id = '';
  for (const [at, part] of wanted.entries()) {
    const segment = segments[at] ?? '';
    if (part.startsWith('{')) id = segment;
    else if (part !== segment) return null;
  }
  return id;
}

function findRoute(method: string, pathname: string): Match {
  const segments = decodedSegments(pathname);
  const found = restRoutes.flatMap((route) => {
    const id = matchPath(route, segments);
    return id === null ? [] : [{ route, id }];
  });
  if (found.length === 0) throw new HubError('not-found', `There is nothing at ${pathname}.`);
  const match = found.find(({ route }) => route.method === method);
  if (match !== undefined) return match;
  const allowed = found.map(({ route }) => route.method).join(', ');
  throw new HubError('method-not-allowed', `${pathname} takes ${allowed}.`);
}

function decodedSegments(pathname: string): readonly string[] {
  try {
    return pathname.split('/').map(decodeURIComponent);
  } catch {
    throw new HubError('invalid', 'The path is not valid percent-encoding.');
  }
}

/** Whether a route file of the pages answers this; everything else below /api is answered by the hub itself. */
export function isRestRoute(method: string, pathname: string): boolean {
  try {
    findRoute(method === 'HEAD' ? 'GET' : method, pathname);
    return true;
  } catch {
    return false;
  }
}

async function run(context: HubContext, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const header = (name: string) => request.headers.get(name);
  const actor = await identify(context, header);
  if (actor.kind === 'stranger') throw new HubError('unauthenticated', 'Sign in, or send a credential.');
  const method = request.method === 'HEAD' ? 'GET' : request.method;
  const { route, id } = findRoute(method, url.pathname);
  if (route.method !== 'GET') requireOwnOrigin(actor, context, header);
  // Before the body is read: a stranger's, and that of someone who may not, costs nothing.
  requireRole(actor, route.role);
  const body = route.body === null ? undefined : await readJsonBody(request, route.body.schema);
  const value = await route.run({ actor, context, id, search: url.searchParams, body, header });
  const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };
  if (route.answer === null) return new Response(null, { status: 204, headers: common });
  return Response.json(value, { headers: common });
}

/** Answers the REST part of /api/v1. Never rejects: what goes wrong is a problem document. */
export async function answerRest(context: HubContext, request: Request): Promise<Response> {
  try {
    return await run(context, request);
  } catch (thrown) {
    const error = toHubError(thrown);
    if (error.code === 'internal') context.log(`${request.method} ${request.url}: ${String(error.cause)}`);
    const problem = problemOf(error);
    return new Response(JSON.stringify(problem), { status: problem.status, headers: problemHeaders(error) });
  }
}
