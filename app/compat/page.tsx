import type { Metadata } from 'next';
import { Suspense } from 'react';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { CompatPage } from './compat-view.client.tsx';

export const metadata: Metadata = { title: 'Compatibility' };

async function Compat() {
  const actor = await requireActor();
  return <CompatPage initial={await hub().getCompat(actor, {})} />;
}

export default async function CompatRoute() {
  await requireActor();
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Compat />
    </Suspense>
  );
}
