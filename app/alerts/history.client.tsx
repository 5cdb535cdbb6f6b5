'use client';
import Link from 'next/link';
import type { Alert, Page } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { FilterBox } from '../components/choice.client.tsx';
import { buttonLook } from '../components/form-parts.tsx';
import { Empty, Panel } from '../components/page-parts.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { replaceInUrl, useUrlText } from '../components/url-state.client.ts';
import { formatDuration, formatExact } from '../format/index.ts';
import { useHubNow, useIsHydrated } from '../stream/hooks.client.ts';
import { AlertHosts } from './alert-card.client.tsx';
import { AlertsExport } from './alerts-export.client.tsx';
import { historyPath } from './history-path.ts';
import { AlertBadge } from './look.tsx';
import { spanOf, Timeline } from './timeline.tsx';
import { type Rendered, useFresh } from './use-alerts.client.ts';

const columns = [
  { header: 'State', card: 'state' },
  { header: 'What', card: 'title' },
  { header: 'Where', card: 'labelled' },
  { header: 'Fired', card: 'labelled' },
  { header: 'Lasted', card: 'labelled' },
  { header: 'Why it is over', card: 'labelled' },
  { header: 'Timeline' },
] as const;

function lasted(alert: Alert, nowMillis: number): string {
  if (alert.firedAt === null) return '—';
  const end = alert.resolvedAt === null ? nowMillis : Date.parse(alert.resolvedAt);
  return formatDuration((end - Date.parse(alert.firedAt)) / 1000);
}

function Rows({ alerts, serverTime }: { alerts: readonly Alert[]; serverTime: string }) {
  const now = useHubNow(serverTime);
  const hydrated = useIsHydrated();
  const span = spanOf(alerts, now);
  const zone = hydrated ? undefined : 'UTC';
  const rows = alerts.map((alert) => ({
    key: alert.id,
    cells: [
      <AlertBadge key="state" alert={alert} />,
      <Link
        key="what"
        href={`/alerts/${encodeURIComponent(alert.id)}`}
        prefetch={false}
        data-row-link
        className="break-words font-medium hover:underline"
      >
        {alert.what}
      </Link>,
      <AlertHosts key="where" alert={alert} />,
      alert.firedAt === null ? '—' : <Age key="fired" at={alert.firedAt} serverTime={serverTime} />,
      lasted(alert, now),
      alert.resolution ?? '—',
      <Timeline key="timeline" alert={alert} span={span} />,
    ],
  }));
  return (
    <>
      <SimpleTable caption="Alerts, the youngest first" columns={columns} rows={rows} />
      <p className="border-t border-line px-4 py-2 text-muted max-sm:hidden">
        Timeline from {formatExact(new Date(span.from).toISOString(), zone)} to now: hatched while it was true
        and told to nobody, filled while it fired.
      </p>
    </>
  );
}

interface HistoryProps {
  readonly first: Rendered<Page<Alert>>;
  readonly revision: number;
  readonly serverTime: string;
}

/** Every alert that the hub remembers, the youngest first, a page at a time. */
export function History({ first, revision, serverTime }: HistoryProps) {
  const [filter] = useUrlText('q');
  const [cursor] = useUrlText('cursor');
  const path = historyPath(filter, cursor);
  const { value: page, problem } = useFresh(path, revision, first);
  return (
    <>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 pb-3">
        <FilterBox
          label="Filter: host, rule, words"
          value={filter}
          onChange={(q) => replaceInUrl({ q, cursor: null })}
        />
        <span className="text-muted">{page.total} in all</span>
        <span className="ml-auto">
          <AlertsExport name="alert history" alerts={page.items} call={path} />
        </span>
      </div>
      {problem === null ? null : (
        <p role="alert" className="pb-2 text-warn">
          This may be old: {problem}. It is asked for again by itself.
        </p>
      )}
      <Panel>
        {page.items.length === 0 ? (
          <Empty title={filter === '' ? 'No alert yet' : 'No alert matches the filter'}>
            {filter === ''
              ? 'What fires stays here after it is over.'
              : 'Every word must be in what it says.'}
          </Empty>
        ) : (
          <Rows alerts={page.items} serverTime={serverTime} />
        )}
      </Panel>
      <div className="flex gap-2 pt-3">
        {cursor === '' ? null : (
          <button type="button" className={buttonLook.plain} onClick={() => replaceInUrl({ cursor: null })}>
            Youngest
          </button>
        )}
        {page.nextCursor === null ? null : (
          <button
            type="button"
            className={buttonLook.plain}
            onClick={() => replaceInUrl({ cursor: page.nextCursor })}
          >
            Older
          </button>
        )}
      </div>
    </>
  );
}
