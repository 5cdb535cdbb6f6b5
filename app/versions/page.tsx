import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { readCell } from './facet-words.ts';
import { VersionsPage } from './versions-view.client.tsx';

export const metadata: Metadata = { title: 'Versions' };

type Search = Readonly<Record<string, string | readonly string[] | undefined>>;

async function Versions({ actor, search }: { actor: Actor; search: Search }) {
  const q = typeof search['q'] === 'string' ? search['q'].slice(0, 200).trim() : '';
  const cell = typeof search['cell'] === 'string' ? readCell(search['cell']) : null;
  const words = q === '' ? {} : { q };
  const [initial, initialCell] = await Promise.all([
    hub().getVersions(actor, { hosts: 'none', ...words }),
    cell === null ? null : hub().getVersions(actor, { facet: cell.facet, group: [cell.group], ...words }),
  ]);
  return <VersionsPage initial={initial} initialCell={initialCell} />;
}

export default async function VersionsRoute({ searchParams }: { searchParams: Promise<Search> }) {
  const [actor, search] = await Promise.all([requireActor(), searchParams]);
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Versions actor={actor} search={search} />
    </Suspense>
  );
}
