'use client';
import type { RefObject } from 'react';
import type { OwnerRow } from '../../lib/model/index.ts';
import { ExportMenu } from '../components/export-menu.client.tsx';
import { type CsvColumn, timeOf, toCsv } from '../export/csv.ts';
import { apiPath } from '../export/curl.ts';
import { containerTableExpressions } from '../export/promql.ts';
import { ownerName } from './owner-words.ts';

const columns: readonly CsvColumn<OwnerRow>[] = [
  { header: 'Name', value: ({ name }) => name },
  { header: 'Id', value: ({ key }) => key },
  { header: 'Kind', value: ({ runtime }) => runtime },
  { header: 'User', value: ({ person }) => person?.name ?? null },
  { header: 'User told by', value: ({ person }) => person?.from ?? null },
  { header: 'Image', value: ({ image }) => image },
  { header: 'CUDA', value: ({ cudaVersion }) => cudaVersion },
  { header: 'Host', value: ({ hostname }) => hostname },
  { header: 'Host CUDA', value: ({ hostCudaVersion }) => hostCudaVersion },
  { header: 'Namespace', value: ({ namespace }) => namespace },
  { header: 'Pod', value: ({ pod }) => pod },
  { header: 'GPUs', value: ({ gpus }) => gpus.map(({ index }) => index ?? '?').join(' ') },
  { header: 'GPU UUIDs', value: ({ gpus }) => gpus.map(({ uuid }) => uuid).join(' ') },
  { header: 'Granted GPUs', value: ({ grantedGpus }) => grantedGpus },
  // A number that is not current any more is shown dimmed; a file has no such look, so it is left out.
  {
    header: 'GPU memory (bytes)',
    value: ({ current, usedMemoryBytes }) => (current ? usedMemoryBytes : null),
  },
  { header: 'SM (ratio)', value: ({ current, smRatio }) => (current ? smRatio : null) },
  { header: 'State', value: ({ state }) => state },
  { header: 'Started (UTC)', value: ({ startedAt }) => timeOf(startedAt) },
];

/** Beyond so many names an expression is no use to anybody. */
const mostNames = 50;

interface OwnersExportProps {
  readonly shownRows: RefObject<readonly OwnerRow[]>;
  readonly rows: readonly OwnerRow[];
  /** Query of GET /api/v1/owners that gives the same. */
  readonly query: Readonly<Record<string, string | readonly string[]>>;
  readonly isAll: boolean;
}

/** Export of the owners that are shown, in their order. */
export function OwnersExport({ shownRows, rows, query, isAll }: OwnersExportProps) {
  const names = [...new Set(rows.slice(0, mostNames + 1).map(ownerName))];
  const isNamed = isAll || (names.length > 0 && rows.length <= mostNames);
  return (
    <ExportMenu
      name="containers"
      csv={() => toCsv(columns, shownRows.current)}
      call={apiPath('/api/v1/owners', { ...query, limit: 1000 })}
      promql={isNamed ? containerTableExpressions(isAll ? null : names) : []}
    />
  );
}
