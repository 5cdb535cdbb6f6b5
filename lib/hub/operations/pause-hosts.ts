import { randomBytes } from 'node:crypto';
import type { HostSummary } from '../../model/index.ts';
import type { PauseRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { auditRecord, auditTime } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';

/** Hosts by id or, where only one has it, by name; and all hosts of groups. */
export interface PauseSelection {
  readonly hosts: readonly string[];
  readonly groups: readonly string[];
}

export interface NewPause extends PauseSelection {
  readonly forSeconds: number;
  readonly reason: string | null;
}

export interface PauseView extends PauseRecord {
  readonly hostname: string;
}

const refuse = (code: 'not-found' | 'unprocessable', pointer: string, detail: string) =>
  new HubError(code, detail, { errors: [{ pointer, detail }] });

function chosenHosts({ fleet }: HubContext, { hosts, groups }: PauseSelection): readonly HostSummary[] {
  if (hosts.length === 0 && groups.length === 0)
    throw refuse('unprocessable', '/hosts', 'Which hosts? Name at least one host or group.');
  const chosen = new Map<string, HostSummary>();
  const all = fleet.summaries();
  for (const [at, name] of hosts.entries()) {
    const byId = fleet.summary(name);
    const found = byId === null ? all.filter(({ hostname }) => hostname === name) : [byId];
    const [host] = found;
    if (host === undefined) throw refuse('not-found', `/hosts/${at}`, `There is no host ${name}.`);
    if (found.length > 1)
      throw refuse('unprocessable', `/hosts/${at}`, `${found.length} hosts are named ${name}: give the id.`);
    chosen.set(host.id, host);
  }
  for (const [at, group] of groups.entries()) {
    const members = all.filter((host) => host.group === group);
    if (members.length === 0)
      throw refuse('not-found', `/groups/${at}`, `There is no host of group ${group}.`);
    for (const host of members) chosen.set(host.id, host);
  }
  return [...chosen.values()];
}

const subjectOf = ({ hostname, id }: Pick<HostSummary, 'hostname' | 'id'>): string => `${hostname} (${id})`;
const words = ({ until, reason }: PauseRecord): string =>
  [`until ${auditTime(until)}`, reason].filter(Boolean).join(', ');

/**
 * Asks agents to let go of their GPUs; each does so with its next push, and takes up again by itself. Throws `not-found`
 * for a host or group that is not there, and then asks none.
 */
export async function pauseHosts(
  actor: Actor,
  context: HubContext,
  wanted: NewPause,
): Promise<{ readonly pauses: readonly PauseView[] }> {
  requireRole(actor, 'operator');
  const now = context.now();
  const before = new Map(context.pauses.list().map((pause) => [pause.hostId, pause]));
  const pauses = chosenHosts(context, wanted).map(
    ({ id, hostname }): PauseView => ({
      hostId: id,
      hostname,
      id: randomBytes(6).toString('hex'),
      askedAt: new Date(now).toISOString(),
      until: new Date(now + wanted.forSeconds * 1000).toISOString(),
      by: actorName(actor),
      reason: wanted.reason,
    }),
  );
  const audits = pauses.map((pause) => {
    const old = before.get(pause.hostId);
    const subject = subjectOf({ id: pause.hostId, hostname: pause.hostname });
    const change = { before: old === undefined ? null : words(old), after: words(pause) };
    return auditRecord(actor, now, { action: 'host.pause', subject, ...change });
  });
  await context.pauses.ask(pauses, audits);
  return { pauses };
}

/** Takes back what was asked. A host that was paused on the host itself stays so. Throws as `pauseHosts` does. */
export async function resumeHosts(
  actor: Actor,
  context: HubContext,
  wanted: PauseSelection,
): Promise<{ readonly resumed: readonly string[] }> {
  requireRole(actor, 'operator');
  const now = context.now();
  const asked = new Map(context.pauses.list().map((pause) => [pause.hostId, pause]));
  const ended = chosenHosts(context, wanted).flatMap((host) => {
    const pause = asked.get(host.id);
    return pause === undefined ? [] : [{ host, pause }];
  });
  const audits = ended.map(({ host, pause }) =>
    auditRecord(actor, now, {
      action: 'host.resume',
      subject: subjectOf(host),
      before: words(pause),
      after: null,
    }),
  );
  const resumed = ended.map(({ host }) => host.id);
  await context.pauses.end(resumed, audits);
  return { resumed };
}

/** Pauses that hold now, by hostname. */
export async function listPauses(
  actor: Actor,
  context: HubContext,
): Promise<{ readonly pauses: readonly PauseView[] }> {
  requireRole(actor, 'viewer');
  const pauses = context.pauses.list().map((pause) => ({
    ...pause,
    hostname: context.fleet.summary(pause.hostId)?.hostname ?? pause.hostId,
  }));
  return { pauses: pauses.sort((a, b) => (a.hostname < b.hostname ? -1 : 1)) };
}
