import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { chooseProductionBuilds } from '../config/environment.ts';
import type { HubConfig } from '../config/hub-config.ts';
import { isLoopback } from '../config/parsers.ts';
import { createHub, type RunningHub } from './create-hub.ts';
import { originSetting } from './data-folder.ts';
import { clientErrorListener } from './http/client-error.ts';
import { requestListener } from './http/dispatch.ts';
import { loadPages, noPages, type PageHandler } from './http/pages.ts';
import { plainRoutes } from './http/plain-handlers.ts';
import { createAgentFiles } from './install/agent-files.ts';
import { makeLoginLink } from './operations/sign-in.ts';
import { hasBeenSignedIn } from './sessions.ts';
import { endsSoon, followTls } from './tls/follow-tls.ts';
import { type LoadedTls, loadTls } from './tls/load-tls.ts';
import { reachableAddresses } from './tls/own-names.ts';
import { loadSigningKey } from './upgrades/signing-key.ts';

/** Where pages and plain handlers find the one hub: Next bundles its own copy of every module. */
const hubSymbol = Symbol.for('gpufleet.hub');
/** Pushes in work get this long to be committed and answered when the hub stops. */
const finishMillis = 10_000;

export interface ServerOptions {
  readonly config: HubConfig;
  readonly version: string;
  /** The checkout: `.next` and `dist/agent` are in it. */
  readonly root: string;
  /** False serves the API and the plain handlers only. */
  readonly withPages: boolean;
}

export interface RunningServer {
  /** Address for a browser, without a closing slash. */
  readonly origin: string;
  readonly port: number;
  /** A fresh one-time login link while nobody has ever signed in, else null. */
  readonly loginLink: string | null;
  /** Answers what has begun, commits, and closes. */
  close(): Promise<void>;
}

async function loadNext(folder: string): Promise<PageHandler> {
  chooseProductionBuilds();
  const { default: next } = await import('next');
  const app = next({ dev: false, dir: folder, customServer: true });
  await app.prepare();
  return app.getRequestHandler();
}

function listen(server: Server, config: HubConfig): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.port, config.host, () => {
      server.off('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function makeServer(tls: LoadedTls | null): Server {
  // A missing Host is refused by the dispatcher, with our headers.
  const options = { requireHostHeader: false };
  const server =
    tls === null
      ? createHttpServer(options)
      : createHttpsServer({ ...options, cert: tls.cert, key: tls.key });
  server.headersTimeout = 15_000;
  server.requestTimeout = 60_000;
  // Longer than an agent's interval, so that each keeps its one connection.
  server.keepAliveTimeout = 75_000;
  return server;
}

function originOf(config: HubConfig, scheme: string, port: number): string {
  if (config.publicUrl !== null) return config.publicUrl;
  const everywhere = config.host === '0.0.0.0' || config.host === '::';
  const host = everywhere ? (reachableAddresses()[0] ?? '127.0.0.1') : config.host;
  return `${scheme}://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function stop(server: Server, running: RunningHub): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  running.context.stream.close();
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), finishMillis);
  await closed;
  clearTimeout(cut);
  await running.close();
}

function floorsOf(options: ServerOptions, running: RunningHub, tls: LoadedTls | null) {
  const { config, root, withPages } = options;
  const files = createAgentFiles({
    shelf: running.context.agents,
    packagingFolder: join(root, 'agents', 'packaging'),
    builtFolder: join(root, 'dist', 'agent'),
    cacheFolder: join(config.dataFolder, 'cache'),
    node: { path: process.execPath, version: process.versions.node, arch: process.arch },
    caCertificate: tls?.caCertificate ?? null,
    upgradeKey: async () => (await loadSigningKey(running.context.state)).publicKey,
  });
  running.context.agentFiles = files;
  const { log } = running.context;
  return {
    running,
    plain: plainRoutes(files),
    pages: withPages ? loadPages({ folder: root, load: loadNext, log }) : noPages,
  };
}

async function start(options: ServerOptions, running: RunningHub): Promise<RunningServer> {
  const { config } = options;
  const { context } = running;
  const tls = await loadTls(config, { nowMillis: context.now(), log: context.log });
  const server = makeServer(tls);
  const port = await listen(server, config);
  const scheme = tls === null ? 'http' : 'https';
  const onlyHere = isLoopback(config.host);
  context.address = {
    scheme,
    host: config.host,
    port,
    reachableHosts: onlyHere ? [] : reachableAddresses(),
    caFingerprint: tls?.caFingerprint ?? null,
    keyPin: tls?.keyPin ?? null,
  };
  Reflect.set(globalThis, hubSymbol, running.hub);
  const listener = requestListener(floorsOf(options, running, tls));
  server.on('request', listener);
  server.on('checkExpectation', listener);
  server.on('clientError', clientErrorListener(context));
  const warning = tls === null ? null : endsSoon(tls.cert, context.now());
  if (warning !== null) context.log(warning);
  const unfollow = followTls(server, config, {
    log: context.log,
    changed: ({ keyPin }) => {
      if (context.address !== null) context.address = { ...context.address, keyPin };
    },
  });
  const origin = originOf(config, scheme, port);
  await context.state.putSetting(originSetting, origin);
  const isNew = !(await hasBeenSignedIn(context.state));
  return {
    origin,
    port,
    loginLink: isNew ? `${origin}/login/${await makeLoginLink(context.state, context.now())}` : null,
    async close() {
      unfollow();
      await stop(server, running);
    },
  };
}

/** Opens the stores and serves. Rejects with StoreError, or with the system's error of listening (EADDRINUSE …). */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const running = await createHub(options.config, options.version);
  try {
    return await start(options, running);
  } catch (error) {
    await running.close();
    throw error;
  }
}
