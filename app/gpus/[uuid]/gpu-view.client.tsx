'use client';
import Link from 'next/link';
import type { FieldOrigin, GpuDetail, HostDetail } from '../../../lib/model/index.ts';
import { Age } from '../../components/age.client.tsx';
import { ExportMenu } from '../../components/export-menu.client.tsx';
import { FactGroups } from '../../components/facts.tsx';
import { FaultTable } from '../../components/fault-table.client.tsx';
import { GpuSharing } from '../../components/gpu-sharing.client.tsx';
import { gpuStandingOfDetail } from '../../components/host-standing.ts';
import { GpuStateBadge, HostStateBadge } from '../../components/host-state.tsx';
import { Empty, Panel } from '../../components/page-parts.tsx';
import { ProcessTable } from '../../components/process-table.client.tsx';
import { ProcessesExport } from '../../components/processes-export.client.tsx';
import { SimpleTable } from '../../components/simple-table.tsx';
import { Value } from '../../components/value.tsx';
import { ContainersExport } from '../../containers/containers-export.client.tsx';
import { ContainersTable } from '../../containers/containers-table.client.tsx';
import { toCsv } from '../../export/csv.ts';
import { fieldsCsv } from '../../export/flat.ts';
import { gpuTableExpressions, matcher, selector } from '../../export/promql.ts';
import { formatBytes } from '../../format/index.ts';
import { Origin, ProvenanceProvider } from '../../provenance/provenance.client.tsx';
import { migSubject } from '../../provenance/subject.ts';
import { useHostDetail, useHubNow } from '../../stream/hooks.client.ts';
import { GpuCharts } from './gpu-charts.client.tsx';
import { gpuFactGroups } from './gpu-facts.tsx';

interface GpuViewProps {
  readonly uuid: string;
  readonly initial: HostDetail;
  readonly origins: readonly FieldOrigin[];
  readonly serverTime: string;
}

function Header({ gpu, host, serverTime }: { gpu: GpuDetail; host: HostDetail; serverTime: string }) {
  const isFine = gpu.state === 'ok';
  const now = useHubNow(serverTime);
  const own = host.faults.filter(({ gpuUuid }) => gpuUuid === gpu.uuid);
  // Its host goes on reporting, which says nothing of a GPU that gives no values.
  const lostSince = own.find(({ key }) => key === `gpu-${gpu.state}`)?.since ?? host.stateSince;
  const standing = gpuStandingOfDetail(host, own, now);
  return (
    <header className="grid gap-2 pb-4 pt-5">
      <div className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        <h1 className="text-lg font-semibold tracking-tight">
          <Link href={`/hosts/${encodeURIComponent(host.id)}`} prefetch={false} className="hover:underline">
            {host.hostname}
          </Link>{' '}
          GPU {gpu.index ?? '?'}
        </h1>
        <span>{gpu.name ?? 'unknown model'}</span>
        {isFine ? <HostStateBadge {...standing} /> : <GpuStateBadge state={gpu.state} />}
        <span className="text-muted">
          {isFine ? (
            <Age
              at={host.lastReportAt}
              serverTime={serverTime}
              prefix="reported"
              staleAfterSeconds={host.intervalSeconds * 1.5}
              testId="gpu-age"
            />
          ) : (
            <Age at={lostSince} serverTime={serverTime} prefix={`${gpu.state} since`} testId="gpu-age" />
          )}
        </span>
      </div>
      {isFine && host.current ? null : (
        <div className="rounded-md border border-crit bg-crit-bg px-3 py-2">
          <p className={isFine ? undefined : 'break-words font-mono text-[13px]'}>
            {isFine
              ? host.stateReason
              : (gpu.failure?.message ?? 'nvidia-smi names this GPU and gives no values.')}
          </p>
          <p className="mt-1">
            {isFine
              ? 'Values below are the last known ones.'
              : 'There are no values while it is lost; it comes back only with a reset or a reboot.'}
            {isFine ? null : (
              <>
                {' '}
                <Link
                  href={`/hosts/${encodeURIComponent(host.id)}?tab=faults#more`}
                  prefetch={false}
                  className="text-accent underline"
                >
                  Faults
                </Link>{' '}
                shows what the kernel log says of it.
              </>
            )}
          </p>
        </div>
      )}
      {gpu.current ? <GpuSharing gpu={gpu} host={host} /> : null}
    </header>
  );
}

const nameOf = (gpu: GpuDetail) => `${gpu.hostname} GPU ${gpu.index ?? '?'}`;
const callFor = (gpu: GpuDetail) => `/api/v1/gpus/${encodeURIComponent(gpu.uuid ?? '')}`;

function MigExport({ gpu }: { gpu: GpuDetail }) {
  const uuid = matcher('uuid', [gpu.uuid ?? '']);
  return (
    <ExportMenu
      isSmall
      name={`${nameOf(gpu)} MIG`}
      csv={() =>
        toCsv<GpuDetail['migDevices'][number]>(
          [
            { header: 'Profile', value: ({ profile }) => profile },
            { header: 'GPU instance', value: ({ gpuInstanceId }) => gpuInstanceId },
            { header: 'Compute instance', value: ({ computeInstanceId }) => computeInstanceId },
            { header: 'UUID', value: (device) => device.uuid },
            { header: 'Memory used (bytes)', value: ({ memory }) => (gpu.current ? memory.usedBytes : null) },
            { header: 'Memory total (bytes)', value: ({ memory }) => memory.totalBytes },
          ],
          gpu.migDevices,
        )
      }
      call={callFor(gpu)}
      promql={[
        { label: 'Memory used', expression: selector('gpufleet_mig_memory_used_bytes', uuid) },
        { label: 'Memory total', expression: selector('gpufleet_mig_memory_total_bytes', uuid) },
      ]}
    />
  );
}

