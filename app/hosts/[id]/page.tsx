import type { Metadata } from 'next';
import type { Actor } from '../../../lib/hub/actor.ts';
import type { SshHostView } from '../../../lib/model/index.ts';
import { hub, hubErrorCode, orNotFound, requireActor } from '../../hub.ts';
import { mayDo } from '../../places.ts';
import { HostView } from './host-view.client.tsx';
import { removeHost } from './remove-host.ts';

interface HostPageProps {
  readonly params: Promise<{ readonly id: string }>;
}

async function load({ params }: HostPageProps) {
  const [actor, { id }] = await Promise.all([requireActor(), params]);
  return { actor, host: await orNotFound(hub().getHost(actor, decodeURIComponent(id))) };
}

/** Null: it is not read over SSH. */
async function overSsh(actor: Actor, id: string): Promise<SshHostView | null> {
  try {
    return await hub().getSshHost(actor, id);
  } catch (error) {
    if (hubErrorCode(error) === 'not-found') return null;
    throw error;
  }
}

export async function generateMetadata(props: HostPageProps): Promise<Metadata> {
  return { title: (await load(props)).host.hostname };
}

export default async function HostPage(props: HostPageProps) {
  const { actor, host } = await load(props);
  const [claims, former, ssh] = await Promise.all([
    hub().listClaims(actor),
    orNotFound(hub().listFormerNames(actor, host.id)),
    overSsh(actor, host.id),
  ]);
  const isAdmin = actor.kind === 'user' && actor.role === 'admin';
  return (
    <HostView
      origins={await hub().getFieldOrigins(actor)}
      initial={host}
      claims={claims}
      formerNames={former.names}
      ssh={ssh}
      serverTime={new Date().toISOString()}
      mayCapture={actor.kind === 'user' && mayDo(actor.role, 'operator')}
      removeHost={isAdmin ? removeHost : null}
    />
  );
}
