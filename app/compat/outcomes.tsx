import Link from 'next/link';
import type { CompatCheckAnswer, CompatHostView, CompatOutcome } from '../../lib/model/index.ts';
import { plural } from '../format/index.ts';
import { VerdictDetails } from './verdict-details.tsx';
import { VerdictMark } from './verdict-mark.tsx';

const mostNamed = 12;

const freeWords = (free: number | null): string => {
  if (free === null) return '';
  return free === 0 ? ' (no GPU known to be free)' : ` (${plural(free, 'free GPU')})`;
};

/** Hosts as links, with their free GPUs. */
export function HostLinks({ hosts }: { hosts: readonly CompatHostView[] }) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-0.5">
      {hosts.slice(0, mostNamed).map(({ id, hostname, freeGpus }) => (
        <li key={id}>
          <Link href={`/hosts/${encodeURIComponent(id)}`} prefetch={false} className="text-accent underline">
            {hostname}
          </Link>
          <span className="text-muted">{freeWords(freeGpus)}</span>
        </li>
      ))}
      {hosts.length > mostNamed ? <li className="text-muted">and {hosts.length - mostNamed} more</li> : null}
    </ul>
  );
}

function Outcome({ outcome, isOpen }: { outcome: CompatOutcome; isOpen: boolean }) {
  const { verdict, hosts } = outcome;
  return (
    <li className="border-t border-line px-4 py-2 first:border-0" data-outcome={verdict.verdict}>
      <div className="flex flex-wrap items-baseline justify-between gap-x-4">
        <VerdictMark verdict={verdict.verdict} className="font-medium" />
        <span className="text-muted">{plural(hosts.length, 'host')}</span>
      </div>
      <HostLinks hosts={hosts} />
      <details open={isOpen} className="mt-1">
        <summary className="cursor-pointer text-muted">Reasons, and what helps</summary>
        <div className="pt-2">
          <VerdictDetails verdict={verdict} />
        </div>
      </details>
    </li>
  );
}

/** Hosts by what a question's answer says of them, the best first. */
export function Outcomes({ answer, areOpen = false }: { answer: CompatCheckAnswer; areOpen?: boolean }) {
  if (answer.outcomes.length === 0)
    return <p className="px-4 py-3 text-muted">No host reports, so none can be judged.</p>;
  return (
    <ul>
      {answer.outcomes.map((outcome) => (
        <Outcome
          key={`${outcome.verdict.verdict} ${outcome.hosts[0]?.id}`}
          outcome={outcome}
          isOpen={areOpen}
        />
      ))}
    </ul>
  );
}
