'use client';
import type { GpuDetail, HostDetail, OwnedProcess } from '../../lib/model/index.ts';
import { type CsvColumn, toCsv } from '../export/csv.ts';
import { ExportMenu } from './export-menu.client.tsx';
import { ownerWords } from './process-owner.ts';

type Sharers = Pick<HostDetail, 'containers' | 'owners'>;

interface Row {
  readonly gpu: GpuDetail;
  readonly process: OwnedProcess;
}

function columnsFor(host: Sharers): readonly CsvColumn<Row>[] {
  return [
    { header: 'GPU', value: ({ gpu }) => gpu.index },
    { header: 'GPU UUID', value: ({ gpu }) => gpu.uuid },
    { header: 'PID', value: ({ process }) => process.pid },
    { header: 'Process', value: ({ process }) => process.name },
    { header: 'Belongs to', value: ({ process }) => ownerWords(process, host) },
    { header: 'Type', value: ({ process }) => process.type },
    { header: 'SM (ratio)', value: ({ gpu, process }) => (gpu.current ? process.smRatio : null) },
    {
      header: 'GPU memory (bytes)',
      value: ({ gpu, process }) => (gpu.current ? process.usedMemoryBytes : null),
    },
  ];
}

interface ProcessesExportProps {
  /** `gpu-01` or `gpu-01 GPU 3`. */
  readonly of: string;
  readonly gpus: readonly GpuDetail[];
  readonly host: Sharers;
  /** The API call that holds them. */
  readonly call: string;
}

/** Export of a table of processes. Processes are no metrics: their names change too often. */
export function ProcessesExport({ of, gpus, host, call }: ProcessesExportProps) {
  const rows = () => gpus.flatMap((gpu) => gpu.processes.map((process) => ({ gpu, process })));
  return (
    <ExportMenu isSmall name={`${of} processes`} csv={() => toCsv(columnsFor(host), rows())} call={call} />
  );
}
