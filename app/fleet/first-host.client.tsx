'use client';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useFleetHosts } from '../stream/hooks.client.ts';

const none: readonly never[] = [];

/** Turns the first-run page into the fleet as soon as a host reports. */
export function FirstHost() {
  const router = useRouter();
  const hosts = useFleetHosts(none);
  const arrived = hosts.length > 0;
  useEffect(() => {
    if (arrived) router.refresh();
  }, [arrived, router]);
  return (
    <p role="status" className="text-muted">
      {arrived ? 'A host reports.' : 'Waiting for the first report; this page changes by itself.'}
    </p>
  );
}
