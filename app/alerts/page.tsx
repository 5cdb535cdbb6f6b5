import type { Metadata } from 'next';
import { hub, hubErrorCode, requireActor } from '../hub.ts';
import { AlertsView } from './alerts-view.client.tsx';
import { historyLimit, historyPath } from './history-path.ts';

export const metadata: Metadata = { title: 'Alerts' };

interface AlertsPageProps {
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}

const oneText = (value: string | string[] | undefined): string => (typeof value === 'string' ? value : '');

export default async function AlertsPage({ searchParams }: AlertsPageProps) {
  const [actor, params] = await Promise.all([requireActor(), searchParams]);
  const [q, cursor] = [oneText(params['q']).trim().slice(0, 200), oneText(params['cursor'])];
  const asked = { limit: historyLimit, ...(q === '' ? {} : { q }) };
  const isAdmin = actor.kind === 'user' && actor.role === 'admin';
  // First, so that what changes meanwhile is asked for again.
  const { alerts, serverTime } = await hub().getAlertTally(actor);
  const page = hub().listAlerts(actor, cursor === '' ? asked : { ...asked, cursor });
  const [history, open, rules, silences, channels] = await Promise.all([
    page.catch((error: unknown) => {
      // A cursor that was cut off in a ticket shows the youngest.
      if (hubErrorCode(error) === 'invalid') return hub().listAlerts(actor, asked);
      throw error;
    }),
    hub().listOpenAlerts(actor),
    hub().listAlertRules(actor),
    hub().listSilences(actor),
    isAdmin ? hub().listChannels(actor) : null,
  ]);
  return (
    <AlertsView
      tally={alerts}
      open={open}
      history={history}
      historyPath={historyPath(q, cursor)}
      rules={rules}
      silences={silences}
      channels={channels}
      serverTime={serverTime}
    />
  );
}
