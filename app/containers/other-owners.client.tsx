'use client';
import Link from 'next/link';
import type { HostDetail, Owner } from '../../lib/model/index.ts';
import { SimpleTable } from '../components/simple-table.tsx';
import { Value } from '../components/value.tsx';
import { formatBytes, formatPercent } from '../format/index.ts';
import { Origin } from '../provenance/provenance.client.tsx';
import { ownerHref } from './container-address.ts';
import { sumKnown } from './container-cells.tsx';
import { PersonName } from './owner-cells.tsx';
import { kindWords, ownerName } from './owner-words.ts';

const columns = [
  { header: 'Owner', card: 'title' },
  { header: 'Kind', card: 'state' },
  { header: 'User', card: 'labelled' },
  { header: 'GPUs', card: 'labelled' },
  { header: 'GPU memory', align: 'right', card: 'labelled' },
  { header: 'SM', align: 'right', card: 'labelled' },
] as const;

interface OtherOwnersProps {
  readonly owners: readonly Owner[];
  readonly host: Pick<HostDetail, 'id' | 'current' | 'gpus'>;
}

/** Pods, jobs, units and users of one host that use a GPU outside of containers. */
export function OtherOwners({ owners, host }: OtherOwnersProps) {
  const indexes = new Map(host.gpus.map((gpu) => [gpu.uuid, gpu.index]));
  return (
    <SimpleTable
      caption="Who else uses GPUs"
      columns={columns}
      rows={owners.map((owner) => ({
        key: owner.key,
        cells: [
          <span key="name" className="min-w-0">
            <Link
              href={ownerHref({ hostId: host.id, key: owner.key })}
              prefetch={false}
              title={owner.nameProblem ?? owner.key}
              className="break-all font-medium hover:underline"
            >
              {ownerName(owner)}
            </Link>
            {owner.name === null ? null : <span className="block text-xs text-muted">{owner.key}</span>}
          </span>,
          kindWords(owner.kind),
          <PersonName key="person" person={owner.person} />,
          [...new Set(owner.gpus.map((use) => indexes.get(use.gpuUuid) ?? '?'))].join(' '),
          <Origin
            key="memory"
            of={{
              kind: 'owner',
              containerId: owner.key,
              gpuUuid: null,
              label: `Memory of ${ownerName(owner)}`,
            }}
          >
            <Value
              value={sumKnown(owner.gpus.map((use) => use.usedMemoryBytes))}
              current={host.current}
              format={formatBytes}
              reason="the driver tells no memory for its processes"
            />
          </Origin>,
          <Value
            key="sm"
            value={sumKnown(owner.gpus.map((use) => use.smRatio))}
            current={host.current}
            format={formatPercent}
            reason="the driver tells no SM share for its processes"
          />,
        ],
      }))}
    />
  );
}
