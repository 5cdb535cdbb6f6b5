import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HubConfig } from '../config/hub-config.ts';
import { compatData } from '../cuda-compat/index.ts';
import { createFleet } from '../fleet/index.ts';
import type { HistoryStore } from '../history/history-store.ts';
import { createSqliteHistory } from '../history/sqlite/index.ts';
import { createHubMetrics, type HubReadings } from '../metrics/hub-metrics.ts';
import { createFleetExposition } from '../metrics/render.ts';
import type { HostAskedPause } from '../model/index.ts';
import type { StateStore } from '../state/state-store.ts';
import type { Alerting } from './alerts/alerting-port.ts';
import { createChannelHealth } from './alerts/channel-health.ts';
import { followRules } from './alerts/follow-rules.ts';
import { adoptWebhooks, openAlerting } from './alerts/open-alerting.ts';
import { createCaptures } from './captures.ts';
import { createJudge } from './compat/judge.ts';
import { createCompatKeeper } from './compat/keeper.ts';
import { followTables } from './compat/tables.ts';
import type { HubContext } from './context.ts';
import { openOwnState } from './data-folder.ts';
import { createDriftKeeper } from './drift/drift-keeper.ts';
import { type FleetFile, openFleetFile } from './fleet-file.ts';
import { createHostTokens } from './host-tokens.ts';
import type { Hub } from './hub.ts';
import { alertsOf } from './hub-alerts.ts';
import { peopleOf } from './hub-people.ts';
import { sshOf } from './hub-ssh.ts';
import { noteHost, restoreFleet } from './known-hosts.ts';
import { createHostLives } from './lives/lives.ts';
import { createOidc } from './oidc/oidc.ts';
import { openApiDocument } from './openapi/document.ts';
import { addHostInstructions } from './operations/add-host-instructions.ts';
import { checkCompat } from './operations/check-compat.ts';
import { explainError, explainText, listKnownErrors } from './operations/explain-errors.ts';
import { getAgents } from './operations/get-agents.ts';
import { getChanges } from './operations/get-changes.ts';
import { getCompat } from './operations/get-compat.ts';
import { getContainerVerdict } from './operations/get-container-verdict.ts';
import { getFieldOrigins } from './operations/get-field-origins.ts';
import { getFleet } from './operations/get-fleet.ts';
import { getGpu } from './operations/get-gpu.ts';
import { getHost } from './operations/get-host.ts';
import { getOwner } from './operations/get-owner.ts';
import { getVersions } from './operations/get-versions.ts';
import { getWaste } from './operations/get-waste.ts';
import { identify } from './operations/identify.ts';
import { listClaims, listFormerNames } from './operations/list-claims.ts';
import { listContainers } from './operations/list-containers.ts';
import { listGpus } from './operations/list-gpus.ts';
import { listHosts } from './operations/list-hosts.ts';
import { listOwners } from './operations/list-owners.ts';
import { planCompat } from './operations/plan-compat.ts';
import { queryRange } from './operations/query-range.ts';
import { removeHost } from './operations/remove-host.ts';
import { signInWays } from './operations/sign-in-ways.ts';
import { createOwnerBook } from './owner-book.ts';
import { createPasswords } from './password.ts';
import { createHostPauses } from './pauses.ts';
import { createRateLimiter } from './rate-limit.ts';
import { answerRest } from './rest/answer.ts';
import { restRoutes } from './rest/routes.ts';
import { sealerOf } from './sealed.ts';
import { followFleetFile } from './ssh/follow-fleet-file.ts';
import { createSshInstalls } from './ssh/installs.ts';
import type { SshKeeper } from './ssh/keeper.ts';
import { openSshKeeper } from './ssh/open-keeper.ts';
import { sshDoor } from './ssh/read-host.ts';
import { createStream } from './stream/stream.ts';
import { createAgentShelf } from './upgrades/agent-shelf.ts';
import { createRollouts } from './upgrades/rollouts.ts';

/** Where scripts/build-agent.ts leaves the agent. */
const builtAgent = fileURLToPath(new URL('../../dist/agent/gpufleet-agent.mjs', import.meta.url));
const tickEveryMillis = 1000;
/** A group that told the same for so many intervals is settled: its baselines may be inferred. */
const settleIntervals = 3;

export interface RunningHub {
  readonly hub: Hub;
  readonly context: HubContext;
  /** Ends streams, commits what is queued and closes the stores. */
  close(): Promise<void>;
}

const log = (line: string): void => {
  process.stderr.write(`gpufleet hub: ${line}\n`);
};

interface Stores {
  readonly state: StateStore;
  readonly history: HistoryStore;
  readonly fleetFile: FleetFile;
}

async function openStores(config: HubConfig): Promise<Stores> {
  const state = await openOwnState(config.dataFolder);
  let fleetFile: FleetFile | null = null;
  try {
    const path = join(config.dataFolder, 'history.sqlite');
    fleetFile = await openFleetFile({ path: config.fleetFile, state, now: () => Date.now(), log });
    const history = await createSqliteHistory({ path, retention: config.retention, log });
    return { state, history, fleetFile };
  } catch (error) {
    fleetFile?.close();
    await state.close();
    throw error;
  }
}

