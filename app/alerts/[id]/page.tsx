import type { Metadata } from 'next';
import { hub, orNotFound, requireActor } from '../../hub.ts';
import { AlertView } from './alert-view.client.tsx';

interface AlertPageProps {
  readonly params: Promise<{ readonly id: string }>;
}

async function load({ params }: AlertPageProps) {
  const [actor, { id }] = await Promise.all([requireActor(), params]);
  return { alert: await orNotFound(hub().getAlert(actor, decodeURIComponent(id))) };
}

export async function generateMetadata(props: AlertPageProps): Promise<Metadata> {
  return { title: (await load(props)).alert.what };
}

export default async function AlertPage(props: AlertPageProps) {
  // First, so that what changes meanwhile is asked for again.
  const { alerts, serverTime } = await hub().getAlertTally(await requireActor());
  const { alert } = await load(props);
  return <AlertView initial={alert} tally={alerts} serverTime={serverTime} />;
}
