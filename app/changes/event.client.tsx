'use client';
import { ArrowRight, Bot, Cpu, HardDrive, Package, Power, SlidersHorizontal } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { ChangeCause, ChangeEvent } from '../../lib/model/index.ts';
import { formatClock, plural } from '../format/index.ts';
import { useIsHydrated } from '../stream/hooks.client.ts';
import { facetSources, facetTitles } from '../versions/facet-words.ts';
import { causeWords, eventWords } from './change-words.ts';

const causeIcons: Readonly<Record<ChangeCause, typeof Bot>> = {
  kernel: Power,
  driver: Cpu,
  packages: Package,
  hardware: HardDrive,
  settings: SlidersHorizontal,
  agent: Bot,
};

const mostHostsAtFirst = 12;

function Value({ text }: { text: string | null }) {
  return text === null ? (
    <span className="text-muted">not on the host</span>
  ) : (
    <span className="break-all font-mono text-[13px]">{text}</span>
  );
}

function Hosts({ hosts }: Pick<ChangeEvent, 'hosts'>) {
  const [isAll, setAll] = useState(false);
  const shown = isAll ? hosts : hosts.slice(0, mostHostsAtFirst);
  return (
    <p className="flex flex-wrap gap-x-3 gap-y-0.5 text-[13px]">
      {shown.map(({ id, hostname, group }) => (
        <span key={id} className="min-w-0">
          <Link
            href={`/hosts/${encodeURIComponent(id)}?tab=stack`}
            prefetch={false}
            className="break-all font-medium hover:underline"
          >
            {hostname}
          </Link>{' '}
          <span className="text-muted">{group}</span>
        </span>
      ))}
      {hosts.length > shown.length ? (
        <button type="button" onClick={() => setAll(true)} className="text-accent hover:underline">
          and {hosts.length - shown.length} more
        </button>
      ) : null}
    </p>
  );
}

/** One thing that happened: when, what, on whom, and each value before and after. */
export function ChangeEventItem({ event }: { event: ChangeEvent }) {
  const isHydrated = useIsHydrated();
  const Icon = causeIcons[event.cause];
  const clock = (at: string) => (isHydrated ? formatClock(Date.parse(at)) : at.slice(11, 19)).slice(0, 5);
  const [first, last] = [clock(event.at), clock(event.until)];
  return (
    <li
      data-event={event.cause}
      className="grid gap-x-4 gap-y-1 border-t border-line px-4 py-3 first:border-0 sm:grid-cols-[6.5rem_1fr]"
    >
      <time dateTime={event.at} title={event.at} className="text-muted tabular-nums">
        {first === last ? first : `${first} – ${last}`}
      </time>
      <div className="flex min-w-0 flex-col gap-1">
        <h3 className="flex flex-wrap items-baseline gap-x-2 font-medium">
          <Icon className="size-3.5 translate-y-[0.1rem] text-muted" aria-label={causeWords[event.cause]} />
          {eventWords(event)}
        </h3>
        <dl className="grid gap-x-3 gap-y-0.5 sm:grid-cols-[minmax(8rem,max-content)_1fr]">
          {event.changes.map(({ facet, from, to }) => (
            <div key={facet} className="contents max-sm:block">
              <dt className="text-muted" title={facetSources[facet]}>
                {facetTitles[facet]}
              </dt>
              <dd className="flex min-w-0 flex-wrap items-baseline gap-x-1.5">
                <Value text={from} />
                <ArrowRight className="size-3 translate-y-[0.1rem] self-start text-faint" aria-label="to" />
                <Value text={to} />
              </dd>
            </div>
          ))}
        </dl>
        <Hosts hosts={event.hosts} />
      </div>
    </li>
  );
}

/** How many there are, in words for a heading. */
export const countWords = (events: readonly ChangeEvent[], changes: number): string =>
  events.length === 0
    ? 'nothing changed'
    : `${plural(events.length, 'event')} · ${plural(changes, 'change')}`;
