'use client';
import type { HostDetail } from '../../../lib/model/index.ts';
import { GrantFindings } from '../../components/grant-findings.tsx';
import { Empty } from '../../components/page-parts.tsx';
import { ContainersTable } from '../../containers/containers-table.client.tsx';
import { OtherOwners } from '../../containers/other-owners.client.tsx';

export function HostContainers({ host, serverTime }: { host: HostDetail; serverTime: string }) {
  if (host.containers.length > 0 || host.owners.length > 0)
    return (
      <>
        <GrantFindings findings={host.current ? host.grantFindings : []} />
        {host.containers.length === 0 ? null : (
          <ContainersTable containers={host.containers} serverTime={serverTime} />
        )}
        {host.owners.length === 0 ? null : <OtherOwners owners={host.owners} host={host} />}
      </>
    );
  if (!host.current)
    return <Empty title="Not known">The GPUs do not answer, so nobody can say what uses them.</Empty>;
  const docker = host.sources.find((source) => source.source === 'docker');
  const failure = docker?.failure?.message;
  return (
    <Empty title="No container uses a GPU here">
      {failure === undefined
        ? 'Containers show up when one of their processes is on a GPU.'
        : `Docker was not read: ${failure}`}
    </Empty>
  );
}
