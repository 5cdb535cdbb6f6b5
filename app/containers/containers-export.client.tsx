'use client';
import type { ContainerView } from '../../lib/model/index.ts';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { containerTableExpressions } from '../export/promql.ts';

function sum(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((total, value) => total + value, 0);
}

const columns: readonly CsvColumn<ContainerView>[] = [
  { header: 'Container', value: ({ name }) => name },
  { header: 'Id', value: ({ id }) => id },
  { header: 'Image', value: ({ image }) => image },
  { header: 'CUDA', value: ({ cudaVersion }) => cudaVersion },
  { header: 'Host', value: ({ hostname }) => hostname },
  { header: 'Host driver', value: ({ hostDriverVersion }) => hostDriverVersion },
  { header: 'Host CUDA', value: ({ hostCudaVersion }) => hostCudaVersion },
  { header: 'Namespace', value: ({ namespace }) => namespace },
  { header: 'Pod', value: ({ pod }) => pod },
  { header: 'GPUs', value: ({ gpus }) => gpus.map((use) => use.gpuIndex ?? '?').join(' ') },
  { header: 'GPU UUIDs', value: ({ gpus }) => gpus.map((use) => use.gpuUuid).join(' ') },
  // A number that is not current any more is shown dimmed; a file has no such look, so it is left out.
  {
    header: 'GPU memory (bytes)',
    value: ({ current, gpus }) => (current ? sum(gpus.map((use) => use.usedMemoryBytes)) : null),
  },
  {
    header: 'SM (ratio)',
    value: ({ current, gpus }) => (current ? sum(gpus.map((use) => use.smRatio)) : null),
  },
  { header: 'State', value: ({ state }) => state },
  { header: 'Started (UTC)', value: ({ startedAt }) => timeOf(startedAt) },
];

interface ContainersExportProps {
  readonly containers: readonly ContainerView[];
  readonly filter: string;
  /** Those of one host or GPU: named in the file, and asked for by name. */
  readonly of?: string;
  readonly isSmall?: boolean;
}

/** Export of the containers that are shown. */
export function ContainersExport({ containers, filter, of, isSmall = false }: ContainersExportProps) {
  const isAll = filter === '' && of === undefined;
  const names = containers.map((container) => container.name ?? container.id.slice(0, 12));
  return (
    <ExportMenu
      isSmall={isSmall}
      name={of === undefined ? 'containers' : `${of} containers`}
      csv={() => toCsv(columns, containers)}
      call={apiPath('/api/v1/containers', { q: of ?? filter.trim(), limit: 1000 })}
      promql={isAll || names.length > 0 ? containerTableExpressions(isAll ? null : names) : []}
    />
  );
}
