'use client';
import type { Fault, HostDetail, HostLabel, SourceStatus } from '../../../lib/model/index.ts';
import { ExportMenu } from '../../components/export-menu.client.tsx';
import { ProcessesExport } from '../../components/processes-export.client.tsx';
import { ContainersExport } from '../../containers/containers-export.client.tsx';
import { type CsvColumn, timeOf, toCsv } from '../../export/csv.ts';
import { fieldsCsv } from '../../export/flat.ts';
import { selector } from '../../export/promql.ts';

const sourceColumns: readonly CsvColumn<SourceStatus>[] = [
  { header: 'Source', value: ({ source }) => source },
  { header: 'State', value: ({ state }) => state },
  { header: 'As run', value: ({ command }) => command },
  { header: 'Took (seconds)', value: ({ durationSeconds }) => durationSeconds },
  { header: 'Last success (UTC)', value: ({ lastSuccessAt }) => timeOf(lastSuccessAt) },
  { header: 'Runs', value: ({ runs }) => runs },
  { header: 'Failures', value: ({ failures }) => failures },
  { header: 'Failure', value: ({ failure }) => failure && `${failure.code}: ${failure.message}` },
];

const faultColumns: readonly CsvColumn<Fault>[] = [
  { header: 'Severity', value: ({ severity }) => severity },
  { header: 'GPU', value: ({ gpuIndex }) => gpuIndex },
  { header: 'UUID', value: ({ gpuUuid }) => gpuUuid },
  { header: 'PCI bus id', value: ({ pciBusId }) => pciBusId },
  { header: 'Fault', value: ({ title }) => title },
  { header: 'Detail', value: ({ detail }) => detail },
  { header: 'Count', value: ({ count }) => count },
  { header: 'Since (UTC)', value: ({ since }) => timeOf(since) },
  { header: 'Last (UTC)', value: ({ lastAt }) => timeOf(lastAt) },
  { header: 'What to do', value: ({ advice }) => advice },
  { header: 'Source', value: ({ source }) => source },
];

const labelColumns: readonly CsvColumn<HostLabel>[] = [
  { header: 'Label', value: ({ key }) => key },
  { header: 'Value', value: ({ value }) => value },
  { header: 'From', value: ({ source }) => source },
];

interface HostTabExportProps {
  readonly host: HostDetail;
  readonly tab: 'containers' | 'processes' | 'stack' | 'faults' | 'labels' | 'collection';
}

/** Export of what the tab that is open shows. */
export function HostTabExport({ host, tab }: HostTabExportProps) {
  const call = `/api/v1/hosts/${encodeURIComponent(host.id)}`;
  const matcher = `host=${JSON.stringify(host.hostname)}`;
  switch (tab) {
    case 'containers':
      return <ContainersExport isSmall containers={host.containers} filter="" of={host.hostname} />;
    case 'processes':
      return <ProcessesExport of={host.hostname} gpus={host.gpus} host={host} call={call} />;
    case 'stack':
      return (
        <ExportMenu
          isSmall
          name={`${host.hostname} stack`}
          csv={() => fieldsCsv(host.stack ?? {})}
          call={call}
          promql={[
            {
              label: 'Versions, as labels',
              expression: selector('gpufleet_host_info', `host_id=${JSON.stringify(host.id)}`),
            },
          ]}
        />
      );
    case 'faults':
      return (
        <ExportMenu
          isSmall
          name={`${host.hostname} faults`}
          csv={() => toCsv(faultColumns, host.faults)}
          call={call}
          promql={[
            { label: 'Xid errors', expression: selector('gpufleet_gpu_xid_errors_total', matcher) },
            { label: 'Held down', expression: selector('gpufleet_gpu_throttle_seconds_total', matcher) },
          ]}
        />
      );
    case 'labels':
      return (
        <ExportMenu
          isSmall
          name={`${host.hostname} labels`}
          csv={() => toCsv(labelColumns, host.labels)}
          call={call}
        />
      );
    case 'collection':
      return (
        <ExportMenu
          isSmall
          name={`${host.hostname} sources`}
          csv={() => toCsv(sourceColumns, host.sources)}
          call={call}
          promql={[
            { label: 'Took', expression: selector('gpufleet_collect_duration_seconds', matcher) },
            { label: 'Success', expression: selector('gpufleet_collect_success', matcher) },
          ]}
        />
      );
  }
}
