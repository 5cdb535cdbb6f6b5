'use client';
import type { ContainerView } from '../../lib/model/index.ts';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { type CsvColumn, toCsv } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { containerUseExpressions } from '../export/promql.ts';
import { shortId } from './container-address.ts';

type Use = ContainerView['gpus'][number];

/** Numbers that are not current any more are left out: a file cannot dim them. */
const columnsOf = (current: boolean): readonly CsvColumn<Use>[] => [
  { header: 'GPU', value: ({ gpuIndex }) => gpuIndex },
  { header: 'GPU UUID', value: ({ gpuUuid }) => gpuUuid },
  { header: 'Model', value: ({ gpuName }) => gpuName },
  { header: 'MIG instance', value: ({ gpuInstanceId }) => gpuInstanceId },
  { header: 'Memory (bytes)', value: ({ usedMemoryBytes }) => (current ? usedMemoryBytes : null) },
  { header: 'SM (ratio)', value: ({ smRatio }) => (current ? smRatio : null) },
  { header: 'Processes', value: ({ pids }) => pids.join(' ') },
];

/** Export of what one container uses of each GPU. */
export function ContainerUsesExport({ container }: { container: ContainerView }) {
  const { id, name, hostname, current, gpus } = container;
  return (
    <ExportMenu
      isSmall
      name={`${name ?? shortId(id)} GPUs`}
      csv={() => toCsv(columnsOf(current), gpus)}
      call={apiPath('/api/v1/containers', { q: id })}
      promql={containerUseExpressions(hostname, name ?? shortId(id))}
    />
  );
}
