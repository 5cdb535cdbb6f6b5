'use client';
import Link from 'next/link';
import type { Alert } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { AlertActions } from './alert-actions.client.tsx';
import { AlertBadge } from './look.tsx';

const mostNames = 8;

/** Where: each host a link to its page. */
export function AlertHosts({ alert, all = false }: { alert: Alert; all?: boolean }) {
  const shown = all ? alert.hosts : alert.hosts.slice(0, mostNames);
  const more = alert.hosts.length - shown.length;
  return (
    <span className="flex flex-wrap gap-x-2.5">
      {shown.map(({ id, hostname }) => (
        <Link
          key={id}
          href={`/hosts/${encodeURIComponent(id)}`}
          prefetch={false}
          className="text-accent hover:underline"
        >
          {hostname}
        </Link>
      ))}
      {more > 0 ? <span className="text-muted">and {more} more</span> : null}
    </span>
  );
}

const quietWords = {
  silence: 'Silenced',
  maintenance: 'In maintenance',
  inhibited: 'Kept quiet',
  'out-of-service': 'Out of service',
} as const;

/** What people and silences did about it, in words; nothing where they did nothing. */
export function AlertNotes({ alert, serverTime }: { alert: Alert; serverTime: string }) {
  const { acknowledged, quiet } = alert;
  return (
    <>
      {acknowledged === null ? null : (
        <p className="text-muted">
          Acknowledged by {acknowledged.by} <Age at={acknowledged.at} serverTime={serverTime} />
          {acknowledged.note === null ? '' : `: ${acknowledged.note}`}
        </p>
      )}
      {quiet === null ? null : (
        <p className="text-muted">
          {quietWords[quiet.kind]}
          {quiet.until === null ? null : (
            <>
              {' '}
              until{' '}
              <time dateTime={quiet.until}>
                {quiet.until.replace('T', ' ').replace(/:\d\d\.\d+Z$/, ' UTC')}
              </time>
            </>
          )}
          {quiet.reason === null ? '' : `: ${quiet.reason}`}. Nobody is told{' '}
          {quiet.until === null ? 'while that lasts' : 'until then'}.
        </p>
      )}
    </>
  );
}

interface AlertCardProps {
  readonly alert: Alert;
  readonly serverTime: string;
  readonly done: () => void;
}

/** One alert: what, where, since, why it matters, what to do. */
export function AlertCard({ alert, serverTime, done }: AlertCardProps) {
  return (
    <li data-alert={alert.id} className="grid gap-1 border-t border-line px-4 py-3 first:border-t-0">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-0.5">
        <AlertBadge alert={alert} />
        <Link
          href={`/alerts/${encodeURIComponent(alert.id)}`}
          prefetch={false}
          data-row-link
          className="min-w-0 break-words font-medium hover:underline"
        >
          {alert.what}
        </Link>
        <span className="text-muted">
          <Age at={alert.since} serverTime={serverTime} asDuration />
        </span>
      </div>
      {alert.hosts.length > 1 ? <AlertHosts alert={alert} /> : null}
      <AlertNotes alert={alert} serverTime={serverTime} />
      <AlertActions alert={alert} done={done} />
    </li>
  );
}
