import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadHubConfig } from '../../lib/config/hub-config.ts';
import type { HubContext } from '../../lib/hub/context.ts';
import { createHub, type RunningHub } from '../../lib/hub/create-hub.ts';
import { readInflated } from '../../lib/hub/http/body.ts';
import { ByteBudget } from '../../lib/hub/http/byte-budget.ts';
import { requestListener } from '../../lib/hub/http/dispatch.ts';
import { noPages, type PageHandler } from '../../lib/hub/http/pages.ts';
import { plainRoutes } from '../../lib/hub/http/plain-handlers.ts';
import { createAgentFiles } from '../../lib/hub/install/agent-files.ts';
import { identify } from '../../lib/hub/operations/identify.ts';
import { pushReports } from '../../lib/hub/operations/push-reports.ts';
import { requireAgent } from '../../lib/hub/require-role.ts';
import { readPush } from '../../lib/protocol/index.ts';
import { nextAppFolder } from './next-app.ts';

/** What both ways share, the hub's own handler, and a route handler of Next. */
export type SideKind = 'shared' | 'plain' | 'next';

export interface Side {
  /** Null for the shared work, which takes no requests. */
  readonly url: string | null;
  readonly context: HubContext;
  close(): Promise<void>;
}

/** What bench/push/next-app's route asks its own process for; the hub's modules are not bundled into it. */
export const pushSymbol = Symbol.for('gpufleet.bench.push');
export type TakePush = (authorization: string | null, packed: Buffer) => Promise<string>;

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function plainListener(running: RunningHub) {
  const files = createAgentFiles({
    shelf: running.context.agents,
    packagingFolder: '',
    builtFolder: '',
    cacheFolder: running.context.config.dataFolder,
    node: { path: process.execPath, version: process.versions.node, arch: process.arch },
    caCertificate: null,
    upgradeKey: async () => '',
  });
  return requestListener({ running, plain: plainRoutes(files), pages: noPages });
}

/** The hub's push without the hub's road: who asks, how much, inflated by the same code, and the same operation. */
function takePush(context: HubContext): TakePush {
  const budget = new ByteBudget();
  const { maxPushBytes: maxBytes, maxInflatedPushBytes: maxInflatedBytes } = context.config;
  return async (authorization, packed) => {
    const started = performance.now();
    const receivedAtMillis = context.now();
    const actor = await identify(context, (name) => (name === 'authorization' ? authorization : null));
    context.limits.pushes.take(requireAgent(actor), context.now());
    const share = budget.share(4 * maxInflatedBytes);
    try {
      const body = await readInflated(packed, { maxBytes, maxInflatedBytes, share });
      const read = readPush(body);
      if (read.outcome !== 'read') throw new Error(read.detail);
      const answer = await pushReports(actor, context, {
        push: read.value,
        receivedAtMillis,
        peer: '127.0.0.1',
      });
      const seconds = (performance.now() - started) / 1000;
      context.hubMetrics.notePush({ status: 202, seconds, bodyBytes: packed.length });
      return JSON.stringify(answer);
    } finally {
      share.release();
    }
  };
}

async function nextListener(context: HubContext): Promise<PageHandler> {
  Reflect.set(globalThis, pushSymbol, takePush(context));
  Reflect.set(process.env, 'NODE_ENV', 'production');
  const { default: next } = await import('next');
  const app = next({ dev: false, dir: nextAppFolder, customServer: true });
  await app.prepare();
  return app.getRequestHandler();
}

/** Starts one side on a data folder with enrolled hosts. */
export async function startSide(kind: SideKind, dataFolder: string): Promise<Side> {
  const loaded = loadHubConfig(['--data', dataFolder]);
  if (!loaded.ok) throw new Error(loaded.faults.join('\n'));
  const running = await createHub(loaded.config, 'bench');
  const { context } = running;
  if (kind === 'shared') return { url: null, context, close: () => running.close() };
  const server = createServer();
  server.keepAliveTimeout = 75_000;
  const next = kind === 'next' ? await nextListener(context) : null;
  server.on('request', next ?? plainListener(running));
  return {
    url: await listen(server),
    context,
    async close() {
      server.close();
      server.closeAllConnections();
      await running.close();
    },
  };
}
