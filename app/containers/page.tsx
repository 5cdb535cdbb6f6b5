import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { ContainersView } from './containers-view.client.tsx';

export const metadata: Metadata = { title: 'Containers' };

type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

const listOf = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : typeof value === 'string' ? [value] : value;

async function Containers({ actor, asked }: { actor: Actor; asked: SearchParams }) {
  const chosen = { group: listOf(asked['group']), label: listOf(asked['label']) };
  const [containers, fleet] = await Promise.all([
    hub().listContainers(actor, { limit: 1000, ...chosen }),
    hub().getFleet(actor),
  ]);
  const hosts = fleet.hosts.map(({ id, group, labels }) => ({ id, group, labels, gpus: [] }));
  return <ContainersView initial={containers} hosts={hosts} serverTime={fleet.serverTime} />;
}

export default async function ContainersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [actor, asked] = await Promise.all([requireActor(), searchParams]);
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Containers actor={actor} asked={asked} />
    </Suspense>
  );
}