async function closeStores({ state, history }: Pick<Stores, 'state' | 'history'>): Promise<void> {
  try {
    await history.close();
  } finally {
    await state.close();
  }
}

/** After a start that went wrong half way: whoever tries again, in this process too, finds nothing locked. */
async function abandon(context: HubContext): Promise<void> {
  context.fleetFile.close();
  context.stream.close();
  await closeStores(context).catch((error: unknown) => context.log(`closing: ${String(error)}`));
}

function countStates<S extends string>(items: readonly { readonly state: S }[]): Partial<Record<S, number>> {
  const counts: Partial<Record<S, number>> = {};
  for (const { state } of items) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

async function readingsOf(context: HubContext): Promise<HubReadings> {
  const stats = await context.history.stats().catch(() => null);
  const waiting = await context.state.countWaitingDeliveries().catch(() => null);
  return {
    streamViewers: context.stream.viewerCount(),
    hostsByState: countStates(context.fleet.summaries()),
    sshHostsByState: countStates(context.ssh.states()),
    historyQueuedEntries: stats?.queuedEntries ?? null,
    historyRawRows: stats?.rawRows ?? null,
    databaseBytes: stats === null ? {} : { history: stats.databaseBytes },
    historyForgottenGaps: stats?.forgottenGaps ?? null,
    lastCommitTimestampSeconds: stats?.lastCommitAtSeconds ?? null,
    alertDeliveriesWaiting: waiting,
  };
}

function makeContext(config: HubConfig, version: string, stores: Stores) {
  const now = () => Date.now();
  const epoch = randomBytes(6).toString('hex');
  let openApi: object | null = null;
  const tables = followTables(() => stores.fleetFile.current().compatibility, log);
  const judge = createJudge(tables);
  const fleet = createFleet(now(), (host) => stores.fleetFile.current().labelsOf(host), judge.inShort);
  let alerting: Alerting | null = null;
  let ssh: SshKeeper | null = null;
  const context: HubContext = {
    version,
    epoch,
    startedAtMillis: now(),
    config,
    now,
    ...stores,
    fleet,
    drift: createDriftKeeper({
      knowledge: compatData,
      fleet,
      state: stores.state,
      now,
      log,
      declared: {
        current: () => stores.fleetFile.current().baselines,
        onChange: (listener) => stores.fleetFile.onChange(listener),
      },
      settleMillis: settleIntervals * config.intervalSeconds * 1000,
    }),
    compat: createCompatKeeper({ fleet, judge, tables }),
    agents: createAgentShelf(config.agentFile ?? builtAgent, join(config.dataFolder, 'agents')),
    rollouts: createRollouts({
      state: stores.state,
      now,
      log,
      lastReportAtMillis: (hostId) => fleet.lastReport(hostId)?.receivedAtMillis ?? null,
      onSettled: () => context.agents.forgetOthers([]).catch(() => undefined),
    }),
    lives: createHostLives({ state: stores.state, now, log }),
    ownerBook: createOwnerBook(),
    pauses: createHostPauses({ state: stores.state, now }),
    captures: createCaptures(now),
    passwords: createPasswords(),
    stream: createStream({ fleet, epoch, now, alerts: () => context.alerting.tally() }),
    get alerting() {
      alerting ??= openAlerting(
        () => context,
        () => context.drift.findings(),
        () => context.compat.findings(),
      );
      return alerting;
    },
    channelHealth: createChannelHealth(stores.state),
    alertRules: followRules(() => stores.fleetFile.current().alerts),
    oidc: config.access.oidc === null ? null : createOidc(config.access.oidc, { now, log }),
    exposition: createFleetExposition(),
    hubMetrics: createHubMetrics(() => readingsOf(context), version),
    limits: {
      enrollFailures: createRateLimiter(10, 1 / 6),
      loginFailures: createRateLimiter(10, 1 / 6),
      passwordFailures: createRateLimiter(20, 1 / 3),
      auditedFailures: createRateLimiter(5, 1 / 600),
      auditedFailuresInAll: createRateLimiter(60, 1 / 60),
      channelTests: createRateLimiter(5, 1 / 10),
      oidcSignIns: createRateLimiter(60, 1),
      streamOpens: createRateLimiter(120, 2),
      pushes: createRateLimiter(60, 10),
    },
    sshDoor,
    sealer: sealerOf(config.dataFolder),
    get ssh() {
      ssh ??= openSshKeeper(() => context);
      return ssh;
    },
    sshInstalls: createSshInstalls({ now, run: (id, script) => context.ssh.runRootScript(id, script) }),
    agentFiles: null,
    address: null,
    pendingReports: 0,
    hostTokens: createHostTokens(now),
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
  get hasOwnAuthority() {
    return (context.address?.caFingerprint ?? null) !== null;
  },
  hasProxyLogout: (context.config.access.proxy?.logoutUrl ?? null) !== null,
  identify: (header) => identify(context, header),
  signInWays: (header, from) => signInWays(context, header, from),
  getFleet: (actor) => getFleet(actor, context),
  listHosts: (actor, query) => listHosts(actor, context, query),
  getHost: (actor, id) => getHost(actor, context, id),
  getFieldOrigins: (actor) => getFieldOrigins(actor),
  explainText: (actor, text) => explainText(actor, context, text),
  explainError: (actor, slug, text) => explainError(actor, context, slug, text),
  listKnownErrors: (actor) => listKnownErrors(actor),
  listGpus: (actor, query) => listGpus(actor, context, query),
  getGpu: (actor, uuid) => getGpu(actor, context, uuid),
  listContainers: (actor, query) => listContainers(actor, context, query),
  listOwners: (actor, query) => listOwners(actor, context, query),
  getOwner: (actor, owner) => getOwner(actor, context, owner),
  getWaste: (actor, query) => getWaste(actor, context, query),
  getVersions: (actor, query) => getVersions(actor, context, query),
  getCompat: (actor, query) => getCompat(actor, context, query),
  checkCompat: (actor, request) => checkCompat(actor, context, request),
  planCompat: (actor, request) => planCompat(actor, context, request),
  getContainerVerdict: (actor, hostId, id) => getContainerVerdict(actor, context, { hostId, id }),
  getChanges: (actor, query) => getChanges(actor, context, query),
  queryRange: (actor, query) => queryRange(actor, context, query),
  addHostInstructions: (actor, origin) => addHostInstructions(actor, context, origin),
  removeHost: (actor, id) => removeHost(actor, context, id),
  listClaims: (actor) => listClaims(actor, context),
  listFormerNames: (actor, id) => listFormerNames(actor, context, id),
  ...peopleOf(context),
  ...alertsOf(context),
  ...sshOf(context),
  getAgents: (actor) => getAgents(actor, context),
  answer: (request) => answerRest(context, request),
});

/** As the Host page shows it. */
function askedPause({ pauses }: HubContext, hostId: string): HostAskedPause | null {
  const found = pauses.list().find((pause) => pause.hostId === hostId);
  return found === undefined ? null : { until: found.until, by: found.by, reason: found.reason };
}

/** Brings what was kept back to life, and ties the parts together. */
async function load(context: HubContext): Promise<void> {
  context.fleet.onChange((hostId) => context.unexposedHosts.add(hostId));
  await restoreFleet(context);
  await context.lives.load();
  context.pauses.onChange((hostIds) => {
    for (const hostId of hostIds) context.fleet.setAskedPause(hostId, askedPause(context, hostId));
  });
  await context.pauses.load();
  await context.rollouts.load();
  // Kept, so that a restart does not bring a host that was gone back for three intervals.
  context.fleet.onChange((hostId) => {
    if (context.fleet.lastReport(hostId)?.gone !== true) return;
    void noteHost(context, hostId).catch((error: unknown) => context.log(`host ${hostId}: ${String(error)}`));
  });
  context.fleetFile.onChange(() => context.fleet.relabel(context.now()));
  await context.drift.open();
  context.drift.onChange((hostIds) => {
    for (const hostId of hostIds) context.unexposedHosts.add(hostId);
  });
  await adoptWebhooks(context.state, context.config.alerts, new Date(context.now()).toISOString());
  await context.alerting.load();
  context.alerting.onChange(() => {
    context.stream.noteAlerts();
    context.exposition.setAlerts(context.alerting.counts());
  });
  context.exposition.setAlerts(context.alerting.counts());
  // Rules come and go with the file, and pages that list them look again.
  context.fleetFile.onChange(() => {
    context.exposition.setAlerts(context.alerting.counts());
    context.alerting.noteDelivery();
  });
}

/**
 * Opens the stores and puts the hub together. Rejects with StoreError, whose message is one line for a person; what was
 * opened by then is closed again.
 */
export async function createHub(config: HubConfig, version: string): Promise<RunningHub> {
  const context = makeContext(config, version, await openStores(config));
  try {
    await load(context);
  } catch (error) {
    await abandon(context);
    throw error;
  }
  await context.ssh.load();
  await followFleetFile(context);
  const ticking = setInterval(() => {
    context.fleet.tick(context.now());
    context.drift.tick(context.now());
    context.compat.tick();
    context.pauses.tick();
    context.rollouts.tick();
    void context.alerting.tick();
  }, tickEveryMillis);
  return {
    hub: hubOf(context),
    context,
    async close() {
      clearInterval(ticking);
      context.sshInstalls.close();
      await context.ssh.close();
      context.fleetFile.close();
      context.stream.close();
      await context.alerting.close();
      await context.drift.close();
      await context.rollouts.close();
      for (const { id } of context.fleet.summaries()) await noteHost(context, id).catch(() => undefined);
      await closeStores(context);
    },
  };
}
