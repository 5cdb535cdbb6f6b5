import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { GpusView } from './gpus-table.client.tsx';

export const metadata: Metadata = { title: 'GPUs' };

async function Gpus({ actor }: { actor: Actor }) {
  const fleet = await hub().getFleet(actor);
  return <GpusView initial={fleet.hosts} serverTime={fleet.serverTime} />;
}

export default async function GpusPage() {
  const actor = await requireActor();
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Gpus actor={actor} />
    </Suspense>
  );
}
