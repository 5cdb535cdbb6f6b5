'use client';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import type { SshHostView } from '../../../lib/model/index.ts';
import { SshStateBadge } from '../ssh/ssh-state.tsx';

const refreshMillis = 5000;
const deadlineMillis = 10_000;

/** How it stands, asked for while someone looks. Null: it is not read over SSH any more. */
function useSshHost(first: SshHostView): SshHostView | null {
  const [host, setHost] = useState<SshHostView | null>(first);
  const { id } = first;
  useEffect(() => {
    const abort = new AbortController();
    let timer: ReturnType<typeof setTimeout> | null = null;
    const ask = async () => {
      if (document.visibilityState === 'hidden') return;
      const signal = AbortSignal.any([abort.signal, AbortSignal.timeout(deadlineMillis)]);
      const answer = await fetch(`/api/v1/ssh-hosts/${encodeURIComponent(id)}`, { signal });
      if (answer.ok) setHost((await answer.json()) as SshHostView);
      else if (answer.status === 404) setHost(null);
    };
    const again = () => {
      timer = setTimeout(() => {
        // Without an answer the bar of the lost stream tells that this is old.
        ask()
          .catch(() => undefined)
          .finally(() => {
            if (!abort.signal.aborted) again();
          });
      }, refreshMillis);
    };
    again();
    return () => {
      abort.abort();
      if (timer !== null) clearTimeout(timer);
    };
  }, [id]);
  return host;
}

/** Of a host that the hub reads over SSH: that it does, how it stands, and what is missing there. */
export function OverSsh({ first }: { first: SshHostView }) {
  const host = useSshHost(first);
  if (host === null) return null;
  return (
    <section
      aria-label="Over SSH"
      data-testid="over-ssh"
      className="mt-3 grid grid-cols-1 gap-1 rounded-lg border border-line bg-surface px-4 py-2"
    >
      <p>
        {host.state === 'stepped-back'
          ? 'Was read over SSH from this hub: '
          : 'Read over SSH from this hub: '}
        <SshStateBadge state={host.state} />{' '}
        <Link href={`/hosts/ssh?ssh=${encodeURIComponent(host.id)}`} className="text-accent underline">
          {host.offeredKey === null ? 'How it is read' : 'Compare its key'}
        </Link>
      </p>
      {host.condition === null ? null : <p className="break-words">{host.condition.text}</p>}
      {host.notes.map(({ code, text }) => (
        <p key={code} className="break-words text-muted">
          {text}
        </p>
      ))}
      {host.lastTest?.steps
        .filter(({ outcome, text }) => outcome === 'failed' && text !== null)
        .map(({ name, text }) => (
          <p key={name} className="break-words text-muted">
            {text}
          </p>
        ))}
    </section>
  );
}
