import type { Metadata } from 'next';
import { hub, hubErrorCode, orNotFound, requireActor } from '../../../hub.ts';
import { ownerName } from '../../owner-words.ts';
import { factsOf } from './owner-facts.ts';
import { OwnerView } from './owner-view.client.tsx';

interface OwnerPageProps {
  readonly params: Promise<{ readonly host: string; readonly key: string }>;
}

async function load({ params }: OwnerPageProps) {
  const [actor, asked] = await Promise.all([requireActor(), params]);
  const hostId = decodeURIComponent(asked.host);
  const detail = await orNotFound(hub().getOwner(actor, { hostId, key: decodeURIComponent(asked.key) }));
  // A host that was removed leaves what history has of its owners.
  const host = await hub()
    .getHost(actor, hostId)
    .catch((error: unknown) => {
      if (hubErrorCode(error) === 'not-found') return null;
      throw error;
    });
  return { actor, detail, host, hostId };
}

export async function generateMetadata(props: OwnerPageProps): Promise<Metadata> {
  const { detail, hostId } = await load(props);
  const facts = factsOf(detail, hostId);
  return { title: `${ownerName(facts)} on ${facts.hostname}` };
}

export default async function OwnerPage(props: OwnerPageProps) {
  const { actor, detail, host, hostId } = await load(props);
  return (
    <OwnerView
      detail={detail}
      hostId={hostId}
      host={host}
      origins={await hub().getFieldOrigins(actor)}
      serverTime={detail.serverTime}
    />
  );
}
