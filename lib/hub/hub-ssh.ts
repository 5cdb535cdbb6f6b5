import type { SshHostsView, SshHostView, SshInstallsView } from '../model/index.ts';
import type { Actor } from './actor.ts';
import type { HubContext } from './context.ts';
import { listSshInstalls } from './operations/install-over-ssh.ts';
import { getSshHost, listSshHosts } from './operations/ssh-hosts.ts';

/** What pages ask about hosts read over SSH; what they change goes over /api/v1. */
export interface HubSsh {
  listSshHosts(actor: Actor): Promise<SshHostsView>;
  /** Throws `not-found`. */
  getSshHost(actor: Actor, id: string): Promise<SshHostView>;
  listSshInstalls(actor: Actor): Promise<SshInstallsView>;
}

export const sshOf = (context: HubContext): HubSsh => ({
  listSshHosts: (actor) => listSshHosts(actor, context),
  getSshHost: (actor, id) => getSshHost(actor, context, id),
  listSshInstalls: (actor) => listSshInstalls(actor, context),
});
