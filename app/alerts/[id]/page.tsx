import type { Metadata } from 'next';
import { hub, orNotFound, requireActor } from '../../hub.ts';
import { AlertView } from './alert-view.client.tsx';

interface AlertPageProps {
  readonly params: Promise<{ readonly id: string }>;
}

async function load({ params }: AlertPageProps) {
  const [actor, { id }] = await Promise.all([requireActor(), params]);
  return { actor, alert: await orNotFound(hub().getAlert(actor, decodeURIComponent(id))) };
}

export async function generateMetadata(props: AlertPageProps): Promise<Metadata> {
  return { title: (await load(props)).alert.what };
}

export default async function AlertPage(props: AlertPageProps) {
  const { actor, alert } = await load(props);
  const { alerts, serverTime } = await hub().getAlertTally(actor);
  return <AlertView initial={alert} tally={alerts} serverTime={serverTime} />;
}
