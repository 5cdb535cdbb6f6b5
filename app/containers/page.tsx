import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { hostTagsOf, listOf } from '../components/host-tags.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { containerKey, idInKey } from './container-address.ts';
import { ContainersView } from './containers-view.client.tsx';

export const metadata: Metadata = { title: 'Containers' };

type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

async function Containers({ actor, asked }: { actor: Actor; asked: SearchParams }) {
  const chosen = { group: listOf(asked['group']), label: listOf(asked['label']) };
  const key = listOf(asked['c'])[0] ?? '';
  const id = idInKey(key);
  const [containers, fleet, found] = await Promise.all([
    hub().listContainers(actor, { limit: 1000, ...chosen }),
    hub().getFleet(actor),
    id === null ? null : hub().listContainers(actor, { q: id }),
  ]);
  const named = found?.items.find((container) => containerKey(container) === key) ?? null;
  return (
    <ContainersView
      initial={containers}
      named={named}
      hosts={hostTagsOf(fleet.hosts)}
      serverTime={fleet.serverTime}
    />
  );
}

export default async function ContainersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [actor, asked] = await Promise.all([requireActor(), searchParams]);
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Containers actor={actor} asked={asked} />
    </Suspense>
  );
}
