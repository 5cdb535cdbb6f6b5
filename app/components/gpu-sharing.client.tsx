'use client';
import Link from 'next/link';
import type { ReactNode } from 'react';
import type { GpuDetail, HostDetail } from '../../lib/model/index.ts';
import { ownerHref } from '../containers/container-address.ts';
import { formatBytes, formatPercent } from '../format/index.ts';
import { Origin } from '../provenance/provenance.client.tsx';
import { type GpuOwner, gpuOwners, type SmStanding, smStanding } from './gpu-owners.ts';
import { Meter, type MeterPart } from './meter.tsx';

const looks = ['solid', 'second', 'third'] as const;
/** Beyond so many a bar says no more; the others are one. */
const mostNamed = 8;

const lookOf = (index: number) => looks[index % looks.length] ?? 'solid';

const whyTwoMeasures =
  'SM share is the time in which the processes ran, as pmon prints it; GPU utilization is the time in which any of them ran, over a window of its own. Both stand as they are reported, and neither is scaled to the other.';

function Hatch() {
  return <span aria-hidden className="hatched inline-block h-2 w-3 border border-line-strong" />;
}

interface LineProps {
  readonly label: string;
  readonly parts: readonly MeterPart[];
  readonly children: ReactNode;
}

function Line({ label, parts, children }: LineProps) {
  return (
    <div className="grid grid-cols-[3.75rem_1fr] items-start gap-x-2 text-xs">
      <span className="text-muted">{label}</span>
      <div className="min-w-0">
        <Meter parts={parts} className="mt-1 h-2" />
        <p className="mt-0.5 flex flex-wrap gap-x-3 text-muted">{children}</p>
      </div>
    </div>
  );
}

function OwnerLink({ owner, gpu }: { owner: GpuOwner; gpu: GpuDetail }) {
  return (
    <Link
      href={ownerHref({ hostId: gpu.hostId, key: owner.key })}
      prefetch={false}
      className="max-w-48 truncate hover:underline"
    >
      {owner.name}
    </Link>
  );
}

function MemoryLine({ gpu, owners }: { gpu: GpuDetail; owners: readonly GpuOwner[] }) {
  const { unattributed, uuid, index } = gpu;
  const total = gpu.memory.totalBytes;
  const rest = unattributed.usedMemoryBytes ?? 0;
  const held = owners.filter((owner) => (owner.bytes ?? 0) > 0);
  const named = held.slice(0, mostNamed);
  const others = held.slice(mostNamed);
  const othersBytes = others.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0);
  const silent = owners.filter(({ bytes }) => bytes === null);
  if (total === null || (held.length === 0 && rest === 0 && silent.length === 0)) return null;
  const where = `GPU ${index ?? '?'}`;
  // Where owners tell more than there is, the bar is theirs whole.
  const whole = Math.max(total, held.reduce((sum, { bytes }) => sum + (bytes ?? 0), 0) + rest);
  const parts: MeterPart[] = [
    ...named.map(({ key, name, bytes }, at) => ({
      key,
      ratio: (bytes ?? 0) / whole,
      look: lookOf(at),
      title: `${name} ${formatBytes(bytes ?? 0)}`,
    })),
    { key: 'others', ratio: othersBytes / whole, look: lookOf(mostNamed), title: `${others.length} others` },
    {
      key: 'rest',
      ratio: rest / whole,
      look: 'hatched' as const,
      title: `unattributed ${formatBytes(rest)}`,
    },
  ];
  return (
    <Line label="Memory" parts={parts.filter(({ ratio }) => ratio > 0)}>
      {named.map((owner) => (
        <span key={owner.key} className="inline-flex min-w-0 items-center gap-1">
          <OwnerLink owner={owner} gpu={gpu} />{' '}
          <Origin
            of={{
              kind: 'owner',
              containerId: owner.key,
              gpuUuid: uuid ?? '',
              label: `Memory of ${owner.name} on ${where}`,
            }}
          >
            {formatBytes(owner.bytes ?? 0)}
          </Origin>
        </span>
      ))}
      {others.length > 0 ? (
        <span>
          {others.length} others {formatBytes(othersBytes)}
        </span>
      ) : null}
      {rest > 0 ? (
        <span
          className="inline-flex items-center gap-1"
          title="Driver, processes that ended, other namespaces"
        >
          <Hatch /> unattributed{' '}
          <Origin
            of={{ kind: 'unattributed', gpuUuid: uuid ?? '', label: `Unattributed memory of ${where}` }}
          >
            {formatBytes(rest)}
          </Origin>
        </span>
      ) : null}
      {silent.length > 0 ? <span>not told: {silent.map(({ name }) => name).join(', ')}</span> : null}
      {unattributed.overcountBytes > 0 ? (
        <span
          className="text-warn"
          title="The processes report more than the GPU uses: memory that they share is counted for each of them"
        >
          overcount: owners tell {formatBytes(unattributed.overcountBytes)} more than the GPU uses
        </span>
      ) : null}
    </Line>
  );
}

