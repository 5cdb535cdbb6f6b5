import type { Metadata } from 'next';
import { hub, hubErrorCode, requireActor } from '../hub.ts';
import { AlertsView } from './alerts-view.client.tsx';
import { historyLimit } from './history-path.ts';

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
  const first = hub().listAlerts(actor, asked);
  // A cursor that was cut off in a ticket shows the youngest.
  const page = cursor === '' ? first : hub().listAlerts(actor, { ...asked, cursor });
  const [history, open, rules, silences, channels, { alerts, serverTime }] = await Promise.all([
    page.catch((error: unknown) => {
      if (hubErrorCode(error) === 'invalid') return first;
      throw error;
    }),
    hub().listOpenAlerts(actor),
    hub().listAlertRules(actor),
    hub().listSilences(actor),
    isAdmin ? hub().listChannels(actor) : null,
    hub().getAlertTally(actor),
  ]);
  return (
    <AlertsView
      tally={alerts}
      open={open}
      history={history}
      rules={rules}
      silences={silences}
      channels={channels}
      serverTime={serverTime}
    />
  );
}
