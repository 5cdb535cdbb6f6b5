'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { ContainerView } from '../../lib/model/index.ts';
import { Age } from '../components/age.client.tsx';
import { CopyButton } from '../components/copy-button.client.tsx';
import { Layers } from '../components/layers.tsx';
import { Empty } from '../components/page-parts.tsx';
import { Sheet } from '../components/sheet.client.tsx';
import { SimpleTable } from '../components/simple-table.tsx';
import { Value } from '../components/value.tsx';
import { formatBytes, formatPercent, missing } from '../format/index.ts';
import { shortId } from './container-address.ts';
import { noEngine } from './container-cells.tsx';
import { ContainerUsesExport } from './container-uses-export.client.tsx';

function Uses({ container }: { container: ContainerView }) {
  const { current } = container;
  return (
    <SimpleTable
      caption="What it uses of each GPU"
      columns={[
        { header: 'GPU', card: 'title' },
        { header: 'Memory', align: 'right', card: 'labelled' },
        { header: 'SM', align: 'right', card: 'labelled' },
        { header: 'Processes', card: 'labelled' },
      ]}
      rows={container.gpus.map((use) => ({
        key: `${use.gpuUuid} ${use.gpuInstanceId} ${use.computeInstanceId}`,
        cells: [
          <span key="gpu">
            <Link
              href={`/gpus/${encodeURIComponent(use.gpuUuid)}`}
              prefetch={false}
              className="text-accent hover:underline"
            >
              GPU {use.gpuIndex ?? '?'}
            </Link>
            {use.gpuInstanceId === null ? '' : `, MIG instance ${use.gpuInstanceId}`}
            <span className="block text-xs text-muted">{use.gpuName ?? use.gpuUuid}</span>
          </span>,
          <Value
            key="memory"
            value={use.usedMemoryBytes}
            current={current}
            format={formatBytes}
            reason="the driver tells no memory for its processes"
          />,
          <Value
            key="sm"
            value={use.smRatio}
            current={current}
            format={formatPercent}
            reason="the driver tells no SM share for its processes"
          />,
          <span key="pids" className="break-words font-mono text-[13px]">
            {use.pids.length === 0 ? missing : use.pids.join(' ')}
          </span>,
        ],
      }))}
    />
  );
}

const wrapped = (text: string) => (
  <span className="whitespace-normal break-all font-mono text-[13px]">{text}</span>
);

function Facts({ container, serverTime }: { container: ContainerView; serverTime: string }) {
  const unset = 'not set, or not readable';
  const facts: readonly (readonly [label: string, value: ReactNode])[] = [
    ['Image', <Value key="v" value={container.image} format={wrapped} reason={noEngine} />],
    ['Image id', <Value key="v" value={container.imageId} format={wrapped} reason={noEngine} />],
    [
      'Container id',
      <span key="v" className="inline-flex items-start gap-2">
        {wrapped(container.id)}
        <CopyButton text={container.id} label="Copy" />
      </span>,
    ],
    ['Engine', container.runtime],
    [
      'State',
      <Value
        key="v"
        value={container.state}
        current={container.current}
        format={(text) => text}
        reason={noEngine}
      />,
    ],
    [
      'Started',
      container.startedAt === null ? (
        missing
      ) : (
        <Age key="v" at={container.startedAt} serverTime={serverTime} />
      ),
    ],
    ...(container.pod === null
      ? []
      : ([['Pod', wrapped(`${container.namespace ?? ''}/${container.pod}`)]] as const)),
    [
      'NVIDIA_VISIBLE_DEVICES',
      <Value key="v" value={container.visibleDevices} format={wrapped} reason={unset} />,
    ],
    ['NVIDIA_REQUIRE_CUDA', <Value key="v" value={container.requireCuda} format={wrapped} reason={unset} />],
  ];
  return (
    <dl className="border-t border-line px-4 py-2">
      {facts.map(([label, value]) => (
        <div
          key={label}
          className="flex flex-wrap justify-between gap-x-4 border-b border-line py-1 last:border-0"
        >
          <dt className="text-muted">{label}</dt>
          <dd className="min-w-0 max-w-full break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Labels({ labels }: { labels: ContainerView['labels'] }) {
  const all = Object.entries(labels);
  if (all.length === 0) return null;
  return (
    <details className="border-t border-line px-4 py-2">
      <summary className="text-muted">Labels ({all.length})</summary>
      <ul className="mt-1">
        {all.map(([key, value]) => (
          <li key={key}>{wrapped(`${key}=${value}`)}</li>
        ))}
      </ul>
    </details>
  );
}

interface ContainerSheetProps {
  /** Null: no container of that name uses a GPU. */
  readonly container: ContainerView | null;
  readonly serverTime: string;
  readonly onClose: () => void;
}

/** Everything of one container, and what it stands on. */
export function ContainerSheet({ container, serverTime, onClose }: ContainerSheetProps) {
  if (container === null)
    return (
      <Sheet title="Container" subtitle="" onClose={onClose} testId="container-sheet">
        <Empty title="It uses no GPU now">
          The container of this address ended, or none of its processes is on a GPU.
        </Empty>
      </Sheet>
    );
  const { hostId, hostname, group } = container;
  const known = (value: string | null) => value ?? missing;
  return (
    <Sheet
      title={container.name ?? shortId(container.id)}
      subtitle={
        <>
          on{' '}
          <Link
            href={`/hosts/${encodeURIComponent(hostId)}`}
            prefetch={false}
            className="text-accent underline"
          >
            {hostname}
          </Link>
          , group {group}
        </>
      }
      onClose={onClose}
      testId="container-sheet"
    >
      {container.current ? null : (
        <p className="px-4 pb-2 text-warn">
          Its host&rsquo;s GPUs do not answer now: what follows is the last that was known.
        </p>
      )}
      <div className="px-4 pb-3">
        <Layers
          layers={{
            driver: (
              <>
                {known(container.hostDriverVersion)}
                <span className="block text-xs text-muted">
                  CUDA up to {known(container.hostCudaVersion)}
                </span>
              </>
            ),
            toolkit: known(container.hostToolkitVersion),
            container: (
              <>
                {known(container.cudaVersion)}
                <span className="block text-xs text-muted">
                  {container.cudaVersion === null
                    ? 'the image sets no CUDA_VERSION'
                    : "the image's CUDA_VERSION"}
                </span>
              </>
            ),
          }}
        />
      </div>
      <Uses container={container} />
      <Facts container={container} serverTime={serverTime} />
      <Labels labels={container.labels} />
      <div className="border-t border-line px-4 py-2">
        <ContainerUsesExport container={container} />
      </div>
    </Sheet>
  );
}