function smParts(
  owners: readonly GpuOwner[],
  othersRatio: number,
  { ownedRatio, remainderRatio }: SmStanding,
): MeterPart[] {
  const whole = Math.max(1, (ownedRatio ?? 0) + (remainderRatio ?? 0));
  return [
    ...owners.map(({ key, name, smRatio }, at) => ({
      key,
      ratio: (smRatio ?? 0) / whole,
      look: lookOf(at),
      title: `${name} ${formatPercent(smRatio ?? 0)}`,
    })),
    {
      key: 'others',
      ratio: othersRatio / whole,
      look: lookOf(mostNamed),
      title: `others ${formatPercent(othersRatio)}`,
    },
    {
      key: 'rest',
      ratio: (remainderRatio ?? 0) / whole,
      look: 'hatched' as const,
      title: `of GPU utilization, more than the shares: ${formatPercent(remainderRatio ?? 0)}`,
    },
  ].filter(({ ratio }) => ratio > 0);
}

function SmLine({ gpu, owners }: { gpu: GpuDetail; owners: readonly GpuOwner[] }) {
  const standing = smStanding(gpu, owners);
  const { ownedRatio, gpuRatio, remainderRatio, isOverlap, problem } = standing;
  if (owners.length === 0 || (ownedRatio === null && problem === null)) return null;
  const all = owners.filter(({ smRatio }) => smRatio !== null);
  const told = all.slice(0, mostNamed);
  const others = all.slice(mostNamed);
  const othersRatio = others.reduce((sum, { smRatio }) => sum + (smRatio ?? 0), 0);
  return (
    <Line label="SM share" parts={ownedRatio === null ? [] : smParts(told, othersRatio, standing)}>
      {ownedRatio === null ? (
        <span>not told: {problem}</span>
      ) : (
        <>
          {told.map((owner) => (
            <span key={owner.key} className="inline-flex min-w-0 items-center gap-1">
              <OwnerLink owner={owner} gpu={gpu} /> {formatPercent(owner.smRatio ?? 0)}
            </span>
          ))}
          {others.length > 0 ? (
            <span>
              {others.length} others {formatPercent(othersRatio)}
            </span>
          ) : null}
          {(remainderRatio ?? 0) >= 0.005 ? (
            <span className="inline-flex items-center gap-1">
              <Hatch /> nobody&rsquo;s {formatPercent(remainderRatio ?? 0)}
            </span>
          ) : null}
          <span title={whyTwoMeasures}>
            {formatPercent(ownedRatio)} in all
            {gpuRatio === null ? '' : `; GPU utilization ${formatPercent(gpuRatio)}`}
          </span>
          {isOverlap ? (
            <span className="text-warn" title={whyTwoMeasures}>
              overlap: the shares are more than the utilization
            </span>
          ) : null}
        </>
      )}
    </Line>
  );
}

interface GpuSharingProps {
  readonly gpu: GpuDetail;
  readonly host: Pick<HostDetail, 'containers' | 'owners'>;
}

/** Who shares a GPU: memory and SM time by owner; what belongs to nobody is hatched, what does not add up is marked. */
export function GpuSharing({ gpu, host }: GpuSharingProps) {
  const owners = gpuOwners(gpu, host);
  return (
    <div className="grid gap-1.5" data-testid="gpu-sharing">
      <MemoryLine gpu={gpu} owners={owners} />
      <SmLine gpu={gpu} owners={owners} />
    </div>
  );
}
