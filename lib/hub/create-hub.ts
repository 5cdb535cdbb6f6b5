import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { HubConfig } from '../config/hub-config.ts';
import { makePrivateFolder } from '../config/private-folder.ts';
import { createFleet } from '../fleet/index.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { createSqliteHistory } from '../history/sqlite/index.ts';
import { createHubMetrics, type HubReadings } from '../metrics/hub-metrics.ts';
import { createFleetExposition } from '../metrics/render.ts';
import { createSqliteState } from '../state/sqlite/index.ts';
import { type StateStore, StoreError } from '../state/state-store.ts';
import type { HubContext } from './context.ts';
import type { Hub } from './hub.ts';
import { noteHost, restoreFleet } from './known-hosts.ts';
import { openApiDocument } from './openapi/document.ts';
import { addHostInstructions } from './operations/add-host-instructions.ts';
import { getFleet } from './operations/get-fleet.ts';
import { getGpu } from './operations/get-gpu.ts';
import { getHost } from './operations/get-host.ts';
import { identify } from './operations/identify.ts';
import { listContainers } from './operations/list-containers.ts';
import { listGpus } from './operations/list-gpus.ts';
import { listHosts } from './operations/list-hosts.ts';
import { queryRange } from './operations/query-range.ts';
import { removeHost } from './operations/remove-host.ts';
import { signOut } from './operations/sign-out.ts';
import { createRateLimiter } from './rate-limit.ts';
import { answerRest } from './rest/answer.ts';
import { restRoutes } from './rest/routes.ts';
import { createStream } from './stream/stream.ts';

const tickEveryMillis = 1000;

export interface RunningHub {
  readonly hub: Hub;
  readonly context: HubContext;
  /** Ends streams, commits what is queued and closes the stores. */
  close(): Promise<void>;
}

/** State of a data folder for a command that works beside a hub which may be running. Rejects with StoreError. */
export const openGuestState = (dataFolder: string): Promise<StateStore> =>
  createSqliteState({ path: join(dataFolder, 'state.sqlite'), role: 'guest' });

/** The same for a folder that no hub has used yet: makes and migrates it. Rejects with StoreError. */
export async function openOwnState(dataFolder: string): Promise<StateStore> {
  try {
    makePrivateFolder(dataFolder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new StoreError('unwritable', `the data folder ${dataFolder} cannot be made (${why})`, {
      cause: error,
    });
  }
  return createSqliteState({ path: join(dataFolder, 'state.sqlite'), role: 'own' });
}

const log = (line: string): void => {
  process.stderr.write(`gpufleet hub: ${line}\n`);
};

async function openStores(config: HubConfig): Promise<{ state: StateStore; history: HistoryStore }> {
  const state = await openOwnState(config.dataFolder);
  try {
    const path = join(config.dataFolder, 'history.sqlite');
    return { state, history: await createSqliteHistory({ path, retention: config.retention, log }) };
  } catch (error) {
    await state.close();
    throw error;
  }
}

async function readingsOf(context: HubContext): Promise<HubReadings> {
  const stats = await context.history.stats().catch(() => null);
  const hostsByState: Partial<Record<string, number>> = {};
  for (const { state } of context.fleet.summaries()) hostsByState[state] = (hostsByState[state] ?? 0) + 1;
  return {
    streamViewers: context.stream.viewerCount(),
    hostsByState,
    historyQueuedEntries: stats?.queuedEntries ?? null,
    historyRawRows: stats?.rawRows ?? null,
    databaseBytes: stats === null ? {} : { history: stats.databaseBytes },
    historyForgottenGaps: stats?.forgottenGaps ?? null,
    lastCommitTimestampSeconds: stats?.lastCommitAtSeconds ?? null,
  };
}

function makeContext(config: HubConfig, version: string, stores: Awaited<ReturnType<typeof openStores>>) {
  const now = () => Date.now();
  const epoch = randomBytes(6).toString('hex');
  let openApi: object | null = null;
  const fleet = createFleet(now());
  const context: HubContext = {
    version,
    epoch,
    startedAtMillis: now(),
    config,
    now,
    ...stores,
    fleet,
    stream: createStream({ fleet, epoch, now }),
    exposition: createFleetExposition(),
    hubMetrics: createHubMetrics(() => readingsOf(context), version),
    limits: {
      enrollFailures: createRateLimiter(10, 1 / 6),
      loginFailures: createRateLimiter(10, 1 / 6),
      pushes: createRateLimiter(60, 10),
    },
    address: null,
    pendingReports: 0,
    shownTokens: new Map(),
    notedAtMillis: new Map(),
    unexposedHosts: new Set(),
    openApi: () => {
      openApi ??= openApiDocument(version, restRoutes);
      return openApi;
    },
    log,
  };
  return context;
}

const hubOf = (context: HubContext): Hub => ({
  version: context.version,
  epoch: context.epoch,
  startedAt: new Date(context.startedAtMillis).toISOString(),
  identify: (headers) => identify(context, headers),
  getFleet: (actor) => getFleet(actor, context),
  listHosts: (actor, query) => listHosts(actor, context, query),
  getHost: (actor, id) => getHost(actor, context, id),
  listGpus: (actor, query) => listGpus(actor, context, query),
  getGpu: (actor, uuid) => getGpu(actor, context, uuid),
  listContainers: (actor, query) => listContainers(actor, context, query),
  queryRange: (actor, query) => queryRange(actor, context, query),
  addHostInstructions: (actor, origin) => addHostInstructions(actor, context, origin),
  removeHost: (actor, id) => removeHost(actor, context, id),
  signOut: (actor, cookie) => signOut(actor, context, cookie),
  answer: (request) => answerRest(context, request),
});

/** Opens the stores and puts the hub together. Rejects with StoreError, whose message is one line for a person. */
export async function createHub(config: HubConfig, version: string): Promise<RunningHub> {
  const context = makeContext(config, version, await openStores(config));
  context.fleet.onChange((hostId) => context.unexposedHosts.add(hostId));
  await restoreFleet(context);
  // Kept, so that a restart does not bring a host that was gone back for three intervals.
  context.fleet.onChange((hostId) => {
    if (context.fleet.lastReport(hostId)?.gone !== true) return;
    void noteHost(context, hostId).catch((error: unknown) => context.log(`host ${hostId}: ${String(error)}`));
  });
  const ticking = setInterval(() => context.fleet.tick(context.now()), tickEveryMillis);
  return {
    hub: hubOf(context),
    context,
    async close() {
      clearInterval(ticking);
      context.stream.close();
      for (const { id } of context.fleet.summaries()) await noteHost(context, id).catch(() => undefined);
      try {
        await context.history.close();
      } finally {
        await context.state.close();
      }
    },
  };
}
