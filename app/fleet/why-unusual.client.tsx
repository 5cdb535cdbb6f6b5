'use client';
import Link from 'next/link';
import type { HostSummary } from '../../lib/model/index.ts';
import { standingOf, standings } from '../components/host-standing.ts';
import { HostStateBadge } from '../components/host-state.tsx';
import { isUnusualGpu } from './oddities.ts';
import { Oddities } from './oddity-lines.tsx';

/** More is a table's matter, which stands below. */
const mostHosts = 50;

function UnusualHost({ host }: { host: HostSummary }) {
  const gpus = host.gpus.filter(isUnusualGpu);
  const isOwn = host.state !== 'ok' && host.state !== 'gpu-lost';
  return (
    <li className="grid gap-x-6 gap-y-1 border-t border-line px-4 py-2 first:border-t-0 sm:grid-cols-[14rem_1fr]">
      <span className="flex min-w-0 flex-wrap items-baseline gap-x-2">
        <Link
          href={`/hosts/${encodeURIComponent(host.id)}`}
          prefetch={false}
          className="min-w-0 break-words font-medium hover:underline"
        >
          {host.hostname}
        </Link>
        <HostStateBadge state={standingOf(host)} />
      </span>
      <div className="grid min-w-0 gap-1">
        {isOwn ? <p className="min-w-0 break-words">{host.stateReason}</p> : null}
        {gpus.map((gpu) => (
          <div key={gpu.uuid} className="flex min-w-0 items-baseline gap-3">
            <Link
              href={`/gpus/${encodeURIComponent(gpu.uuid)}`}
              prefetch={false}
              className="w-14 shrink-0 text-accent hover:underline"
            >
              GPU {gpu.index ?? '?'}
            </Link>
            <Oddities gpu={gpu} />
          </div>
        ))}
      </div>
    </li>
  );
}

/** What "only unusual" keeps, each with its reason in words, the worst first. */
export function WhyUnusual({ hosts }: { hosts: readonly HostSummary[] }) {
  if (hosts.length === 0) return null;
  const worstFirst = hosts.toSorted(
    (a, b) => standings.indexOf(standingOf(a)) - standings.indexOf(standingOf(b)),
  );
  return (
    <section aria-labelledby="why-unusual" className="mt-3 rounded-lg border border-line bg-surface">
      <h2 id="why-unusual" className="border-b border-line px-4 py-2 font-medium">
        Why these are unusual
      </h2>
      <ul>
        {worstFirst.slice(0, mostHosts).map((host) => (
          <UnusualHost key={host.id} host={host} />
        ))}
      </ul>
      {hosts.length > mostHosts ? (
        <p className="border-t border-line px-4 py-2 text-muted">
          and {hosts.length - mostHosts} more hosts, which the table below has too
        </p>
      ) : null}
    </section>
  );
}
