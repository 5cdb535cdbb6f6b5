import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import type { OwnerRow, Page } from '../../lib/model/index.ts';
import { hostTagsOf, listOf } from '../components/host-tags.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, requireActor } from '../hub.ts';
import { ownerHref, readFormerAddress } from './container-address.ts';
import { ContainersView } from './containers-view.client.tsx';
import { type AskedFacts, matchesOwner, ownerFacts, readWords } from './owner-filter.ts';
import { sortedOwners } from './owner-sort.ts';

export const metadata: Metadata = { title: 'Containers' };

type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

/** So many rows come with the page; the browser asks for the others once it shows these. */
const firstRows = 200;
const pageSize = 1000;

async function allOwners(actor: Actor, chosen: { group: readonly string[]; label: readonly string[] }) {
  const rows: OwnerRow[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: Page<OwnerRow> = await hub().listOwners(actor, {
      ...chosen,
      limit: pageSize,
      ...(cursor === '' ? {} : { cursor }),
    });
    rows.push(...page.items);
    cursor = page.nextCursor;
  }
  return rows;
}

/** The rows that the address asks for, from the top; what the browser shows before it has asked for all. */
async function firstOwners(actor: Actor, asked: SearchParams): Promise<Page<OwnerRow>> {
  const one = (name: string): string => listOf(asked[name])[0] ?? '';
  const chosen = { group: listOf(asked['group']), label: listOf(asked['label']) };
  const all = await allOwners(actor, chosen);
  const facts = Object.fromEntries(ownerFacts.map((fact) => [fact, one(fact)])) as AskedFacts;
  const filter = { words: readWords(one('q')), facts };
  const shown = sortedOwners(
    all.filter((row) => matchesOwner(row, filter)),
    one('sort'),
  );
  return {
    items: shown.slice(0, firstRows),
    nextCursor: all.length > firstRows || shown.length < all.length ? 'more' : null,
    total: all.length,
  };
}

async function Containers({ actor, asked }: { actor: Actor; asked: SearchParams }) {
  const [owners, fleet] = await Promise.all([firstOwners(actor, asked), hub().getFleet(actor)]);
  return <ContainersView initial={owners} hosts={hostTagsOf(fleet.hosts)} serverTime={fleet.serverTime} />;
}

export default async function ContainersPage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [actor, asked] = await Promise.all([requireActor(), searchParams]);
  const former = readFormerAddress(listOf(asked['c'])[0] ?? '');
  if (former !== null) redirect(ownerHref(former));
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Containers actor={actor} asked={asked} />
    </Suspense>
  );
}
