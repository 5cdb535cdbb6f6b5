import { type ClockOffset, type ReportTime, reportTime, steadyOffset } from '../../fleet/index.ts';
import type { HistoryEntry } from '../../history/history-store.ts';
import type { Push, PushAnswer, Report } from '../../model/index.ts';
import type { Actor } from '../actor.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { historySamples } from '../history-samples.ts';
import { noteHost } from '../known-hosts.ts';
import { requireAgent } from '../require-role.ts';
import { overSsh } from '../ssh/over-ssh.ts';

export interface ReceivedPush {
  readonly push: Push;
  readonly receivedAtMillis: number;
  /** Address that it came from. */
  readonly peer: string;
}

/** Most backlog that one push may carry while the hub has time, and while its history is behind. */
const backlogWhenIdle = 120;
const backlogWhenBusy = 10;
const busyFromPending = 500;
const overloadedFromPending = 5000;
/** The whole of a host's last report is handed to the state at most this often. */
const noteEveryMillis = 15_000;

function otherCredential(hostId: string): HubError {
  return new HubError(
    'conflict',
    `Host id ${hostId} belongs to another credential. If this machine was cloned from another, remove its agent's ` +
      `host.json and credential.json, so that it gets an id of its own, and enrol it again. To let it have this id, ` +
      `an administrator presses "Replace" on the hub's Hosts page or runs "gpufleet hub host release ${hostId}".`,
    { errors: [{ pointer: '/host/id', detail: 'belongs to another credential' }] },
  );
}

function backlogFor(context: HubContext): number {
  if (context.pendingReports >= overloadedFromPending) return 1;
  return context.pendingReports >= busyFromPending ? backlogWhenBusy : backlogWhenIdle;
}

interface TimedReport {
  readonly report: Report;
  readonly time: ReportTime;
}

function showNewest(
  context: HubContext,
  received: ReceivedPush,
  timed: readonly TimedReport[],
  clock: ClockOffset,
) {
  const { push, receivedAtMillis } = received;
  const isWatched = context.stream.isWatched(push.host.id);
  for (const { report, time } of timed)
    context.fleet.apply({
      host: push.host,
      agent: push.agent,
      report,
      // Only what was asked for, and only beside its own report: a text never explains another number.
      software: push.software ?? null,
      raw: isWatched && push.raw?.sequence === report.sequence ? push.raw : null,
      receivedAtMillis,
      takenAtMillis: time.takenAtMillis,
      clock,
    });
}

/** What history keeps of the reports; who an owner is goes with the newest that has it. */
function entriesOf(
  context: HubContext,
  { push, receivedAtMillis }: ReceivedPush,
  timed: readonly TimedReport[],
): readonly HistoryEntry[] {
  const { id, hostname } = push.host;
  const group = context.fleet.summary(id)?.group ?? '';
  const reports = timed.map(({ report }) => report);
  const owners = context.ownerBook.news(id, reports, { hostname, group });
  return timed.map(({ report, time }, index) => ({
    hostId: id,
    epoch: push.agent.epoch,
    sequence: report.sequence,
    takenAtSeconds: time.historyMillis / 1000,
    receivedAtSeconds: receivedAtMillis / 1000,
    samples: historySamples(id, report),
    owners: owners[index] ?? [],
  }));
}

async function commit(context: HubContext, entries: readonly HistoryEntry[]) {
  context.pendingReports += entries.length;
  try {
    return await context.history.append(entries);
  } finally {
    context.pendingReports -= entries.length;
  }
}

/** Said until the agent sends it. */
function wantedCapture(context: HubContext, hostId: string): Pick<PushAnswer, 'captureId'> {
  const captureId = context.captures.wanted(hostId);
  return captureId === null ? {} : { captureId };
}

/** Two machines that report as one host, and a host that took another name. */
function lookWhoPushes(context: HubContext, { push, peer }: ReceivedPush): void {
  const { host, agent } = push;
  const process = `${agent.epoch} ${agent.startedAt}`;
  context.lives.see(host.id, { process, hostname: host.hostname, peer });
  const before = context.fleet.summary(host.id)?.hostname ?? host.hostname;
  if (before !== host.hostname) context.lives.noteName(host.id, before, host.hostname);
}

/**
 * Takes a push: the live fleet at once, the answer after the commit of its history. Throws `conflict` for a host id
 * of another credential, `too-many-requests`, and StoreError when it cannot be stored.
 */
export async function pushReports(
  actor: Actor,
  context: HubContext,
  received: ReceivedPush,
): Promise<PushAnswer> {
  const hostId = requireAgent(actor);
  const { push, receivedAtMillis } = received;
  if (push.host.id !== hostId) {
    const { id, hostname } = push.host;
    context.lives.note({ kind: 'same-id', hostId: id, hostname, peer: received.peer });
    throw otherCredential(push.host.id);
  }
  if (received.peer !== overSsh) context.ssh.noteAgent(hostId, push.host.machine ?? null);
  lookWhoPushes(context, received);
  const sentAtMillis = Date.parse(push.sentAt);
  const measuredSeconds = (sentAtMillis - receivedAtMillis) / 1000;
  const clock = steadyOffset(context.fleet.clockOffset(hostId), measuredSeconds);
  const reading = { sentAtMillis, receivedAtMillis, offsetSeconds: clock.seconds };
  const timed = push.reports
    .map((report) => ({ report, time: reportTime(report, reading) }))
    .sort((a, b) => b.report.sequence - a.report.sequence);
  showNewest(context, received, timed, clock);
  const entries = entriesOf(context, received, timed);
  const outcomes = await commit(context, entries);
  const [newest] = timed;
  if (newest !== undefined && outcomes[0] === 'accepted')
    context.ownerBook.note(hostId, newest.report, entries[0]?.owners ?? []);
  const noted = context.notedAtMillis.get(hostId);
  if (noted === undefined || receivedAtMillis - noted >= noteEveryMillis || push.software !== undefined)
    // The readings are stored by now: a state that cannot be written must not make the agent send them again.
    await noteHost(context, hostId).catch((error: unknown) =>
      context.log(`host ${hostId}: ${String(error)}`),
    );
  const duplicates = outcomes.filter((outcome) => outcome === 'duplicate').length;
  const accepted = outcomes.length - duplicates;
  context.hubMetrics.noteReports({ accepted, duplicates });
  const { intervalSeconds, watchedIntervalSeconds } = context.config;
  const isWatched = context.stream.isWatched(hostId);
  const pause = context.pauses.askedOf(hostId);
  const upgrade = context.rollouts.afterPush(hostId, push.agent);
  return {
    accepted,
    duplicates,
    intervalSeconds: isWatched ? watchedIntervalSeconds : intervalSeconds,
    serverTime: new Date(context.now()).toISOString(),
    backlogReports: backlogFor(context),
    ...(isWatched ? { rawText: true } : {}),
    ...(context.fleet.lastReport(hostId)?.software == null ? { sendSoftware: true } : {}),
    ...(pause === null ? {} : { pause }),
    ...wantedCapture(context, hostId),
    ...(upgrade === null ? {} : { upgrade }),
  };
}
