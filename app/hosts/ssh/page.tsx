import type { Metadata } from 'next';
import { hub, requireActor } from '../../hub.ts';
import { mayDo } from '../../places.ts';
import { SshView } from './ssh-view.client.tsx';

export const metadata: Metadata = { title: 'SSH hosts' };

export default async function SshHostsPage() {
  const actor = await requireActor();
  const [hosts, installs] = await Promise.all([hub().listSshHosts(actor), hub().listSshInstalls(actor)]);
  const role = actor.kind === 'user' ? actor.role : null;
  return (
    <SshView
      first={hosts}
      firstInstalls={installs}
      serverTime={new Date().toISOString()}
      mayTest={role !== null && mayDo(role, 'operator')}
      mayEdit={role === 'admin'}
    />
  );
}
