'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { ContainerGrant, ContainerView, DeviceAccess, HostDetail } from '../../../../lib/model/index.ts';
import { Age } from '../../../components/age.client.tsx';
import { CopyButton } from '../../../components/copy-button.client.tsx';
import { type FactGroup, FactGroups } from '../../../components/facts.tsx';
import { SimpleTable } from '../../../components/simple-table.tsx';
import { Value } from '../../../components/value.tsx';
import { formatBytes, formatPercent, missing } from '../../../format/index.ts';
import { PersonName } from '../../owner-cells.tsx';
import { kindWords, ownerName, personSource } from '../../owner-words.ts';
import type { OwnerFacts } from './owner-facts.ts';

const noEngine = 'no container engine could be asked';

const mono = (text: string) => (
  <span className="whitespace-normal break-all font-mono text-[13px]">{text}</span>
);

const told = (value: string | null | undefined, reason: string, isMono = false): ReactNode => (
  <Value
    value={value}
    reason={reason}
    format={(text) => (isMono ? mono(text) : <span className="whitespace-normal">{text}</span>)}
  />
);

const ratio = (value: number | null | undefined, current: boolean, what: string) => (
  <Value
    value={value}
    current={current}
    format={formatPercent}
    reason={`the driver tells no ${what} for its processes`}
  />
);

interface UsesProps {
  readonly facts: OwnerFacts;
  readonly host: HostDetail;
  readonly serverTime: string;
}

/** What it uses of each GPU now, each number with the time at which it was read. */
export function OwnerUses({ facts, host, serverTime }: UsesProps) {
  const gpus = new Map(host.gpus.map((gpu) => [gpu.uuid, gpu]));
  // The host's clock told these times; ages are by the hub's.
  const onHub = (at: string | null | undefined): string | null =>
    at ? new Date(Date.parse(at) - (host.clockOffsetSeconds ?? 0) * 1000).toISOString() : null;
  const ageOf = (at: string | null | undefined) =>
    at ? (
      <span className="block text-xs text-muted">
        <Age at={onHub(at)} serverTime={serverTime} />
      </span>
    ) : null;
  return (
    <SimpleTable
      caption="What it uses of each GPU"
      columns={[
        { header: 'GPU', card: 'title' },
        { header: 'Memory', align: 'right', card: 'labelled' },
        { header: 'SM', align: 'right', card: 'labelled' },
        { header: 'Memory bandwidth', align: 'right', card: 'labelled' },
        { header: 'Encoder', align: 'right' },
        { header: 'Decoder', align: 'right' },
        { header: 'Processes', card: 'labelled' },
      ]}
      rows={facts.gpus.map((use) => {
        const gpu = gpus.get(use.gpuUuid);
        const current = gpu?.current ?? false;
        return {
          key: `${use.gpuUuid} ${use.gpuInstanceId} ${use.computeInstanceId}`,
          cells: [
            <span key="gpu">
              <Link
                href={`/gpus/${encodeURIComponent(use.gpuUuid)}`}
                prefetch={false}
                className="text-accent hover:underline"
              >
                GPU {gpu?.index ?? '?'}
              </Link>
              {use.gpuInstanceId === null ? '' : `, MIG instance ${use.gpuInstanceId}`}
              <span className="block text-xs text-muted">{gpu?.name ?? use.gpuUuid}</span>
            </span>,
            <span key="memory">
              <Value
                value={use.usedMemoryBytes}
                current={current}
                format={formatBytes}
                reason="the driver tells no memory for its processes"
              />
              {ageOf(use.sampledAt)}
            </span>,
            <span key="sm">
              {ratio(use.smRatio, current, 'SM share')}
              {ageOf(use.sharesSampledAt)}
            </span>,
            <span key="bandwidth">{ratio(use.memoryRatio, current, 'memory share')}</span>,
            <span key="encoder">{ratio(use.encoderRatio, current, 'encoder share')}</span>,
            <span key="decoder">{ratio(use.decoderRatio, current, 'decoder share')}</span>,
            <span key="pids" className="break-words font-mono text-[13px]">
              {use.pids.length === 0 ? missing : use.pids.join(' ')}
            </span>,
          ],
        };
      })}
    />
  );
}

const grantWays: Readonly<Record<ContainerGrant['by'], string>> = {
  'device-request': 'a device request (--gpus)',
  cdi: 'a CDI device name',
  environment: 'NVIDIA_VISIBLE_DEVICES',
  'device-nodes': 'device nodes (--device)',
  kubernetes: 'the kubelet',
};

