import type { SshHostsView, SshInstallsView } from '../model/index.ts';
import type { Actor } from './actor.ts';
import type { HubContext } from './context.ts';
import { listSshInstalls } from './operations/install-over-ssh.ts';
import { listSshHosts } from './operations/ssh-hosts.ts';

/** What pages ask about hosts read over SSH; what they change goes over /api/v1. */
export interface HubSsh {
  listSshHosts(actor: Actor): Promise<SshHostsView>;
  listSshInstalls(actor: Actor): Promise<SshInstallsView>;
}

export const sshOf = (context: HubContext): HubSsh => ({
  listSshHosts: (actor) => listSshHosts(actor, context),
  listSshInstalls: (actor) => listSshInstalls(actor, context),
});
