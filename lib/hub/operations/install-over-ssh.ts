import { isLoopback } from '../../config/parsers.ts';
import type { AccessLevel, SshInstallsView } from '../../model/index.ts';
import type { SshHostRecord } from '../../state/state-store.ts';
import type { Actor } from '../actor.ts';
import { auditRecord } from '../audit.ts';
import type { HubContext } from '../context.ts';
import { HubError } from '../errors.ts';
import { actorName, requireRole } from '../require-role.ts';
import { hashSecret } from '../secrets.ts';
import { localOrigin, noteFor, remoteOrigin, safeOrigin } from './add-host-instructions.ts';

export interface NewSshInstalls {
  /** Ids of SSH hosts. */
  readonly hosts: readonly string[];
  readonly access: AccessLevel;
  /** The address in the browser's bar, or by which the caller reaches the hub. */
  readonly origin: string;
}

/** Longer than fetching and starting takes; the token ends with the installation in any case. */
const tokenMillis = 15 * 60_000;

export async function listSshInstalls(actor: Actor, context: HubContext): Promise<SshInstallsView> {
  requireRole(actor, 'viewer');
  return { items: context.sshInstalls.list() };
}

/** Where the host reaches the hub. Throws `conflict` with what to do where it cannot. */
function originFor(context: HubContext, host: SshHostRecord, browser: URL): string {
  const isHere = host.jumps.length === 0 && (isLoopback(host.address) || host.address === 'localhost');
  const origin = isHere ? localOrigin(context) : remoteOrigin(context, browser);
  if (origin === null)
    throw new HubError('conflict', noteFor(context, origin) ?? 'No host reaches this hub.');
  return origin;
}

/** Arguments in front of the hub's own script: set by a builtin, so that they are in no command line. */
async function scriptOf(context: HubContext, words: readonly string[]): Promise<string> {
  if (context.agentFiles === null) throw new HubError('unavailable', 'The hub is still starting.');
  const script = await context.agentFiles.installScript();
  if (words.some((word) => !/^[\w.:/[\]@%+=-]*$/.test(word)))
    throw new HubError('internal', 'An argument of the installer has a character that it must not have.');
  return `set -- ${words.map((word) => `'${word}'`).join(' ')}\n${script}`;
}

function begin(
  actor: Actor,
  context: HubContext,
  host: SshHostRecord,
  wanted: { readonly origin: string; readonly access: AccessLevel },
): void {
  const by = actorName(actor);
  let tokenHash: string | null = null;
  context.sshInstalls.begin({
    sshHostId: host.id,
    by,
    async makeScript() {
      const { caFingerprint = null } = context.address ?? {};
      const token = context.hostTokens.make({
        hostId: host.id,
        createdBy: by,
        expiresAtMillis: context.now() + tokenMillis,
      });
      tokenHash = hashSecret(token);
      const pinned = caFingerprint !== null && wanted.origin.startsWith('https:');
      const text = await scriptOf(context, [
        ...['--hub', wanted.origin, '--token', token, '--access', wanted.access, '--host-id', host.id],
        ...(pinned ? ['--ca-fingerprint', caFingerprint] : []),
      ]);
      return { text, secret: token };
    },
    hasReported: () => context.ssh.view(host.id)?.state === 'stepped-back',
    settle() {
      if (tokenHash !== null) context.hostTokens.end(tokenHash);
    },
  });
}

/**
 * Installs the agent on hosts that are read over SSH, a few at a time. The host keeps its id: when the agent's first
 * report is there, SSH steps back, so that history has neither a gap nor anything twice.
 */
export async function installOverSsh(
  actor: Actor,
  context: HubContext,
  { hosts, access, origin }: NewSshInstalls,
): Promise<SshInstallsView> {
  requireRole(actor, 'admin');
  const browser = safeOrigin(origin);
  await context.agents.requireOffered();
  const chosen = [...new Set(hosts)].map((id) => {
    const record = context.ssh.record(id);
    if (record === null) throw new HubError('not-found', `There is no SSH host ${id}.`);
    if (context.sshInstalls.isUnderWay(id))
      throw new HubError('conflict', `${record.address}: an installation is under way.`);
    if (context.ssh.view(id)?.state === 'stepped-back')
      throw new HubError('conflict', `${record.address}: its agent reports already.`);
    return { record, origin: originFor(context, record, browser) };
  });
  for (const { record, origin: hubOrigin } of chosen) {
    const change = {
      action: 'ssh-host.install',
      subject: record.address,
      before: null,
      after: `access ${access}`,
    };
    await context.state.appendAudit(auditRecord(actor, context.now(), change));
    begin(actor, context, record, { origin: hubOrigin, access });
  }
  return { items: context.sshInstalls.list() };
}
