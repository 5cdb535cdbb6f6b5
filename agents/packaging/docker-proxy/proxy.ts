import { rmSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { allowedRequest } from './allowed.ts';

const deadlineMillis = 5000;
const maxAnswerBytes = 8 * 2 ** 20;
const maxConnections = 16;
/** Answers in work together: an agent asks for one after another. */
const maxInWork = 4;

export interface DockerProxyOptions {
  readonly dockerSocket: string;
  readonly listenPath: string;
}

export interface DockerProxy {
  close(): Promise<void>;
}

function refuse(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ message: `gpufleet-docker-proxy: ${message}` });
  response
    .writeHead(status, {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    })
    .end(body);
}

interface Answer {
  readonly status: number;
  readonly body: Buffer;
}

/** A request of our own: nothing of what the agent sent but the path goes to Docker. */
function ask(socketPath: string, path: string): Promise<Answer> {
  const { request } = process.getBuiltinModule('node:http');
  return new Promise((resolve, reject) => {
    const asked = request({ socketPath, path, method: 'GET', headers: { host: 'docker' }, agent: false });
    const timer = setTimeout(
      () => asked.destroy(new Error(`Docker did not answer within ${deadlineMillis / 1000} s`)),
      deadlineMillis,
    );
    const chunks: Buffer[] = [];
    let bytes = 0;
    asked.on('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    asked.on('response', (response) => {
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > maxAnswerBytes) asked.destroy(new Error("Docker's answer is too long"));
        else chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => {
        clearTimeout(timer);
        resolve({ status: response.statusCode ?? 502, body: Buffer.concat(chunks) });
      });
    });
    asked.end();
  });
}

async function answer(
  socketPath: string,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const allowed = allowedRequest(incoming.method ?? '', incoming.url ?? '');
  if (allowed === null) {
    refuse(response, 403, `${incoming.method} of this path is not passed on`);
    return;
  }
  const hasBody =
    incoming.headers['transfer-encoding'] !== undefined ||
    Number(incoming.headers['content-length'] ?? 0) > 0;
  if (hasBody || incoming.headers.upgrade !== undefined) {
    refuse(response, 403, 'only plain GETs are passed on');
    return;
  }
  const { status, body } = await ask(socketPath, allowed.path);
  if (status !== 200) {
    refuse(response, status, `Docker answered ${status}`);
    return;
  }
  const told = body.toString('utf8');
  const text =
    allowed.isLines === true
      ? told
          .split('\n')
          .filter((line) => line.trim() !== '')
          .map((line) => `${JSON.stringify(allowed.filter(JSON.parse(line)))}\n`)
          .join('')
      : JSON.stringify(allowed.filter(JSON.parse(told)));
  response
    .writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(text) })
    .end(text);
}

/** A socket that nobody listens on is left from before; one that answers is another proxy's. */
function removeStale(path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const probe = connect(path);
    probe.once('connect', () => {
      probe.destroy();
      reject(new Error(`${path}: another proxy listens there`));
    });
    probe.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED') rmSync(path, { force: true });
      resolve();
    });
  });
}

function createBoundedServer(options: DockerProxyOptions): Server {
  let inWork = 0;
  // It is in one file with the agent, for which an import would load this too.
  const { createServer } = process.getBuiltinModule('node:http');
  const server = createServer({ maxHeaderSize: 8192 }, (incoming, response) => {
    response.on('error', () => undefined);
    if (inWork >= maxInWork) {
      refuse(response, 503, 'busy');
      return;
    }
    inWork += 1;
    answer(options.dockerSocket, incoming, response)
      .catch((error: NodeJS.ErrnoException) => {
        if (response.headersSent) response.destroy();
        // As if Docker itself were not there, so that the agent tells "absent" and "failed" apart.
        else refuse(response, error.code === 'ENOENT' ? 404 : 502, error.message);
      })
      .finally(() => {
        inWork -= 1;
      });
  });
  server.maxConnections = maxConnections;
  server.headersTimeout = deadlineMillis;
  server.requestTimeout = deadlineMillis;
  server.keepAliveTimeout = 1000;
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('connect', (_request, socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());
  return server;
}

/** Passes the few GETs that the agent makes on to Docker, and of the answers what the agent reads. */
export async function startDockerProxy(options: DockerProxyOptions): Promise<DockerProxy> {
  await removeStale(options.listenPath);
  const server = createBoundedServer(options);
  // The owner's and its group's: the agent is in the group, and nobody else.
  const before = process.umask(0o117);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.listenPath, resolve);
    });
  } finally {
    process.umask(before);
  }
  return {
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
