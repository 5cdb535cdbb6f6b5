'use client';
import clsx from 'clsx';
import { CircleX, TriangleAlert, Wrench } from 'lucide-react';
import Link from 'next/link';
import type { AttentionItem, HostSummary } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { useUrlChoice } from '../components/url-state.client.ts';

/** Beyond so many the rest opens when it is asked for: what is worst must stay in sight. */
const most = 8;
/** On a narrow screen, where they are one below another. */
const mostNarrow = 5;

/** What needs a person, worst first, each one click from its reason. */
export function NeedsYou({
  items,
  hosts,
  serverTime,
}: {
  items: readonly AttentionItem[];
  hosts: readonly HostSummary[];
  serverTime: string;
}) {
  const [shows, setShows] = useUrlChoice('needs', ['worst', 'all']);
  const shown = shows === 'all' || items.length <= most ? items : items.slice(0, most - 1);
  return (
    <section aria-labelledby="needs-you" className="rounded-lg border border-line bg-surface px-4 py-2.5">
      <h2 id="needs-you" className="pb-0.5 text-xs text-muted">
        Needs you
      </h2>
      {items.length === 0 ? (
        <p className="text-muted">Nothing needs you.</p>
      ) : (
        <ul className="grid gap-x-6 gap-y-1 lg:grid-cols-2">
          {shown.map((item, index) => (
            <li
              key={`${item.href} ${item.text}`}
              className={clsx('min-w-0', shows !== 'all' && index >= mostNarrow && 'max-sm:hidden')}
            >
              <Link
                href={item.href}
                prefetch={false}
                className="flex items-baseline gap-2 rounded-sm hover:underline"
              >
                <Severity severity={item.severity} />
                <span className="min-w-0 break-words">{item.text}</span>
                {item.since === null ? null : (
                  <span className="shrink-0 text-muted">
                    <Age at={item.since} serverTime={serverTime} />
                  </span>
                )}
              </Link>
            </li>
          ))}
          {items.length > mostNarrow ? (
            <li className={items.length > most ? undefined : 'sm:hidden'}>
              <button
                type="button"
                aria-expanded={shows === 'all'}
                onClick={() => setShows(shows === 'all' ? 'worst' : 'all')}
                className="text-accent hover:underline"
              >
                {shows === 'all' ? 'Show the worst only' : `Show all ${items.length}`}
              </button>
            </li>
          ) : null}
        </ul>
      )}
      <InMaintenance hosts={hosts} />
    </section>
  );
}

const mostNames = 5;

/** Hosts that someone works on: none of what is wrong with them stands above. */
function InMaintenance({ hosts }: { hosts: readonly HostSummary[] }) {
  const names = hosts.filter(({ maintenance }) => maintenance !== null).map(({ hostname }) => hostname);
  if (names.length === 0) return null;
  const more = names.length > mostNames ? ` and ${names.length - mostNames} more` : '';
  return (
    <p className="mt-1 flex items-baseline gap-2 text-muted">
      <Wrench className="size-4 shrink-0 translate-y-0.5" aria-hidden />
      <Link href="/alerts?tab=silences" prefetch={false} className="min-w-0 break-words hover:underline">
        In maintenance: {names.slice(0, mostNames).join(', ')}
        {more}
      </Link>
    </p>
  );
}

function Severity({ severity }: { severity: AttentionItem['severity'] }) {
  const Icon = severity === 'critical' ? CircleX : TriangleAlert;
  return (
    <span className={clsx('translate-y-0.5', severity === 'critical' ? 'text-crit' : 'text-warn')}>
      <Icon className="size-4" aria-hidden />
      <span className="sr-only">{severity}:</span>
    </span>
  );
}
