import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { hostTagsOf, listOf } from '../components/host-tags.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { readCell } from './facet-words.ts';
import { VersionsPage } from './versions-view.client.tsx';

export const metadata: Metadata = { title: 'Versions' };

type Search = Readonly<Record<string, string | readonly string[] | undefined>>;

async function Versions({ actor, search }: { actor: Actor; search: Search }) {
  const q = (listOf(search['q'])[0] ?? '').slice(0, 200).trim();
  const cell = readCell(listOf(search['cell'])[0] ?? '');
  const [group, label] = [listOf(search['group']), listOf(search['label'])];
  const labels = label.length === 0 ? {} : { label };
  const words = { ...labels, ...(q === '' ? {} : { q }) };
  const [fleet, initial, initialCell] = await Promise.all([
    hub().getFleet(actor),
    hub().getVersions(actor, { hosts: 'none', ...words, ...(group.length === 0 ? {} : { group }) }),
    cell === null ? null : hub().getVersions(actor, { facet: cell.facet, group: [cell.group], ...words }),
  ]);
  return <VersionsPage initial={initial} initialCell={initialCell} hosts={hostTagsOf(fleet.hosts)} />;
}

export default async function VersionsRoute({ searchParams }: { searchParams: Promise<Search> }) {
  const [actor, search] = await Promise.all([requireActor(), searchParams]);
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Versions actor={actor} search={search} />
    </Suspense>
  );
}
