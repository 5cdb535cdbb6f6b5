import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { problemHeaders, problemOf, toHubError } from '../problem.ts';

const gzipAsync = promisify(gzip);
/** Below this, a header and a round through the thread pool cost more than they save. */
const gzipFromBytes = 1024;
/** After an early refusal the rest of the body is read away this long, so that the client gets to see the answer. */
const drainMillis = 2000;

const always = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

export function sendText(
  response: ServerResponse,
  status: number,
  body: string,
  headers: Readonly<Record<string, string>>,
): void {
  response.writeHead(status, { ...always, 'content-length': Buffer.byteLength(body), ...headers }).end(body);
}

export const sendJson = (response: ServerResponse, status: number, value: unknown): void =>
  sendText(response, status, JSON.stringify(value), { 'content-type': 'application/json' });

/** Answers with gzip where the client takes it. */
export async function sendCompressed(
  request: IncomingMessage,
  response: ServerResponse,
  content: { readonly body: string; readonly type: string },
): Promise<void> {
  const accepts = /\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(
    String(request.headers['accept-encoding'] ?? ''),
  );
  const headers = { 'content-type': content.type, vary: 'Accept, Accept-Encoding' };
  if (!accepts || content.body.length < gzipFromBytes) {
    sendText(response, 200, content.body, headers);
    return;
  }
  const packed = await gzipAsync(content.body, { level: 4 });
  response
    .writeHead(200, { ...always, ...headers, 'content-encoding': 'gzip', 'content-length': packed.length })
    .end(packed);
}

/** Answers with the problem document of whatever was thrown, and with nothing where an answer has begun. */
export function sendProblem(request: IncomingMessage, response: ServerResponse, thrown: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const error = toHubError(thrown);
  const problem = problemOf(error);
  const answer = { status: problem.status, body: JSON.stringify(problem), headers: problemHeaders(error) };
  if (request.complete) sendText(response, answer.status, answer.body, answer.headers);
  else refuseEarly(request, response, answer);
}

/**
 * Answers a request whose body is still coming, and ends only when it has come, or after a while: Node closes the
 * connection at the end of the answer, and a client that is still writing then sees a broken pipe and no answer.
 */
function refuseEarly(
  request: IncomingMessage,
  response: ServerResponse,
  answer: { readonly status: number; readonly body: string; readonly headers: Record<string, string> },
): void {
  const { status, body, headers } = answer;
  const length = { 'content-length': Buffer.byteLength(body), connection: 'close' };
  response.writeHead(status, { ...always, ...headers, ...length }).write(body);
  const giveUp = setTimeout(() => request.socket.destroy(), drainMillis);
  giveUp.unref();
  request.once('close', () => clearTimeout(giveUp));
  request.once('end', () => response.end());
  request.on('error', () => undefined);
  request.resume();
}
