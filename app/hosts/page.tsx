import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { HostsView } from './hosts-table.client.tsx';

export const metadata: Metadata = { title: 'Hosts' };

async function Hosts({ actor }: { actor: Actor }) {
  const [fleet, claims] = await Promise.all([hub().getFleet(actor), hub().listClaims(actor)]);
  const mayEdit = actor.kind === 'user' && actor.role === 'admin';
  return <HostsView initial={fleet.hosts} serverTime={fleet.serverTime} mayEdit={mayEdit} claims={claims} />;
}

/** Who asks is settled before anything is sent, so that a stranger gets a redirect and no skeleton. */
export default async function HostsPage() {
  const actor = await requireActor();
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Hosts actor={actor} />
    </Suspense>
  );
}
