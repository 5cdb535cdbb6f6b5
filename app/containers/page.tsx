import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { ContainersView } from './containers-view.client.tsx';

export const metadata: Metadata = { title: 'Containers' };

async function Containers({ actor }: { actor: Actor }) {
  const containers = await hub().listContainers(actor, { limit: 1000 });
  return <ContainersView initial={containers} serverTime={new Date().toISOString()} />;
}

export default async function ContainersPage() {
  const actor = await requireActor();
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Containers actor={actor} />
    </Suspense>
  );
}
