import type { Metadata } from 'next';
import { Suspense } from 'react';
import type { Actor } from '../../lib/hub/actor.ts';
import type { WasteReport } from '../../lib/model/index.ts';
import { hostTagsOf, listOf } from '../components/host-tags.ts';
import { TableSkeleton } from '../components/table-skeleton.tsx';
import { hub, hubErrorCode, requireActor } from '../hub.ts';
import { readWasteAsked } from './waste-asked.ts';
import { WasteView } from './waste-view.client.tsx';

export const metadata: Metadata = { title: 'Waste' };

type SearchParams = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The month that is asked for; of an address that asks for what there is not, the report of now. */
async function firstReport(actor: Actor, asked: SearchParams): Promise<WasteReport> {
  const one = (name: string) => listOf(asked[name])[0] ?? null;
  const { month, by, idleAfterSeconds } = readWasteAsked(one);
  const [group, label] = [listOf(asked['group']), listOf(asked['label'])];
  const chosen = {
    ...(by === null ? {} : { by }),
    ...(group.length > 0 ? { group } : {}),
    ...(label.length > 0 ? { label } : {}),
  };
  try {
    return await hub().getWaste(actor, {
      ...chosen,
      ...(month === null ? {} : { month }),
      ...(idleAfterSeconds === null ? {} : { idleAfterSeconds }),
    });
  } catch (error) {
    if (hubErrorCode(error) !== 'invalid') throw error;
    return hub().getWaste(actor, chosen);
  }
}

async function Waste({ actor, asked }: { actor: Actor; asked: SearchParams }) {
  const [report, fleet] = await Promise.all([firstReport(actor, asked), hub().getFleet(actor)]);
  return <WasteView initial={report} hosts={hostTagsOf(fleet.hosts)} serverTime={fleet.serverTime} />;
}

export default async function WastePage({ searchParams }: { searchParams: Promise<SearchParams> }) {
  const [actor, asked] = await Promise.all([requireActor(), searchParams]);
  return (
    <Suspense fallback={<TableSkeleton />}>
      <Waste actor={actor} asked={asked} />
    </Suspense>
  );
}
