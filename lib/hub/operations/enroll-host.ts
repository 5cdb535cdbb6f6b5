import type { EnrollAnswer, EnrollRequest } from '../../protocol/index.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { knownHost } from '../known-hosts.ts';
import { networkOf } from '../rate-limit.ts';
import { hashSecret, newSecret, secretKind } from '../secrets.ts';

export interface Enrollment {
  /** The enrolment token: it is what authorises this operation, so no other actor is asked for. */
  readonly token: string | null;
  readonly peer: string;
  readonly request: EnrollRequest;
}

function unknownToken(token: string | null): HubError {
  const kind = token === null ? null : secretKind(token);
  const hint = kind !== null && kind !== 'enrollment' ? ` This is a secret of another kind (${kind}).` : '';
  return new HubError(
    'unauthenticated',
    `The enrolment token is unknown or has expired; "Add host" shows a fresh one.${hint}`,
  );
}

interface GoodToken {
  readonly hash: string;
  /** Given to every host that enrols with it. */
  readonly labels: Readonly<Record<string, string>>;
  /** Null: any host. Else that one, once. */
  readonly hostId: string | null;
}

async function validToken(context: HubContext, token: string | null): Promise<GoodToken> {
  if (token === null || secretKind(token) !== 'enrollment') throw unknownToken(token);
  const hash = hashSecret(token);
  const ofOneHost = context.hostTokens.find(hash);
  if (ofOneHost !== null) return { hash, labels: {}, hostId: ofOneHost.hostId };
  const record = await context.state.getEnrollmentToken(hash);
  if (record === null || Date.parse(record.expiresAt) <= context.now()) throw unknownToken(token);
  return { hash, labels: record.labels, hostId: null };
}

/**
 * The host that this agent is: the one that its token is for; the one that is read over SSH on the same running machine,
 * so that it stays one; else the one that it says, which must be known where it is.
 */
function hostOfAgent({ ssh }: HubContext, request: EnrollRequest, isDecided: boolean): string {
  const { id, machine } = request.host;
  return isDecided || machine === undefined ? id : (ssh.ofMachine(machine) ?? id);
}

/** A host read over SSH has no credential that guards its id: only its own token, or its running machine, takes it over. */
function requireSameMachine({ ssh }: HubContext, id: string, machine: string | undefined): void {
  if (ssh.record(id) === null || (machine !== undefined && ssh.machineOf(id) === machine)) return;
  throw new HubError(
    'conflict',
    `Host id ${id} is read over SSH by this hub, and this is not known to be its machine. Install the agent from the ` +
      `hub's page SSH hosts, or remove the host there first.`,
    { errors: [{ pointer: '/host/id', detail: 'is read over SSH' }] },
  );
}

/**
 * Exchanges an enrolment token for a credential of one host. A host id that has reported under another credential is
 * refused with `conflict`; one that never reported may enrol again, since its first answer can have been lost.
 */
export async function enrollHost(context: HubContext, enrollment: Enrollment): Promise<EnrollAnswer> {
  const { token, peer, request } = enrollment;
  const { enrollFailures } = context.limits;
  enrollFailures.check(networkOf(peer), context.now());
  const used = await validToken(context, token).catch((error: unknown) => {
    enrollFailures.take(networkOf(peer), context.now());
    throw error;
  });
  const { id: said, hostname, labels } = request.host;
  if (used.hostId !== null && used.hostId !== said) {
    enrollFailures.take(networkOf(peer), context.now());
    throw new HubError('forbidden', `This enrolment token is for host ${used.hostId} alone.`);
  }
  const known = await context.state.getHost(said);
  const id = hostOfAgent(context, request, known !== null || used.hostId !== null);
  const existing = id === said ? known : await context.state.getHost(id);
  // What is still read over SSH has readings, and none of an agent.
  const hasReported =
    !context.ssh.mayPush(id) && (existing?.lastReportAt != null || context.fleet.lastReport(id) !== null);
  if (existing?.credentialHash != null && hasReported) {
    context.lives.note({ kind: 'same-id', hostId: id, hostname, peer });
    throw new HubError(
      'conflict',
      `Host id ${id} is enrolled already and belongs to another credential. If this machine was cloned from another, ` +
        `remove its agent's host.json and credential.json, so that it gets an id of its own. To let it have this id, ` +
        `an administrator presses "Replace" on the hub's Hosts page or runs "gpufleet hub host release ${id}".`,
      { errors: [{ pointer: '/host/id', detail: 'belongs to another credential' }] },
    );
  }
  if (used.hostId === null) requireSameMachine(context, id, request.host.machine);
  const credential = newSecret('agent');
  const at = new Date(context.now()).toISOString();
  const host = {
    id,
    hostname,
    credentialHash: hashSecret(credential),
    enrolledAt: existing?.enrolledAt ?? at,
    lastReportAt: existing?.lastReportAt ?? null,
    lastReport: existing?.lastReport ?? null,
    agentLabels: labels,
    // What a person said of the host wins over what the token brings.
    hubLabels: { ...used.labels, ...existing?.hubLabels },
  };
  await context.state.putHost(host);
  if (used.hostId !== null) context.hostTokens.end(used.hash);
  await context.state.appendAudit({
    at,
    actor: `enrolment token ${used.hash.slice(0, 8)}`,
    action: 'host.enroll',
    subject: id,
    before: null,
    after: hostname,
  });
  // Said here, not only at its first push: until that the hub may restart, and knows just the new name.
  if (existing !== null && existing.hostname !== hostname)
    context.lives.noteName(id, existing.hostname, hostname);
  context.fleet.know(knownHost(host), context.now());
  await context.lives.settle(id);
  return { hostId: id, credential };
}
