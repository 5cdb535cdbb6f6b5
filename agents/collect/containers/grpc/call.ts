import type { ClientHttp2Stream } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { HostAccess } from '../../../access/host-access.ts';
import { failed, failureOf, quote } from '../../failures.ts';
import type { FailedOutcome, Outcome } from '../../source.ts';
import { connectFailure } from '../read.ts';

/** One gRPC server behind a Unix socket, for some calls in a row. */
export interface GrpcClient {
  /**
   * A unary call. `absent`: the server says NOT_FOUND or does not know the method. Never rejects; at most 8 MiB, and 2 s unless told.
   * @param method `package.Service/Method`
   */
  call(
    method: string,
    request: Uint8Array,
    metadata?: Readonly<Record<string, string>>,
  ): Promise<Outcome<Uint8Array>>;
}

const usualSeconds = 2;
const maxAnswerBytes = 8 * 1024 * 1024;
const prefixBytes = 5;
const statusOk = 0;
const statusNotFound = 5;
const statusPermissionDenied = 7;
const statusUnimplemented = 12;

/**
 * Opens one HTTP/2 session, does the work, and closes it. `absent`: there is no such socket. Never rejects.
 * @param deadlineSeconds of the connection, and of each call
 */
export async function withGrpc<T>(
  access: HostAccess,
  socketPath: string,
  work: (client: GrpcClient) => Promise<Outcome<T>>,
  deadlineSeconds = usualSeconds,
): Promise<Outcome<T>> {
  let socket: Duplex;
  try {
    socket = await access.connect(socketPath, { deadlineSeconds });
  } catch (error) {
    return connectFailure(socketPath, error as NodeJS.ErrnoException);
  }
  // Loaded where there is such a socket at all: most hosts do without it in memory.
  const { connect } = process.getBuiltinModule('node:http2');
  const session = connect('http://localhost', { createConnection: () => socket });
  // Calls tell what became of them; without a listener the session's own error would end the agent.
  session.on('error', () => undefined);
  try {
    return await work({
      call: (method, request, metadata = {}) =>
        new Promise((resolve) => {
          if (session.closed || session.destroyed) {
            resolve(failed('unknown-error', `${method}: the connection was closed`));
            return;
          }
          const stream = session.request({
            ':method': 'POST',
            ':path': `/${method}`,
            'content-type': 'application/grpc',
            te: 'trailers',
            'grpc-timeout': `${deadlineSeconds}S`,
            ...metadata,
          });
          exchange(stream, { method, request, deadlineSeconds }, resolve);
        }),
    });
  } finally {
    session.destroy();
    socket.destroy();
  }
}

interface GrpcCall {
  readonly method: string;
  readonly request: Uint8Array;
  readonly deadlineSeconds: number;
}

function exchange(
  stream: ClientHttp2Stream,
  { method, request, deadlineSeconds }: GrpcCall,
  resolve: (outcome: Outcome<Uint8Array>) => void,
): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  let status: Record<string, unknown> = {};
  const settle = (outcome: Outcome<Uint8Array>): void => {
    clearTimeout(timer);
    stream.close();
    resolve(outcome);
  };
  const late = (): void => {
    const message = `${method}: no answer within ${deadlineSeconds} s`;
    settle({ state: 'hung', failure: failureOf('timeout', message) });
  };
  const timer = setTimeout(late, deadlineSeconds * 1000);
  // An error before any answer comes with the headers, and no trailers follow.
  stream.on('response', (headers) => {
    status = headers;
  });
  stream.on('trailers', (trailers) => {
    status = { ...status, ...trailers };
  });
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) settle(failed('truncated', `${method}: the answer is too long`));
    else chunks.push(chunk);
  });
  stream.on('error', (error) => settle(failed('unknown-error', `${method}: ${error.message}`)));
  stream.on('end', () => settle(answerOf(method, status, Buffer.concat(chunks))));
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeUInt32BE(request.length, 1);
  stream.end(Buffer.concat([prefix, request]));
}

function answerOf(method: string, status: Record<string, unknown>, body: Buffer): Outcome<Uint8Array> {
  const code = status['grpc-status'] === undefined ? null : Number(status['grpc-status']);
  if (code === statusOk) {
    const length = body.length >= prefixBytes ? body.readUInt32BE(1) : 0;
    if (body.length < prefixBytes + length || body[0] === 1)
      return failed('truncated', `${method}: the answer is cut or compressed`);
    return { state: 'ok', value: body.subarray(prefixBytes, prefixBytes + length) };
  }
  return refusal(method, code, status);
}

function refusal(method: string, code: number | null, status: Record<string, unknown>): FailedOutcome {
  const said = quote(safeDecode(String(status['grpc-message'] ?? '')));
  if (code === null) return failed('unknown-error', `${method}: no gRPC answer`);
  if (code === statusNotFound || code === statusUnimplemented)
    return { state: 'absent', failure: failureOf('unknown-error', `${method}: ${said}`) };
  const kind = code === statusPermissionDenied ? 'insufficient-permissions' : 'unknown-error';
  return failed(kind, `${method}: status ${code} ${said}`.trim());
}

/** gRPC's messages are percent-encoded. */
function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