function grantWords(grant: ContainerGrant | null | undefined): string | null {
  if (grant === undefined) return null;
  if (grant === null) return 'no GPU, as far as its engine tells';
  const what = grant.all
    ? 'every GPU'
    : grant.count === null
      ? grant.devices.join(' ')
      : grant.count === 1
        ? 'one GPU, the first'
        : `${grant.count} GPUs, the first`;
  return `${what}, by ${grantWays[grant.by]}`;
}

function accessWords(access: DeviceAccess | null | undefined): string | null {
  if (access === null || access === undefined) return null;
  if (access.state === 'allowed') return 'its device cgroup allows its GPUs';
  if (access.state === 'denied') return `its device cgroup does not allow ${access.missing.join(' ')}`;
  return `not known: ${access.reason ?? 'it could not be read'}`;
}

function startGroup(container: ContainerView): FactGroup {
  const { start } = container;
  const unset = 'not set, or not readable';
  const project = [start?.composeProject, start?.composeService].filter(Boolean).join(' / ');
  return {
    title: 'How it was started',
    facts: [
      ['Command', told(start?.command, 'not told, or the agent was told not to read it', true)],
      ['OCI runtime', told(start?.ociRuntime, noEngine)],
      ['Restart policy', told(start?.restartPolicy, noEngine)],
      ['User inside', told(start?.user, 'root')],
      [
        'Privileged',
        <Value
          key="privileged"
          value={start?.isPrivileged}
          format={(is) => (is ? 'yes' : 'no')}
          reason={noEngine}
        />,
      ],
      ['Compose', told(project === '' ? null : project, 'not of a Compose project')],
      ['NVIDIA_VISIBLE_DEVICES', told(container.visibleDevices, unset, true)],
      ['NVIDIA_REQUIRE_CUDA', told(container.requireCuda, unset, true)],
    ],
  };
}

function grantGroup(container: ContainerView): FactGroup {
  const older = 'no engine could be asked, variables are not read, or its agent is too old to tell';
  const { grant } = container;
  return {
    title: 'What it was given',
    facts: [
      ['GPUs', told(grantWords(grant), older)],
      ['Fits no GPU', told(grant?.unresolved.join(' ') || null, 'nothing')],
      [
        'Device access',
        told(accessWords(container.deviceAccess), 'it was given no GPU, or it was not looked at'),
      ],
    ],
  };
}

/** Everything that is known of it, in words. */
export function OwnerFactGroups({
  facts,
  container,
  serverTime,
}: {
  facts: OwnerFacts;
  container: ContainerView | null;
  serverTime: string;
}) {
  const isContainer = container !== null || facts.image !== null;
  const identity: FactGroup = {
    title: 'What it is',
    facts: [
      ['Kind', kindWords(facts.runtime)],
      ['User', <PersonName key="person" person={facts.person} />],
      ['User known', personSource(facts.person)],
      ['Namespace', told(facts.namespace, 'no Kubernetes namespace')],
      ['Pod', told(facts.pod, 'no Kubernetes pod')],
      [
        'Id',
        <span key="id" className="inline-flex items-start justify-end gap-2">
          {mono(facts.key)}
          <CopyButton text={facts.key} label="Copy" />
        </span>,
      ],
      [
        'Started',
        facts.startedAt === null ? missing : <Age key="s" at={facts.startedAt} serverTime={serverTime} />,
      ],
    ],
  };
  const image: FactGroup = {
    title: 'Image',
    facts: [
      ['Image', told(facts.image, noEngine, true)],
      ['Image id', told(container?.imageId, noEngine, true)],
      ['CUDA of the image', told(facts.cudaVersion, 'the image sets no CUDA_VERSION')],
      ['CUDA of the driver', told(container?.hostCudaVersion, 'nvidia-smi does not tell it')],
    ],
  };
  const groups = [
    identity,
    ...(isContainer ? [image] : []),
    ...(container === null ? [] : [grantGroup(container), startGroup(container)]),
  ];
  return <FactGroups groups={groups} />;
}

export function OwnerLabels({ labels }: { labels: ContainerView['labels'] }) {
  const all = Object.entries(labels);
  if (all.length === 0) return null;
  return (
    <details className="border-t border-line px-4 py-2">
      <summary className="text-muted">Labels ({all.length})</summary>
      <ul className="mt-1">
        {all.map(([key, value]) => (
          <li key={key}>{mono(`${key}=${value}`)}</li>
        ))}
      </ul>
    </details>
  );
}

export const titleOf = (facts: OwnerFacts): string => ownerName(facts);
