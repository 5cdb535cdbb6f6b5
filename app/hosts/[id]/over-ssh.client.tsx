'use client';
import Link from 'next/link';
import { useEffect, useState } from 'react';
import type { SshHostsView } from '../../../lib/model/index.ts';
import { useFresh } from '../../alerts/use-alerts.client.ts';
import { SshStateBadge } from '../ssh/ssh-state.tsx';

const path = '/api/v1/ssh-hosts';
const refreshMillis = 5000;

/** Of a host that the hub reads over SSH: that it does, how it stands, and what is missing there. */
export function OverSsh({ first, hostId }: { first: SshHostsView; hostId: string }) {
  const [turn, setTurn] = useState(0);
  const isRead = first.items.some(({ id }) => id === hostId);
  const { value } = useFresh(path, turn, { path, revision: 0, value: first });
  useEffect(() => {
    if (!isRead) return;
    const timer = setInterval(() => setTurn((now) => now + 1), refreshMillis);
    return () => clearInterval(timer);
  }, [isRead]);
  const host = value.items.find(({ id }) => id === hostId);
  if (host === undefined) return null;
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
