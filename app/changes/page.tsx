import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import { hostTagsOf, listOf } from '../components/host-tags.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { isFacet, spanNames, spans } from './change-words.ts';
import { ChangesPage } from './changes-view.client.tsx';

export const metadata: Metadata = { title: 'Changes' };

type Search = Readonly<Record<string, string | readonly string[] | undefined>>;

async function Changes({ actor, search }: { actor: Actor; search: Search }) {
  const one = (name: string) => listOf(search[name])[0] ?? '';
  const q = one('q').slice(0, 200).trim();
  const [facet, host] = [one('facet'), one('host').slice(0, 64)];
  const [group, label] = [listOf(search['group']), listOf(search['label'])];
  const span = spanNames.find((name) => name === one('span')) ?? '7d';
  const [fleet, initial] = await Promise.all([
    hub().getFleet(actor),
    hub().getChanges(actor, {
      from: Math.floor(Date.now() / 1000) - spans[span] * 86_400,
      ...(isFacet(facet) ? { facet: [facet] } : {}),
      ...(host === '' ? {} : { host }),
      ...(q === '' ? {} : { q }),
      ...(group.length === 0 ? {} : { group }),
      ...(label.length === 0 ? {} : { label }),
    }),
  ]);
  return <ChangesPage initial={initial} hosts={hostTagsOf(fleet.hosts)} />;
}

export default async function ChangesRoute({ searchParams }: { searchParams: Promise<Search> }) {
  const [actor, search] = await Promise.all([requireActor(), searchParams]);
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Changes actor={actor} search={search} />
    </Suspense>
  );
}
