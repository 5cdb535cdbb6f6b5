'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { AlertDetail, AlertTally, Delivery } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { Empty, Panel } from '../../components/page-parts.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { formatExact } from '../../format/index.ts';
import { useHubNow, useIsHydrated } from '../../stream/hooks.client.ts';
import { AlertActions } from '../alert-actions.client.tsx';
import { AlertHosts, AlertNotes } from '../alert-card.client.tsx';
import { DeliveriesExport } from '../alerts-export.client.tsx';
import { AlertBadge } from '../look.tsx';
import { spanOf, Timeline } from '../timeline.tsx';
import { useAlertTally, useFresh } from '../use-alerts.client.ts';

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="grid gap-0.5 border-t border-line px-4 py-2.5 first:border-t-0 sm:grid-cols-[10rem_1fr]">
      <dt className="text-muted">{title}</dt>
      <dd className="min-w-0 break-words">{children}</dd>
    </div>
  );
}

/** A moment: how long ago, and when exactly. */
function Moment({ at, serverTime }: { at: string; serverTime: string }) {
  const hydrated = useIsHydrated();
  return (
    <>
      <Age at={at} serverTime={serverTime} />{' '}
      <span className="text-muted">({formatExact(at, hydrated ? undefined : 'UTC')})</span>
    </>
  );
}

const columns = [
  { header: 'Channel', card: 'title' },
  { header: 'Notice', card: 'state' },
  { header: 'Attempts', card: 'labelled', align: 'right' },
  { header: 'When', card: 'labelled' },
  { header: 'What went wrong', card: 'labelled' },
] as const;

const stateWords = { waiting: 'waiting', delivered: 'delivered', 'given-up': 'given up' } as const;

function Deliveries({ deliveries, serverTime }: { deliveries: readonly Delivery[]; serverTime: string }) {
  if (deliveries.length === 0)
    return (
      <Empty title="Nobody was told">
        No channel was there, or a silence, maintenance or an acknowledgement kept it quiet.
      </Empty>
    );
  const rows = deliveries.map((delivery) => ({
    key: delivery.id,
    cells: [
      delivery.channelName,
      `${delivery.event}: ${stateWords[delivery.state]}`,
      delivery.attempts,
      <Age key="when" at={delivery.finishedAt ?? delivery.createdAt} serverTime={serverTime} />,
      delivery.lastError ?? '—',
    ],
  }));
  return <SimpleTable caption="Who was told" columns={columns} rows={rows} />;
}

function Facts({ alert, serverTime }: { alert: AlertDetail; serverTime: string }) {
  const now = useHubNow(serverTime);
  return (
    <dl>
      <Part title="Where">
        <AlertHosts alert={alert} all />
      </Part>
      <Part title="True since">
        <Moment at={alert.since} serverTime={serverTime} />
      </Part>
      <Part title="Firing since">
        {alert.firedAt === null ? 'not yet' : <Moment at={alert.firedAt} serverTime={serverTime} />}
      </Part>
      {alert.resolvedAt === null ? null : (
        <Part title="Over since">
          <Moment at={alert.resolvedAt} serverTime={serverTime} />: {alert.resolution}
        </Part>
      )}
      <Part title="Timeline">
        <Timeline alert={alert} span={spanOf([alert], now)} />
      </Part>
      <Part title="Why it matters">{alert.whyItMatters}</Part>
      <Part title="What to do">{alert.whatToDo}</Part>
      <Part title="Rule">
        <code className="font-mono text-[13px]">{alert.rule}</code>, {alert.severity}; cause: {alert.cause}
      </Part>
    </dl>
  );
}

interface AlertViewProps {
  readonly initial: AlertDetail;
  readonly tally: AlertTally;
  readonly serverTime: string;
}

/** One alert under its own address, live. */
export function AlertView({ initial, tally, serverTime }: AlertViewProps) {
  const { revision } = useAlertTally(tally);
  const path = `/api/v1/alerts/${encodeURIComponent(initial.id)}`;
  const {
    value: alert,
    problem,
    refresh,
  } = useFresh(path, revision, {
    path,
    revision: tally.revision,
    value: initial,
  });
  return (
    <>
      <header className="grid gap-2 pb-4 pt-5">
        <p>
          <Link href="/alerts" prefetch={false} className="text-accent hover:underline">
            Alerts
          </Link>
        </p>
        <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <AlertBadge alert={alert} />
          <h1 className="min-w-0 break-words text-lg font-semibold tracking-tight">{alert.what}</h1>
        </div>
        {problem === null ? null : (
          <p role="alert" className="text-warn">
            This may be old: {problem}. It is asked for again by itself.
          </p>
        )}
        <AlertNotes alert={alert} serverTime={serverTime} />
        <AlertActions alert={alert} done={refresh} />
      </header>
      <div className="grid gap-4">
        <Panel>
          <Facts alert={alert} serverTime={serverTime} />
        </Panel>
        <p>
          <Link href={alert.href} prefetch={false} className="text-accent hover:underline">
            {alert.hosts.length === 1 ? `The page of ${alert.hosts[0]?.hostname}` : 'The hosts'}
          </Link>
        </p>
        <Panel title="Who was told" aside={<DeliveriesExport alert={alert} call={path} />}>
          <Deliveries deliveries={alert.deliveries} serverTime={serverTime} />
        </Panel>
      </div>
    </>
  );
}
