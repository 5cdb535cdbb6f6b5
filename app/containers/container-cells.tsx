'use client';
import Link from 'next/link';
import type { ContainerView } from '../../lib/model/index.ts';
import { VerdictMark } from '../compat/verdict-mark.tsx';
import { compatHref } from '../compat/words.ts';
import { Age } from '../components/age.client.tsx';
import { Value } from '../components/value.tsx';
import { containerHref, shortId } from './container-address.ts';
import { DriverCuda } from './driver-cuda.tsx';

/** Sum of what is known; null when nothing is. */
export function sumKnown(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

export const noEngine = 'no container engine could be asked';

/** Its name, which leads to its page. */
export function ContainerName({ container }: { container: ContainerView }) {
  return (
    <span className="min-w-0">
      <Link
        href={containerHref(container)}
        prefetch={false}
        title={container.nameProblem ?? container.id}
        className="break-all font-medium hover:underline"
      >
        {container.name ?? shortId(container.id)}
      </Link>
      {container.pod === null ? null : (
        <span className="block text-xs text-muted">
          {container.namespace}/{container.pod}
        </span>
      )}
    </span>
  );
}

export function ContainerImage({ container }: { container: ContainerView }) {
  return (
    <span className="break-all font-mono text-[13px]">
      <Value
        value={container.image}
        format={(text) => <span className="whitespace-normal">{text}</span>}
        reason={noEngine}
      />
    </span>
  );
}

/** CUDA of the image, beside it the newest that the host's driver supports, and whether the one can run on the other. */
export function ContainerCuda({ container }: { container: ContainerView }) {
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-1.5">
      <Value value={container.cudaVersion} format={(text) => text} reason="the image sets no CUDA_VERSION" />
      <DriverCuda of={container} />
      {container.compat === null || container.image === null ? null : (
        <Link
          href={compatHref({ image: container.image, cell: container.group })}
          prefetch={false}
          title={container.compat.text}
          className="basis-full text-xs hover:underline"
        >
          <VerdictMark verdict={container.compat.verdict} />
        </Link>
      )}
    </span>
  );
}

export function ContainerGpus({ container }: { container: ContainerView }) {
  return (
    <span className="flex flex-wrap gap-x-2">
      {container.gpus.map((use) => (
        <Link
          key={`${use.gpuUuid} ${use.gpuInstanceId} ${use.computeInstanceId}`}
          href={`/gpus/${encodeURIComponent(use.gpuUuid)}`}
          prefetch={false}
          title={use.gpuName ?? use.gpuUuid}
          className="text-accent hover:underline"
        >
          {use.gpuIndex ?? '?'}
          {use.gpuInstanceId === null ? '' : ` (MIG ${use.gpuInstanceId})`}
        </Link>
      ))}
    </span>
  );
}

export function ContainerState({ container, serverTime }: { container: ContainerView; serverTime: string }) {
  return (
    <span>
      <Value value={container.state} current={container.current} format={(text) => text} reason={noEngine} />
      {container.startedAt === null ? null : (
        <span className="block text-xs text-muted">
          <Age at={container.startedAt} serverTime={serverTime} prefix="started" />
        </span>
      )}
    </span>
  );
}