function MigPanel({ gpu }: { gpu: GpuDetail }) {
  if (gpu.migDevices.length === 0) return null;
  return (
    <Panel
      title={`MIG instances (${gpu.migDevices.length})`}
      aside={<MigExport gpu={gpu} />}
      className="mt-4"
    >
      <SimpleTable
        caption="MIG instances"
        columns={[
          { header: 'Profile', card: 'title' },
          { header: 'GPU instance', align: 'right', card: 'labelled' },
          { header: 'Compute instance', align: 'right' },
          { header: 'UUID' },
          { header: 'Memory used', align: 'right', card: 'labelled' },
          { header: 'Memory total', align: 'right' },
        ]}
        rows={gpu.migDevices.map((device, position) => ({
          key: String(device.index),
          cells: [
            <Value
              key="p"
              value={device.profile}
              format={(text) => <code className="font-mono">{text}</code>}
            />,
            <Value key="g" value={device.gpuInstanceId} format={String} />,
            <Value key="c" value={device.computeInstanceId} format={String} />,
            <Value
              key="u"
              value={device.uuid}
              format={(text) => <code className="break-all font-mono text-[13px]">{text}</code>}
              reason="only nvidia-smi -L prints it"
            />,
            <Origin key="m" of={migSubject(gpu, position, 'usedBytes')}>
              <Value value={device.memory.usedBytes} current={gpu.current} format={formatBytes} />
            </Origin>,
            <Origin key="t" of={migSubject(gpu, position, 'totalBytes')}>
              <Value value={device.memory.totalBytes} current={gpu.current} format={formatBytes} />
            </Origin>,
          ],
        }))}
      />
    </Panel>
  );
}

/** What is wrong with this GPU; nothing where nothing is. */
function Faults({ gpu, host, serverTime }: { gpu: GpuDetail; host: HostDetail; serverTime: string }) {
  const faults = host.faults.filter(({ gpuUuid }) => gpuUuid === gpu.uuid);
  if (faults.length === 0) return null;
  return (
    <Panel
      title={`Faults (${faults.length})`}
      aside={
        <Link
          href={`/hosts/${encodeURIComponent(host.id)}?tab=faults`}
          prefetch={false}
          className="text-accent hover:underline"
        >
          All of this host
        </Link>
      }
      className="mb-4"
    >
      <FaultTable faults={faults} serverTime={serverTime} hasGpu={false} />
    </Panel>
  );
}

function Users({ gpu, host, serverTime }: { gpu: GpuDetail; host: HostDetail; serverTime: string }) {
  const users = host.containers.filter((container) => container.gpus.some((use) => use.gpuUuid === gpu.uuid));
  return (
    <>
      {users.length === 0 ? null : (
        <Panel
          title={`Containers (${users.length})`}
          aside={<ContainersExport isSmall containers={users} filter="" of={nameOf(gpu)} />}
          className="mt-4"
        >
          <ContainersTable containers={users} serverTime={serverTime} />
        </Panel>
      )}
      <Panel
        title={`Processes (${gpu.processes.length})`}
        aside={<ProcessesExport of={nameOf(gpu)} gpus={[gpu]} host={host} call={callFor(gpu)} />}
        className="mt-4"
      >
        {gpu.processes.length === 0 ? (
          <Empty title={gpu.current ? 'No process on this GPU' : 'Not known: this GPU does not answer'} />
        ) : (
          <ProcessTable gpus={[gpu]} host={host} hasGpu={false} />
        )}
      </Panel>
    </>
  );
}

/** The host's clock told it; ages are counted by the hub's. */
function onHubClock(hostTime: string | null, host: HostDetail): string | null {
  if (hostTime === null) return null;
  return new Date(Date.parse(hostTime) - (host.clockOffsetSeconds ?? 0) * 1000).toISOString();
}

/** The GPU page, live through its host. */
export function GpuView({ uuid, initial, origins, serverTime }: GpuViewProps) {
  const host = useHostDetail(initial);
  const gpu = host?.gpus.find((candidate) => candidate.uuid === uuid);
  if (host === null || gpu === undefined)
    return (
      <Empty title="This GPU is in no report any more">
        It was last on{' '}
        <Link href={`/hosts/${encodeURIComponent(initial.id)}`} className="text-accent underline">
          {initial.hostname}
        </Link>
        .
      </Empty>
    );
  return (
    <ProvenanceProvider host={host} origins={origins} serverTime={serverTime}>
      <Header gpu={gpu} host={host} serverTime={serverTime} />
      <Faults gpu={gpu} host={host} serverTime={serverTime} />
      <GpuCharts gpu={gpu} host={host} />
      <MigPanel gpu={gpu} />
      <Users gpu={gpu} host={host} serverTime={serverTime} />
      <Panel
        title="All that nvidia-smi tells"
        aside={
          <span className="inline-flex items-center gap-2">
            <Age
              at={onHubClock(gpu.detailsSampledAt, host)}
              serverTime={serverTime}
              prefix="slow part read"
            />
            <ExportMenu
              isSmall
              name={`${nameOf(gpu)} fields`}
              csv={() => fieldsCsv({ ...gpu, processes: [] })}
              call={callFor(gpu)}
              promql={gpuTableExpressions([uuid])}
            />
          </span>
        }
        className="mt-4"
      >
        <FactGroups groups={gpuFactGroups(gpu)} />
      </Panel>
    </ProvenanceProvider>
  );
}
