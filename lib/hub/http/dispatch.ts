import type { IncomingMessage, ServerResponse } from 'node:http';
import type { RunningHub } from '../create-hub.ts';
import { HubError } from '../errors.ts';
import { signOutOrigins } from '../operations/sign-out.ts';
import { ownPath } from '../own-path.ts';
import { toHubError } from '../problem.ts';
import { isRestRoute } from '../rest/answer.ts';
import { answerWithoutPages } from './answer-web.ts';
import { actorOf } from './call.ts';
import type { Pages } from './pages.ts';
import { findPlainRoute, type PlainRoute } from './plain-handlers.ts';
import { sendProblem, sendText } from './respond.ts';
import { setPagePolicy, setSecurityHeaders } from './security-headers.ts';
import { createStamp } from './stamp.ts';

export interface Floors {
  readonly running: RunningHub;
  readonly plain: readonly PlainRoute[];
  readonly pages: Pages;
}

/** What a browser needs before anyone is signed in: the login page, its scripts and styles, icons. */
const openPages =
  /^\/(login$|invite\/[^/]+$|_next\/static\/|favicon\.ico$|icon[^/]*$|apple-icon[^/]*$|robots\.txt$)/;

async function servePage(floors: Floors, request: IncomingMessage, response: ServerResponse, url: URL) {
  const { context } = floors.running;
  if (!openPages.test(url.pathname)) {
    const actor = await actorOf({ context, request });
    if (actor.kind === 'stranger') {
      if (request.method !== 'GET' && request.method !== 'HEAD')
        throw new HubError('unauthenticated', 'Sign in first.');
      const from = ownPath(`${url.pathname}${url.search}`);
      const query = from === '/' ? '' : `?${new URLSearchParams({ from })}`;
      sendText(response, 303, '', { location: `/login${query}` });
      return;
    }
  }
  setPagePolicy(request, response, signOutOrigins(context));
  await (await floors.pages.handler())(request, response);
}

const knownMethods: readonly string[] = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE'];

/** What neither a web Request nor the pages can hold is refused here, before they throw. */
function checkHead(request: IncomingMessage, response: ServerResponse): void {
  if (!knownMethods.includes(request.method ?? '')) {
    response.setHeader('allow', knownMethods.join(', '));
    throw new HubError('method-not-allowed', `Nothing here takes ${request.method}.`);
  }
  const { host } = request.headers;
  const needsHost = request.httpVersion !== '1.0';
  if (host === undefined ? needsHost : !URL.canParse(`http://${host}`))
    throw new HubError('invalid', 'The Host header is no host.');
}

async function dispatch(floors: Floors, request: IncomingMessage, response: ServerResponse): Promise<void> {
  checkHead(request, response);
  const target = request.url ?? '';
  if (!target.startsWith('/') || !URL.canParse(target, 'http://hub'))
    throw new HubError('invalid', 'The request target is not a path.');
  const url = new URL(`http://hub${target}`);
  const { context, hub } = floors.running;
  // An action of a page is sent to the page's own address, and is the page's.
  const method = request.headers['next-action'] === undefined ? request.method : 'ACTION';
  const handle = findPlainRoute(floors.plain, { method, pathname: url.pathname });
  if (handle !== null) await handle({ context, request, response, url });
  else if (!url.pathname.startsWith('/api/')) await servePage(floors, request, response, url);
  else if (floors.pages.isReady && isRestRoute(request.method ?? '', url.pathname))
    await (await floors.pages.handler())(request, response);
  else await answerWithoutPages(hub, request, response);
}

/** The one entry of every request. Never rejects: what goes wrong is a problem document. */
export function requestListener(floors: Floors) {
  const { context } = floors.running;
  const stamp = createStamp(context);
  return (request: IncomingMessage, response: ServerResponse): void => {
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    setSecurityHeaders(context, response);
    stamp(request);
    dispatch(floors, request, response).catch((thrown: unknown) => {
      const error = toHubError(thrown);
      if (error.code === 'internal' || error.cause !== undefined)
        context.log(`${request.method} ${loggedPath(request)}: ${causeOf(error)}`);
      sendProblem(request, response, error);
    });
  };
}

/** Without its query and without a link's secret. */
const loggedPath = ({ url = '' }: IncomingMessage): string =>
  (url.split('?', 1)[0] ?? '').replace(/^\/(login|invite)\/.*/, '/$1/…');

function causeOf(error: HubError): string {
  const { cause } = error;
  if (error.code !== 'internal')
    return cause instanceof Error ? `${error.message} (${cause.message})` : error.message;
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
}
